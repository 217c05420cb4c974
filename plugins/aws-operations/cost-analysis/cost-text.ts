import type { BillingConfig } from "../config/index.ts";
import type { CostAnalysisOutput, OkSection } from "./output.ts";
import { formatMoney, formatPercent, signed } from "../cost-explorer/money.ts";
import { nounOf } from "../cost-explorer/cost-queries.ts";
import { lengthOf } from "../cost-explorer/periods.ts";
import { count, plain, table } from "../answer/markdown.ts";
import { fromOthers } from "../answer/untrusted.ts";

type PeriodCosts = OkSection<"period">;
type Breakdown = OkSection<"serviceBreakdown">;
type Row = Breakdown["items"][number];

const textRows = 25;

/** The numbers of the periods, then what changed, then the breakdown. */
export function costText(data: CostAnalysisOutput, config: BillingConfig): string[] {
  const parts: string[] = [];
  const periods = periodRows(data);
  const { currentMonth, samePeriodLastMonth, serviceBreakdown } = data;
  if (currentMonth?.status === "ok") {
    parts.push(changeText(currentMonth, ok(samePeriodLastMonth)));
  }
  if (periods.length > 0) parts.push(periodTable(periods, data.meta.filters.credits));
  if (currentMonth?.status === "ok") parts.push(daysText(currentMonth, config));
  if (serviceBreakdown?.status === "ok") parts.push(...breakdownText(serviceBreakdown));
  return parts;
}

function periodRows({
  period,
  currentMonth,
  samePeriodLastMonth,
  previousMonth,
}: CostAnalysisOutput): [string, PeriodCosts][] {
  const rows: [string, PeriodCosts | undefined][] = [
    ["Period", ok(period)],
    ["This month so far", ok(currentMonth)],
    ["Same days last month", ok(samePeriodLastMonth)],
    ["Last month", ok(previousMonth)],
  ];
  return rows.flatMap(([label, costs]) => (costs === undefined ? [] : [[label, costs]]));
}

function ok<T extends { status: string }>(
  section: T | undefined,
): Extract<T, { status: "ok" }> | undefined {
  return section?.status === "ok" ? (section as Extract<T, { status: "ok" }>) : undefined;
}

type Column = "net" | "beforeCredits" | "usage" | "credits" | "refunds" | "tax";

const columnNames: Readonly<Record<Column, string>> = {
  net: "Net",
  beforeCredits: "Without credits",
  usage: "Usage and fees",
  credits: "Credits",
  refunds: "Refunds",
  tax: "Tax",
};

/** The headline first; with credits shown both ways, what they hide stands beside it. */
function periodTable(rows: readonly [string, PeriodCosts][], credits: string): string {
  const totals = rows.flatMap(([, costs]) => costs.totals);
  const details: Column[] =
    credits === "exclude" ? ["usage", "tax"] : ["usage", "credits", "refunds", "tax"];
  const isPresent = (name: Column): boolean => totals.some((each) => each[name] !== 0);
  const hidesCredits = credits === "both" && (isPresent("credits") || isPresent("refunds"));
  const columns: Column[] = [
    credits === "exclude" ? "beforeCredits" : "net",
    ...(hidesCredits ? (["beforeCredits"] as const) : []),
    ...(credits === "include" ? [] : details.filter(isPresent)),
  ];
  return table(
    ["", ...columns.map((name) => columnNames[name])],
    rows.flatMap(([label, costs]) =>
      costs.totals.map((each) => [
        `${label}, ${costs.start} to ${costs.end}${costs.estimated && !costs.partial ? " (estimated)" : ""}`,
        ...columns.map((name) => formatMoney(each[name], each.currency)),
      ]),
    ),
  );
}

/** Full days against as many full days; the total so far, which has a part of today, is compared with nothing. */
function changeText(current: PeriodCosts, same: PeriodCosts | undefined): string {
  const soFar = `${formatMoney(current.total, current.currency)} so far.`;
  const change = same?.change;
  if (change === undefined) return current.total === 0 ? "" : `**${soFar}**`;
  if (same?.total === 0 && change.total === 0) return current.total === 0 ? "" : `**${soFar}**`;
  const direction = change.amount < 0 ? "less" : "more";
  const amount = formatMoney(Math.abs(change.amount), current.currency);
  const days = count(lengthOf(change), "day");
  const isAll = lengthOf(change) === lengthOf(current) - 1;
  const which = isAll ? "Up to yesterday" : `Its first ${days}`;
  const total = formatMoney(change.total, current.currency);
  return `**${soFar} ${which} ${total}: ${amount} ${direction} than in the same ${days} of last month (${formatPercent(change.percent)}).** AWS may still correct the last days.`;
}

function daysText(
  { yesterday, last7Days, dailyAverage, timePeriods = [], currency }: OkSection<"currentMonth">,
  config: BillingConfig,
): string {
  const facts = [
    yesterday === undefined ? undefined : `Yesterday ${formatMoney(yesterday, currency)}`,
    last7Days === undefined ? undefined : `last 7 full days ${formatMoney(last7Days, currency)}`,
    dailyAverage === undefined
      ? undefined
      : `average of this month's full days ${formatMoney(dailyAverage, currency)}`,
  ].filter((fact) => fact !== undefined);
  const warning = daysAbove({ timePeriods, currency }, config);
  return `${facts.join(", ")}.${warning === "" ? "" : ` ${warning}`}`;
}

/** The days that cost more than the configured threshold; nothing without any. */
export function daysAbove(
  { timePeriods = [], currency }: Pick<OkSection<"currentMonth">, "timePeriods" | "currency">,
  { costThresholdAlert, currency: unit }: BillingConfig,
): string {
  const above = timePeriods.filter(({ aboveThreshold }) => aboveThreshold === true);
  if (above.length === 0) return "";
  const days = above
    .slice(-5)
    .map(({ start, amount }) => `${start} (${formatMoney(amount, currency)})`)
    .join(", ");
  return `⚠ ${count(above.length, "day")} above the threshold of ${formatMoney(costThresholdAlert, unit)} a day: ${above.length > 5 ? "… " : ""}${days}.`;
}

function breakdownText(breakdown: Breakdown): string[] {
  const { groupBy, items, other, drivers = [], comparedWith } = breakdown;
  const noun = nounOf(groupBy);
  if (items.length === 0) return [`No costs by ${noun} in this period.`];
  const compared = comparedWith !== undefined;
  const shown = items.slice(0, textRows);
  const currencies = new Set(items.map(({ currency }) => currency));
  const rows = shown.map((row) => rowCells(row, compared));
  const rest = other.map((each) => restCells(each, noun, compared));
  const title = `### By ${noun}, ${breakdown.start} to ${breakdown.end}`;
  const header = [
    noun.charAt(0).toUpperCase() + noun.slice(1),
    "Cost",
    "Share",
    ...(comparedWith === undefined
      ? []
      : [`Change in the same ${count(lengthOf(comparedWith), "day")}`]),
  ];
  const hidden = items.length - shown.length;
  const changes =
    drivers.length > 0 ? `Largest changes: ${drivers.map(driverText).join("; ")}.\n\n` : "";
  return [
    `${title}\n\n${fromOthers(changes + table(header, [...rows, ...rest]))}`,
    ...(hidden > 0 ? [`${count(hidden, "more row")} in the structured result.`] : []),
    ...(currencies.size > 1 ? ["Amounts in different currencies are not added up."] : []),
  ];
}

function rowCells(row: Row, compared: boolean): string[] {
  const share = row.sharePercent === undefined ? "" : `${row.sharePercent.toFixed(1)} %`;
  const cells = [nameOf(row), formatMoney(row.amount, row.currency), share];
  return compared ? [...cells, changeCell(row)] : cells;
}

function restCells(
  { count: hidden = 0, amount, change, currency }: Row,
  noun: string,
  compared: boolean,
): string[] {
  const what = noun.startsWith("tag ")
    ? `${count(hidden, "value")} of ${noun}`
    : count(hidden, noun);
  const cells = [`other (${what})`, formatMoney(amount, currency), ""];
  if (!compared) return cells;
  return [...cells, change === undefined ? "" : signed(change, currency)];
}

function nameOf({ key, label }: Pick<Row, "key" | "label">): string {
  return label === undefined ? key : `${label} (${key})`;
}

function changeCell({ change, changePercent, currency }: Row): string {
  return change === undefined
    ? ""
    : `${signed(change, currency)} (${formatPercent(changePercent)})`;
}

function driverText(row: Row): string {
  return `${plain(nameOf(row))} ${changeCell(row)}`;
}
