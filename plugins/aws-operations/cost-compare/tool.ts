import type { ToolConfig, ToolContext, ToolResult } from "agentflow-mcp/plugin";
import { z } from "zod";
import { textOrFailure } from "../answer/aws-answers.ts";
import { profileOf } from "../answer/call-profile.ts";
import { refresh } from "../answer/lenient.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import type { AwsParts } from "../aws-tools.ts";
import { costLimits, grouping, metric } from "../cost-explorer/cost-arguments.ts";
import { type CostGrouping, serviceNames } from "../cost-explorer/cost-queries.ts";
import { toDay } from "../cost-explorer/periods.ts";
import { suggestActions } from "./actions.ts";
import { type CostCompareOutput, costCompareOutput } from "./output.ts";
import { sectionsOf } from "./sections.ts";
import { type CompareQuery, CompareSource } from "./source.ts";
import { span, spansOf } from "./spans.ts";
import { writeText } from "./text.ts";

export const costCompareInput = z.strictObject({
  comparison: span(
    'The later period: a month ("2026-10") or days, both included ("2026-11-01/2026-11-15"). Default: the last month that is over. The current month counts with its full days.',
  ),
  baseline: span(
    "The earlier period, written the same way. Default: the month before, or as many days right before.",
  ),
  groupBy: grouping(
    'What to compare by: SERVICE (default), LINKED_ACCOUNT, REGION, USAGE_TYPE, RECORD_TYPE, or a cost allocation tag as "TAG:<key>", for example "TAG:Team".',
  ),
  ...costLimits,
  metric,
  credits: z
    .enum(["include", "exclude"])
    .default("include")
    .describe("include: net of credits and refunds. exclude: as if there were none."),
  drivers: z
    .boolean()
    .default(true)
    .describe("Also which usage types and kinds of charges made the difference."),
  top: z
    .int()
    .min(1)
    .max(50)
    .default(10)
    .describe("Rows of each table, by the size of the change."),
  refresh,
});

type CostCompareInput = z.infer<typeof costCompareInput>;

/** Two periods side by side, and why they differ. */
export function awsCostCompare(parts: AwsParts): ToolConfig {
  return readOnlyTool({
    title: "AWS cost comparison",
    description: `Compares the costs of two periods and says what drove the difference, down to the usage type. All arguments are optional: without any, the last two months that are over.

- Why did October cost more than September? {"baseline": "2026-09", "comparison": "2026-10"}
- This month against the last, by the same days: {"comparison": "2026-11"}
- Before and after a migration: {"baseline": "2026-10-01/2026-10-07", "comparison": "2026-10-08/2026-10-14"}
- Which team's costs changed? {"groupBy": "TAG:Team"}

Days are UTC; only days that are over are compared, and periods of different length also per day. For one period use aws_cost_analysis. Read-only. AWS charges $0.01 per request to Cost Explorer, of which this takes up to 6.`,
    category: "AWS_BILLING",
    inputSchema: costCompareInput,
    outputSchema: published(costCompareOutput),
    handler: (input: CostCompareInput, context) => compare(parts, input, context),
    config: { toolName: "aws_cost_explorer", timeout: 30, retryCount: 2 },
  });
}

function compare(
  { answers, costExplorer, config }: AwsParts,
  input: CostCompareInput,
  context: ToolContext,
): Promise<ToolResult<CostCompareOutput>> {
  const { refresh: isRefresh, credits } = input;
  const profile = profileOf(context);
  const today = toDay(costExplorer.api.clock());
  const { currency, defaultMetrics } = config.billingConfig;
  const query: CompareQuery = {
    ...spansOf(input, today),
    today,
    groupBy: (input.groupBy as CostGrouping | undefined) ?? "SERVICE",
    limits: {
      services: serviceNames(input.services ?? [], costExplorer.seenNames("SERVICE", profile)),
      accounts: input.accounts ?? [],
      regions: input.regions ?? [],
    },
    withoutCredits: credits === "exclude",
    metric: input.metric ?? defaultMetrics[0] ?? "UnblendedCost",
    drivers: input.drivers,
    top: input.top,
  };
  const about = {
    intentType: "AWS_BILLING",
    toolsUsed: ["aws_cost_explorer"],
    refresh: isRefresh,
  };
  return answers.answer(context, about, async ({ now, scope, settle, meta, answers: used }) => {
    const source = new CompareSource({ costExplorer, query, scope, currency });
    const sections = await settle(sectionsOf({ source, query, costExplorer, profile }));
    const { limits, groupBy } = query;
    const base = await meta();
    const data: CostCompareOutput = {
      timestamp: now.toISOString(),
      meta: {
        ...base,
        // Of the drivers only the largest are asked for.
        truncated: used().some(
          (each) => each.truncated && each.operation !== "GetCostComparisonDrivers",
        ),
        notes: [...query.notes, ...base.notes],
        currency: await source.comparison().then(
          (all) => all.currency,
          () => currency,
        ),
        metric: query.metric,
        groupBy,
        filters: {
          services: [...limits.services],
          accounts: [...limits.accounts],
          regions: [...limits.regions],
          credits,
        },
      },
      ...sections,
    };
    return {
      ...textOrFailure(sections, () => writeText(data)),
      analysisType: "comparison",
      data,
      suggestedActions: suggestActions(data, today),
    };
  });
}
