import type { CostAnalysisOutput, OkSection } from "../tools/cost-analysis-output.ts";
import { formatMoney, formatPercent } from "../tools/money.ts";
import { nounOf, signed } from "./cost-text.ts";
import { plain, table } from "./markdown.ts";

type Forecast = OkSection<"forecast">;

/** The forecast first if that was the question, else the months. */
export function outlookText({ analysisType, trends, forecast }: CostAnalysisOutput): string[] {
  const past = trends?.status === "ok" ? trendsText(trends) : [];
  const future = forecast?.status === "ok" ? forecastText(forecast) : [];
  return analysisType === "forecast" ? [...future, ...past] : [...past, ...future];
}

function trendsText({
  months,
  currency,
  averageFullMonth,
  drivers,
}: OkSection<"trends">): string[] {
  const rows = months.map(({ month, end, total, partial, estimated, changePercent }) => [
    partial ? `${month} (up to ${end}, not over)` : `${month}${estimated ? " (estimated)" : ""}`,
    formatMoney(total, currency),
    changePercent === undefined ? "" : formatPercent(changePercent),
  ]);
  const parts = [`### By month\n\n${table(["Month", "Cost", "Change"], rows)}`];
  if (averageFullMonth !== undefined) {
    parts.push(`Average of the full months: ${formatMoney(averageFullMonth, currency)}.`);
  }
  if (drivers !== undefined && drivers.items.length > 0) {
    const items = drivers.items.map(
      ({ key, label, change, changePercent }) =>
        `${plain(label ?? key)} ${signed(change, currency)} (${formatPercent(changePercent)})`,
    );
    parts.push(
      `Largest changes by ${nounOf(drivers.groupBy)} from ${drivers.from} to ${drivers.to}: ${items.join("; ")}.`,
    );
  }
  return parts;
}

function forecastText({
  method,
  reason,
  currency,
  thisMonth,
  nextMonth,
  ahead,
  predictionIntervalPercent,
  runRatePerDay,
}: Forecast): string[] {
  const rows: string[][] = [];
  const add = (period: string, range: Range): void => {
    rows.push([period, formatMoney(range.total, currency), rangeText(range, currency)]);
  };
  if (thisMonth !== undefined) add(`This month, to ${thisMonth.end}`, thisMonth);
  if (nextMonth !== undefined) add(`Next month, ${nextMonth.month}`, nextMonth);
  if (ahead !== undefined) add(`Next ${ahead.days} days, to ${ahead.end}`, ahead);
  const title = method === "aws" ? "### Forecast by AWS" : "### Run-rate, not a forecast";
  const range =
    predictionIntervalPercent === undefined ? "Range" : `${predictionIntervalPercent} % range`;
  return [
    ...(reason === undefined ? [] : [reason.message]),
    `${title}\n\n${table(["Period", "Cost", range], rows)}`,
    ...(thisMonth === undefined
      ? []
      : [
          `This month is ${formatMoney(thisMonth.spent, currency)} spent up to yesterday and ${formatMoney(thisMonth.remaining, currency)} expected from today on.`,
        ]),
    ...(runRatePerDay === undefined
      ? []
      : [`Average of the last full days: ${formatMoney(runRatePerDay, currency)} a day.`]),
  ];
}

interface Range {
  readonly total: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

function rangeText({ low, high }: Range, currency: string): string {
  return low === undefined || high === undefined
    ? ""
    : `${formatMoney(low, currency)} to ${formatMoney(high, currency)}`;
}
