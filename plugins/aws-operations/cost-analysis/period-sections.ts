import type { SkippedSection } from "../answer/section.ts";
import type { OkSection } from "./output.ts";
import { noCosts } from "../cost-explorer/cost-rows.ts";
import {
  absolute,
  byAmountFalling,
  moneyFromNumber,
  percentOf,
  sum,
  toNumber,
  type Money,
} from "../cost-explorer/money.ts";
import { withoutUndefined } from "../aws/objects.ts";
import {
  addDays,
  contains,
  currentMonth,
  firstOfMonth,
  lastDays,
  lengthOf,
  previousMonth,
  sameDays,
  type Period,
} from "../cost-explorer/periods.ts";
import type { BillingSource, CostView } from "./source.ts";

type PeriodSection = OkSection<"period"> | SkippedSection;

/** What a period cost, in the shape that all period sections share. */
function periodCosts(view: CostView, period: Period, today: string): OkSection<"period"> {
  const otherMetrics = view.otherMetrics(period);
  const isOpen = period.end >= today;
  return {
    status: "ok",
    ...period,
    partial: isOpen,
    estimated: isOpen || view.isEstimated(period),
    currency: view.currency,
    total: toNumber(view.total(period)),
    totals: view.totals(period),
    ...(otherMetrics.length > 0 && { otherMetrics }),
  };
}

export async function currentMonthSection(source: BillingSource): Promise<PeriodSection> {
  const { today, isFiltered } = source.query;
  const view = await source.recent();
  const nothing = source.noMatch(view);
  if (nothing !== undefined) return nothing;
  const period = currentMonth(today);
  const yesterday = addDays(today, -1);
  // With limits, days without costs are days like others; without, the account did not exist yet.
  const first = isFiltered ? undefined : view.firstDay;
  const start = first === undefined || first < period.start ? period.start : first;
  const complete: Period = { start, end: yesterday };
  return {
    ...periodCosts(view, period, today),
    ...(lengthOf(complete) > 0 && {
      dailyAverage: toNumber(view.total(complete) / BigInt(lengthOf(complete))),
    }),
    yesterday: toNumber(view.total({ start: yesterday, end: yesterday })),
    last7Days: toNumber(view.total(lastDays(yesterday, 7))),
    ...daysOf(view, period, source),
  };
}

/** The days of a period, and which of them cost more than the configured threshold. */
function daysOf(view: CostView, period: Period, { config }: BillingSource) {
  const comparable = view.isEmpty || view.currency === config.currency;
  const threshold = moneyFromNumber(config.costThresholdAlert);
  const timePeriods = [...view.byBucket(period)].map(([start, split]) => {
    const amount = view.amountOf(split);
    return withoutUndefined({
      start,
      amount: toNumber(amount),
      aboveThreshold: comparable && amount > threshold ? true : undefined,
    });
  });
  const above = timePeriods.filter(({ aboveThreshold }) => aboveThreshold === true).length;
  const warning = `costThresholdAlert is in ${config.currency}, the costs are in ${view.currency}: days were not compared with it.`;
  return {
    timePeriods: timePeriods.toSorted((left, right) => left.start.localeCompare(right.start)),
    ...(comparable ? { daysAboveThreshold: above } : { warnings: [warning] }),
  };
}

export async function previousMonthSection(source: BillingSource): Promise<PeriodSection> {
  const { today } = source.query;
  const view = await source.recent();
  return source.noMatch(view) ?? periodCosts(view, previousMonth(today), today);
}

/** A month that is not over, compared with a whole one, would always look cheaper; so would a day that is not over. */
export async function samePeriodSection(source: BillingSource): Promise<PeriodSection> {
  const { today, isFiltered } = source.query;
  const view = await source.recent();
  const nothing = source.noMatch(view);
  if (nothing !== undefined) return nothing;
  const same = sameDays(today);
  if (same === undefined) return { status: "skipped", reason: "No day of this month is over yet." };
  const [total, before] = [view.total(same.current), view.total(same.before)];
  const percent = percentOf(total - before, before);
  const { firstDay } = view;
  const isYoung = !isFiltered && firstDay !== undefined && firstDay > same.before.start;
  return {
    ...periodCosts(view, same.before, today),
    change: {
      ...same.current,
      total: toNumber(total),
      amount: toNumber(total - before),
      ...(percent !== undefined && { percent }),
    },
    ...(isYoung && {
      warnings: [
        `The account's costs begin on ${firstDay}: not all of last month's days have any.`,
      ],
    }),
  };
}

export async function periodSection(source: BillingSource, period: Period): Promise<PeriodSection> {
  const view = await source.period(period);
  return source.noMatch(view) ?? periodCosts(view, period, source.query.today);
}

export async function breakdownSection(
  source: BillingSource,
): Promise<OkSection<"serviceBreakdown"> | SkippedSection> {
  const { groupBy, today, top, period: named } = source.query;
  const view = await (named === undefined ? source.recent() : source.period(named));
  const nothing = source.noMatch(view);
  if (nothing !== undefined) return nothing;
  const period = named ?? currentMonth(today);
  const compared = named === undefined ? sameDays(today) : undefined;
  const rows = breakDown(view, { period, compared, top });
  const untagged =
    groupBy.startsWith("TAG:") && rows.items.every(({ key }) => key === "(untagged)");
  return {
    status: "ok",
    groupBy,
    ...period,
    ...(compared !== undefined && { comparedWith: compared.before }),
    ...rows,
    ...(untagged &&
      rows.items.length > 0 && {
        warnings: [
          `Everything is untagged: is "${groupBy.slice("TAG:".length)}" the tag's key in its exact case, and activated as a cost allocation tag?`,
        ],
      }),
  };
}

/** Costs per day of the last days that are over, for want of a forecast; undefined without any. */
export function runRatePerDay(view: CostView, today: string): bigint | undefined {
  const complete: Period = { start: previousMonth(today).start, end: addDays(today, -1) };
  const days = view.byBucket(complete);
  const first = [...days.keys()].toSorted()[0];
  if (first === undefined) return undefined;
  const week = lastDays(complete.end, 7);
  const window: Period = { start: first > week.start ? first : week.start, end: complete.end };
  const amounts = [...days]
    .filter(([day]) => contains(window, day))
    .map(([, split]) => view.amountOf(split));
  return sum(amounts) / BigInt(lengthOf(window));
}

/** From the first of the month to yesterday; nothing on the first. */
export function spentThisMonth(view: CostView, today: string): bigint {
  const period: Period = { start: firstOfMonth(today), end: addDays(today, -1) };
  return period.end < period.start ? 0n : view.total(period);
}

type Breakdown = Pick<OkSection<"serviceBreakdown">, "items" | "other" | "drivers">;
type Row = Breakdown["items"][number];

interface KeyCosts {
  readonly key: string;
  readonly amount: Money;
  readonly credits: Money;
  /** Of full days against as many others; undefined if nothing is compared. */
  readonly compared: { readonly before: Money; readonly change: Money } | undefined;
}

export interface BreakdownOptions {
  readonly period: Period;
  /** Days of the period that are compared with others, as many on both sides. */
  readonly compared: { readonly current: Period; readonly before: Period } | undefined;
  /** Rows per currency; the others are summed. */
  readonly top: number;
}

const driverCount = 5;

/** Costs by key: summed over the days, sorted, the top ones and the rest, each currency on its own. */
export function breakDown(view: CostView, { period, compared, top }: BreakdownOptions): Breakdown {
  const periods = compared === undefined ? [period] : [period, compared.before];
  const currencies = [...new Set(periods.flatMap((each) => view.currencies(each)))];
  const items: Row[] = [];
  const drivers: Row[] = [];
  const other: Row[] = [];
  for (const currency of currencies) {
    const all = costsByKey(view, { period, compared, currency });
    const total = sum(all.map(({ amount }) => amount));
    const toRow = (costs: KeyCosts): Row => row(costs, { currency, total, labels: view.labels });
    items.push(...all.slice(0, top).map(toRow));
    const rest = all.slice(top);
    if (rest.length > 0) other.push(summed(rest, currency));
    drivers.push(...largestChanges(all).map(toRow));
  }
  return { items, other, ...(compared !== undefined && { drivers }) };
}

/** Sorted here, since Cost Explorer lists groups by name. */
function costsByKey(
  view: CostView,
  { period, compared, currency }: Omit<BreakdownOptions, "top"> & { currency: string },
): KeyCosts[] {
  const all = view.byKey(period, currency);
  const now = compared === undefined ? undefined : view.byKey(compared.current, currency);
  const then = compared === undefined ? undefined : view.byKey(compared.before, currency);
  const keys = new Set([...all.keys(), ...(then?.keys() ?? [])]);
  return [...keys]
    .map((key): KeyCosts => {
      const split = all.get(key) ?? noCosts;
      const before = view.amountOf(then?.get(key) ?? noCosts);
      const change = view.amountOf(now?.get(key) ?? noCosts) - before;
      return {
        key,
        amount: view.amountOf(split),
        credits: split.credits + split.refunds,
        compared: compared === undefined ? undefined : { before, change },
      };
    })
    .filter((costs) => costs.amount !== 0n || (costs.compared?.before ?? 0n) !== 0n)
    .toSorted(
      (left, right) =>
        byAmountFalling(left.amount, right.amount) || left.key.localeCompare(right.key),
    );
}

function summed(rows: readonly KeyCosts[], currency: string): Row {
  const compared = rows.flatMap((costs) => costs.compared ?? []);
  const isCompared = compared.length > 0;
  return withoutUndefined({
    key: "other",
    currency,
    count: rows.length,
    amount: toNumber(sum(rows.map(({ amount }) => amount))),
    before: isCompared ? toNumber(sum(compared.map(({ before }) => before))) : undefined,
    change: isCompared ? toNumber(sum(compared.map(({ change }) => change))) : undefined,
  });
}

function largestChanges(all: readonly KeyCosts[]): KeyCosts[] {
  return all
    .filter((costs) => changeOf(costs) !== 0n)
    .toSorted((left, right) => byAmountFalling(absolute(changeOf(left)), absolute(changeOf(right))))
    .slice(0, driverCount);
}

function changeOf({ compared }: KeyCosts): Money {
  return compared?.change ?? 0n;
}

function row(
  { key, amount, credits, compared }: KeyCosts,
  context: { currency: string; total: Money; labels: ReadonlyMap<string, string> },
): Row {
  const { currency, total, labels } = context;
  return withoutUndefined({
    key,
    label: labels.get(key),
    currency,
    amount: toNumber(amount),
    sharePercent: total > 0n ? percentOf(amount, total) : undefined,
    credits: credits === 0n ? undefined : toNumber(credits),
    before: compared === undefined ? undefined : toNumber(compared.before),
    change: compared === undefined ? undefined : toNumber(compared.change),
    changePercent: compared === undefined ? undefined : percentOf(compared.change, compared.before),
  });
}
