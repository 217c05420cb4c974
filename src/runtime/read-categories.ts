import { isBag } from "../base/bag.ts";
import type { CategoryManifest, Quarantined } from "../base/manifest.ts";
import { messageOf } from "../base/errors.ts";
import { compilePattern } from "../base/rank-categories.ts";
import { plain } from "./read-metadata.ts";
import { canonical } from "./spelling.ts";

const CATEGORY_FIELDS = [
  "name",
  "description",
  "examples",
  "confidenceThreshold",
  "keywords",
  "patterns",
];
const DEFAULT_THRESHOLD = 0.7;

export interface ReadCategories {
  readonly categories: readonly CategoryManifest[];
  readonly quarantined: readonly Quarantined[];
  readonly warnings: readonly string[];
}

/** Reads `getIntentCategories()`. A pattern that does not compile is dropped with a warning. */
export function readCategories(entries: readonly unknown[]): ReadCategories {
  const categories = new Map<string, CategoryManifest>();
  const quarantined: Quarantined[] = [];
  const warnings: string[] = [];
  entries.forEach((entry, index) => {
    const name = isBag(entry) ? entry["name"] : undefined;
    const shown = typeof name === "string" ? name : `#${index + 1}`;
    try {
      const category = readCategory(entry, (warning) =>
        warnings.push(`category '${shown}': ${warning}`),
      );
      if (categories.has(category.name)) throw new Error("is declared twice; the first one stays");
      categories.set(category.name, category);
    } catch (error) {
      quarantined.push({ kind: "category", name: shown, reason: messageOf(error) });
    }
  });
  return { categories: [...categories.values()], quarantined, warnings };
}

function readCategory(entry: unknown, warn: (text: string) => void): CategoryManifest {
  if (!isBag(entry)) throw new Error("is not an object");
  const fields = canonical(entry, CATEGORY_FIELDS);
  const { name, description, confidenceThreshold: threshold = DEFAULT_THRESHOLD } = fields;
  if (typeof name !== "string" || name === "") throw new Error("has no name");
  if (typeof threshold !== "number" || !(threshold >= 0 && threshold <= 1)) {
    throw new Error(`'confidenceThreshold' must be from 0 to 1, found ${String(threshold)}`);
  }
  return plain({
    name,
    description: typeof description === "string" ? description : "",
    examples: texts("examples", fields["examples"]),
    keywords: texts("keywords", fields["keywords"]),
    confidenceThreshold: threshold,
    patterns: list("patterns", fields["patterns"]).flatMap((pattern) => readPattern(pattern, warn)),
  });
}

function readPattern(pattern: unknown, warn: (text: string) => void): readonly string[] {
  const source = pattern instanceof RegExp ? pattern.source : pattern;
  try {
    if (typeof source !== "string") throw new Error("is neither text nor a regular expression");
    compilePattern(source);
    return [source];
  } catch (error) {
    warn(`the pattern ${JSON.stringify(source)} is left out: ${messageOf(error)}`);
    return [];
  }
}

function texts(field: string, value: unknown): readonly string[] {
  const items = list(field, value);
  if (!items.every((item) => typeof item === "string")) throw new Error(`'${field}' must be texts`);
  return items;
}

function list(field: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(`'${field}' must be an array`);
  return value;
}
