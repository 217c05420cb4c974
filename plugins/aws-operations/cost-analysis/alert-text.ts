import type { CostAnalysisOutput, OkSection } from "./output.ts";
import { formatMoney } from "../cost-explorer/money.ts";
import { count, plain, table } from "../answer/markdown.ts";
import { fromOthers } from "../answer/untrusted.ts";
import type { BillingConfig } from "../config/index.ts";
import { daysAbove } from "./cost-text.ts";

type Budget = OkSection<"budgetAlerts">["alerts"][number];

const textRows = 10;

/** What was asked for first: anomalies, or the days above the threshold and the budgets. */
export function alertText(data: CostAnalysisOutput, config: BillingConfig): string[] {
  const { analysisType, currentMonth, anomalies, budgetAlerts } = data;
  const unusual = anomalies?.status === "ok" ? [anomalyText(anomalies)] : [];
  const budgets = budgetAlerts?.status === "ok" ? [budgetText(budgetAlerts)] : [];
  if (analysisType !== "alerts") return [...unusual, ...budgets];
  const days = currentMonth?.status === "ok" ? [thresholdText(currentMonth, config)] : [];
  return [...days, ...budgets, ...unusual];
}

function thresholdText(month: OkSection<"currentMonth">, config: BillingConfig): string {
  const { daysAboveThreshold, timePeriods = [] } = month;
  // In another currency nothing was compared, which its warning says.
  if (daysAboveThreshold === undefined) return "";
  if (daysAboveThreshold > 0) return `**${daysAbove(month, config)}**`;
  const threshold = formatMoney(config.costThresholdAlert, config.currency);
  const [highest] = timePeriods.toSorted((left, right) => right.amount - left.amount);
  const most =
    highest === undefined
      ? ""
      : `; the most was ${formatMoney(highest.amount, month.currency)} on ${highest.start}`;
  return `No day of this month is above the threshold of ${threshold} a day${most}.`;
}

function anomalyText(section: OkSection<"anomalies">): string {
  const { start, end, items, totalImpact, currency, belowMinImpact = 0, monitors = [] } = section;
  const hidden = belowMinImpact > 0 ? `${count(belowMinImpact, "smaller one")} left out.` : "";
  if (items.length === 0) {
    const neverLooked =
      monitors.length > 0 && monitors.every(({ lastEvaluated }) => lastEvaluated === undefined);
    if (neverLooked)
      return `**Not known yet** whether anything is unusual. ${monitorText(section)}`;
    const none = `**No anomalies** from ${start} to ${end}.`;
    return [none, hidden, monitorText(section)].filter((text) => text !== "").join(" ");
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
    section.currencyAssumed === true ? `AWS names no currency here; ${currency} is assumed.` : "";
  const parts = [
    `### ${title} from ${start} to ${end}, ${formatMoney(totalImpact, currency)} above what was expected`,
    fromOthers(table(["Days", "Impact", "Root cause"], rows)),
    hidden,
    assumed,
  ];
  return parts.filter((text) => text !== "").join("\n\n");
}

/** Without anomalies, how far they were looked for matters. */
function monitorText({ monitors = [] }: OkSection<"anomalies">): string {
  if (monitors.length === 0) return "";
  const names = monitors
    .slice(0, textRows)
    .map(({ name, lastEvaluated }) =>
      lastEvaluated === undefined
        ? `${plain(name)} (has not run yet)`
        : `${plain(name)} (last ran ${lastEvaluated.slice(0, 10)})`,
    );
  return `Watched by:\n\n${fromOthers(names.join(", "))}`;
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
  return `### ${count(all, "budget")}, ${firing} with an alert that fires\n\n${fromOthers(table(["Budget", "Period", "Limit", "Actual", "Forecast", "Alerts that fire"], rows))}${more}`;
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
