import type {
  GetCostAndUsageResponse,
  Group,
  MetricValue,
  ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import { dayOf, startOfMonth, type Day } from "../../data/days.ts";
import { validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import { describeValues, dimension, tag, type Attribute } from "./dimensions.ts";
import { compileFilter } from "./filter.ts";
import { MetricSums, readMetrics } from "./metrics.ts";
import { buckets, readPastPeriod, toInterval, type Period } from "./periods.ts";
import type { CostAndUsageRequest, GroupBy } from "./shapes.ts";

const MAX_GROUP_DEFINITIONS = 2;

const GROUP_DIMENSIONS = [
  "AZ",
  "INSTANCE_TYPE",
  "LEGAL_ENTITY_NAME",
  "LINKED_ACCOUNT",
  "OPERATION",
  "PURCHASE_TYPE",
  "SERVICE",
  "RECORD_TYPE",
  "REGION",
  "USAGE_TYPE",
];

type Values = Record<string, MetricValue>;

/** One row of the answer: a group of a bucket, or a bucket without groups and with its total. */
interface Row {
  readonly bucket: Period;
  readonly group?: Group;
  readonly total?: Values;
}

export function getCostAndUsage(
  request: CostAndUsageRequest,
  account: AccountView,
): GetCostAndUsageResponse {
  const metrics = readMetrics(request.Metrics);
  const definitions = request.GroupBy ?? [];
  const keysOf = readGroupBy(definitions);
  const matches = compileFilter(request.Filter);
  const period = readPastPeriod(request.TimePeriod, account.now);
  const { ledger, now, pages, pageSize } = account;

  const rowsOf = (bucket: Period): Row[] => {
    const groups = new Map<string, { keys: string[]; sums: MetricSums }>();
    for (const line of ledger.linesBetween(bucket.start, bucket.end, now)) {
      if (!matches(line)) continue;
      const keys = keysOf.map((keyOf) => keyOf(line));
      const name = keys.join("\n");
      const group = groups.get(name) ?? { keys, sums: new MetricSums(metrics) };
      group.sums.add(line);
      groups.set(name, group);
    }
    if (definitions.length === 0) {
      const sums = groups.get("")?.sums ?? new MetricSums(metrics);
      return [{ bucket, total: sums.toValues(ledger.unit) }];
    }
    if (groups.size === 0) return [{ bucket }];
    // By name, which says nothing about cost: callers have to sort for themselves.
    return [...groups]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { keys, sums }]) => ({
        bucket,
        group: { Keys: keys, Metrics: sums.toValues(ledger.unit) },
      }));
  };

  const rows = buckets(period, request.Granularity).flatMap(rowsOf);
  const { NextPageToken: token, ...identity } = request;
  const page = pages.page(rows, pageSize, { token, identity });
  const response: GetCostAndUsageResponse = {
    ResultsByTime: toResults(page.items, startOfMonth(dayOf(now))),
    DimensionValueAttributes: accountNames(definitions, page.items),
  };
  if (page.nextToken !== undefined) response.NextPageToken = page.nextToken;
  if (request.GroupBy !== undefined) response.GroupDefinitions = [...request.GroupBy];
  return response;
}

function readGroupBy(definitions: readonly GroupBy[]): Attribute[] {
  if (definitions.length > MAX_GROUP_DEFINITIONS) {
    throw validation(`GroupBy supports at most ${MAX_GROUP_DEFINITIONS} groups`);
  }
  const names = definitions.map(({ Type = "DIMENSION", Key = "" }) => `${Type} ${Key}`);
  if (new Set(names).size < names.length) throw validation("GroupBy keys should be unique");
  return definitions.map(({ Type = "DIMENSION", Key = "" }) => {
    if (Key === "") throw validation("GroupBy key should not be null or empty");
    if (Type === "COST_CATEGORY") throw validation("The demo account has no cost categories");
    if (Type === "TAG") {
      const valueOf = tag(Key);
      return (line) => `${Key}$${valueOf(line)}`;
    }
    if (!GROUP_DIMENSIONS.includes(Key)) {
      throw validation(
        `Group Definition dimension ${Key} is invalid. Valid values are ${GROUP_DIMENSIONS.join(", ")}`,
      );
    }
    return dimension(Key);
  });
}

/**
 * A page may begin or end in the middle of a bucket; each bucket appears once per page. Costs are
 * estimates until their month has ended.
 */
function toResults(rows: readonly Row[], openMonth: Day): ResultByTime[] {
  const results = new Map<Period, { total: Values; groups: Group[] }>();
  for (const { bucket, group, total = {} } of rows) {
    const result = results.get(bucket) ?? { total, groups: [] };
    if (group !== undefined) result.groups.push(group);
    results.set(bucket, result);
  }
  return [...results].map(([bucket, { total, groups }]) => ({
    TimePeriod: toInterval(bucket),
    Total: total,
    Groups: groups,
    Estimated: bucket.end > openMonth,
  }));
}

function accountNames(
  definitions: readonly GroupBy[],
  rows: readonly Row[],
): ReturnType<typeof describeValues> {
  const index = definitions.findIndex(({ Key }) => Key === "LINKED_ACCOUNT");
  if (index === -1) return [];
  const ids = new Set(rows.flatMap(({ group }) => group?.Keys?.[index] ?? []));
  return describeValues("LINKED_ACCOUNT", [...ids]);
}
