import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import { formatMoney } from "../cost-explorer/money.ts";
import type { CommitmentsOutput } from "./output.ts";

/** Below this, in percent, part of what was bought is thrown away. */
const wellUsed = 95;
/** Below this, in percent, a plan may be worth a thought. */
const wellCovered = 70;

/** Next steps that follow from the data, the most pressing first. */
export function suggestActions(data: CommitmentsOutput): SuggestedAction[] {
  const { timestamp: _, meta, ...sections } = data;
  return [
    ...remediesFor(sections),
    ...forUnused(data),
    ...forUncovered(data),
    ...(data.recommendation?.status === "ok" && data.recommendation.worthwhile
      ? [
          {
            title: "Check for unused resources",
            reason: "Before committing to what runs, turn off what need not.",
            tool: "aws_unused_resources",
            arguments: { regions: ["all"] },
          },
          {
            title: "Look at the recommendation in the console",
            reason: `Billing → Savings Plans → Recommendations: to buy is for a person to decide, in ${meta.currency} and for years.`,
          },
        ]
      : []),
  ];
}

function forUnused({
  meta,
  savingsPlansUtilization: plans,
  reservationUtilization: reservations,
}: CommitmentsOutput): SuggestedAction[] {
  const found: SuggestedAction[] = [];
  if (plans?.status === "ok" && plans.active && (plans.percent ?? 100) < wellUsed) {
    found.push({
      title: "Find out why a Savings Plan is not used up",
      reason: `${formatMoney(plans.unused ?? 0, meta.currency)} of the commitment went unused: what of the usage that it covers went down?`,
      tool: "aws_cost_compare",
      arguments: { services: ["EC2", "Lambda"], groupBy: "USAGE_TYPE" },
    });
  }
  const idle = reservations?.status === "ok" ? reservations.services : [];
  for (const { service, active, percent = 100, unusedHours } of idle) {
    if (!active || percent >= wellUsed) continue;
    found.push({
      title: `Find out why reservations of ${service} are not used up`,
      reason: `${Math.round(unusedHours)} reserved hours went unused.`,
      tool: "aws_cost_compare",
      arguments: { services: [service], groupBy: "USAGE_TYPE" },
    });
  }
  return found;
}

function forUncovered({
  meta,
  savingsPlansCoverage: coverage,
  recommendation,
}: CommitmentsOutput): SuggestedAction[] {
  if (recommendation !== undefined || coverage?.status !== "ok") return [];
  const { percent, onDemand = 0 } = coverage;
  if (percent === undefined || percent >= wellCovered || onDemand === 0) return [];
  return [
    {
      title: "Ask what a Savings Plan would save",
      reason: `${formatMoney(onDemand, meta.currency)} was paid on demand for what a plan could cover.`,
      tool: "aws_commitments",
      arguments: { recommend: true },
    },
  ];
}
