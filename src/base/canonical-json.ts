import { createHash } from "node:crypto";

/** JSON text in which the order of keys means nothing (RFC 8785): equal values have equal texts. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, child]) => child !== undefined)
    // By code unit, as the RFC has it.
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`);
  return `{${members.join(",")}}`;
}

/** One short text for any values: the same for equal ones, another for others. */
export function digest(...values: readonly unknown[]): string {
  return createHash("sha256").update(canonicalJson(values)).digest("hex");
}
