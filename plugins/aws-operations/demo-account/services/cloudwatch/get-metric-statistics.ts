import type { Datapoint, GetMetricStatisticsOutput } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import { invalidCombination, invalidValue } from "./errors.ts";
import {
  checkPeriod,
  findSeries,
  periodCount,
  periodsOf,
  readStatistic,
  seriesIn,
} from "./metrics.ts";
import type { GetMetricStatisticsRequest } from "./shapes.ts";

const MAX_DATAPOINTS = 1_440;

export function getMetricStatistics(
  request: GetMetricStatisticsRequest,
  account: AccountView,
): GetMetricStatisticsOutput {
  const { StartTime: start, EndTime: end, Period: period } = request;
  const { Statistics = [], ExtendedStatistics = [] } = request;
  if (Statistics.length === 0 && ExtendedStatistics.length === 0) {
    throw new AwsError(
      "MissingRequiredParameterException",
      "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
    );
  }
  if (Statistics.length > 0 && ExtendedStatistics.length > 0) {
    throw invalidCombination(
      "The parameters Statistics and ExtendedStatistics cannot be specified together.",
    );
  }
  checkPeriod(period);
  if (start >= end) {
    throw invalidValue("The parameter StartTime must be less than the parameter EndTime.");
  }
  const count = periodCount({ start, end, period });
  if (count > MAX_DATAPOINTS) {
    throw invalidCombination(
      `You have requested up to ${count.toLocaleString("en-US")} datapoints, which exceeds the limit of ${MAX_DATAPOINTS.toLocaleString("en-US")}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const basic = Statistics.map((name) => [name, readStatistic(name)] as const);
  const extended = ExtendedStatistics.map((name) => [name, readStatistic(name)] as const);
  const series = findSeries(seriesIn(account), {
    namespace: request.Namespace,
    name: request.MetricName,
    dimensions: request.Dimensions,
  });
  const isFound =
    series !== undefined && (request.Unit === undefined || request.Unit === series.unit);
  const points = isFound ? periodsOf(series, { start, end, period }, account) : [];
  return {
    Label: request.MetricName,
    // In no order of time, as the documentation warns.
    Datapoints: points
      .map(({ time, samples }): Datapoint => ({
        Timestamp: time,
        Unit: series?.unit,
        ...Object.fromEntries(basic.map(([name, statistic]) => [name, statistic(samples)])),
        ...(extended.length === 0
          ? {}
          : {
              ExtendedStatistics: Object.fromEntries(
                extended.map(([name, statistic]) => [name, statistic(samples)]),
              ),
            }),
      }))
      .toSorted((a, b) => shuffled(a) - shuffled(b)),
  };
}

const shuffled = ({ Timestamp }: Datapoint): number =>
  Math.imul((Timestamp?.getTime() ?? 0) / 60_000, 0x9e_37_79_b1);
