import type { SuggestedAction } from "agentflow-mcp/plugin";
import type { CostAnalysisOutput, OkSection } from "./output.ts";
import { formatMoney, formatPercent } from "../cost-explorer/money.ts";
import type { BillingQuery } from "./query.ts";
import { signed } from "./cost-text.ts";

const tool = "aws_cost_analysis";
const maxActions = 5;

/** Next steps that follow from the data, the most pressing first. */
export function suggestActions(data: CostAnalysisOutput, query: BillingQuery): SuggestedAction[] {
  return [
    ...forErrors(data),
    ...forBudgets(data),
    ...forAnomalies(data),
    ...forCosts(data, query),
    ...forForecast(data),
  ].slice(0, maxActions);
}

const remedies: Readonly<Record<string, SuggestedAction>> = {
  NO_CREDENTIALS: {
    title: "Check AWS credentials",
    reason: "The server process has none: set AWS_PROFILE, or awsAccessKey and awsSecretKey.",
  },
  EXPIRED_TOKEN: { title: "Sign in again", reason: "Run `aws sso login` or refresh the keys." },
  BAD_CREDENTIALS: {
    title: "Check AWS credentials",
    reason: "AWS does not accept them: compare the keys, and this machine's clock.",
  },
  DEMO_CREDENTIALS: {
    title: "Set the demo account's endpoint",
    reason: "Its keys are never sent to AWS.",
  },
  ACCESS_DENIED: {
    title: "Verify permissions",
    reason: "The policy in the plugin's README allows what the tool needs, and nothing more.",
  },
  CE_NOT_ENABLED: {
    title: "Enable Cost Explorer",
    reason: "In Billing → Cost Explorer; data appear after about 24 h.",
  },
  CE_NO_DATA: { title: "Ask again tomorrow", reason: "AWS has no cost data for these days yet." },
  BAD_REQUEST: {
    title: "Change the request",
    reason: "AWS does not take the dates or filters: see its message.",
  },
  THROTTLED: { title: "Ask again in half a minute", reason: "AWS throttles Cost Explorer early." },
  TIMEOUT: {
    title: "Ask again",
    reason: "AWS did not answer in time; pages that it gave are not asked for again.",
  },
  UPSTREAM: {
    title: "Ask again, or check https://health.aws.amazon.com/health/status",
    reason: "AWS is unreachable or failing.",
  },
  PAGING_RESTARTED: { title: "Ask again", reason: "The data changed while they were read." },
  NO_ANOMALY_MONITOR: {
    title: "Create an anomaly monitor",
    reason: "Without one nothing unusual is ever found; it is free.",
  },
};

function forErrors(data: CostAnalysisOutput): SuggestedAction[] {
  const codes = new Set<string>();
  for (const section of Object.values(data)) {
    if (typeof section === "object" && "status" in section && section.status === "error") {
      codes.add(section.error.code);
    }
  }
  return [...codes].flatMap((code) => remedies[code] ?? []);
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
