import {
  double,
  integer,
  lazy,
  list,
  oneOf,
  required,
  structure,
  text,
  type Infer,
  type Shape,
} from "../../protocol/shape.ts";

const DATE = /(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}Z)?/;

const DIMENSIONS = [
  "AZ",
  "INSTANCE_TYPE",
  "LINKED_ACCOUNT",
  "PAYER_ACCOUNT",
  "LINKED_ACCOUNT_NAME",
  "OPERATION",
  "PURCHASE_TYPE",
  "REGION",
  "SERVICE",
  "SERVICE_CODE",
  "USAGE_TYPE",
  "USAGE_TYPE_GROUP",
  "RECORD_TYPE",
  "OPERATING_SYSTEM",
  "TENANCY",
  "SCOPE",
  "PLATFORM",
  "SUBSCRIPTION_ID",
  "LEGAL_ENTITY_NAME",
  "DEPLOYMENT_OPTION",
  "DATABASE_ENGINE",
  "CACHE_ENGINE",
  "INSTANCE_TYPE_FAMILY",
  "BILLING_ENTITY",
  "RESERVATION_ID",
  "RESOURCE_ID",
  "RIGHTSIZING_TYPE",
  "SAVINGS_PLANS_TYPE",
  "SAVINGS_PLAN_ARN",
  "PAYMENT_OPTION",
  "AGREEMENT_END_DATE_TIME_AFTER",
  "AGREEMENT_END_DATE_TIME_BEFORE",
  "INVOICING_ENTITY",
  "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
  "ANOMALY_TOTAL_IMPACT_PERCENTAGE",
] as const;

const matchOption = oneOf([
  "EQUALS",
  "ABSENT",
  "STARTS_WITH",
  "ENDS_WITH",
  "CONTAINS",
  "CASE_SENSITIVE",
  "CASE_INSENSITIVE",
  "GREATER_THAN_OR_EQUAL",
]);

const values = list(text({ max: 1024 }));
const matchOptions = list(matchOption);

/** A filter as Cost Explorer and Budgets write it. */
export interface Expression {
  readonly Or?: readonly Expression[] | undefined;
  readonly And?: readonly Expression[] | undefined;
  readonly Not?: Expression | undefined;
  readonly Dimensions?: Condition | undefined;
  readonly Tags?: Condition | undefined;
  readonly CostCategories?: Condition | undefined;
}

export interface Condition {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
  readonly MatchOptions?: readonly string[] | undefined;
}

export const expression: Shape<Expression> = lazy(() => expressionMembers);

const expressionMembers: Shape<Expression> = structure({
  Or: list(expression),
  And: list(expression),
  Not: expression,
  Dimensions: structure({ Key: oneOf(DIMENSIONS), Values: values, MatchOptions: matchOptions }),
  Tags: structure({ Key: text({ max: 1024 }), Values: values, MatchOptions: matchOptions }),
  CostCategories: structure({
    Key: text({ min: 1, max: 50 }),
    Values: values,
    MatchOptions: matchOptions,
  }),
});

export const dateInterval = structure({
  Start: required(text({ max: 40, pattern: DATE })),
  End: required(text({ max: 40, pattern: DATE })),
});

export type DateInterval = Infer<typeof dateInterval>;

export const granularity = oneOf(["DAILY", "MONTHLY", "HOURLY"]);
export type Granularity = Infer<typeof granularity>;

export const pageToken = text({ max: 8192 });
const billingViewArn = text({ min: 20, max: 2048 });

export const groupBy = list(
  structure({
    Type: oneOf(["DIMENSION", "TAG", "COST_CATEGORY"]),
    Key: text({ max: 1024 }),
  }),
);

export type GroupBy = Infer<typeof groupBy>[number];

export const costAndUsageRequest = structure({
  TimePeriod: required(dateInterval),
  Granularity: required(granularity),
  Filter: expression,
  Metrics: required(list(text({ max: 1024 }))),
  GroupBy: groupBy,
  BillingViewArn: billingViewArn,
  NextPageToken: pageToken,
});

export type CostAndUsageRequest = Infer<typeof costAndUsageRequest>;

const comparisonRequest = {
  BillingViewArn: billingViewArn,
  BaselineTimePeriod: required(dateInterval),
  ComparisonTimePeriod: required(dateInterval),
  MetricForComparison: required(text({ max: 1024 })),
  Filter: expression,
  GroupBy: groupBy,
  NextPageToken: pageToken,
};

export const costAndUsageComparisonsRequest = structure({
  ...comparisonRequest,
  MaxResults: integer({ min: 1, max: 2000 }),
});

export const costComparisonDriversRequest = structure({
  ...comparisonRequest,
  MaxResults: integer({ min: 1, max: 10 }),
});

export type CostAndUsageComparisonsRequest = Infer<typeof costAndUsageComparisonsRequest>;
export type CostComparisonDriversRequest = Infer<typeof costComparisonDriversRequest>;
export type ComparisonRequest = CostAndUsageComparisonsRequest | CostComparisonDriversRequest;

export const costForecastRequest = structure({
  TimePeriod: required(dateInterval),
  Metric: required(
    oneOf([
      "BLENDED_COST",
      "UNBLENDED_COST",
      "AMORTIZED_COST",
      "NET_UNBLENDED_COST",
      "NET_AMORTIZED_COST",
      "USAGE_QUANTITY",
      "NORMALIZED_USAGE_AMOUNT",
    ]),
  ),
  Granularity: required(granularity),
  Filter: expression,
  BillingViewArn: billingViewArn,
  PredictionIntervalLevel: integer({ min: 51, max: 99 }),
});

export type CostForecastRequest = Infer<typeof costForecastRequest>;

export const anomaliesRequest = structure({
  MonitorArn: text({ max: 1024 }),
  DateInterval: required(
    structure({
      StartDate: required(text({ max: 40, pattern: DATE })),
      EndDate: text({ max: 40, pattern: DATE }),
    }),
  ),
  Feedback: oneOf(["YES", "NO", "PLANNED_ACTIVITY"]),
  TotalImpact: structure({
    NumericOperator: required(
      oneOf([
        "EQUAL",
        "GREATER_THAN_OR_EQUAL",
        "LESS_THAN_OR_EQUAL",
        "GREATER_THAN",
        "LESS_THAN",
        "BETWEEN",
      ]),
    ),
    StartValue: required(double),
    EndValue: double,
  }),
  NextPageToken: pageToken,
  MaxResults: integer({ min: 1, max: 100 }),
});

export type AnomaliesRequest = Infer<typeof anomaliesRequest>;

export const anomalyMonitorsRequest = structure({
  MonitorArnList: values,
  NextPageToken: pageToken,
  MaxResults: integer({ min: 1, max: 100 }),
});

export type AnomalyMonitorsRequest = Infer<typeof anomalyMonitorsRequest>;

export const dimensionValuesRequest = structure({
  SearchString: text({ max: 1024 }),
  TimePeriod: required(dateInterval),
  Dimension: required(oneOf(DIMENSIONS)),
  Context: oneOf(["COST_AND_USAGE", "RESERVATIONS", "SAVINGS_PLANS"]),
  Filter: expression,
  SortBy: list(
    structure({
      Key: required(text({ max: 1024 })),
      SortOrder: oneOf(["ASCENDING", "DESCENDING"]),
    }),
  ),
  BillingViewArn: billingViewArn,
  MaxResults: integer({ min: 1, max: 1000 }),
  NextPageToken: pageToken,
});

export type DimensionValuesRequest = Infer<typeof dimensionValuesRequest>;
