import type {
  Expression,
  GetCostAndUsageCommandInput,
  GetCostForecastCommandInput,
  GroupDefinition,
  Metric,
} from "@aws-sdk/client-cost-explorer";
import type { CostMetric } from "../config/index.ts";
import { edits } from "../aws/nearest.ts";
import { type Period, toInterval } from "./periods.ts";

export const costDimensions = [
  "SERVICE",
  "LINKED_ACCOUNT",
  "REGION",
  "USAGE_TYPE",
  "RECORD_TYPE",
] as const;

/** What costs are grouped by: a dimension, or a cost allocation tag as `TAG:Team`. */
export type CostGrouping = (typeof costDimensions)[number] | `TAG:${string}`;

/** Costs are limited to these; an empty list limits nothing. */
export interface CostFilters {
  /** As Cost Explorer names them: `Amazon Simple Storage Service`. */
  readonly services?: readonly string[];
  /** Account ids. */
  readonly accounts?: readonly string[];
  /** `eu-west-1`; `global` for what has no region. */
  readonly regions?: readonly string[];
  /** Leaves credits and refunds out. */
  readonly withoutCredits?: boolean;
}

export interface CostQuery {
  /** Both days included. */
  readonly period: Period;
  readonly granularity?: "DAILY" | "MONTHLY";
  readonly metrics?: readonly CostMetric[];
  readonly filters?: CostFilters;
}

export interface ForecastQuery {
  /** Both days included; starts today. */
  readonly period: Period;
  readonly granularity?: "DAILY" | "MONTHLY";
  readonly metric?: CostMetric;
  readonly filters?: CostFilters;
}

/** Two calendar months, and what of them is compared. */
export interface ComparisonQuery {
  /** A whole month, both days included. */
  readonly baseline: Period;
  readonly comparison: Period;
  readonly metric: CostMetric;
  readonly filters: CostFilters;
}

/** How sure the range of a forecast is, in percent. */
export const predictionInterval = 80;

export function costRequest(
  query: CostQuery,
  groupBy: readonly CostGrouping[],
): GetCostAndUsageCommandInput {
  const filter = toExpression(query.filters);
  return {
    TimePeriod: toInterval(query.period),
    Granularity: query.granularity ?? "MONTHLY",
    Metrics: [...(query.metrics ?? ["UnblendedCost"])],
    ...(groupBy.length > 0 && { GroupBy: groupBy.map(toGroupDefinition) }),
    ...(filter !== undefined && { Filter: filter }),
  };
}

export function forecastRequest(query: ForecastQuery): GetCostForecastCommandInput {
  const filter = toExpression(query.filters);
  return {
    TimePeriod: toInterval(query.period),
    Granularity: query.granularity ?? "MONTHLY",
    Metric: forecastMetric(query.metric ?? "UnblendedCost"),
    PredictionIntervalLevel: predictionInterval,
    ...(filter !== undefined && { Filter: filter }),
  };
}

/** What both operations that compare months take. */
export function comparisonRequest(
  { baseline, comparison, metric, filters }: ComparisonQuery,
  groupBy: readonly CostGrouping[],
) {
  const filter = toExpression(filters);
  return {
    BaselineTimePeriod: toInterval(baseline),
    ComparisonTimePeriod: toInterval(comparison),
    MetricForComparison: metric,
    ...(groupBy.length > 0 && { GroupBy: groupBy.map(toGroupDefinition) }),
    ...(filter !== undefined && { Filter: filter }),
  };
}

/** The two operations spell the same metric differently: `UnblendedCost` and `UNBLENDED_COST`. */
function forecastMetric(metric: CostMetric): Metric {
  return metric.replaceAll(/(?<=[a-z])[A-Z]/g, "_$&").toUpperCase() as Metric;
}

function toGroupDefinition(grouping: CostGrouping): GroupDefinition {
  return grouping.startsWith("TAG:")
    ? { Type: "TAG", Key: grouping.slice("TAG:".length) }
    : { Type: "DIMENSION", Key: grouping };
}

function toExpression(filters: CostFilters = {}): Expression | undefined {
  const parts: Expression[] = [];
  const limit = (Key: "SERVICE" | "LINKED_ACCOUNT" | "REGION", values: readonly string[] = []) => {
    // Sorted, so that the same question has the same cache key.
    if (values.length > 0) parts.push({ Dimensions: { Key, Values: values.toSorted() } });
  };
  limit("SERVICE", filters.services);
  limit("LINKED_ACCOUNT", filters.accounts);
  limit("REGION", filters.regions);
  if (filters.withoutCredits === true) {
    parts.push({ Not: { Dimensions: { Key: "RECORD_TYPE", Values: ["Credit", "Refund"] } } });
  }
  return parts.length > 1 ? { And: parts } : parts[0];
}

/** What people call a service, and what it is called on the bill. */
const billNames = new Map<string, readonly string[]>(
  Object.entries({
    athena: ["Amazon Athena"],
    bedrock: ["Amazon Bedrock"],
    cloudfront: ["Amazon CloudFront"],
    cloudtrail: ["AWS CloudTrail"],
    cloudwatch: ["AmazonCloudWatch"],
    dynamodb: ["Amazon DynamoDB"],
    ebs: ["EC2 - Other"],
    ec2: ["Amazon Elastic Compute Cloud - Compute", "EC2 - Other"],
    ecr: ["Amazon EC2 Container Registry (ECR)"],
    ecs: ["Amazon Elastic Container Service"],
    efs: ["Amazon Elastic File System"],
    eks: ["Amazon Elastic Container Service for Kubernetes", "Amazon Elastic Kubernetes Service"],
    elasticache: ["Amazon ElastiCache"],
    elb: ["Amazon Elastic Load Balancing"],
    glue: ["AWS Glue"],
    kms: ["AWS Key Management Service"],
    lambda: ["AWS Lambda"],
    opensearch: ["Amazon OpenSearch Service"],
    rds: ["Amazon Relational Database Service"],
    redshift: ["Amazon Redshift"],
    route53: ["Amazon Route 53"],
    s3: ["Amazon Simple Storage Service"],
    sagemaker: ["Amazon SageMaker"],
    sns: ["Amazon Simple Notification Service"],
    sqs: ["Amazon Simple Queue Service"],
    vpc: ["Amazon Virtual Private Cloud"],
  }),
);

const nouns: Readonly<Record<string, string>> = {
  SERVICE: "service",
  LINKED_ACCOUNT: "account",
  REGION: "region",
  USAGE_TYPE: "usage type",
  RECORD_TYPE: "record type",
};

/** What a breakdown is by: `service`, `usage type`, `tag team`. */
export function nounOf(groupBy: string): string {
  return nouns[groupBy] ?? groupBy.replace(/^TAG:/, "tag ");
}

/** Whether AWS has made up the name. What others sell on the Marketplace, they have named themselves. */
export function isAwsName(service: string): boolean {
  return /^(Amazon|AWS|EC2 - Other$|Savings Plans for AWS|Tax$)/.test(service);
}

/**
 * Names as Cost Explorer has them; one that is not a known short name is taken as it is. A text with commas is a list,
 * unless a bill has been seen that writes a name so.
 */
export function serviceNames(services: readonly string[], known: Iterable<string> = []): string[] {
  const seen = new Set(known);
  const parts = services.flatMap((name) => (seen.has(name.trim()) ? [name] : name.split(",")));
  const names = parts.map((name) => name.trim()).filter((name) => name !== "");
  return [
    ...new Set(
      names.flatMap((name) => (seen.has(name) ? [name] : (billNames.get(shorten(name)) ?? [name]))),
    ),
  ];
}

/** What the one service that a text speaks of by a short name is called on the bill; nothing if it speaks of several. */
export function serviceIn(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[a-z][a-z0-9]+/g) ?? [];
  const [name, another] = new Set(words.filter((word) => billNames.has(word)));
  return name === undefined || another !== undefined ? [] : (billNames.get(name) ?? []);
}

/** Up to three of the names that come nearest to one that nothing matches; none if none is near. */
export function nearestNames(name: string, known: Iterable<string>): string[] {
  const wanted = shorten(name);
  const forms = new Map<string, string[]>();
  const add = (bill: string, form: string): void => {
    forms.set(bill, [...(forms.get(bill) ?? []), shorten(form)]);
  };
  for (const [short, bills] of billNames) for (const bill of bills) add(bill, short);
  for (const bill of [...forms.keys(), ...known]) add(bill, bill);
  return [...forms]
    .map(([bill, spellings]) => ({
      bill,
      distance: Math.min(...spellings.map((form) => distance(wanted, form))),
    }))
    .filter((each) => each.distance <= 0.34)
    .toSorted((left, right) => left.distance - right.distance)
    .slice(0, 3)
    .map(({ bill }) => bill);
}

/** From 0, the same, to 1: the share of letters that have to be changed. A part of a name is near to it. */
function distance(left: string, right: string): number {
  if (left === right) return 0;
  if (left.length > 3 && right.includes(left)) return 0.1;
  return edits(left, right) / Math.max(left.length, right.length, 1);
}

function shorten(name: string): string {
  return name
    .toLowerCase()
    .replace(/^(amazon|aws)\s+/, "")
    .replaceAll(/[\s_-]/g, "");
}
