import type { GetCostAndUsageComparisonsResponse } from "@aws-sdk/client-cost-explorer";
import type { AccountView } from "../service.ts";
import { ComparisonSums, readComparison } from "./comparison.ts";
import { compileFilter, filtered } from "./filter.ts";
import { groupLines, readGroupBy, selectorOf } from "./group-by.ts";
import type { CostAndUsageComparisonsRequest } from "./shapes.ts";

const DEFAULT_PAGE_SIZE = 10;

export function getCostAndUsageComparisons(
  request: CostAndUsageComparisonsRequest,
  account: AccountView,
): GetCostAndUsageComparisonsResponse {
  const groupings = readGroupBy(request.GroupBy ?? []);
  const matches = compileFilter(request.Filter);
  const compared = readComparison(request, account);
  const { unit } = account.ledger;
  const lines = [...filtered(compared.lines, matches)];
  const total = new ComparisonSums(compared, [compared.metric]);
  for (const line of lines) total.add(line);
  const groups =
    groupings.length === 0
      ? []
      : groupLines(lines, groupings, () => new ComparisonSums(compared, [compared.metric]));
  const { NextPageToken: token, ...identity } = request;
  const size = request.MaxResults ?? DEFAULT_PAGE_SIZE;
  const page = account.pages.page(groups, size, { token, identity });
  return {
    CostAndUsageComparisons: page.items.map(({ values, sums }) => ({
      CostAndUsageSelector: selectorOf(groupings, values),
      Metrics: sums.toValues(unit),
    })),
    TotalCostAndUsage: total.toValues(unit),
    ...(page.nextToken === undefined ? {} : { NextPageToken: page.nextToken }),
  };
}
