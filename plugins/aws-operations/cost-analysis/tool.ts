import type { ToolConfig } from "agentflow-mcp/plugin";
import { z } from "zod";
import { costMetrics } from "../config/index.ts";
import { fromJson, list, refresh } from "../answer/lenient.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import { costAnalysisOutput } from "./output.ts";
import { costDimensions } from "../cost-explorer/cost-queries.ts";
import { isDay } from "../cost-explorer/periods.ts";

const analyses = ["overview", "breakdown", "trends", "forecast", "anomalies", "alerts"] as const;

export type Analysis = (typeof analyses)[number];

const day = z.string().refine(isDay, "A day of the calendar as YYYY-MM-DD");

const grouping = z.preprocess(
  toGrouping,
  z
    .union([z.enum(costDimensions), z.string().regex(/^TAG:.{1,128}$/)])
    .optional()
    .describe(
      'What to break costs down by: SERVICE (default), LINKED_ACCOUNT, REGION, USAGE_TYPE, RECORD_TYPE (usage, credit, tax …), or a cost allocation tag as "TAG:<key>" with the key in its exact case, for example "TAG:Team". To find out why one service is expensive, give it in `services` and group by USAGE_TYPE.',
    ),
);

export const costAnalysisInput = z.strictObject({
  analysis: z
    .enum(analyses)
    .optional()
    .describe(
      "overview (default): this month, last month, the same days of last month, top 10 services. breakdown: the same with 25 rows. trends: month by month, and what grew. forecast: this month's end, next month, the next days. anomalies: unexpected costs of the last 30 days. alerts: budgets and which of their notifications fire. trends and forecast come together, as do anomalies and alerts.",
    ),
  message: z
    .string()
    .optional()
    .describe("The question in words. Chooses the analysis if `analysis` is not given."),
  start: day
    .optional()
    .describe(
      "First day, included: 2026-10-01. For overview and breakdown, which with dates of their own have no comparison (default: this month, compared with the last), and for anomalies (default: 30 days ago). With `end` alone: the first of its month.",
    ),
  end: day
    .optional()
    .describe("Last day, included: 2026-10-31. Default: today, of which only some hours are in."),
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
    ",",
  ),
  regions: list(
    z.string().min(1),
    'Only these regions: ["eu-west-1"]; "global" for services without one, "NoRegion" for what is no service (tax, support).',
    ",",
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
  top: z
    .int()
    .min(1)
    .max(50)
    .optional()
    .describe("Rows by `groupBy`; the rest is summed. Default 10, for breakdown 25."),
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
  refresh,
});

export type CostAnalysisInput = z.infer<typeof costAnalysisInput>;

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

/** Answered by the handler of its category. */
export const awsCostAnalysis: ToolConfig = readOnlyTool({
  title: "AWS cost analysis",
  description: `Answers questions about AWS costs from Cost Explorer and Budgets: what was spent, on what, how it developed, what is expected, what is unusual, which budgets are exceeded. All arguments are optional.

- Why is the bill so high? {"analysis": "overview"}, then {"analysis": "breakdown", "services": ["EC2"], "groupBy": "USAGE_TYPE"} for the service that grew
- Costs of October by team: {"analysis": "breakdown", "start": "2026-10-01", "end": "2026-10-31", "groupBy": "TAG:Team"}
- How did costs develop? {"analysis": "trends", "months": 12}
- What will we pay? {"analysis": "forecast"}
- Anything unusual? {"analysis": "anomalies", "minImpact": 50}
- Are we over budget? {"analysis": "alerts"}

Days are UTC and both ends are included. A month that is not over is compared by its full days, with as many of the month before. Read-only. AWS charges $0.01 per request to Cost Explorer; repeated questions are answered from a cache, and \`meta.ceRequests\` says what was sent.`,
  category: "AWS_BILLING",
  inputSchema: costAnalysisInput,
  outputSchema: published(costAnalysisOutput),
  config: { toolName: "aws_cost_explorer", timeout: 30, retryCount: 3 },
});
