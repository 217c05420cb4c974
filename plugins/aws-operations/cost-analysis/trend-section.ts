import type { SkippedSection } from "../answer/section.ts";
import type { OkSection } from "./output.ts";
import { noCosts } from "../cost-explorer/cost-rows.ts";
import {
  absolute,
  byAmountFalling,
  percentOf,
  sum,
  toNumber,
  type Money,
} from "../cost-explorer/money.ts";
import { withoutUndefined } from "../aws/objects.ts";
import {
  lastOfMonth,
  monthOf,
  monthsAway,
  type Day,
  type Period,
} from "../cost-explorer/periods.ts";
import type { BillingSource, CostView } from "./source.ts";

type Trends = OkSection<"trends">;

interface Month {
  readonly period: Period;
  readonly view: CostView;
  readonly total: Money;
  /** Today's month, and the one in which costs begin. */
  readonly partial: boolean;
  /** Of the costs, if they begin within the month. */
  readonly firstDay?: Day;
}

const driverCount = 5;

/** Month by month from the first of a month on: a month cut in half would look like growth. */
export async function trendSection(source: BillingSource): Promise<Trends | SkippedSection> {
  const { today, months: count, groupBy, isFiltered } = source.query;
  const [recent, history] = await Promise.all([source.recent(), source.history()]);
  const nothing = source.noMatch(recent, ...(history === undefined ? [] : [history]));
  if (nothing !== undefined) return nothing;
  const all = Array.from({ length: count + 1 }, (_, index): Month => {
    const start = monthsAway(today, index - count);
    const partial = index === count;
    const period = { start, end: partial ? today : lastOfMonth(start) };
    const view = index < count - 1 && history !== undefined ? history : recent;
    return { period, view, total: totalIn(view, period, recent.currency), partial };
  });
  const [first, ...others] = withoutEmptyStart(all);
  if (first === undefined) throw new RangeError("There is always the current month.");
  const isCut = others.length + 1 < all.length;
  // With limits, a month without costs is one like others; without, the account did not exist yet.
  const months = [isFiltered ? first : withBeginning(first, { isCut, recent }), ...others];
  const full = months.filter(({ partial }) => !partial);
  const [before, last] = full.slice(-2);
  return {
    status: "ok",
    currency: recent.currency,
    months: months.map((month, index) => describe(month, months[index - 1])),
    ...(full.length > 0 && {
      averageFullMonth: toNumber(sum(full.map(({ total }) => total)) / BigInt(full.length)),
    }),
    groupBy,
    ...(before !== undefined &&
      last !== undefined && { drivers: changes(before, last, recent.currency) }),
    ...otherCurrencies(months, recent.currency),
  };
}

function totalIn(view: CostView, period: Period, currency: string): Money {
  return view.amountOf(view.split(period, currency));
}

/** Months before the account's first cost are not months without costs. */
function withoutEmptyStart(months: readonly Month[]): Month[] {
  const first = months.findIndex(({ view, period }) => view.recordTypes(period).size > 0);
  return first === -1 ? months.slice(-1) : months.slice(first);
}

/** The month that costs begin in has not all of its days; which ones is known of the recent months only. */
function withBeginning(
  month: Month,
  { isCut, recent }: { readonly isCut: boolean; readonly recent: CostView },
): Month {
  if (month.view !== recent) return isCut ? { ...month, partial: true } : month;
  const { firstDay } = recent;
  if (firstDay === undefined || firstDay <= month.period.start) return month;
  return { ...month, partial: true, firstDay };
}

function describe(month: Month, before: Month | undefined): Trends["months"][number] {
  const { period, view, total, partial, firstDay } = month;
  const percent =
    before === undefined || partial || before.partial
      ? undefined
      : percentOf(total - before.total, before.total);
  return {
    month: monthOf(period.start),
    total: toNumber(total),
    partial,
    ...(firstDay !== undefined && { firstDay }),
    estimated: partial || view.isEstimated(period),
    ...(percent !== undefined && { changePercent: percent }),
  };
}

function changes(
  before: Month,
  last: Month,
  currency: string,
): OkSection<"serviceBreakdown">["items"] {
  const [then, now] = [
    before.view.byKey(before.period, currency),
    last.view.byKey(last.period, currency),
  ];
  const labels = new Map([...before.view.labels, ...last.view.labels]);
  return [...new Set([...then.keys(), ...now.keys()])]
    .map((key) => {
      const from = before.view.amountOf(then.get(key) ?? noCosts);
      const to = last.view.amountOf(now.get(key) ?? noCosts);
      return { key, from, to, change: to - from };
    })
    .filter(({ change }) => change !== 0n)
    .toSorted((left, right) => byAmountFalling(absolute(left.change), absolute(right.change)))
    .slice(0, driverCount)
    .map(({ key, from, to, change }) =>
      withoutUndefined({
        key,
        label: labels.get(key),
        currency,
        amount: toNumber(to),
        before: toNumber(from),
        change: toNumber(change),
        changePercent: percentOf(change, from),
      }),
    );
}

function otherCurrencies(months: readonly Month[], currency: string): { warnings?: string[] } {
  const others = new Set(months.flatMap(({ view, period }) => view.currencies(period)));
  others.delete(currency);
  return others.size === 0
    ? {}
    : { warnings: [`Costs in ${[...others].join(", ")} are not in these sums.`] };
}
