import type { CostAnalysisOutput, OkSection } from "./output.ts";
import { nounOf } from "../cost-explorer/cost-queries.ts";
import { formatMoney, formatPercent, signed } from "../cost-explorer/money.ts";
import { lengthOf, monthOf } from "../cost-explorer/periods.ts";
import { plain, table } from "../answer/markdown.ts";
import { fromOthers } from "../answer/untrusted.ts";

type Forecast = OkSection<"forecast">;
type Trends = OkSection<"trends">;
type Month = Trends["months"][number];

/** The forecast first if that was the question, else the months. */
export function outlookText(data: CostAnalysisOutput): string[] {
  const { analysisType, timestamp, trends, forecast } = data;
  const past = trends?.status === "ok" ? trendsText(trends, timestamp.slice(0, 10)) : [];
  const future = forecast?.status === "ok" ? forecastText(forecast) : [];
  return analysisType === "forecast" ? [...future, ...past] : [...past, ...future];
}

function trendsText(trends: Trends, today: string): string[] {
  const { months, currency, averageFullMonth, drivers = [], groupBy } = trends;
  const rows = months.map((month) => [
    monthText(month, today),
    formatMoney(month.total, currency),
    month.changePercent === undefined ? "" : formatPercent(month.changePercent),
  ]);
  const parts = [`### By month\n\n${table(["Month", "Cost", "Change"], rows)}`];
  if (averageFullMonth !== undefined) {
    parts.push(`Average of the full months: ${formatMoney(averageFullMonth, currency)}.`);
  }
  if (drivers.length > 0) {
    const [from, to] = months.filter(({ partial }) => !partial).slice(-2);
    const items = drivers.map(
      ({ key, label, change = 0, changePercent }) =>
        `${plain(label ?? key)} ${signed(change, currency)} (${formatPercent(changePercent)})`,
    );
    parts.push(
      `Largest changes by ${nounOf(groupBy)} from ${from?.month} to ${to?.month}:\n\n${fromOthers(`${items.join("; ")}.`)}`,
    );
  }
  return parts;
}

function monthText({ month, partial, firstDay, estimated }: Month, today: string): string {
  const isOpen = month === today.slice(0, 7);
  const remarks = [
    ...(firstDay === undefined ? [] : [`from ${firstDay} on`]),
    ...(isOpen ? [`up to ${today}, not over`] : []),
    ...(partial && !isOpen && firstDay === undefined ? ["costs begin in it"] : []),
    ...(estimated && !partial ? ["estimated"] : []),
  ];
  return remarks.length === 0 ? month : `${month} (${remarks.join(", ")})`;
}

function forecastText(forecast: Forecast): string[] {
  const { method, reason, currency, thisMonth, nextMonth, ahead, runRatePerDay } = forecast;
  const { predictionIntervalPercent } = forecast;
  const isRange = predictionIntervalPercent !== undefined;
  const rows: string[][] = [];
  const add = (period: string, range: Range): void => {
    const cells = [period, formatMoney(range.total, currency)];
    rows.push(isRange ? [...cells, rangeText(range, currency)] : cells);
  };
  if (thisMonth !== undefined) add(`This month, to ${thisMonth.end}`, thisMonth);
  if (nextMonth !== undefined) add(`Next month, ${monthOf(nextMonth.start)}`, nextMonth);
  if (ahead !== undefined) add(`Next ${lengthOf(ahead)} days, to ${ahead.end}`, ahead);
  const title = method === "aws" ? "### Forecast by AWS" : "### Run-rate, not a forecast";
  const header = ["Period", "Cost", ...(isRange ? [`${predictionIntervalPercent} % range`] : [])];
  const spent = thisMonth?.spent;
  return [
    ...(reason === undefined ? [] : [reason.message]),
    `${title}\n\n${table(header, rows)}`,
    ...(thisMonth === undefined || spent === undefined
      ? []
      : [
          `This month is ${formatMoney(spent, currency)} spent up to yesterday and ${formatMoney(thisMonth.total - spent, currency)} expected from today on.`,
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
