import * as budgets from "@aws-sdk/client-budgets";
import * as cloudTrail from "@aws-sdk/client-cloudtrail";
import * as cloudWatch from "@aws-sdk/client-cloudwatch";
import * as ce from "@aws-sdk/client-cost-explorer";
import * as health from "@aws-sdk/client-health";
import * as sts from "@aws-sdk/client-sts";
import type { RequestLogEntry } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { day, firstOfMonth, type Clients } from "./helpers.ts";

type SigningName = NonNullable<RequestLogEntry["service"]>;

interface ServiceUnderTest {
  /** Its name in a signature. */
  readonly signingName: SigningName;
  /** What botocore calls it. */
  readonly boto: string;
  /** Its published model. */
  readonly model: string;
  /** The package of its client. */
  readonly commands: object;
}

export type ServiceName = Exclude<keyof Clients, "destroy">;

export const SERVICES_UNDER_TEST: Readonly<Record<ServiceName, ServiceUnderTest>> = {
  budgets: {
    signingName: "budgets",
    boto: "budgets",
    model: "budgets-2016-10-20",
    commands: budgets,
  },
  ce: {
    signingName: "ce",
    boto: "ce",
    model: "ce-2017-10-25",
    commands: ce,
  },
  cloudTrail: {
    signingName: "cloudtrail",
    boto: "cloudtrail",
    model: "cloudtrail-2013-11-01",
    commands: cloudTrail,
  },
  cloudWatch: {
    signingName: "monitoring",
    boto: "cloudwatch",
    model: "cloudwatch-2010-08-01",
    commands: cloudWatch,
  },
  health: {
    signingName: "health",
    boto: "health",
    model: "health-2016-08-04",
    commands: health,
  },
  sts: {
    signingName: "sts",
    boto: "sts",
    model: "sts-2011-06-15",
    commands: sts,
  },
};

/** A call of an operation that the account has to answer. */
export interface OperationCall {
  readonly service: ServiceName;
  readonly operation: string;
  /** At a time of the demo's clock, ISO 8601. */
  readonly input: (now: string) => object;
  /** The error that the answer is, where the account has nothing else to say. */
  readonly refusal?: string;
}

const AccountId = "111122223333";

const monthToDate = (now: string) => ({ Start: firstOfMonth(now), End: day(now, 1) });
const lastMonth = (now: string) => ({ Start: firstOfMonth(now, -1), End: firstOfMonth(now) });
const compared = (now: string) => ({
  BaselineTimePeriod: { Start: firstOfMonth(now, -2), End: firstOfMonth(now, -1) },
  ComparisonTimePeriod: lastMonth(now),
  MetricForComparison: "UnblendedCost",
});
const lastHours = (now: string, hours: number) => ({
  StartTime: new Date(Date.parse(now) - hours * 3_600_000),
  EndTime: new Date(now),
});

const by = (Key: string) => ({ Type: "DIMENSION", Key });

const HEALTH_EVENT = (service: string, typeCode: string, id: string): string =>
  `arn:aws:health:us-east-1::event/${service}/${typeCode}/${typeCode}_${id}`;
const EVENT_ARNS = [
  HEALTH_EVENT("RDS", "AWS_RDS_MAINTENANCE_SCHEDULED", "DEMO02"),
  HEALTH_EVENT("LAMBDA", "AWS_LAMBDA_RUNTIME_DEPRECATION_NOTICE", "DEMO03"),
  HEALTH_EVENT("EC2", "AWS_EC2_OPERATIONAL_ISSUE", "UNKNOWN"),
];

const CHECKOUT = [{ Name: "FunctionName", Value: "checkout-api" }];

/**
 * At least one call of each operation that the demo account serves. With it come the test that its
 * answer fits the published model, and the one that botocore understands it.
 */
export const OPERATION_CALLS: readonly OperationCall[] = [
  {
    service: "budgets",
    operation: "DescribeBudgets",
    input: () => ({ AccountId, ShowFilterExpression: true }),
  },
  {
    service: "budgets",
    operation: "DescribeBudgetNotificationsForAccount",
    input: () => ({ AccountId }),
  },
  {
    service: "budgets",
    operation: "DescribeNotificationsForBudget",
    input: () => ({ AccountId, BudgetName: "demo-monthly-support" }),
  },
  {
    service: "ce",
    operation: "GetCostAndUsage",
    input: (now) => ({
      TimePeriod: monthToDate(now),
      Granularity: "DAILY",
      Metrics: ["UnblendedCost", "AmortizedCost", "UsageQuantity"],
    }),
  },
  {
    service: "ce",
    operation: "GetCostAndUsage",
    input: (now) => ({
      TimePeriod: monthToDate(now),
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      GroupBy: [by("LINKED_ACCOUNT"), { Type: "TAG", Key: "Team" }],
    }),
  },
  {
    service: "ce",
    operation: "GetCostForecast",
    input: (now) => ({
      TimePeriod: { Start: day(now), End: day(now, 1) },
      Granularity: "DAILY",
      Metric: "UNBLENDED_COST",
      PredictionIntervalLevel: 80,
    }),
  },
  {
    service: "ce",
    operation: "GetAnomalies",
    input: () => ({ DateInterval: { StartDate: "2020-01-01" } }),
  },
  { service: "ce", operation: "GetAnomalyMonitors", input: () => ({ MaxResults: 1 }) },
  {
    service: "ce",
    operation: "GetDimensionValues",
    input: (now) => ({ TimePeriod: monthToDate(now), Dimension: "LINKED_ACCOUNT" }),
  },
  {
    service: "ce",
    operation: "GetCostAndUsageComparisons",
    input: (now) => ({
      ...compared(now),
      GroupBy: [by("SERVICE"), { Type: "TAG", Key: "Team" }],
      MaxResults: 50,
    }),
  },
  { service: "ce", operation: "GetCostComparisonDrivers", input: compared },
  {
    service: "ce",
    operation: "GetSavingsPlansCoverage",
    input: (now) => ({ TimePeriod: lastMonth(now), GroupBy: [by("SERVICE")] }),
  },
  {
    service: "ce",
    operation: "GetSavingsPlansUtilization",
    input: (now) => ({ TimePeriod: lastMonth(now), Granularity: "DAILY" }),
  },
  {
    service: "ce",
    operation: "GetReservationCoverage",
    input: (now) => ({
      TimePeriod: lastMonth(now),
      GroupBy: [by("REGION")],
      Metrics: ["Hour", "Unit", "Cost"],
    }),
  },
  {
    service: "ce",
    operation: "GetReservationUtilization",
    input: (now) => ({ TimePeriod: lastMonth(now) }),
    refusal: "DataUnavailableException",
  },
  ...["COMPUTE_SP", "SAGEMAKER_SP"].map((SavingsPlansType): OperationCall => ({
    service: "ce",
    operation: "GetSavingsPlansPurchaseRecommendation",
    input: () => ({
      SavingsPlansType,
      TermInYears: "ONE_YEAR",
      PaymentOption: "PARTIAL_UPFRONT",
      LookbackPeriodInDays: "SIXTY_DAYS",
    }),
  })),
  {
    service: "ce",
    operation: "GetRightsizingRecommendation",
    input: () => ({ Service: "AmazonEC2" }),
  },
  {
    service: "cloudTrail",
    operation: "LookupEvents",
    input: (now) => ({
      ...lastHours(now, 24 * 90),
      LookupAttributes: [{ AttributeKey: "ReadOnly", AttributeValue: "false" }],
      MaxResults: 50,
    }),
  },
  {
    service: "cloudWatch",
    operation: "DescribeAlarms",
    input: () => ({ AlarmTypes: ["CompositeAlarm", "MetricAlarm"], StateValue: "ALARM" }),
  },
  {
    service: "cloudWatch",
    operation: "GetMetricData",
    input: (now) => ({
      MetricDataQueries: ["Sum", "p95"].map((Stat) => ({
        Id: Stat.toLowerCase(),
        MetricStat: {
          Metric: { Namespace: "AWS/Lambda", MetricName: "Duration", Dimensions: CHECKOUT },
          Period: 300,
          Stat,
        },
      })),
      ...lastHours(now, 3),
    }),
  },
  ...[{ Statistics: ["Sum", "Maximum"] }, { ExtendedStatistics: ["p99"] }].map(
    (statistics): OperationCall => ({
      service: "cloudWatch",
      operation: "GetMetricStatistics",
      input: (now) => ({
        Namespace: "AWS/Lambda",
        MetricName: "Errors",
        Dimensions: CHECKOUT,
        Period: 300,
        ...lastHours(now, 3),
        ...statistics,
      }),
    }),
  ),
  {
    service: "cloudWatch",
    operation: "ListMetrics",
    input: () => ({ Namespace: "AWS/EC2", RecentlyActive: "PT3H" }),
  },
  { service: "health", operation: "DescribeEvents", input: () => ({ maxResults: 10 }) },
  {
    service: "health",
    operation: "DescribeEventDetails",
    input: () => ({ eventArns: EVENT_ARNS }),
  },
  {
    service: "health",
    operation: "DescribeAffectedEntities",
    input: () => ({ filter: { eventArns: EVENT_ARNS } }),
  },
  {
    service: "health",
    operation: "DescribeEventAggregates",
    input: () => ({ aggregateField: "eventTypeCategory" }),
  },
  {
    service: "sts",
    operation: "AssumeRole",
    input: () => ({
      RoleArn: "arn:aws:iam::444455556666:role/demo-operations",
      RoleSessionName: "tester",
      DurationSeconds: 900,
    }),
  },
  { service: "sts", operation: "GetCallerIdentity", input: () => ({}) },
];

/** Sends a call with the real SDK. */
export function sendCall(call: OperationCall, clients: Clients, now: string): Promise<unknown> {
  const { commands } = SERVICES_UNDER_TEST[call.service];
  const Command = (commands as Record<string, unknown>)[`${call.operation}Command`] as new (
    input: object,
  ) => never;
  const client: { send(command: never): Promise<unknown> } = clients[call.service];
  return client.send(new Command(call.input(now)));
}
