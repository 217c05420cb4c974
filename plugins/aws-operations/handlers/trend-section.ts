import type { OkSection } from "../tools/cost-analysis-output.ts";
import { noCosts } from "../tools/cost-rows.ts";
import { absolute, byAmountFalling, type Money, percentOf, sum, toNumber } from "../tools/money.ts";
import { withoutUndefined } from "../tools/objects.ts";
import { lastOfMonth, monthOf, monthsAway, type Period } from "../tools/periods.ts";
import type { BillingSource } from "./billing-source.ts";
import type { CostView } from "./cost-view.ts";

type Trends = OkSection<"trends">;

interface Month {
  readonly period: Period;
  readonly view: CostView;
  readonly total: Money;
  readonly partial: boolean;
}

const driverCount = 5;

/** Month by month from the first of a month on: a month cut in half would look like growth. */
export async function trendSection(source: BillingSource): Promise<Trends> {
  const { today, months: count, groupBy } = source.query;
  const [recent, history] = await Promise.all([source.recent(), source.history()]);
  const months = withoutEmptyStart(
    Array.from({ length: count + 1 }, (_, index): Month => {
      const start = monthsAway(today, index - count);
      const partial = index === count;
      const period = { start, end: partial ? today : lastOfMonth(start) };
      const view = index < count - 1 && history !== undefined ? history : recent;
      return { period, view, total: totalIn(view, period, recent.currency), partial };
    }),
  );
  const full = months.filter(({ partial }) => !partial);
  const [before, last] = full.slice(-2);
  return {
    status: "ok",
    currency: recent.currency,
    months: months.map((month, index) => describe(month, months[index - 1], recent.currency)),
    ...(full.length > 0 && {
      averageFullMonth: toNumber(sum(full.map(({ total }) => total)) / BigInt(full.length)),
    }),
    ...(before !== undefined &&
      last !== undefined && {
        drivers: {
          groupBy,
          from: monthOf(before.period.start),
          to: monthOf(last.period.start),
          items: changes(before, last, recent.currency),
        },
      }),
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

function describe(
  { period, view, total, partial }: Month,
  before: Month | undefined,
  currency: string,
): Trends["months"][number] {
  const percent =
    before === undefined || partial ? undefined : percentOf(total - before.total, before.total);
  return {
    month: monthOf(period.start),
    ...period,
    currency,
    total: toNumber(total),
    partial,
    estimated: partial || view.isEstimated(period),
    ...(percent !== undefined && { changePercent: percent }),
  };
}

function changes(
  before: Month,
  last: Month,
  currency: string,
): NonNullable<Trends["drivers"]>["items"] {
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
    .map(({ key, from, to, change }) => {
      return withoutUndefined({
        key,
        label: labels.get(key),
        currency,
        from: toNumber(from),
        to: toNumber(to),
        change: toNumber(change),
        changePercent: percentOf(change, from),
      });
    });
}

function otherCurrencies(months: readonly Month[], currency: string): { warnings?: string[] } {
  const others = new Set(months.flatMap(({ view, period }) => view.currencies(period)));
  others.delete(currency);
  return others.size === 0
    ? {}
    : { warnings: [`Costs in ${[...others].join(", ")} are not in these sums.`] };
}
