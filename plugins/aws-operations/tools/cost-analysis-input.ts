import { z } from "zod";
import { costMetrics } from "../config/index.ts";
import { costDimensions } from "./cost-queries.ts";
import { isDay } from "./periods.ts";

export const analyses = [
  "overview",
  "breakdown",
  "trends",
  "forecast",
  "anomalies",
  "alerts",
] as const;

export type Analysis = (typeof analyses)[number];

const day = z.string().refine(isDay, "A day of the calendar as YYYY-MM-DD");

/** A list that may also arrive as one string, or as a list written as JSON: clients do both. */
function list(item: z.ZodString, description: string) {
  return z.preprocess(
    (value) => (typeof value === "string" ? toList(value) : value),
    z.array(item).max(50).optional().describe(description),
  );
}

const grouping = z.preprocess(
  (value) => (typeof value === "string" ? toGrouping(value) : value),
  z
    .union([z.enum(costDimensions), z.string().regex(/^TAG:.{1,128}$/)])
    .optional()
    .describe(
      'What to break costs down by: SERVICE (default), LINKED_ACCOUNT, REGION, USAGE_TYPE, RECORD_TYPE (usage, credit, tax …), or a cost allocation tag as "TAG:<key>", for example "TAG:team". To find out why one service is expensive, give it in `services` and group by USAGE_TYPE.',
    ),
);

export const costAnalysisInput = z.strictObject({
  analysis: z
    .enum(analyses)
    .optional()
    .describe(
      "overview (default): this month, last month, the same days of last month, top services. breakdown: the same with more rows, for any `groupBy`. trends: month by month, and what grew. forecast: this month's end, next month, the next days. anomalies: unexpected costs of the last 30 days. alerts: budgets and which of their notifications fire. trends and forecast come together, as do anomalies and alerts.",
    ),
  message: z
    .string()
    .optional()
    .describe("The question in words. Chooses the analysis if `analysis` is not given."),
  start: day
    .optional()
    .describe(
      "First day, included: 2026-10-01. For overview, breakdown and anomalies; without it they cover this month and the last.",
    ),
  end: day.optional().describe("Last day, included: 2026-10-31. Default: today."),
  months: z
    .int()
    .min(1)
    .max(13)
    .default(6)
    .describe("For trends and forecast: full months before the current one."),
  groupBy: grouping,
  services: list(
    z.string().min(1),
    'Only these services, as on the bill ("Amazon Relational Database Service") or by short name ("RDS", "EC2", "S3", "Lambda").',
  ),
  accounts: list(
    z.string().regex(/^\d{12}$/, "An account id has twelve digits"),
    'Only these linked accounts: ["123456789012"].',
  ),
  regions: list(
    z.string().min(1),
    'Only these regions: ["eu-west-1"]; "global" for what has none.',
  ),
  metric: z
    .enum(costMetrics)
    .optional()
    .describe(
      "UnblendedCost (default unless configured) is what is charged each day; AmortizedCost spreads Savings Plans and reservations over the days they are used.",
    ),
  credits: z
    .enum(["include", "exclude", "both"])
    .default("both")
    .describe(
      "include: net of credits and refunds. exclude: as if there were none. both: net as the headline, and what it would be without.",
    ),
  top: z.int().min(1).max(50).default(10).describe("Rows of a breakdown; the rest is summed."),
  forecastDays: z
    .int()
    .min(1)
    .max(365)
    .optional()
    .describe("For forecast: days ahead, besides this month and the next. Default 30."),
  minImpact: z
    .number()
    .min(0)
    .default(0)
    .describe("For anomalies: leave out those with a smaller total impact."),
  refresh: z
    .boolean()
    .default(false)
    .describe(
      "Ask AWS again instead of using answers up to an hour old. AWS charges $0.01 per request and updates costs three times a day.",
    ),
});

export type CostAnalysisInput = z.infer<typeof costAnalysisInput>;

function toList(text: string): unknown {
  if (!text.trimStart().startsWith("[")) return text === "" ? [] : [text];
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return [text];
  }
}

function toGrouping(text: string): string {
  const tag = /^tag:(.+)$/i.exec(text);
  return tag === null ? text.toUpperCase() : `TAG:${tag[1]}`;
}
