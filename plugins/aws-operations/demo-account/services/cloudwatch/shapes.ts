import {
  boolean,
  integer,
  list,
  oneOf,
  required,
  structure,
  text,
  timestamp,
  type Infer,
} from "../../protocol/shape.ts";

const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] as const;

const alarmName = text({ min: 1, max: 255 });
const nextToken = text();

export const describeAlarmsRequest = structure({
  AlarmNames: list(alarmName, { max: 100 }),
  AlarmNamePrefix: alarmName,
  AlarmTypes: list(oneOf(["CompositeAlarm", "MetricAlarm", "LogAlarm"])),
  ChildrenOfAlarmName: alarmName,
  ParentsOfAlarmName: alarmName,
  StateValue: oneOf(STATES),
  ActionPrefix: text({ min: 1, max: 1024 }),
  MaxRecords: integer({ min: 1, max: 100 }),
  NextToken: nextToken,
});

export type DescribeAlarmsRequest = Infer<typeof describeAlarmsRequest>;

const namespace = text({ min: 1, max: 255, pattern: /[^:].*/ });
const metricName = text({ min: 1, max: 255 });
const dimensionName = text({ min: 1, max: 255 });
const dimensionValue = text({ min: 1, max: 1024 });
const unit = text();

const dimensions = list(
  structure({ Name: required(dimensionName), Value: required(dimensionValue) }),
  { max: 30 },
);

export type Dimensions = Infer<typeof dimensions>;

const metricDataQuery = structure({
  Id: required(text({ min: 1, max: 255, pattern: /[a-z][a-zA-Z0-9_]*/ })),
  MetricStat: structure({
    Metric: required(
      structure({ Namespace: namespace, MetricName: metricName, Dimensions: dimensions }),
    ),
    Period: required(integer({ min: 1 })),
    Stat: required(text()),
    Unit: unit,
  }),
  Expression: text({ min: 1, max: 2048 }),
  Label: text(),
  ReturnData: boolean,
  Period: integer({ min: 1 }),
  AccountId: text({ min: 1, max: 255 }),
});

export type MetricDataQuery = Infer<typeof metricDataQuery>;

export const getMetricDataRequest = structure({
  MetricDataQueries: required(list(metricDataQuery, { max: 500 })),
  StartTime: required(timestamp),
  EndTime: required(timestamp),
  NextToken: nextToken,
  ScanBy: oneOf(["TimestampDescending", "TimestampAscending"]),
  MaxDatapoints: integer(),
});

export type GetMetricDataRequest = Infer<typeof getMetricDataRequest>;

export const getMetricStatisticsRequest = structure({
  Namespace: required(namespace),
  MetricName: required(metricName),
  Dimensions: dimensions,
  StartTime: required(timestamp),
  EndTime: required(timestamp),
  Period: required(integer({ min: 1 })),
  Statistics: list(oneOf(STATISTICS), { min: 1, max: 5 }),
  ExtendedStatistics: list(text(), { min: 1, max: 10 }),
  Unit: unit,
});

export type GetMetricStatisticsRequest = Infer<typeof getMetricStatisticsRequest>;

export const listMetricsRequest = structure({
  Namespace: namespace,
  MetricName: metricName,
  Dimensions: list(structure({ Name: required(dimensionName), Value: dimensionValue }), {
    max: 10,
  }),
  NextToken: nextToken,
  RecentlyActive: oneOf(["PT3H"]),
  IncludeLinkedAccounts: boolean,
  OwningAccount: text({ min: 1, max: 255 }),
});

export type ListMetricsRequest = Infer<typeof listMetricsRequest>;
