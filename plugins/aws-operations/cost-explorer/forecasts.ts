import type { ForecastResult, GetCostForecastResponse } from "@aws-sdk/client-cost-explorer";
import { type Money, parseMoney } from "./money.ts";
import { withoutUndefined } from "../aws/objects.ts";
import type { Day } from "./periods.ts";

/** What AWS expects to be spent. */
export interface CostForecast {
  readonly total: Money;
  readonly unit: string;
  readonly buckets: readonly ForecastBucket[];
}

export interface ForecastBucket {
  /** First day of the day or month, as AWS gives it. */
  readonly start: Day;
  readonly mean: Money;
  readonly low?: Money;
  readonly high?: Money;
}

export function readForecast({
  Total,
  ForecastResultsByTime = [],
}: GetCostForecastResponse = {}): CostForecast {
  return {
    total: parseMoney(Total?.Amount ?? "") ?? 0n,
    unit: Total?.Unit ?? "",
    buckets: ForecastResultsByTime.map(readBucket),
  };
}

function readBucket({
  TimePeriod,
  MeanValue = "",
  PredictionIntervalLowerBound: low = "",
  PredictionIntervalUpperBound: high = "",
}: ForecastResult): ForecastBucket {
  return withoutUndefined({
    start: TimePeriod?.Start ?? "",
    mean: parseMoney(MeanValue) ?? 0n,
    low: parseMoney(low),
    high: parseMoney(high),
  });
}
