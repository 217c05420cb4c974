import { z } from "zod";
import { fromJson, list } from "../answer/lenient.ts";
import { costMetrics } from "../config/index.ts";
import { costDimensions } from "./cost-queries.ts";
import { isDay } from "./periods.ts";

// Arguments that the tools about costs have in common.

export const day = z.string().refine(isDay, "A day of the calendar as YYYY-MM-DD");

/** What costs are grouped by, in any of the spellings that clients use. */
export function grouping(description: string) {
  return z.preprocess(
    toGrouping,
    z
      .union([z.enum(costDimensions), z.string().regex(/^TAG:.{1,128}$/)])
      .optional()
      .describe(description),
  );
}

/** What costs are limited to. */
export const costLimits = {
  services: list(
    z.string().min(1),
    'Only these services, as on the bill ("Amazon Relational Database Service") or by short name ("RDS", "EC2", "S3", "Lambda").',
  ),
  accounts: list(
    z.string().regex(/^\d{12}$/, "An account id has twelve digits"),
    'Only these linked accounts: ["123456789012"].',
    ",",
  ),
  regions: list(
    z.string().min(1),
    'Only these regions: ["eu-west-1"]; "global" for services without one, "NoRegion" for what is no service (tax, support).',
    ",",
  ),
};

export const metric = z
  .enum(costMetrics)
  .optional()
  .describe(
    "UnblendedCost (default unless configured) is what is charged each day; AmortizedCost spreads Savings Plans and reservations over the days they are used.",
  );

/** One grouping in any of the spellings that clients use: `region`, `["REGION"]`, `[{ type: "TAG", key: "Team" }]`. */
function toGrouping(value: unknown): unknown {
  if (typeof value === "string") {
    const read = fromJson(value);
    if (read !== value) return toGrouping(read);
    const tag = /^tag:(.+)$/i.exec(value);
    return tag === null ? value.toUpperCase() : `TAG:${tag[1]}`;
  }
  if (Array.isArray(value)) return value.length === 1 ? toGrouping(value[0]) : value;
  if (typeof value !== "object" || value === null) return value;
  const definition = value as Record<string, unknown>;
  const kind = definition["type"] ?? definition["Type"] ?? "DIMENSION";
  const key = definition["key"] ?? definition["Key"];
  if (typeof key !== "string" || typeof kind !== "string") return value;
  const type = kind.toUpperCase();
  return type === "TAG"
    ? `TAG:${key}`
    : type === "DIMENSION"
      ? key.toUpperCase()
      : `${type}:${key}`;
}
