import type { OkSection } from "../tools/cost-analysis-output.ts";
import { moneyFromNumber, percentOf, sum, toNumber } from "../tools/money.ts";
import { withoutUndefined } from "../tools/objects.ts";
import {
  addDays,
  contains,
  currentMonth,
  firstOfMonth,
  lastDays,
  lengthOf,
  type Period,
  previousMonth,
  samePeriodLastMonth,
} from "../tools/periods.ts";
import type { BillingSource } from "./billing-source.ts";
import { breakDown } from "./breakdown.ts";
import type { CostView } from "./cost-view.ts";

/** What a period cost, in the shape that all period sections share. */
function periodCosts(view: CostView, period: Period, today: string) {
  const otherMetrics = view.otherMetrics(period);
  const isOpen = period.end >= today;
  return {
    status: "ok" as const,
    ...period,
    partial: isOpen,
    estimated: isOpen || view.isEstimated(period),
    currency: view.currency,
    total: toNumber(view.total(period)),
    headline: view.headline,
    totals: view.totals(period),
    ...(otherMetrics.length > 0 && { otherMetrics }),
  };
}

export async function currentMonthSection(
  source: BillingSource,
): Promise<OkSection<"currentMonth">> {
  const { today } = source.query;
  const view = await source.recent();
  const period = currentMonth(today);
  const yesterday = addDays(today, -1);
  const complete: Period = { start: period.start, end: yesterday };
  const days = daysOf(view, period, source);
  return {
    ...periodCosts(view, period, today),
    ...(lengthOf(complete) > 0 && {
      dailyAverage: toNumber(view.total(complete) / BigInt(lengthOf(complete))),
    }),
    yesterday: toNumber(view.total({ start: yesterday, end: yesterday })),
    last7Days: toNumber(view.total(lastDays(yesterday, 7))),
    ...days,
  };
}

/** The days of a period, and which of them cost more than the configured threshold. */
function daysOf(view: CostView, period: Period, { config }: BillingSource) {
  const comparable = view.isEmpty || view.currency === config.currency;
  const threshold = moneyFromNumber(config.costThresholdAlert);
  const timePeriods = [...view.byBucket(period)].map(([day, split]) => {
    const amount = view.amountOf(split);
    return withoutUndefined({
      start: day,
      end: day,
      amount: toNumber(amount),
      currency: view.currency,
      aboveThreshold: comparable && amount > threshold ? true : undefined,
    });
  });
  const warning = `costThresholdAlert is in ${config.currency}, the costs are in ${view.currency}: days were not compared with it.`;
  return {
    daysAboveThreshold: timePeriods.filter(({ aboveThreshold }) => aboveThreshold === true).length,
    timePeriods: timePeriods.toSorted((left, right) => left.start.localeCompare(right.start)),
    ...(!comparable && { warnings: [warning] }),
  };
}

export async function previousMonthSection(
  source: BillingSource,
): Promise<OkSection<"previousMonth">> {
  const { today } = source.query;
  return periodCosts(await source.recent(), previousMonth(today), today);
}

/** A month that is not over, compared with a whole one, would always look cheaper. */
export async function samePeriodSection(
  source: BillingSource,
): Promise<OkSection<"samePeriodLastMonth">> {
  const { today } = source.query;
  const view = await source.recent();
  const period = samePeriodLastMonth(today);
  const before = view.total(period);
  const change = view.total(currentMonth(today)) - before;
  const percent = percentOf(change, before);
  const isShorter = lengthOf(period) < lengthOf(currentMonth(today));
  return {
    ...periodCosts(view, period, today),
    change: { amount: toNumber(change), ...(percent !== undefined && { percent }) },
    ...(isShorter && {
      warnings: [
        `The previous month has only ${lengthOf(period)} days: they are compared with ${lengthOf(currentMonth(today))}.`,
      ],
    }),
  };
}

export async function periodSection(
  source: BillingSource,
  period: Period,
): Promise<OkSection<"period">> {
  return periodCosts(await source.period(period), period, source.query.today);
}

export async function breakdownSection(
  source: BillingSource,
): Promise<OkSection<"serviceBreakdown">> {
  const { query } = source;
  const { groupBy, today, top } = query;
  const period = query.period ?? currentMonth(today);
  const before = query.period === undefined ? samePeriodLastMonth(today) : undefined;
  const view = await (query.period === undefined ? source.recent() : source.period(query.period));
  return {
    status: "ok",
    groupBy,
    ...period,
    ...(before !== undefined && { comparedWith: before }),
    ...breakDown(view, { period, before, top }),
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

/** From the first of the month to yesterday; undefined on the first. */
export function spentThisMonth(view: CostView, today: string): bigint {
  const period: Period = { start: firstOfMonth(today), end: addDays(today, -1) };
  return period.end < period.start ? 0n : view.total(period);
}
