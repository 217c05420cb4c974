import type {
  GetCostAndUsageResponse,
  Group,
  MetricValue,
  ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import { dayOf, startOfMonth, type Day } from "../../data/days.ts";
import type { AccountView } from "../service.ts";
import { describeValues } from "./dimensions.ts";
import { compileFilter, filtered } from "./filter.ts";
import { groupLines, readGroupBy } from "./group-by.ts";
import { MetricSums, readMetrics } from "./metrics.ts";
import { buckets, readPastPeriod, toInterval, type Period } from "./periods.ts";
import type { CostAndUsageRequest, GroupBy } from "./shapes.ts";

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
  const groupings = readGroupBy(definitions);
  const matches = compileFilter(request.Filter);
  const period = readPastPeriod(request.TimePeriod, account.now);
  const { ledger, now, pages, pageSize } = account;

  const rowsOf = (bucket: Period): Row[] => {
    const lines = filtered(ledger.linesBetween(bucket.start, bucket.end, now), matches);
    const groups = groupLines(lines, groupings, () => new MetricSums(metrics));
    if (definitions.length === 0) {
      const sums = groups[0]?.sums ?? new MetricSums(metrics);
      return [{ bucket, total: sums.toValues(ledger.unit) }];
    }
    if (groups.length === 0) return [{ bucket }];
    return groups.map(({ values, sums }) => ({
      bucket,
      group: {
        Keys: groupings.map(({ keyFor }, index) => keyFor(values[index] ?? "")),
        Metrics: sums.toValues(ledger.unit),
      },
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
