import type { SkippedSection } from "../answer/section.ts";
import { nearestNames } from "./cost-queries.ts";

/** What costs are limited to, by name; an empty list limits nothing. */
export interface CostLimits {
  readonly services: readonly string[];
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

export function isLimited(limits: CostLimits): boolean {
  return Object.values(limits).some((names: readonly string[]) => names.length > 0);
}

/** Says that there is nothing within the limits, which is no amount of zero, and which names come near. */
export function nothingMatches(limits: CostLimits, seen: ReadonlySet<string>): SkippedSection {
  const { services } = limits;
  const given = Object.entries({ ...limits }).filter(([, names]) => names.length > 0);
  const shown = given.map(([name, names]) => `${name}=${names.join(",")}`).join(" ");
  const near = services.flatMap((name) => (seen.has(name) ? [] : nearestNames(name, seen)));
  const others = [...new Set(near.filter((name) => !services.includes(name)))];
  const question = others.length === 0 ? "." : `; did you mean ${others.join(" or ")}?`;
  const names = services.length === 0 ? "" : ` Names are as on the bill${question}`;
  return { status: "skipped", reason: `No costs match ${shown}.${names}` };
}
