import type {
  ComparisonMetricValue,
  CostComparisonDriver,
  Expression,
  GetCostAndUsageComparisonsResponse,
} from "@aws-sdk/client-cost-explorer";
import type { AwsApi } from "../aws/api.ts";
import { withoutUndefined } from "../aws/objects.ts";
import type { CallScope } from "../aws/requests.ts";
import type { CostMetric } from "../config/index.ts";
import { type ComparisonQuery, comparisonRequest, type CostGrouping } from "./cost-queries.ts";
import { unreadable } from "./cost-rows.ts";
import { type Money, parseMoney } from "./money.ts";
import { toInterval } from "./periods.ts";

/** What something cost in both periods. */
export interface Compared {
  readonly before: Money;
  readonly after: Money;
}

export interface ComparedCosts {
  readonly currency: string | undefined;
  readonly total: Compared;
  /** By the value of what was grouped by, as GetCostAndUsage would name it: `Team$payments` for a tag. */
  readonly byKey: ReadonlyMap<string, Compared>;
}

/** One line of the bill that changed, and by what kind of charge. */
export interface DriverCosts extends Compared {
  readonly service: string;
  readonly usageType: string;
  /** As AWS calls it: `USAGE_CHANGE`, `CREDIT`, `SAVINGS_PLAN_USAGE`, …; that of the largest change. */
  readonly kind?: string;
  /** How much was used, where usage is what changed. */
  readonly usage?: { readonly unit: string; readonly before: number; readonly after: number };
}

const day = 24 * 3_600_000;

/** AWS allows ten on a page, and does not say how it sorts them: this many pages are read. */
const driverPages = 5;

/** Two months compared by AWS. It takes whole months of the last 13 only. */
export async function compareMonths(
  api: AwsApi,
  query: ComparisonQuery & { readonly groupBy: CostGrouping },
  scope: CallScope,
): Promise<ComparedCosts> {
  const { value } = await api.ask(
    {
      service: "ce",
      operation: "GetCostAndUsageComparisons",
      input: { ...comparisonRequest(query, [query.groupBy]), MaxResults: 2000 },
      ttlMs: day,
      interval: toInterval(query.comparison),
      missing: ({ TotalCostAndUsage }) =>
        TotalCostAndUsage?.[query.metric] === undefined ? "TotalCostAndUsage" : undefined,
      read: (pages) => readComparison(pages, query.metric),
    },
    scope,
  );
  return value;
}

/** What made the months differ, the largest change first. */
export async function driversOfMonths(
  api: AwsApi,
  query: ComparisonQuery,
  scope: CallScope,
): Promise<{ readonly drivers: readonly DriverCosts[]; readonly truncated: boolean }> {
  const answer = await api.ask(
    {
      service: "ce",
      operation: "GetCostComparisonDrivers",
      input: { ...comparisonRequest(query, []), MaxResults: 10 },
      ttlMs: day,
      maxPages: driverPages,
      interval: toInterval(query.comparison),
      missing: ({ CostComparisonDrivers }) =>
        CostComparisonDrivers === undefined ? "CostComparisonDrivers" : undefined,
      read: (pages) =>
        pages
          .flatMap(({ CostComparisonDrivers = [] }) => CostComparisonDrivers)
          .map((driver) => readDriver(driver, query.metric)),
    },
    scope,
  );
  return { drivers: answer.value, truncated: answer.truncated };
}

function readComparison(
  pages: readonly GetCostAndUsageComparisonsResponse[],
  metric: CostMetric,
): ComparedCosts {
  const total = pages[0]?.TotalCostAndUsage?.[metric];
  const groups = pages.flatMap(({ CostAndUsageComparisons = [] }) => CostAndUsageComparisons);
  const byKey = groups.map(
    ({ CostAndUsageSelector, Metrics }) =>
      [keyOf(CostAndUsageSelector), readAmounts(Metrics?.[metric])] as const,
  );
  return { currency: total?.Unit, total: readAmounts(total), byKey: new Map(byKey) };
}

/** The value that a filter selects, as GetCostAndUsage names it. */
function keyOf({ Dimensions, Tags }: Expression = {}): string {
  if (Tags !== undefined) return `${Tags.Key}$${Tags.Values?.[0] ?? ""}`;
  return Dimensions?.Values?.[0] ?? "";
}

function readDriver(
  { CostSelector, Metrics, CostDrivers = [] }: CostComparisonDriver,
  metric: CostMetric,
): DriverCosts {
  const parts = CostSelector?.And ?? [];
  const valueOf = (key: string): string =>
    parts.find(({ Dimensions }) => Dimensions?.Key === key)?.Dimensions?.Values?.[0] ?? "";
  const [largest] = CostDrivers.toSorted(
    (left, right) => changeOf(right.Metrics?.[metric]) - changeOf(left.Metrics?.[metric]),
  );
  const used = largest?.Metrics?.["UsageQuantity"];
  return withoutUndefined({
    ...readAmounts(Metrics?.[metric]),
    service: valueOf("SERVICE"),
    usageType: valueOf("USAGE_TYPE"),
    kind: largest?.Type,
    usage:
      used?.Unit === undefined || used.Unit === "N/A"
        ? undefined
        : {
            unit: used.Unit,
            before: Number(used.BaselineTimePeriodAmount),
            after: Number(used.ComparisonTimePeriodAmount),
          },
  });
}

function changeOf(value: ComparisonMetricValue | undefined): number {
  return Math.abs(Number(value?.Difference ?? 0));
}

function readAmounts(value: ComparisonMetricValue | undefined): Compared {
  return {
    before: amountOf(value?.BaselineTimePeriodAmount),
    after: amountOf(value?.ComparisonTimePeriodAmount),
  };
}

function amountOf(text: string | undefined): Money {
  const amount = text === undefined ? undefined : parseMoney(text);
  if (amount === undefined) throw unreadable(`the amount "${text}"`);
  return amount;
}
