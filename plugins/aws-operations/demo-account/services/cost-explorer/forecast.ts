import type { ForecastResult, GetCostForecastResponse } from "@aws-sdk/client-cost-explorer";
import type { CostLine } from "../../data/billing.ts";
import { dayOf, daysBetween } from "../../data/days.ts";
import { formatAmount, type Micros } from "../../data/money.ts";
import { AwsError, validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import { compileFilter } from "./filter.ts";
import { buckets, readForecastPeriod, toInterval, type Period } from "./periods.ts";
import type { CostForecastRequest } from "./shapes.ts";

/** Standard deviation of a bucket forecast for today, as a share of its mean. */
const BASE_DEVIATION = 0.05;
/** The days after which a forecast is √2 times as uncertain as one for today. */
const HORIZON_DAYS = 60;

export function getCostForecast(
  request: CostForecastRequest,
  account: AccountView,
): GetCostForecastResponse {
  const costOf = readCost(request.Metric);
  const matches = compileFilter(request.Filter);
  const period = readForecastPeriod(request.TimePeriod, request.Granularity, account.now);
  const cut = buckets(period, request.Granularity);
  const { ledger, now } = account;
  const today = dayOf(now);
  if (!ledger.canForecast(now)) throw noHistory();

  const meanOf = ({ start, end }: Period): Micros => {
    let mean = 0;
    for (const day of daysBetween(start, end)) {
      for (const line of ledger.expectedLines(day)) if (matches(line)) mean += costOf(line);
    }
    return mean;
  };
  const means = cut.map(meanOf);
  const level = request.PredictionIntervalLevel;
  return {
    Total: {
      Amount: formatAmount(means.reduce((sum, mean) => sum + mean, 0)),
      Unit: ledger.unit,
    },
    ForecastResultsByTime: cut.map((bucket, index) => {
      const mean = means[index] ?? 0;
      const result: ForecastResult = {
        TimePeriod: toInterval(bucket),
        MeanValue: formatAmount(mean),
      };
      if (level === undefined) return result;
      const reach = predictionReach(mean, bucket.end - today, level);
      result.PredictionIntervalLowerBound = formatAmount(mean - reach);
      result.PredictionIntervalUpperBound = formatAmount(mean + reach);
      return result;
    }),
  };
}

export const noHistory = (): AwsError =>
  new AwsError("DataUnavailableException", "Insufficient amount of historical data.");

function readCost(metric: CostForecastRequest["Metric"]): (line: CostLine) => Micros {
  switch (metric) {
    case "AMORTIZED_COST":
    case "NET_AMORTIZED_COST":
      return (line) => line.amortized;
    case "BLENDED_COST":
    case "NET_UNBLENDED_COST":
    case "UNBLENDED_COST":
      return (line) => line.unblended;
    case "USAGE_QUANTITY":
    case "NORMALIZED_USAGE_AMOUNT":
      throw validation(`Metric ${metric} is not supported for cost forecasts`);
  }
}

/** Half the width of the interval that holds the cost with a probability of `level` percent. */
function predictionReach(mean: Micros, horizonDays: number, level: number): Micros {
  const deviation = Math.abs(mean) * BASE_DEVIATION * Math.sqrt(1 + horizonDays / HORIZON_DAYS);
  return Math.round(deviation * normalQuantile((1 + level / 100) / 2));
}

/** The logistic approximation of the normal quantile: within 3 % where it is used. */
const normalQuantile = (probability: number): number =>
  Math.log(probability / (1 - probability)) / 1.702;
