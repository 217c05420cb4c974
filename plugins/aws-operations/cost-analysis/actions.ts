import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import type { CostAnalysisOutput, OkSection } from "./output.ts";
import { formatMoney, formatPercent } from "../cost-explorer/money.ts";
import type { BillingQuery } from "./query.ts";
import { signed } from "./cost-text.ts";

const tool = "aws_cost_analysis";
const maxActions = 5;

/** Next steps that follow from the data, the most pressing first. */
export function suggestActions(data: CostAnalysisOutput, query: BillingQuery): SuggestedAction[] {
  const { timestamp: _, analysisType: __, meta: ___, ...sections } = data;
  return [
    ...remediesFor(sections),
    ...forBudgets(data),
    ...forAnomalies(data),
    ...forCosts(data, query),
    ...forForecast(data),
  ].slice(0, maxActions);
}

function forBudgets({ budgetAlerts }: CostAnalysisOutput): SuggestedAction[] {
  if (budgetAlerts?.status !== "ok") return [];
  if (budgetAlerts.count === 0) {
    return [{ title: "Set up budget alerts", reason: "The account has no budgets." }];
  }
  const over = budgetAlerts.alerts.find(
    ({ budget, notifications }) =>
      budget.type === "COST" && notifications.some(({ firing }) => firing),
  );
  if (over === undefined) return [];
  const { budgetName, budget } = over;
  return [
    {
      title: "Review top spending services",
      reason: `Budget ${budgetName} is at ${budget.actualPercent ?? "?"} % of its limit.`,
      tool,
      arguments: { analysis: "breakdown" },
    },
  ];
}

function forAnomalies({ anomalies }: CostAnalysisOutput): SuggestedAction[] {
  if (anomalies?.status !== "ok") return [];
  const [largest] = anomalies.items;
  if (largest === undefined) return [];
  const cause = largest.rootCauses[0];
  const service = cause?.service ?? largest.dimension;
  const where = [service, cause?.region, cause?.usageType].filter(Boolean).join(", ");
  return [
    {
      title: "Investigate cost spikes",
      reason: `${where}: ${formatMoney(largest.impact, anomalies.currency)} above what was expected from ${largest.start} to ${largest.end}.`,
      tool,
      arguments: {
        analysis: "breakdown",
        ...(largest.start !== undefined && { start: largest.start }),
        ...(largest.end !== undefined && { end: largest.end }),
        ...(cause?.service !== undefined && { services: [cause.service] }),
        groupBy: "USAGE_TYPE",
      },
    },
    {
      title: "Review recent deployments",
      reason: `What changed on or just before ${largest.start}?`,
    },
    {
      title: "Check for unauthorized usage",
      reason: "A spike that no deployment explains may be somebody else's.",
    },
  ];
}

function forCosts(data: CostAnalysisOutput, query: BillingQuery): SuggestedAction[] {
  const { currentMonth, serviceBreakdown } = data;
  return [
    ...(serviceBreakdown?.status === "ok" ? forDrivers(serviceBreakdown, query) : []),
    ...(currentMonth?.status === "ok" ? forDays(currentMonth) : []),
    ...(serviceBreakdown?.status === "ok" && usesCommitments(data, query)
      ? [
          {
            title: "See costs with commitments spread",
            reason:
              "Savings Plans or reservations are in use: their fees are charged apart from the usage they cover.",
            tool,
            arguments: { analysis: query.analysis, ...limitsOf(query), metric: "AmortizedCost" },
          },
        ]
      : []),
  ];
}

/** What grew most, if by a fifth or more; else, among services, the one that costs most. */
function forDrivers(
  { items, drivers = [] }: OkSection<"serviceBreakdown">,
  query: BillingQuery,
): SuggestedAction[] {
  const total = items.reduce((sum, { amount }) => sum + amount, 0);
  const grown = drivers.find(
    ({ key, change = 0, changePercent = Number.POSITIVE_INFINITY }) =>
      key !== "Tax" && change > total / 100 && changePercent >= 20,
  );
  const largest = items.find(({ key }) => key !== "Tax");
  if (grown !== undefined) {
    const { key, change = 0, changePercent, currency } = grown;
    const reason = `${signed(change, currency)} (${formatPercent(changePercent)}) against the same days of last month.`;
    return [
      query.groupBy === "SERVICE"
        ? { title: `Find out why ${key} grew`, reason, tool, arguments: intoService(key, query) }
        : {
            title: "Look for anomalies",
            reason: `${key} ${reason}`,
            tool,
            arguments: { analysis: "anomalies" },
          },
    ];
  }
  if (query.groupBy !== "SERVICE" || largest === undefined) return [];
  return [
    {
      title: `See what ${largest.key} consists of`,
      reason: `${formatMoney(largest.amount, largest.currency)}, ${largest.sharePercent ?? 0} % of the total.`,
      tool,
      arguments: intoService(largest.key, query),
    },
  ];
}

function intoService(service: string, query: BillingQuery): Record<string, unknown> {
  return {
    analysis: "breakdown",
    ...limitsOf(query),
    services: [service],
    groupBy: "USAGE_TYPE",
  };
}

/** What the question was limited to; a next step that forgets it would answer something else. */
function limitsOf({ filters, credits, period }: BillingQuery): Record<string, unknown> {
  const { services, accounts, regions } = filters;
  return {
    ...period,
    ...(services.length > 0 && { services }),
    ...(accounts.length > 0 && { accounts }),
    ...(regions.length > 0 && { regions }),
    ...(credits !== "both" && { credits }),
  };
}

function forDays({ daysAboveThreshold = 0 }: OkSection<"currentMonth">): SuggestedAction[] {
  if (daysAboveThreshold === 0) return [];
  return [
    {
      title: "Look for anomalies",
      reason: `${daysAboveThreshold} day(s) of this month cost more than the configured threshold.`,
      tool,
      arguments: { analysis: "anomalies" },
    },
  ];
}

/** Their fees appear as a service of their own, or as a record type. */
function usesCommitments({ serviceBreakdown }: CostAnalysisOutput, query: BillingQuery): boolean {
  if (query.metrics[0] !== "UnblendedCost" || serviceBreakdown?.status !== "ok") return false;
  return serviceBreakdown.items.some(({ key }) => /savings ?plan|reserv|RIFee/i.test(key));
}

function forForecast({ forecast, trends }: CostAnalysisOutput): SuggestedAction[] {
  if (forecast?.status !== "ok" || trends?.status !== "ok" || forecast.nextMonth === undefined) {
    return [];
  }
  const last = trends.months.findLast(({ partial }) => !partial);
  if (last === undefined || forecast.nextMonth.total <= last.total * 1.2) {
    return [
      {
        title: "Check budgets",
        reason: "Compare the forecast with what was planned.",
        tool,
        arguments: { analysis: "alerts" },
      },
    ];
  }
  return [
    {
      title: "Set up budget alerts",
      reason: `Next month is expected at ${formatMoney(forecast.nextMonth.total, forecast.currency)}, ${last.month} was ${formatMoney(last.total, trends.currency)}.`,
      tool,
      arguments: { analysis: "alerts" },
    },
  ];
}
