import type { CostAnalysisOutput, OkSection } from "./output.ts";
import { formatMoney } from "../cost-explorer/money.ts";
import { count, table } from "../answer/markdown.ts";

type Budget = OkSection<"budgetAlerts">["alerts"][number];

const textRows = 10;

/** What was asked for first: anomalies or budgets. */
export function alertText({ analysisType, anomalies, budgetAlerts }: CostAnalysisOutput): string[] {
  const unusual = anomalies?.status === "ok" ? [anomalyText(anomalies)] : [];
  const budgets = budgetAlerts?.status === "ok" ? [budgetText(budgetAlerts)] : [];
  return analysisType === "alerts" ? [...budgets, ...unusual] : [...unusual, ...budgets];
}

function anomalyText(section: OkSection<"anomalies">): string {
  const { start, end, items, totalImpact, currency, belowMinImpact = 0, monitors = [] } = section;
  const hidden = belowMinImpact > 0 ? ` ${count(belowMinImpact, "smaller one")} left out.` : "";
  if (items.length === 0) {
    const neverLooked =
      monitors.length > 0 && monitors.every(({ lastEvaluated }) => lastEvaluated === undefined);
    if (neverLooked)
      return `**Not known yet** whether anything is unusual. ${monitorText(section)}`;
    return `**No anomalies** from ${start} to ${end}.${hidden} ${monitorText(section)}`.trimEnd();
  }
  const rows = items.slice(0, textRows).map((item) => {
    const { service, region, usageType, accountName, account } = item.rootCauses[0] ?? {};
    const cause = [service, region, usageType, accountName ?? account].filter(Boolean).join(", ");
    const percent =
      item.impactPercent === undefined ? "" : ` (+${item.impactPercent.toFixed(0)} %)`;
    return [
      `${item.start ?? "?"} to ${item.end ?? "?"}`,
      `${formatMoney(item.impact, currency)}${percent}`,
      cause === "" ? (item.dimension ?? "unknown") : cause,
    ];
  });
  const title = items.length === 1 ? "1 anomaly" : `${items.length} anomalies`;
  const assumed =
    section.currencyAssumed === true
      ? `\n\nAWS names no currency here; ${currency} is assumed.`
      : "";
  return `### ${title} from ${start} to ${end}, ${formatMoney(totalImpact, currency)} above what was expected\n\n${table(["Days", "Impact", "Root cause"], rows)}${hidden}${assumed}`;
}

/** Without anomalies, how far they were looked for matters. */
function monitorText({ monitors = [] }: OkSection<"anomalies">): string {
  if (monitors.length === 0) return "";
  const names = monitors.map(({ name, lastEvaluated }) =>
    lastEvaluated === undefined
      ? `${name} (has not run yet)`
      : `${name} (last ran ${lastEvaluated.slice(0, 10)})`,
  );
  return `Watched by ${names.join(", ")}.`;
}

function budgetText({ alerts, count: all, firing }: OkSection<"budgetAlerts">): string {
  if (all === 0) return "**No budgets** are set up in this account.";
  const rows = alerts
    .slice(0, textRows)
    .map(({ budgetName, budget, notifications }) => [
      budgetName,
      periodText(budget),
      amount(budget.limit, budget.unit),
      withPercent(budget.actual, budget.actualPercent, budget.unit),
      withPercent(budget.forecast, budget.forecastPercent, budget.unit),
      firedText(notifications),
    ]);
  const more =
    all > textRows ? `\n\n${count(all - textRows, "more budget")} in the structured result.` : "";
  return `### ${count(all, "budget")}, ${firing} with an alert that fires\n\n${table(["Budget", "Period", "Limit", "Actual", "Forecast", "Alerts that fire"], rows)}${more}`;
}

function periodText({ timeUnit, start, end }: Budget["budget"]): string {
  const unit = timeUnit.toLowerCase();
  return start === undefined || end === undefined ? unit : `${unit}, ${start} to ${end}`;
}

function firedText(notifications: Budget["notifications"]): string {
  const fired = notifications.filter(({ firing }) => firing);
  if (notifications.length === 0) return "none set up";
  if (fired.length === 0) return "none";
  return fired
    .map(({ type, operator, threshold, thresholdType }) => {
      const sign = operator === "LESS_THAN" ? "<" : operator === "EQUAL_TO" ? "=" : ">";
      return `${type.toLowerCase()} ${sign} ${threshold}${thresholdType === "PERCENTAGE" ? " %" : ""}`;
    })
    .join(", ");
}

function amount(value: number | undefined, unit = ""): string {
  if (value === undefined) return "";
  return unit === "PERCENTAGE" ? `${value.toFixed(1)} %` : formatMoney(value, unit);
}

function withPercent(
  value: number | undefined,
  percent: number | undefined,
  unit: string | undefined,
): string {
  if (value === undefined) return "none yet";
  const share = percent === undefined || unit === "PERCENTAGE" ? "" : ` (${percent.toFixed(1)} %)`;
  return `${amount(value, unit)}${share}`;
}
