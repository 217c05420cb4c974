import type { OkSection } from "../tools/cost-analysis-output.ts";
import { noCosts } from "../tools/cost-rows.ts";
import { absolute, byAmountFalling, type Money, percentOf, sum, toNumber } from "../tools/money.ts";
import { withoutUndefined } from "../tools/objects.ts";
import type { Period } from "../tools/periods.ts";
import type { CostView } from "./cost-view.ts";

type Breakdown = Pick<OkSection<"serviceBreakdown">, "items" | "other" | "drivers">;
type Row = Breakdown["items"][number];

interface KeyCosts {
  readonly key: string;
  readonly amount: Money;
  readonly credits: Money;
  /** In the period compared with; undefined if there is none. */
  readonly before: Money | undefined;
}

export interface BreakdownOptions {
  readonly period: Period;
  readonly before: Period | undefined;
  /** Rows per currency; the others are summed. */
  readonly top: number;
}

const driverCount = 5;

/** Costs by key: summed over the days, sorted, the top ones and the rest, each currency on its own. */
export function breakDown(view: CostView, { period, before, top }: BreakdownOptions): Breakdown {
  const periods = before === undefined ? [period] : [period, before];
  const currencies = [...new Set(periods.flatMap((each) => view.currencies(each)))];
  const items: Row[] = [];
  const drivers: Row[] = [];
  const other: Breakdown["other"] = [];
  for (const currency of currencies) {
    const all = costsByKey(view, { period, before, currency });
    const total = sum(all.map(({ amount }) => amount));
    const toRow = (costs: KeyCosts): Row => row(costs, { currency, total, labels: view.labels });
    items.push(...all.slice(0, top).map(toRow));
    const rest = all.slice(top);
    if (rest.length > 0) other.push(summed(rest, currency));
    drivers.push(...largestChanges(all).map(toRow));
  }
  return { items, other, ...(before !== undefined && { drivers }) };
}

/** Sorted here, since Cost Explorer lists groups by name. */
function costsByKey(
  view: CostView,
  { period, before, currency }: Omit<BreakdownOptions, "top"> & { currency: string },
): KeyCosts[] {
  const now = view.byKey(period, currency);
  const then = before === undefined ? undefined : view.byKey(before, currency);
  const keys = new Set([...now.keys(), ...(then?.keys() ?? [])]);
  return [...keys]
    .map((key): KeyCosts => {
      const split = now.get(key) ?? noCosts;
      return {
        key,
        amount: view.amountOf(split),
        credits: split.credits + split.refunds,
        before: then === undefined ? undefined : view.amountOf(then.get(key) ?? noCosts),
      };
    })
    .filter(({ amount, before: earlier = 0n }) => amount !== 0n || earlier !== 0n)
    .toSorted(
      (left, right) =>
        byAmountFalling(left.amount, right.amount) || left.key.localeCompare(right.key),
    );
}

function summed(rows: readonly KeyCosts[], currency: string): Breakdown["other"][number] {
  const isCompared = rows.some(({ before }) => before !== undefined);
  const before = sum(rows.map((costs) => costs.before ?? 0n));
  const amount = sum(rows.map((costs) => costs.amount));
  return withoutUndefined({
    currency,
    count: rows.length,
    amount: toNumber(amount),
    before: isCompared ? toNumber(before) : undefined,
    change: isCompared ? toNumber(amount - before) : undefined,
  });
}

function largestChanges(all: readonly KeyCosts[]): KeyCosts[] {
  return all
    .filter(({ amount, before }) => before !== undefined && amount !== before)
    .toSorted((left, right) => byAmountFalling(absolute(changeOf(left)), absolute(changeOf(right))))
    .slice(0, driverCount);
}

function changeOf({ amount, before = 0n }: KeyCosts): Money {
  return amount - before;
}

function row(
  { key, amount, credits, before }: KeyCosts,
  context: { currency: string; total: Money; labels: ReadonlyMap<string, string> },
): Row {
  const { currency, total, labels } = context;
  const isCompared = before !== undefined;
  return withoutUndefined({
    key,
    label: labels.get(key),
    currency,
    amount: toNumber(amount),
    sharePercent: total > 0n ? percentOf(amount, total) : undefined,
    credits: credits === 0n ? undefined : toNumber(credits),
    before: isCompared ? toNumber(before) : undefined,
    change: isCompared ? toNumber(amount - before) : undefined,
    changePercent: isCompared ? percentOf(amount - before, before) : undefined,
  });
}
