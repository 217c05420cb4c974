import type { Dimension, Expression } from "@aws-sdk/client-cost-explorer";
import type { CostLine } from "../../data/billing.ts";
import { validation } from "../../protocol/errors.ts";
import { dimension, tag, type Attribute } from "./dimensions.ts";
import type { GroupBy } from "./shapes.ts";

const MAX_DEFINITIONS = 2;

const DIMENSIONS: readonly Dimension[] = [
  "AZ",
  "INSTANCE_TYPE",
  "LEGAL_ENTITY_NAME",
  "LINKED_ACCOUNT",
  "OPERATION",
  "PURCHASE_TYPE",
  "SERVICE",
  "RECORD_TYPE",
  "REGION",
  "USAGE_TYPE",
];

/** One of the attributes by which lines are grouped. */
export interface Grouping {
  readonly valueOf: Attribute;
  /** The value as GetCostAndUsage prints it: `<tag>$<value>` for a tag. */
  readonly keyFor: (value: string) => string;
  /** The filter that selects the lines with the value. */
  readonly selectorFor: (value: string) => Expression;
}

export interface LineGroup<Sums> {
  /** One per grouping. */
  readonly values: readonly string[];
  readonly sums: Sums;
}

export function readGroupBy(definitions: readonly GroupBy[]): Grouping[] {
  if (definitions.length > MAX_DEFINITIONS) {
    throw validation(`GroupBy supports at most ${MAX_DEFINITIONS} groups`);
  }
  const names = definitions.map(({ Type = "DIMENSION", Key = "" }) => `${Type} ${Key}`);
  if (new Set(names).size < names.length) throw validation("GroupBy keys should be unique");
  return definitions.map(({ Type = "DIMENSION", Key = "" }) => {
    if (Key === "") throw validation("GroupBy key should not be null or empty");
    if (Type === "COST_CATEGORY") throw validation("The demo account has no cost categories");
    if (Type === "TAG") return byTag(Key);
    const known = DIMENSIONS.find((name) => name === Key);
    if (known === undefined) {
      throw validation(
        `Group Definition dimension ${Key} is invalid. Valid values are ${DIMENSIONS.join(", ")}`,
      );
    }
    return byDimension(known);
  });
}

export const byDimension = (key: Dimension): Grouping => ({
  valueOf: dimension(key),
  keyFor: (value) => value,
  selectorFor: (value) => ({ Dimensions: { Key: key, Values: [value] } }),
});

const byTag = (key: string): Grouping => ({
  valueOf: tag(key),
  keyFor: (value) => `${key}$${value}`,
  selectorFor: (value) => ({
    Tags: value === "" ? { Key: key, MatchOptions: ["ABSENT"] } : { Key: key, Values: [value] },
  }),
});

/** By name, which says nothing about cost: callers have to sort for themselves. */
export function groupLines<Sums extends { add(line: CostLine): void }>(
  lines: Iterable<CostLine>,
  groupings: readonly Grouping[],
  make: () => Sums,
): LineGroup<Sums>[] {
  const groups = new Map<string, LineGroup<Sums>>();
  for (const line of lines) {
    const values = groupings.map(({ valueOf }) => valueOf(line));
    const name = values.join("\n");
    const group = groups.get(name) ?? { values, sums: make() };
    group.sums.add(line);
    groups.set(name, group);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** The filter that selects one group. */
export function selectorOf(groupings: readonly Grouping[], values: readonly string[]): Expression {
  const parts = groupings.map(({ selectorFor }, index) => selectorFor(values[index] ?? ""));
  const [only, ...others] = parts;
  return only !== undefined && others.length === 0 ? only : { And: parts };
}
