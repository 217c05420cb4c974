import type { z } from "zod";
import { nearest } from "../base/nearest.ts";
import { configSchema, pluginHostKeys } from "./schema.ts";
import { hasVariable } from "./variable.ts";

/** A fault of the configuration: where, and in words what. */
export interface Problem {
  readonly path: (string | number)[];
  readonly text: string;
}

/** Keys that would promise what nothing enforces yet; each is refused by name, not ignored. */
const NOT_YET: Readonly<Record<string, string>> = {
  permissions: "is not yet supported: nothing would enforce it. Remove it",
};

export function notYetSupported(key: string): string | undefined {
  return Object.hasOwn(NOT_YET, key) ? NOT_YET[key] : undefined;
}

export function isKnownHostKey(key: string): boolean {
  return Object.hasOwn(pluginHostKeys.shape, key);
}

/** What zod found wrong, in the words of somebody who edits the file. */
export function explainIssues(
  error: z.ZodError,
  value: unknown,
  raw: unknown,
  schema: z.ZodType = configSchema,
): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...path, key],
        text: unknownKey(key, path, schema),
      }));
    }
    const found = fromEnvironment(at(raw, path))
      ? "a text from the environment"
      : show(at(value, path));
    return [{ path, text: `expected ${expectation(issue)}, found ${found}` }];
  });
}

function unknownKey(key: string, path: readonly (string | number)[], root: z.ZodType): string {
  const refused = notYetSupported(key);
  if (refused !== undefined) return refused;
  const known = knownKeys(path, root);
  const meant = nearest(key, known, 3);
  const hint = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  return `is not a known key.${hint} Known here: ${known.join(", ")}`;
}

/** The keys that the schema has at a path. */
function knownKeys(path: readonly (string | number)[], root: z.ZodType): readonly string[] {
  let schema: unknown = root;
  for (const part of path) schema = step(schema, String(part));
  return Object.keys(shapeOf(schema) ?? {});
}

interface Definition {
  readonly innerType?: unknown;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly shape?: Readonly<Record<string, unknown>>;
}

function step(schema: unknown, key: string): unknown {
  const inner = unwrap(schema);
  return inner?.shape?.[key] ?? inner?.valueType ?? inner?.element;
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  return unwrap(schema)?.shape;
}

/** Past `.default()`, `.optional()` and the like. */
function unwrap(schema: unknown): Definition | undefined {
  let definition = (schema as { def?: Definition } | undefined)?.def;
  while (definition?.innerType !== undefined) {
    definition = (definition.innerType as { def?: Definition }).def;
  }
  return definition;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return article(issue.expected);
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "too_small":
      return `${issue.origin === "string" || issue.origin === "array" ? "a length of " : ""}${issue.inclusive === false ? "more than" : "at least"} ${String(issue.minimum)}`;
    case "too_big":
      return `at most ${String(issue.maximum)}`;
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "invalid_key":
    case "invalid_union":
    case "not_multiple_of":
    case "unrecognized_keys":
      return issue.message;
  }
}

function article(type: string): string {
  return /^[aeio]/u.test(type) ? `an ${type}` : `a ${type}`;
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (node, part) => (node as Record<string | number, unknown> | undefined)?.[part],
    value,
  );
}

/** What came from the environment may be a secret and is not shown. */
function fromEnvironment(raw: unknown): boolean {
  return typeof raw === "string" && hasVariable(raw);
}

/** Long values are cut. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") {
    return value.length > 24 ? `${JSON.stringify(value.slice(0, 8))}…` : JSON.stringify(value);
  }
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
}
