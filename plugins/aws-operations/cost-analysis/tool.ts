import type { ToolConfig } from "agentflow-mcp/plugin";
import { z } from "zod";
import { refresh } from "../answer/lenient.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import { costLimits, day, grouping, metric } from "../cost-explorer/cost-arguments.ts";
import { costAnalysisOutput } from "./output.ts";

/** What can be asked about costs. */
export const analyses = [
  "overview",
  "breakdown",
  "trends",
  "forecast",
  "anomalies",
  "alerts",
] as const;

export type Analysis = (typeof analyses)[number];

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
    .describe(
      "The question in words. Chooses the analysis if `analysis` is not given; a service and regions that it names, if there is nothing else.",
    ),
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
  groupBy: grouping(
    'What to break costs down by: SERVICE (default), LINKED_ACCOUNT, REGION, USAGE_TYPE, RECORD_TYPE (usage, credit, tax …), or a cost allocation tag as "TAG:<key>" with the key in its exact case, for example "TAG:Team". To find out why one service is expensive, give it in `services` and group by USAGE_TYPE.',
  ),
  ...costLimits,
  metric,
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
