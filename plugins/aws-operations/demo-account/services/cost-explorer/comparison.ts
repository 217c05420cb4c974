import type { ComparisonMetricValue } from "@aws-sdk/client-cost-explorer";
import type { CostLine } from "../../data/billing.ts";
import { dayOf, firstOfMonth, startOfMonth } from "../../data/days.ts";
import { formatAmount } from "../../data/money.ts";
import { validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import { MetricSums, readMetrics, type Metric } from "./metrics.ts";
import { readPastPeriod, type Period } from "./periods.ts";
import type { ComparisonRequest, DateInterval } from "./shapes.ts";

const MAX_HISTORY_MONTHS = 13;

/** Two calendar months and the metric in which they are compared. */
export interface Comparison {
  readonly metric: Metric;
  readonly baseline: Period;
  readonly comparison: Period;
  readonly lines: Iterable<CostLine>;
}

export function readComparison(request: ComparisonRequest, account: AccountView): Comparison {
  const { ledger, now } = account;
  const [metric] = readMetrics([request.MetricForComparison]);
  if (metric === undefined) throw validation("MetricForComparison should not be null or empty");
  const baseline = readMonth("BaselineTimePeriod", request.BaselineTimePeriod, now);
  const comparison = readMonth("ComparisonTimePeriod", request.ComparisonTimePeriod, now);
  const months = baseline.start === comparison.start ? [baseline] : [baseline, comparison];
  const lines = months.flatMap(({ start, end }) => [...ledger.linesBetween(start, end, now)]);
  return { metric, baseline, comparison, lines };
}

function readMonth(name: string, interval: DateInterval, now: Date): Period {
  const period = readPastPeriod(interval, now);
  const { start, end } = period;
  if (start !== startOfMonth(start) || end !== firstOfMonth(start, 1)) {
    throw validation(
      `${name} must start and end on the first day of a month, with a duration of exactly one month`,
    );
  }
  if (start < firstOfMonth(dayOf(now), -MAX_HISTORY_MONTHS)) {
    throw validation(
      `${name} must be within the last ${MAX_HISTORY_MONTHS} months; multi-year data is not enabled for this account`,
    );
  }
  return period;
}

/** Sums of some metrics over lines, apart for the two months. */
export class ComparisonSums {
  readonly #periods: Pick<Comparison, "baseline" | "comparison">;
  readonly #metrics: readonly Metric[];
  readonly #baseline: MetricSums;
  readonly #comparison: MetricSums;
  /** Of both months, for the unit they share. */
  readonly #both: MetricSums;

  constructor(periods: Pick<Comparison, "baseline" | "comparison">, metrics: readonly Metric[]) {
    this.#periods = periods;
    this.#metrics = metrics;
    this.#baseline = new MetricSums(metrics);
    this.#comparison = new MetricSums(metrics);
    this.#both = new MetricSums(metrics);
  }

  add(line: CostLine): void {
    const { baseline, comparison } = this.#periods;
    if (isIn(baseline, line)) this.#baseline.add(line);
    if (isIn(comparison, line)) this.#comparison.add(line);
    this.#both.add(line);
  }

  differenceOf(metric: Metric): number {
    return this.#comparison.sumOf(metric) - this.#baseline.sumOf(metric);
  }

  toValues(currency: string): Record<string, ComparisonMetricValue> {
    const both = this.#both.toValues(currency);
    return Object.fromEntries(
      this.#metrics.map((metric) => [
        metric,
        {
          BaselineTimePeriodAmount: formatAmount(this.#baseline.sumOf(metric)),
          ComparisonTimePeriodAmount: formatAmount(this.#comparison.sumOf(metric)),
          Difference: formatAmount(this.differenceOf(metric)),
          Unit: both[metric]?.Unit ?? currency,
        },
      ]),
    );
  }
}

const isIn = ({ start, end }: Period, { day }: CostLine): boolean => day >= start && day < end;
