import type {
  Expression,
  GetCostAndUsageCommandInput,
  GetCostForecastCommandInput,
  GroupDefinition,
  Metric,
} from "@aws-sdk/client-cost-explorer";
import type { CostMetric } from "../config/index.ts";
import { type Period, toInterval } from "./periods.ts";

export const costDimensions = [
  "SERVICE",
  "LINKED_ACCOUNT",
  "REGION",
  "USAGE_TYPE",
  "RECORD_TYPE",
] as const;

/** What costs are grouped by: a dimension, or a cost allocation tag as `TAG:team`. */
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
