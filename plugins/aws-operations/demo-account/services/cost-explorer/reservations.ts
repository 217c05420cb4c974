import type {
  Coverage,
  GetReservationCoverageResponse,
  ReservationCoverageGroup,
} from "@aws-sdk/client-cost-explorer";
import type { CostLine } from "../../data/billing.ts";
import { EC2_COMPUTE, ELASTICACHE, RDS } from "../../data/catalogue.ts";
import { formatAmount, type Micros } from "../../data/money.ts";
import { validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import { compileDimensionFilter, cut, noData, readGroupNames, sortRows } from "./commitments.ts";
import type {
  ReservationCoverageRequest,
  ReservationUtilizationRequest,
} from "./commitment-shapes.ts";
import { dimension } from "./dimensions.ts";
import { readClosedPeriod, toInterval, type Period } from "./periods.ts";
import type { Expression } from "./shapes.ts";

const SERVICES = new Set([EC2_COMPUTE, ELASTICACHE, RDS]);
const FILTERS = ["INSTANCE_TYPE", "LINKED_ACCOUNT", "REGION", "SERVICE"];
const DEFAULT_PAGE_SIZE = 100;

/** Groups by their names in a request, and the names of their attributes in the answer. */
const GROUPS = new Map([
  ["INSTANCE_TYPE", "instanceType"],
  ["LINKED_ACCOUNT", "linkedAccount"],
  ["REGION", "region"],
]);

const MEASURES = ["Hour", "Unit", "Cost"] as const;
type Measure = (typeof MEASURES)[number];

/** How many normalised units an instance of a size is. */
const UNITS: Readonly<Record<string, number>> = {
  nano: 0.25,
  micro: 0.5,
  small: 1,
  medium: 2,
  large: 4,
  xlarge: 8,
};

/** Hours and units in millionths. The organisation has no reservations: all of it is on demand. */
interface Running {
  hours: number;
  units: number;
  cost: Micros;
}

interface Row extends Running {
  readonly attributes: Record<string, string>;
}

export function getReservationCoverage(
  request: ReservationCoverageRequest,
  account: AccountView,
): GetReservationCoverageResponse {
  const measures = readMeasures(request.Metrics);
  const names = readGroupNames(request.GroupBy, request.Granularity, [...GROUPS.keys()]);
  const matches = compileDimensionFilter(request.Filter, FILTERS);
  const isOfService = asksFor(request.Filter, "SERVICE")
    ? ({ service }: CostLine) => SERVICES.has(service)
    : ({ service }: CostLine) => service === EC2_COMPUTE;
  const isCounted = (line: CostLine): boolean =>
    line.recordType === "Usage" && line.unit === "Hrs" && isOfService(line) && matches(line);
  const period = readClosedPeriod(request.TimePeriod, account.now);
  const rows = cut(period, request.Granularity).flatMap((bucket) => {
    const running = runningIn(bucket, names, isCounted, account);
    const sorted = sortRows(running, request.SortBy, {
      OnDemandCost: ({ cost }) => cost,
      OnDemandHours: ({ hours }) => hours,
      TotalRunningHours: ({ hours }) => hours,
      OnDemandNormalizedUnits: ({ units }) => units,
      TotalRunningNormalizedUnits: ({ units }) => units,
    });
    return sorted.map((row) => ({ bucket, row }));
  });
  if (rows.length === 0) throw noData();
  const { NextPageToken: token, ...identity } = request;
  const size = request.MaxResults ?? DEFAULT_PAGE_SIZE;
  const page = account.pages.page(rows, size, { token, identity });
  const byTime = new Map<Period, Row[]>();
  for (const { bucket, row } of page.items) {
    byTime.set(bucket, [...(byTime.get(bucket) ?? []), row]);
  }
  const groupOf = (row: Row): ReservationCoverageGroup => ({
    Attributes: row.attributes,
    Coverage: describe(row, measures),
  });
  return {
    CoveragesByTime: [...byTime].map(([bucket, running]) => ({
      TimePeriod: toInterval(bucket),
      Groups: names.length === 0 ? [] : running.map(groupOf),
      Total: describe(total(running), measures),
    })),
    Total: describe(total(rows.map(({ row }) => row)), measures),
    ...(page.nextToken === undefined ? {} : { NextPageToken: page.nextToken }),
  };
}

/** Checks the request; with no reservations there is nothing to tell about their use. */
export function getReservationUtilization(
  request: ReservationUtilizationRequest,
  account: AccountView,
): never {
  readGroupNames(request.GroupBy, request.Granularity, ["SUBSCRIPTION_ID"]);
  compileDimensionFilter(request.Filter, FILTERS);
  cut(readClosedPeriod(request.TimePeriod, account.now), request.Granularity);
  throw noData();
}

function runningIn(
  { start, end }: Period,
  names: readonly string[],
  isCounted: (line: CostLine) => boolean,
  { ledger, now }: AccountView,
): Row[] {
  const instanceType = dimension("INSTANCE_TYPE");
  const rows = new Map<string, Row>();
  for (const line of ledger.linesBetween(start, end, now)) {
    if (!isCounted(line)) continue;
    const attributes = Object.fromEntries(
      names.map((name) => [GROUPS.get(name) ?? name, dimension(name)(line)]),
    );
    const key = JSON.stringify(attributes);
    const row = rows.get(key) ?? { attributes, hours: 0, units: 0, cost: 0 };
    const size = instanceType(line).split(".").at(-1) ?? "";
    row.hours += line.quantity;
    row.units += Math.round(line.quantity * (UNITS[size] ?? 0));
    row.cost += line.unblended;
    rows.set(key, row);
  }
  return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function total(rows: readonly Running[]): Running {
  const sum: Running = { hours: 0, units: 0, cost: 0 };
  for (const { hours, units, cost } of rows) {
    sum.hours += hours;
    sum.units += units;
    sum.cost += cost;
  }
  return sum;
}

function describe({ hours, units, cost }: Running, measures: readonly Measure[]): Coverage {
  const coverage: Coverage = {};
  if (measures.includes("Hour")) {
    coverage.CoverageHours = {
      OnDemandHours: formatAmount(hours),
      ReservedHours: "0",
      TotalRunningHours: formatAmount(hours),
      CoverageHoursPercentage: "0",
    };
  }
  if (measures.includes("Unit")) {
    coverage.CoverageNormalizedUnits = {
      OnDemandNormalizedUnits: formatAmount(units),
      ReservedNormalizedUnits: "0",
      TotalRunningNormalizedUnits: formatAmount(units),
      CoverageNormalizedUnitsPercentage: "0",
    };
  }
  if (measures.includes("Cost")) coverage.CoverageCost = { OnDemandCost: formatAmount(cost) };
  return coverage;
}

function readMeasures(names: readonly string[] | undefined): readonly Measure[] {
  if (names === undefined || names.length === 0) return ["Hour"];
  return names.map((name) => {
    const measure = MEASURES.find((known) => known === name);
    if (measure === undefined) {
      throw validation(`Metrics ${name} not supported. Valid values are ${MEASURES.join(", ")}`);
    }
    return measure;
  });
}

/** Whether a filter says anything about a dimension. */
function asksFor(expression: Expression | undefined, key: string): boolean {
  if (expression === undefined) return false;
  const { And = [], Or = [], Not, Dimensions } = expression;
  return (
    Dimensions?.Key === key ||
    [...And, ...Or].some((part) => asksFor(part, key)) ||
    asksFor(Not, key)
  );
}
