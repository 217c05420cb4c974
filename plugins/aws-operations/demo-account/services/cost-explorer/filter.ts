import type { CostLine } from "../../data/billing.ts";
import { validation } from "../../protocol/errors.ts";
import { dimension, tag } from "./dimensions.ts";
import type { Condition, Expression } from "./shapes.ts";

export type LineFilter = (line: CostLine) => boolean;

/** How to read what a filter may ask for; each function throws for a key that is not kept. */
export interface Attributes<Item> {
  readonly dimension: (key: string) => (item: Item) => string;
  readonly tag: (key: string) => (item: Item) => string;
}

const ROOTS = ["And", "Or", "Not", "Dimensions", "Tags", "CostCategories"] as const;

/** Compiles a filter on lines; throws what Cost Explorer answers to a filter it does not take. */
export const compileFilter = (expression: Expression | undefined): LineFilter =>
  compileFilterOf({ dimension, tag }, expression);

/** As `compileFilter`, for anything that has attributes. */
export function compileFilterOf<Item>(
  attributes: Attributes<Item>,
  expression: Expression | undefined,
): (item: Item) => boolean {
  if (expression === undefined) return () => true;
  const roots = ROOTS.filter((root) => expression[root] !== undefined);
  if (roots.length > 1) {
    throw validation(
      `Expression has more than one roots. Only one root operator is allowed for each expression: ${ROOTS.join(", ")}`,
    );
  }
  const { And, Or, Not, Dimensions, Tags } = expression;
  const compile = (part: Expression): ((item: Item) => boolean) =>
    compileFilterOf(attributes, part);
  if (And !== undefined) {
    const parts = operands("And", And).map(compile);
    return (item) => parts.every((part) => part(item));
  }
  if (Or !== undefined) {
    const parts = operands("Or", Or).map(compile);
    return (item) => parts.some((part) => part(item));
  }
  if (Not !== undefined) {
    const part = compile(Not);
    return (item) => !part(item);
  }
  if (Dimensions !== undefined) {
    const key = requireKey(Dimensions, "Dimensions");
    return condition(attributes.dimension(key), Dimensions, { allowsAbsent: false });
  }
  if (Tags !== undefined) {
    const key = requireKey(Tags, "Tags");
    return condition(attributes.tag(key), Tags, { allowsAbsent: true });
  }
  if (expression.CostCategories !== undefined) {
    throw validation("The demo account has no cost categories");
  }
  throw validation("Expression is empty");
}

export function* filtered(lines: Iterable<CostLine>, matches: LineFilter): Generator<CostLine> {
  for (const line of lines) if (matches(line)) yield line;
}

function operands(operator: string, parts: readonly Expression[]): readonly Expression[] {
  if (parts.length < 2) {
    throw validation(`${operator} expression should contain at least 2 operands`);
  }
  return parts;
}

function requireKey({ Key }: Condition, kind: string): string {
  if (Key === undefined || Key === "") throw validation(`${kind} key should not be null or empty`);
  return Key;
}

function condition<Item>(
  attribute: (item: Item) => string,
  { Values = [], MatchOptions = [] }: Condition,
  { allowsAbsent }: { allowsAbsent: boolean },
): (item: Item) => boolean {
  const refused = MatchOptions.filter(
    (option) =>
      !["EQUALS", "CASE_SENSITIVE"].includes(option) && !(allowsAbsent && option === "ABSENT"),
  );
  if (refused.length > 0) {
    throw validation(`Match option ${refused.join(", ")} is not supported for this request`);
  }
  if (MatchOptions.includes("ABSENT")) return (item) => attribute(item) === "";
  if (Values.length === 0) throw validation("Values should not be null or empty");
  const wanted = new Set(Values);
  return (item) => wanted.has(attribute(item));
}
