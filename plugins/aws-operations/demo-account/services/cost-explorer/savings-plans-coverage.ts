import type {
  GetSavingsPlansCoverageResponse,
  SavingsPlansCoverage,
} from "@aws-sdk/client-cost-explorer";
import type { CostLine } from "../../data/billing.ts";
import { EC2_COMPUTE, LAMBDA } from "../../data/catalogue.ts";
import { formatAmount, type Micros } from "../../data/money.ts";
import { validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import {
  compileDimensionFilter,
  cut,
  formatPercent,
  noData,
  readGroupNames,
  sortRows,
} from "./commitments.ts";
import type { SavingsPlansCoverageRequest } from "./commitment-shapes.ts";
import { dimension, type Attribute } from "./dimensions.ts";
import { readClosedPeriod, toInterval, type Period } from "./periods.ts";

const DEFAULT_PAGE_SIZE = 20;
const FILTERS = ["LINKED_ACCOUNT", "REGION", "SERVICE", "INSTANCE_TYPE_FAMILY"];

const GROUPS = new Map<string, Attribute>([
  ["INSTANCE_FAMILY", dimension("INSTANCE_TYPE_FAMILY")],
  ["REGION", dimension("REGION")],
  ["SERVICE", dimension("SERVICE")],
]);

/** What a Compute Savings Plan applies to. */
const isEligible = ({ service }: CostLine): boolean =>
  service === EC2_COMPUTE || service === LAMBDA;

/** Both amounts at on-demand prices. */
interface Row {
  readonly period: Period;
  readonly attributes: Record<string, string>;
  covered: Micros;
  onDemand: Micros;
}

export function getSavingsPlansCoverage(
  request: SavingsPlansCoverageRequest,
  account: AccountView,
): GetSavingsPlansCoverageResponse {
  checkMetrics(request.Metrics);
  const names = readGroupNames(request.GroupBy, request.Granularity, [...GROUPS.keys()]);
  const matches = compileDimensionFilter(request.Filter, FILTERS);
  const period = readClosedPeriod(request.TimePeriod, account.now);
  const rows = cut(period, request.Granularity).flatMap((bucket) =>
    rowsOf(bucket, names, matches, account),
  );
  if (rows.length === 0) throw noData();
  const sorted = sortRows(rows, request.SortBy, {
    SpendCoveredBySavingsPlan: ({ covered }) => covered,
    OnDemandCost: ({ onDemand }) => onDemand,
    CoveragePercentage: ({ covered, onDemand }) => covered / (covered + onDemand),
    TotalCost: ({ covered, onDemand }) => covered + onDemand,
    InstanceFamily: ({ attributes }) => attributes["INSTANCE_FAMILY"] ?? "",
    Region: ({ attributes }) => attributes["REGION"] ?? "",
    Service: ({ attributes }) => attributes["SERVICE"] ?? "",
  });
  const { NextToken: token, ...identity } = request;
  const size = request.MaxResults ?? DEFAULT_PAGE_SIZE;
  const page = account.pages.page(sorted, size, { token, identity });
  return {
    SavingsPlansCoverages: page.items.map(describe),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}

function rowsOf(
  period: Period,
  names: readonly string[],
  matches: (line: CostLine) => boolean,
  { ledger, now }: AccountView,
): Row[] {
  const rows = new Map<string, Row>();
  for (const line of ledger.linesBetween(period.start, period.end, now)) {
    if (!isEligible(line) || !matches(line)) continue;
    const isCovered = line.recordType === "SavingsPlanCoveredUsage";
    if (!isCovered && line.recordType !== "Usage") continue;
    const attributes = Object.fromEntries(
      names.map((name) => [name, GROUPS.get(name)?.(line) ?? ""]),
    );
    const key = JSON.stringify(attributes);
    const row = rows.get(key) ?? { period, attributes, covered: 0, onDemand: 0 };
    if (isCovered) row.covered += line.unblended;
    else row.onDemand += line.unblended;
    rows.set(key, row);
  }
  return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

const describe = ({ period, attributes, covered, onDemand }: Row): SavingsPlansCoverage => ({
  Attributes: attributes,
  Coverage: {
    SpendCoveredBySavingsPlans: formatAmount(covered),
    OnDemandCost: formatAmount(onDemand),
    TotalCost: formatAmount(covered + onDemand),
    CoveragePercentage: formatPercent(covered, covered + onDemand),
  },
  TimePeriod: toInterval(period),
});

function checkMetrics(metrics: readonly string[] | undefined): void {
  const unknown = (metrics ?? []).filter((name) => name !== "SpendCoveredBySavingsPlans");
  if (unknown.length > 0) {
    throw validation(
      `Metrics ${unknown.join(", ")} not supported. The only valid value is SpendCoveredBySavingsPlans`,
    );
  }
}
