import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import { region } from "../config/connection.ts";
import { isAwsName } from "../cost-explorer/cost-queries.ts";
import { signed } from "../cost-explorer/money.ts";
import { addDays, daysBetween } from "../cost-explorer/periods.ts";
import type { CompareSection, CostCompareOutput } from "./output.ts";

const maxActions = 4;
/** How far back CloudTrail and Cost Anomaly Detection remember. */
const rememberedDays = 90;

/** Next steps that follow from the comparison, the most pressing first. */
export function suggestActions(data: CostCompareOutput, today: string): SuggestedAction[] {
  const { totals, groups, drivers, meta } = data;
  const found = [
    ...remediesFor({ totals, groups, drivers }),
    ...(drivers?.status === "ok" && totals?.status === "ok"
      ? [...intoDriver(drivers, totals, meta), ...forCommitments(drivers)]
      : []),
    ...(totals?.status === "ok" ? forRise(totals, meta, today) : []),
  ];
  return found.slice(0, maxActions);
}

function intoDriver(
  { items }: CompareSection<"drivers">,
  { comparison }: CompareSection<"totals">,
  { currency, filters }: CostCompareOutput["meta"],
): SuggestedAction[] {
  const largest = items.find(({ service }) => service !== "Tax" && isAwsName(service));
  if (largest === undefined) return [];
  const { accounts, regions } = filters;
  return [
    {
      title: `Find out where ${largest.service} changed`,
      reason: `${largest.usageType} changed by ${signed(largest.change, currency)}.`,
      tool: "aws_cost_analysis",
      arguments: {
        analysis: "breakdown",
        start: comparison.start,
        end: comparison.end,
        services: [largest.service],
        ...(accounts.length > 0 && { accounts }),
        ...(regions.length > 0 && { regions }),
        groupBy: regions.length > 0 ? "LINKED_ACCOUNT" : "REGION",
      },
    },
  ];
}

function forCommitments({ items }: CompareSection<"drivers">): SuggestedAction[] {
  if (!items.some(({ kind = "" }) => /SAVINGS_PLAN|RESERV/.test(kind))) return [];
  return [
    {
      title: "See how well commitments are used",
      reason: "Savings Plans or reservations are among what changed.",
      tool: "aws_commitments",
      arguments: {},
    },
  ];
}

function forRise(
  { comparison, perDayPercent = 100 }: CompareSection<"totals">,
  { filters }: CostCompareOutput["meta"],
  today: string,
): SuggestedAction[] {
  const days = daysBetween(comparison.start, today) + 1;
  if (perDayPercent < 20) return [];
  const asked = filters.regions.filter((name) => region.safeParse(name).success);
  const oldest = addDays(today, 1 - rememberedDays);
  if (comparison.end < oldest) return [];
  return [
    {
      title: "Investigate cost spikes",
      reason: `Costs per day grew by ${perDayPercent} %: did Cost Anomaly Detection expect that?`,
      tool: "aws_cost_analysis",
      arguments: {
        analysis: "anomalies",
        start: comparison.start < oldest ? oldest : comparison.start,
        end: comparison.end,
      },
    },
    {
      title: "Review recent deployments",
      reason: "Who created or resized something in these days?",
      tool: "aws_api_activity",
      arguments: {
        days: Math.min(days, rememberedDays),
        regions: asked.length > 0 ? asked : ["all"],
      },
    },
  ];
}
