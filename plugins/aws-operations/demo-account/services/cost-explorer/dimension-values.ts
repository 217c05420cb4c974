import type { GetDimensionValuesResponse } from "@aws-sdk/client-cost-explorer";
import { validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import { describeValues, dimension } from "./dimensions.ts";
import { compileFilter } from "./filter.ts";
import { readMetrics, valueOf, type Metric } from "./metrics.ts";
import { readPastPeriod } from "./periods.ts";
import type { DimensionValuesRequest } from "./shapes.ts";

export function getDimensionValues(
  request: DimensionValuesRequest,
  account: AccountView,
): GetDimensionValuesResponse {
  const order = readOrder(request);
  const attribute = dimension(request.Dimension);
  const matches = compileFilter(request.Filter);
  const { start, end } = readPastPeriod(request.TimePeriod, account.now);
  const search = (request.SearchString ?? "").toLowerCase();

  const costs = new Map<string, number>();
  for (const line of account.ledger.linesBetween(start, end, account.now)) {
    const value = attribute(line);
    if (!matches(line) || !value.toLowerCase().includes(search)) continue;
    costs.set(value, (costs.get(value) ?? 0) + valueOf(order.metric, line));
  }
  const sorted = [...costs].toSorted(([a, costOfA], [b, costOfB]) =>
    order.direction === 0 ? (a < b ? -1 : 1) : order.direction * (costOfA - costOfB),
  );
  const values = sorted.map(([value]) => value);
  const { NextPageToken: token, ...identity } = request;
  const size = order.direction === 0 ? account.pageSize : (request.MaxResults ?? values.length);
  const page = account.pages.page(values, Math.max(size, 1), { token, identity });
  return {
    DimensionValues: describeValues(request.Dimension, page.items),
    ReturnSize: page.items.length,
    TotalSize: values.length,
    // Sorted values come as one answer, cut off at MaxResults.
    ...(page.nextToken === undefined || order.direction !== 0
      ? {}
      : { NextPageToken: page.nextToken }),
  };
}

interface Order {
  readonly metric: Metric;
  /** 0: by name. */
  readonly direction: -1 | 0 | 1;
}

function readOrder({
  SortBy = [],
  SearchString,
  NextPageToken,
  Context,
}: DimensionValuesRequest): Order {
  if (Context !== undefined && Context !== "COST_AND_USAGE") {
    throw validation(`The demo account serves only the context COST_AND_USAGE, not ${Context}`);
  }
  const [sort] = SortBy;
  if (sort === undefined) return { metric: "UnblendedCost", direction: 0 };
  if (SearchString !== undefined || NextPageToken !== undefined) {
    throw validation("SortBy cannot be used together with SearchString or NextPageToken");
  }
  const [metric = "UnblendedCost"] = readMetrics([sort.Key]);
  return { metric, direction: sort.SortOrder === "ASCENDING" ? 1 : -1 };
}
