import type { SuggestedAction } from "agentflow-mcp/plugin";
import { count } from "../answer/markdown.ts";
import { remediesFor } from "../answer/remedies.ts";
import { changePlanAction } from "../change-plan/action.ts";
import { region } from "../config/connection.ts";
import { isAwsName, nounOf } from "../cost-explorer/cost-queries.ts";
import { daysBetween } from "../cost-explorer/periods.ts";
import type { CostAnalysisOutput, OkSection } from "./output.ts";
import { formatMoney, formatPercent, signed } from "../cost-explorer/money.ts";
import type { BillingQuery } from "./query.ts";

const tool = "aws_cost_analysis";
const maxActions = 5;

/**
 * Next steps that follow from the data, the most pressing first. Their words are the plugin's own: names that others have given
 * stand in none of them, but those of AWS do.
 */
export function suggestActions(data: CostAnalysisOutput, query: BillingQuery): SuggestedAction[] {
  const { timestamp: _, analysisType: __, meta: ___, ...sections } = data;
  return [
    ...remediesFor(sections),
    ...(query.wantsBudget ? [changePlanAction] : []),
    ...forDays(data, query),
    ...forBudgets(data),
    ...forAnomalies(data, query),
    ...forCosts(data, query),
    ...forTrends(data, query),
    ...forForecast(data),
  ].slice(0, maxActions);
}

function forBudgets({ budgetAlerts }: CostAnalysisOutput): SuggestedAction[] {
  if (budgetAlerts?.status !== "ok") return [];
  if (budgetAlerts.count === 0) {
    return [
      {
        title: "Set up budget alerts",
        reason: "The account has no budgets. The prompt aws_change_plan writes the commands.",
      },
    ];
  }
  const over = budgetAlerts.alerts.find(
    ({ budget, notifications }) =>
      budget.type === "COST" && notifications.some(({ firing }) => firing),
  );
  if (over === undefined) return [];
  return [
    {
      title: "Review top spending services",
      reason: `A budget is at ${over.budget.actualPercent ?? "?"} % of its limit.`,
      tool,
      arguments: { analysis: "breakdown" },
    },
  ];
}

function forAnomalies(
  { anomalies }: CostAnalysisOutput,
  { today }: BillingQuery,
): SuggestedAction[] {
  if (anomalies?.status !== "ok") return [];
  const [largest] = anomalies.items;
  if (largest === undefined) return [];
  const { start, end, impact } = largest;
  const cause = largest.rootCauses[0];
  const service =
    cause?.service !== undefined && isAwsName(cause.service) ? cause.service : undefined;
  const where = [service, cause?.region, cause?.usageType].filter(Boolean).join(", ");
  const isRegion = region.safeParse(cause?.region).success;
  const days = start === undefined ? undefined : daysBetween(start, today) + 2;
  return [
    {
      title: "Investigate cost spikes",
      reason: `${where === "" ? "" : `${where}: `}${formatMoney(impact, anomalies.currency)} above what was expected from ${start} to ${end}.`,
      tool,
      arguments: {
        analysis: "breakdown",
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
        ...(service !== undefined && { services: [service] }),
        groupBy: "USAGE_TYPE",
      },
    },
    {
      title: "Review recent deployments",
      reason: `Who created or changed something on or just before ${start}?`,
      tool: "aws_api_activity",
      arguments: {
        ...(days !== undefined && { days: Math.min(days, 90) }),
        ...(isRegion && { regions: [cause?.region] }),
      },
    },
    {
      title: "Check for unauthorized usage",
      reason:
        "A spike that no deployment explains may be somebody else's: who has keys, and who is an administrator?",
      tool: "aws_iam_review",
      arguments: {},
    },
  ];
}

function forCosts(data: CostAnalysisOutput, query: BillingQuery): SuggestedAction[] {
  const { serviceBreakdown } = data;
  if (serviceBreakdown?.status !== "ok") return [];
  return [
    ...forDrivers(serviceBreakdown, query),
    ...forCommitments(data, query),
    ...forUnused(serviceBreakdown, query),
  ];
}

/** What grew most, if by a fifth or more; else, among services, the one that costs most. */
function forDrivers(
  { items, drivers = [] }: OkSection<"serviceBreakdown">,
  query: BillingQuery,
): SuggestedAction[] {
  const { groupBy } = query;
  const total = items.reduce((sum, { amount }) => sum + amount, 0);
  const grown = drivers.find(
    ({ key, change = 0, changePercent = Number.POSITIVE_INFINITY }) =>
      key !== "Tax" && change > total / 100 && changePercent >= 20,
  );
  if (grown !== undefined) {
    const { key, change = 0, changePercent, currency } = grown;
    const reason = `${signed(change, currency)} (${formatPercent(changePercent)}) against the same days of last month.`;
    if (groupBy === "SERVICE" && isAwsName(key)) {
      const title = `Find out why ${key} grew`;
      return [{ title, reason, tool, arguments: intoService(key, query) }];
    }
    return [
      {
        title: "Look for anomalies",
        reason: `One ${nounOf(groupBy)} grew by ${reason}`,
        tool,
        arguments: { analysis: "anomalies" },
      },
    ];
  }
  const largest = items.find(({ key }) => key !== "Tax" && isAwsName(key));
  if (groupBy !== "SERVICE" || largest === undefined) return [];
  const { key, amount, currency, sharePercent = 0 } = largest;
  return [
    {
      title: "Review top spending services",
      reason: `${key}: ${formatMoney(amount, currency)}, ${sharePercent} % of the total.`,
      tool,
      arguments: intoService(key, query),
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

/** For the last of the days above the threshold: an overview looks for what was unusual, alerts have that already. */
function forDays(
  { currentMonth }: CostAnalysisOutput,
  { analysis }: BillingQuery,
): SuggestedAction[] {
  if (currentMonth?.status !== "ok") return [];
  const { daysAboveThreshold = 0, timePeriods = [] } = currentMonth;
  const last = timePeriods.findLast(({ aboveThreshold }) => aboveThreshold === true)?.start;
  if (daysAboveThreshold === 0 || last === undefined) return [];
  const reason = `${count(daysAboveThreshold, "day")} of this month cost more than the configured threshold.`;
  return analysis === "alerts"
    ? [
        {
          title: `See what ${last} cost`,
          reason,
          tool,
          arguments: { analysis: "breakdown", start: last, end: last },
        },
      ]
    : [{ title: "Look for anomalies", reason, tool, arguments: { analysis: "anomalies" } }];
}

/** Their fees appear as a service of their own, or as a record type. */
function forCommitments(
  { serviceBreakdown }: CostAnalysisOutput,
  query: BillingQuery,
): SuggestedAction[] {
  if (serviceBreakdown?.status !== "ok") return [];
  const { items } = serviceBreakdown;
  if (!items.some(({ key }) => /savings ?plan|reserv|RIFee/i.test(key))) return [];
  const spread: SuggestedAction = {
    title: "See costs with commitments spread",
    reason:
      "Savings Plans or reservations are in use: their fees are charged apart from the usage they cover.",
    tool,
    arguments: { analysis: query.analysis, ...limitsOf(query), metric: "AmortizedCost" },
  };
  return [
    ...(query.metrics[0] === "UnblendedCost" ? [spread] : []),
    {
      title: "See how well commitments are used",
      reason: "What is committed to is paid for whether it is used or not.",
      tool: "aws_commitments",
      arguments: {},
    },
  ];
}

/** Where volumes, addresses, snapshots and gateways are paid for, some may be left over. */
function forUnused(
  { items }: OkSection<"serviceBreakdown">,
  { groupBy, filters }: BillingQuery,
): SuggestedAction[] {
  // A bill also has places that are no regions, such as "global".
  const asked = filters.regions.filter((name) => region.safeParse(name).success);
  const other = items.find(({ key, amount }) => key === "EC2 - Other" && amount > 0);
  if (groupBy !== "SERVICE" || other === undefined) return [];
  return [
    {
      title: "Check for unused resources",
      reason: `${formatMoney(other.amount, other.currency)} went to EC2 - Other: volumes, snapshots, addresses and gateways, of which some may be left over.`,
      tool: "aws_unused_resources",
      arguments: { regions: asked.length > 0 ? asked : ["all"] },
    },
  ];
}

function forTrends({ trends }: CostAnalysisOutput, query: BillingQuery): SuggestedAction[] {
  if (trends?.status !== "ok") return [];
  const [before, last] = trends.months.filter(({ partial }) => !partial).slice(-2);
  if (before === undefined || last === undefined || (last.changePercent ?? 0) < 5) return [];
  const { services, accounts, regions } = query.filters;
  return [
    {
      title: "See what drove the change",
      reason: `${last.month} cost ${formatPercent(last.changePercent)} against ${before.month}.`,
      tool: "aws_cost_compare",
      arguments: {
        ...(services.length > 0 && { services }),
        ...(accounts.length > 0 && { accounts }),
        ...(regions.length > 0 && { regions }),
        ...(query.credits === "exclude" && { credits: query.credits }),
        baseline: before.month,
        comparison: last.month,
        ...(query.groupBy !== "SERVICE" && { groupBy: query.groupBy }),
      },
    },
  ];
}

function forForecast({ forecast, trends }: CostAnalysisOutput): SuggestedAction[] {
  if (forecast?.status !== "ok" || trends?.status !== "ok" || forecast.nextMonth === undefined) {
    return [];
  }
  const check = { tool, arguments: { analysis: "alerts" } };
  const last = trends.months.findLast(({ partial }) => !partial);
  if (last === undefined || forecast.nextMonth.total <= last.total * 1.2) {
    const reason = "Compare the forecast with what was planned.";
    return [{ title: "Check budgets", reason, ...check }];
  }
  return [
    {
      title: "Set up budget alerts",
      reason: `Next month is expected at ${formatMoney(forecast.nextMonth.total, forecast.currency)}, ${last.month} was ${formatMoney(last.total, trends.currency)}. See which budgets there are; the prompt aws_change_plan writes the commands for another.`,
      ...check,
    },
  ];
}
