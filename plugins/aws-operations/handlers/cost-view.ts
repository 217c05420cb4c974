import type { CostMetric } from "../config/index.ts";
import {
  add,
  beforeCredits,
  type CostRow,
  type CostTable,
  currenciesOf,
  kindOf,
  net,
  noCosts,
  type Split,
  sumBy,
  within,
} from "../tools/cost-rows.ts";
import type { CostGrouping } from "../tools/cost-queries.ts";
import { type Money, toNumber } from "../tools/money.ts";
import type { Day, Period } from "../tools/periods.ts";
import type { BillingQuery, Headline } from "./billing-query.ts";

export interface Totals {
  currency: string;
  total: number;
  net: number;
  beforeCredits: number;
  usage: number;
  credits: number;
  refunds: number;
  tax: number;
}

/** Questions to a table of costs: sums by period, day, month and key, one currency at a time. */
export class CostView {
  readonly headline: Headline;
  readonly labels: ReadonlyMap<string, string>;
  /** The currency that single numbers are in; the others are in `totals`. */
  readonly currency: string;
  readonly isEmpty: boolean;
  readonly #rows: readonly CostRow[];
  readonly #table: CostTable;
  readonly #query: BillingQuery;

  constructor(table: CostTable, query: BillingQuery, configuredCurrency: string) {
    this.#table = table;
    this.#query = query;
    this.headline = query.headline;
    this.labels = table.labels;
    this.#rows = this.#ofMetric(query.metrics[0]);
    this.isEmpty = this.#rows.length === 0;
    const found = currenciesOf(this.#rows);
    this.currency = found.includes(configuredCurrency)
      ? configuredCurrency
      : (found[0] ?? configuredCurrency);
  }

  /** The currencies of a period, the main one first. */
  currencies(period: Period): string[] {
    const found = currenciesOf(within(this.#rows, period));
    return [this.currency, ...found.filter((unit) => unit !== this.currency)];
  }

  totals(period: Period): Totals[] {
    return this.currencies(period).map((currency) => {
      const split = this.split(period, currency);
      return {
        currency,
        total: toNumber(this.amountOf(split)),
        net: toNumber(net(split)),
        beforeCredits: toNumber(beforeCredits(split)),
        usage: toNumber(split.usage),
        credits: toNumber(split.credits),
        refunds: toNumber(split.refunds),
        tax: toNumber(split.tax),
      };
    });
  }

  /** The headline of a period in the main currency. */
  total(period: Period): Money {
    return this.amountOf(this.split(period, this.currency));
  }

  split(period: Period, currency: string, metric?: CostMetric): Split {
    const rows = metric === undefined ? this.#rows : this.#ofMetric(metric);
    let split = noCosts;
    for (const row of within(rows, period)) {
      if (row.unit === currency) split = add(split, kindOf(this.#recordType(row)), row.amount);
    }
    return split;
  }

  /** Sums of the metrics that were asked for besides the headline's. */
  otherMetrics(period: Period): { metric: string; currency: string; total: number }[] {
    return this.#query.metrics.slice(1).flatMap((metric) =>
      currenciesOf(within(this.#ofMetric(metric), period)).map((currency) => ({
        metric,
        currency,
        total: toNumber(this.amountOf(this.split(period, currency, metric))),
      })),
    );
  }

  /** By the first day of each day or month that AWS gave. */
  byBucket(period: Period): Map<Day, Split> {
    const rows = within(this.#rows, period).filter(({ unit }) => unit === this.currency);
    return sumBy(rows, ({ start }) => start, this.#recordType);
  }

  byKey(period: Period, currency: string): Map<string, Split> {
    const rows = within(this.#rows, period).filter(({ unit }) => unit === currency);
    return sumBy(
      rows,
      ({ keys }) => keyLabel(keys[0] ?? "", this.#query.groupBy),
      this.#recordType,
    );
  }

  /** Kinds of lines on the bill, as AWS names them. */
  recordTypes(period: Period): Set<string> {
    return new Set(within(this.#rows, period).map((row) => this.#recordType(row) ?? ""));
  }

  isEstimated(period: Period): boolean {
    return [...this.#table.estimated].some((day) => day >= period.start && day <= period.end);
  }

  amountOf(split: Split): Money {
    return this.headline === "net" ? net(split) : beforeCredits(split);
  }

  #ofMetric(metric: CostMetric): CostRow[] {
    return this.#table.rows.filter((row) => row.metric === metric);
  }

  readonly #recordType = ({ keys }: CostRow): string | undefined =>
    this.#query.groupBy === "RECORD_TYPE" ? keys[0] : keys[1];
}

/** AWS writes a tag's value as `team$payments`, and an absent one as `team$`. */
function keyLabel(key: string, grouping: CostGrouping): string {
  if (!grouping.startsWith("TAG:")) return key === "" ? "(none)" : key;
  const value = key.slice(key.indexOf("$") + 1);
  return value === "" ? "(untagged)" : value;
}
