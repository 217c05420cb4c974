import type {
  CompositeAlarm,
  DescribeAlarmsOutput,
  MetricAlarm,
  MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import {
  alarmsOf,
  topicArn,
  type DemoCompositeAlarm,
  type DemoMetricAlarm,
} from "../../data/alarms.ts";
import { validation } from "../../protocol/errors.ts";
import { listPage } from "../list-page.ts";
import { isManagement, type AccountView } from "../service.ts";
import type { DescribeAlarmsRequest } from "./shapes.ts";

const DEFAULT_PAGE_SIZE = 50;

type DemoAlarm = DemoMetricAlarm | DemoCompositeAlarm;

export function describeAlarms(
  request: DescribeAlarmsRequest,
  account: AccountView,
): DescribeAlarmsOutput {
  if (request.AlarmNames !== undefined && request.AlarmNamePrefix !== undefined) {
    throw validation("The parameters AlarmNames and AlarmNamePrefix cannot be specified together.");
  }
  const all = alarmsIn(account);
  const found = related(request, all).filter((alarm) => matches(alarm, request));
  const { NextToken: token, ...identity } = request;
  const page = listPage(
    found,
    request.MaxRecords ?? DEFAULT_PAGE_SIZE,
    { token, identity: { ...identity, region: account.region } },
    account,
  );
  return {
    MetricAlarms: page.items.filter(isMetricAlarm).map(describeMetricAlarm),
    CompositeAlarms: page.items.filter(isCompositeAlarm).map(describeCompositeAlarm),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}

function alarmsIn(account: AccountView): readonly DemoAlarm[] {
  const { variant, startedAt, ledger, region } = account;
  if (variant === "empty" || !isManagement(account)) return [];
  const { metric, composite } = alarmsOf(startedAt, ledger.spike);
  return [...composite, ...metric].filter((alarm) => alarm.region === region);
}

/** The family of one alarm, which cannot be narrowed further, or all alarms of the asked types. */
function related(request: DescribeAlarmsRequest, all: readonly DemoAlarm[]): readonly DemoAlarm[] {
  const { ChildrenOfAlarmName: parent, ParentsOfAlarmName: child } = request;
  if (parent === undefined && child === undefined) {
    // Composite alarms come only to those who ask for them.
    const { AlarmTypes: types = ["MetricAlarm"] } = request;
    return all.filter((alarm) => types.includes(typeOf(alarm)));
  }
  const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, ActionPrefix } = request;
  const narrowing = [AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, ActionPrefix];
  if (narrowing.some((value) => value !== undefined)) {
    throw validation(
      "ChildrenOfAlarmName and ParentsOfAlarmName can be combined only with MaxRecords and NextToken.",
    );
  }
  const childrenOf = (name: string | undefined): readonly string[] =>
    all.filter(isCompositeAlarm).find((alarm) => alarm.name === name)?.children ?? [];
  return parent === undefined
    ? all.filter(({ name }) => childrenOf(name).includes(child ?? ""))
    : all.filter(({ name }) => childrenOf(parent).includes(name));
}

const matches = (
  alarm: DemoAlarm,
  { AlarmNames, AlarmNamePrefix = "", StateValue, ActionPrefix = "" }: DescribeAlarmsRequest,
): boolean =>
  (AlarmNames === undefined || AlarmNames.includes(alarm.name)) &&
  alarm.name.startsWith(AlarmNamePrefix) &&
  (StateValue === undefined || alarm.state === StateValue) &&
  topicArn(alarm.region).startsWith(ActionPrefix);

const typeOf = (alarm: DemoAlarm): "MetricAlarm" | "CompositeAlarm" =>
  isMetricAlarm(alarm) ? "MetricAlarm" : "CompositeAlarm";

const isMetricAlarm = (alarm: DemoAlarm): alarm is DemoMetricAlarm => "watched" in alarm;
const isCompositeAlarm = (alarm: DemoAlarm): alarm is DemoCompositeAlarm => "rule" in alarm;

const describeAlarm = (alarm: DemoAlarm) => ({
  AlarmName: alarm.name,
  AlarmArn: `arn:aws:cloudwatch:${alarm.region}:${DEMO_ACCOUNT_ID}:alarm:${alarm.name}`,
  ...(alarm.description === "" ? {} : { AlarmDescription: alarm.description }),
  AlarmConfigurationUpdatedTimestamp: alarm.configuredAt,
  ActionsEnabled: true,
  OKActions: [],
  AlarmActions: [topicArn(alarm.region)],
  InsufficientDataActions: [],
  StateValue: alarm.state,
  StateUpdatedTimestamp: alarm.since,
  StateTransitionedTimestamp: alarm.since,
});

const describeCompositeAlarm = (alarm: DemoCompositeAlarm): CompositeAlarm => ({
  ...describeAlarm(alarm),
  AlarmRule: alarm.rule,
  StateReason: `The rule ${alarm.rule} is ${alarm.state === "ALARM" ? "true" : "false"}`,
});

const describeMetricAlarm = (alarm: DemoMetricAlarm): MetricAlarm => ({
  ...describeAlarm(alarm),
  StateReason: REASONS[alarm.state](alarm),
  ...(alarm.watched.shareOf === undefined ? oneMetric(alarm) : { Metrics: shareOf(alarm) }),
  EvaluationPeriods: alarm.periods,
  DatapointsToAlarm: alarm.periods,
  Threshold: alarm.threshold,
  ComparisonOperator: alarm.operator,
  TreatMissingData: alarm.treatMissingData,
});

const REASONS: Readonly<Record<DemoMetricAlarm["state"], (alarm: DemoMetricAlarm) => string>> = {
  OK: ({ threshold }) =>
    `Threshold Crossed: 1 datapoint was not beyond the threshold (${threshold.toFixed(1)}).`,
  ALARM: ({ periods, threshold }) =>
    `Threshold Crossed: ${periods} out of the last ${periods} datapoints were beyond the threshold (${threshold.toFixed(1)}) (minimum ${periods} datapoints for OK -> ALARM transition).`,
  INSUFFICIENT_DATA: ({ periods }) => `Insufficient Data: ${periods} datapoints were unknown.`,
};

const dimensionsOf = ({ watched }: DemoMetricAlarm) =>
  Object.entries(watched.dimensions).map(([Name, Value]) => ({ Name, Value }));

function oneMetric(alarm: DemoMetricAlarm): Partial<MetricAlarm> {
  const { namespace, metric, statistic } = alarm.watched;
  return {
    Namespace: namespace,
    MetricName: metric,
    Dimensions: dimensionsOf(alarm),
    Period: alarm.period,
    ...(isPercentile(statistic) ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
  };
}

const isPercentile = (
  statistic: DemoMetricAlarm["watched"]["statistic"],
): statistic is `p${number}` => statistic.startsWith("p");

/** The queries of an alarm that watches one metric's share of another. */
function shareOf(alarm: DemoMetricAlarm): MetricDataQuery[] {
  const { namespace, metric, statistic, shareOf: whole } = alarm.watched;
  const query = (Id: string, MetricName: string | undefined): MetricDataQuery => ({
    Id,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName, Dimensions: dimensionsOf(alarm) },
      Period: alarm.period,
      Stat: statistic,
    },
    ReturnData: false,
  });
  return [
    { Id: "share", Expression: "100 * part / whole", Label: alarm.name, ReturnData: true },
    query("part", metric),
    query("whole", whole),
  ];
}
