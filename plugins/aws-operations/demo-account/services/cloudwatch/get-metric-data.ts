import type { GetMetricDataOutput, MetricDataResult } from "@aws-sdk/client-cloudwatch";
import type { Series } from "../../data/metrics/series.ts";
import { validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import {
  checkPeriod,
  findSeries,
  periodCount,
  periodsOf,
  readStatistic,
  seriesIn,
} from "./metrics.ts";
import type { GetMetricDataRequest, MetricDataQuery } from "./shapes.ts";

const MAX_DATAPOINTS = 100_800;

interface Datapoint {
  /** Index of its query. */
  readonly query: number;
  readonly time: Date;
  readonly value: number;
}

export function getMetricData(
  request: GetMetricDataRequest,
  account: AccountView,
): GetMetricDataOutput {
  const { MetricDataQueries: queries, StartTime: start, EndTime: end, ScanBy } = request;
  checkQueries(queries);
  if (start >= end) {
    throw validation("The parameter StartTime must be less than the parameter EndTime.");
  }
  const { MaxDatapoints = MAX_DATAPOINTS } = request;
  if (MaxDatapoints < 1 || MaxDatapoints > MAX_DATAPOINTS) {
    throw validation(`The parameter MaxDatapoints must be between 1 and ${MAX_DATAPOINTS}.`);
  }
  const all = seriesIn(account);
  const perQuery = queries.map((query, index) => {
    const found = datapointsOf(query, index, { start, end }, all, account);
    return ScanBy === "TimestampAscending" ? found : found.toReversed();
  });
  const { NextToken: token, ...identity } = request;
  const page = account.pages.page(perQuery.flat(), Math.min(MaxDatapoints, account.pageSize), {
    token,
    identity: { ...identity, region: account.region },
  });
  const isFirst = token === undefined;
  return {
    MetricDataResults: queries.flatMap((query, index): MetricDataResult[] => {
      const own = page.items.filter((point) => point.query === index);
      // What has no data at all is told once.
      const isEmpty = isFirst && perQuery[index]?.length === 0;
      if (query.ReturnData === false || (own.length === 0 && !isEmpty)) return [];
      return [
        {
          Id: query.Id,
          Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id,
          Timestamps: own.map(({ time }) => time),
          Values: own.map(({ value }) => value),
          StatusCode: own.at(-1) === perQuery[index]?.at(-1) ? "Complete" : "PartialData",
        },
      ];
    }),
    Messages: [],
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}

function datapointsOf(
  { MetricStat, ReturnData }: MetricDataQuery,
  query: number,
  { start, end }: { start: Date; end: Date },
  all: readonly Series[],
  account: AccountView,
): Datapoint[] {
  if (MetricStat === undefined || ReturnData === false) return [];
  const { Metric, Period: period, Stat, Unit } = MetricStat;
  checkPeriod(period);
  const statistic = readStatistic(Stat);
  const aligned = new Date(Math.floor(start.getTime() / (period * 1000)) * period * 1000);
  const span = { start: aligned, end, period };
  if (periodCount(span) > MAX_DATAPOINTS) {
    throw validation(`A request can hold no more than ${MAX_DATAPOINTS} datapoints.`);
  }
  const series = findSeries(all, {
    namespace: Metric.Namespace,
    name: Metric.MetricName,
    dimensions: Metric.Dimensions,
  });
  if (series === undefined || (Unit !== undefined && Unit !== series.unit)) return [];
  return periodsOf(series, span, account).map(({ time, samples }) => ({
    query,
    time,
    value: statistic(samples),
  }));
}

function checkQueries(queries: readonly MetricDataQuery[]): void {
  const ids = queries.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length) {
    throw validation("The values for parameter id in MetricDataQueries are not unique.");
  }
  for (const { Id, MetricStat, Expression } of queries) {
    if ((MetricStat === undefined) === (Expression === undefined)) {
      throw validation(
        `Exactly one of the parameters MetricStat and Expression must be specified for ${Id}.`,
      );
    }
    if (Expression !== undefined) {
      throw validation("The demo account does not evaluate expressions; ask for the metrics.");
    }
  }
}
