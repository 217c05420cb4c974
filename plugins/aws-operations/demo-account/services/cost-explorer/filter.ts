import type { CostLine } from "../../data/billing.ts";
import { validation } from "../../protocol/errors.ts";
import { dimension, tag, type Attribute } from "./dimensions.ts";
import type { Condition, Expression } from "./shapes.ts";

export type LineFilter = (line: CostLine) => boolean;

const ROOTS = ["And", "Or", "Not", "Dimensions", "Tags", "CostCategories"] as const;

/** Compiles a filter; throws what Cost Explorer answers to a filter it does not take. */
export function compileFilter(expression: Expression | undefined): LineFilter {
  if (expression === undefined) return () => true;
  const roots = ROOTS.filter((root) => expression[root] !== undefined);
  if (roots.length > 1) {
    throw validation(
      `Expression has more than one roots. Only one root operator is allowed for each expression: ${ROOTS.join(", ")}`,
    );
  }
  const { And, Or, Not, Dimensions, Tags } = expression;
  if (And !== undefined) {
    const parts = operands("And", And);
    return (line) => parts.every((part) => part(line));
  }
  if (Or !== undefined) {
    const parts = operands("Or", Or);
    return (line) => parts.some((part) => part(line));
  }
  if (Not !== undefined) {
    const part = compileFilter(Not);
    return (line) => !part(line);
  }
  if (Dimensions !== undefined) {
    const key = requireKey(Dimensions, "Dimensions");
    return condition(dimension(key), Dimensions, { allowsAbsent: false });
  }
  if (Tags !== undefined) {
    const key = requireKey(Tags, "Tags");
    return condition(tag(key), Tags, { allowsAbsent: true });
  }
  if (expression.CostCategories !== undefined) {
    throw validation("The demo account has no cost categories");
  }
  throw validation("Expression is empty");
}

function operands(operator: string, parts: readonly Expression[]): LineFilter[] {
  if (parts.length < 2) {
    throw validation(`${operator} expression should contain at least 2 operands`);
  }
  return parts.map(compileFilter);
}

function requireKey({ Key }: Condition, kind: string): string {
  if (Key === undefined || Key === "") throw validation(`${kind} key should not be null or empty`);
  return Key;
}

function condition(
  attribute: Attribute,
  { Values = [], MatchOptions = [] }: Condition,
  { allowsAbsent }: { allowsAbsent: boolean },
): LineFilter {
  const refused = MatchOptions.filter(
    (option) =>
      !["EQUALS", "CASE_SENSITIVE"].includes(option) && !(allowsAbsent && option === "ABSENT"),
  );
  if (refused.length > 0) {
    throw validation(`Match option ${refused.join(", ")} is not supported for this request`);
  }
  if (MatchOptions.includes("ABSENT")) return (line) => attribute(line) === "";
  if (Values.length === 0) throw validation("Values should not be null or empty");
  const wanted = new Set(Values);
  return (line) => wanted.has(attribute(line));
}
