import type { BillingConfig, CostMetric } from "../config/index.ts";
import type { AWSCostExplorer } from "../cost-explorer/aws-cost-explorer.ts";
import type { BudgetAlert } from "../cost-explorer/budgets.ts";
import type { SkippedSection } from "../answer/section.ts";
import type { CostQuery } from "../cost-explorer/cost-queries.ts";
import { nothingMatches } from "../cost-explorer/cost-limits.ts";
import {
  add,
  beforeCredits,
  currenciesOf,
  keyLabel,
  kindOf,
  net,
  noCosts,
  sumBy,
  type CostRow,
  type CostTable,
  type Split,
  within,
} from "../cost-explorer/cost-rows.ts";
import { toNumber, type Money } from "../cost-explorer/money.ts";
import {
  addDays,
  monthsAway,
  previousMonth,
  recentMonths,
  type Day,
  type Period,
} from "../cost-explorer/periods.ts";
import type { CallScope } from "../aws/requests.ts";
import type { BillingQuery, Headline } from "./query.ts";

export interface BillingSourceOptions {
  readonly costExplorer: AWSCostExplorer;
  readonly config: BillingConfig;
  readonly query: BillingQuery;
  readonly scope: CallScope;
}

/** The data behind the sections of one answer. What several sections need is asked for once. */
export class BillingSource {
  readonly costExplorer: AWSCostExplorer;
  readonly config: BillingConfig;
  readonly query: BillingQuery;
  readonly scope: CallScope;
  #recent: Promise<CostView> | undefined;
  #history: Promise<CostView> | undefined;
  #period: Promise<CostView> | undefined;
  #budgets: Promise<readonly BudgetAlert[]> | undefined;

  constructor({ costExplorer, config, query, scope }: BillingSourceOptions) {
    this.costExplorer = costExplorer;
    this.config = config;
    this.query = query;
    this.scope = scope;
  }

  /**
   * The previous month and the current one by day: one paid request answers what this month cost, what the last one
   * did, the same days of it, yesterday, the last week, and all of that by group.
   */
  recent(): Promise<CostView> {
    const { today } = this.query;
    this.#recent ??= this.#view({
      period: { start: previousMonth(today).start, end: today },
      granularity: "DAILY",
    });
    return this.#recent;
  }

  /** The full months before those of {@link recent}; they hardly change, so they are kept for long. */
  history(): Promise<CostView> | undefined {
    const { today, months } = this.query;
    if (months < 2) return undefined;
    const { start } = recentMonths(today, months);
    const end = addDays(monthsAway(today, -1), -1);
    this.#history ??= this.#view({ period: { start, end }, granularity: "MONTHLY" });
    return this.#history;
  }

  /** The period that the caller named. */
  period(period: Period): Promise<CostView> {
    this.#period ??= this.#view({ period, granularity: "MONTHLY" });
    return this.#period;
  }

  /** Budgets with their alerts. Free. */
  budgets(): Promise<readonly BudgetAlert[]> {
    this.#budgets ??= this.costExplorer.getBudgetAlerts(this.scope);
    return this.#budgets;
  }

  /**
   * Says that nothing matches the limits of the question, which is not the same as an amount of zero; undefined if
   * something does, or there are none.
   */
  noMatch(...views: readonly CostView[]): SkippedSection | undefined {
    const { filters, isFiltered } = this.query;
    if (!isFiltered || views.some(({ isEmpty }) => !isEmpty)) return undefined;
    return nothingMatches(filters, this.costExplorer.seenNames("SERVICE", this.scope.profile));
  }

  async #view(query: CostQuery): Promise<CostView> {
    const { filters, metrics, groupBy } = this.query;
    const { value } = await this.costExplorer.getCostsByDimension(
      { ...query, metrics, filters, dimension: groupBy },
      this.scope,
    );
    return new CostView(value, this.query, this.config.currency);
  }
}

export interface Totals {
  currency: string;
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
  /** Whether AWS listed nothing at all. */
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
    // Where nothing matches, AWS may still give a total of zero, which has no keys.
    this.isEmpty = this.#rows.every(({ keys }) => keys.length === 0);
    const found = currenciesOf(this.#rows);
    this.currency = found.includes(configuredCurrency)
      ? configuredCurrency
      : (found[0] ?? configuredCurrency);
  }

  /** The first day, or month, with a line on the bill. */
  get firstDay(): Day | undefined {
    return this.#rows
      .filter(({ keys }) => keys.length > 0)
      .map(({ start }) => start)
      .toSorted()[0];
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
