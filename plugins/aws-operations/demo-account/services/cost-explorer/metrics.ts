import type { MetricValue } from "@aws-sdk/client-cost-explorer";
import type { CostLine } from "../../data/billing.ts";
import { formatAmount } from "../../data/money.ts";
import { validation } from "../../protocol/errors.ts";

const METRICS = [
  "AmortizedCost",
  "BlendedCost",
  "NetAmortizedCost",
  "NetUnblendedCost",
  "NormalizedUsageAmount",
  "UnblendedCost",
  "UsageQuantity",
] as const;

export type Metric = (typeof METRICS)[number];

const isMetric = (name: string): name is Metric => METRICS.some((metric) => metric === name);

/** GetCostAndUsage spells metrics in PascalCase, GetCostForecast in UPPER_SNAKE. */
export function readMetrics(names: readonly string[]): Metric[] {
  if (names.length === 0) throw validation("Metrics should not be null or empty");
  const unknown = names.filter((name) => !isMetric(name));
  if (unknown.length > 0) {
    throw validation(
      `Metrics ${unknown.join(", ")} not supported. Valid values are ${METRICS.join(", ")}`,
    );
  }
  return [...new Set(names.filter(isMetric))];
}

/**
 * The value of a metric on one line, in millionths. The organisation has no negotiated discounts
 * and one rate per usage type, so net, blended and unblended agree.
 */
export function valueOf(metric: Metric, line: CostLine): number {
  switch (metric) {
    case "AmortizedCost":
    case "NetAmortizedCost":
      return line.amortized;
    case "BlendedCost":
    case "NetUnblendedCost":
    case "UnblendedCost":
      return line.unblended;
    case "UsageQuantity":
      return line.quantity;
    case "NormalizedUsageAmount":
      return 0;
  }
}

/** Sums of some metrics over lines. */
export class MetricSums {
  readonly #metrics: readonly Metric[];
  readonly #sums: number[];
  readonly #units = new Set<string>();

  constructor(metrics: readonly Metric[]) {
    this.#metrics = metrics;
    this.#sums = metrics.map(() => 0);
  }

  add(line: CostLine): void {
    this.#metrics.forEach((metric, index) => {
      this.#sums[index] = (this.#sums[index] ?? 0) + valueOf(metric, line);
    });
    if (line.unit !== "") this.#units.add(line.unit);
  }

  /** In millionths. */
  sumOf(metric: Metric): number {
    return this.#sums[this.#metrics.indexOf(metric)] ?? 0;
  }

  /** As Cost Explorer prints them. Quantities in different units are added up all the same. */
  toValues(currency: string): Record<string, MetricValue> {
    const [unit = "N/A", ...others] = this.#units;
    const quantityUnit = others.length === 0 ? unit : "N/A";
    return Object.fromEntries(
      this.#metrics.map((metric, index) => [
        metric,
        {
          Amount: formatAmount(this.#sums[index] ?? 0),
          Unit: isQuantity(metric) ? quantityUnit : currency,
        },
      ]),
    );
  }
}

const isQuantity = (metric: Metric): boolean =>
  metric === "UsageQuantity" || metric === "NormalizedUsageAmount";
