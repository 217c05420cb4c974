import type { CostDriver, GetCostComparisonDriversResponse } from "@aws-sdk/client-cost-explorer";
import type { CostLine, RecordType } from "../../data/billing.ts";
import { SUPPORT } from "../../data/catalogue.ts";
import type { AccountView } from "../service.ts";
import { ComparisonSums, readComparison, type Comparison } from "./comparison.ts";
import { compileFilter, filtered } from "./filter.ts";
import { byDimension, groupLines, readGroupBy, selectorOf } from "./group-by.ts";
import type { Metric } from "./metrics.ts";
import type { CostComparisonDriversRequest } from "./shapes.ts";

const MAX_PAGE_SIZE = 10;
const ALWAYS_GROUPED = ["SERVICE", "USAGE_TYPE"] as const;

/** The kinds of drivers that the documentation of the API lists, as far as they occur here. */
const DRIVER_TYPES: Readonly<Record<RecordType, string>> = {
  Usage: "USAGE_CHANGE",
  Credit: "CREDIT",
  Refund: "REFUND",
  Tax: "TAX",
  // What is listed at the on-demand price and taken off again is one thing to the reader of a bill.
  SavingsPlanCoveredUsage: "SAVINGS_PLAN_USAGE",
  SavingsPlanNegation: "SAVINGS_PLAN_USAGE",
  SavingsPlanRecurringFee: "SAVINGS_PLAN_RECURRING_FEE",
};

/**
 * What made two months differ: one entry for each service and usage type whose cost changed, its
 * drivers the kinds of charges in it. The differences of the entries, and in each entry those of
 * its drivers, add up. The largest change comes first.
 */
export function getCostComparisonDrivers(
  request: CostComparisonDriversRequest,
  account: AccountView,
): GetCostComparisonDriversResponse {
  const groupings = [
    ...ALWAYS_GROUPED.map(byDimension),
    ...readGroupBy(
      (request.GroupBy ?? []).filter(({ Key }) => !ALWAYS_GROUPED.some((name) => name === Key)),
    ),
  ];
  const matches = compileFilter(request.Filter);
  const compared = readComparison(request, account);
  const { unit } = account.ledger;
  const changed = groupLines(
    filtered(compared.lines, matches),
    groupings,
    () => new DriverSums(compared),
  )
    .filter(({ sums }) => sums.difference !== 0)
    .toSorted((a, b) => Math.abs(b.sums.difference) - Math.abs(a.sums.difference));
  const { NextPageToken: token, ...identity } = request;
  const size = request.MaxResults ?? MAX_PAGE_SIZE;
  const page = account.pages.page(changed, size, { token, identity });
  return {
    CostComparisonDrivers: page.items.map(({ values, sums }) => ({
      CostSelector: selectorOf(groupings, values),
      Metrics: sums.total.toValues(unit),
      CostDrivers: sums.toDrivers(unit),
    })),
    ...(page.nextToken === undefined ? {} : { NextPageToken: page.nextToken }),
  };
}

class DriverSums {
  readonly #compared: Comparison;
  readonly #drivers = new Map<string, { type: string; name: string; sums: ComparisonSums }>();
  readonly total: ComparisonSums;

  constructor(compared: Comparison) {
    this.#compared = compared;
    this.total = new ComparisonSums(compared, [compared.metric]);
  }

  get difference(): number {
    return this.total.differenceOf(this.#compared.metric);
  }

  add(line: CostLine): void {
    this.total.add(line);
    const type = driverType(line);
    const driver = this.#drivers.get(type) ?? {
      type,
      name: driverName(type, line),
      sums: new ComparisonSums(this.#compared, this.#metricsOf(type)),
    };
    driver.sums.add(line);
    this.#drivers.set(type, driver);
  }

  toDrivers(currency: string): CostDriver[] {
    return [...this.#drivers.values()].map(({ type, name, sums }) => ({
      Type: type,
      Name: name,
      Metrics: sums.toValues(currency),
    }));
  }

  /** A change of usage is also told in the unit of the usage. */
  #metricsOf(type: string): Metric[] {
    const { metric } = this.#compared;
    return type === "USAGE_CHANGE" && metric !== "UsageQuantity"
      ? [metric, "UsageQuantity"]
      : [metric];
  }
}

const driverType = ({ recordType, service }: CostLine): string =>
  service === SUPPORT.service ? "SUPPORT_FEE" : DRIVER_TYPES[recordType];

function driverName(type: string, { recordType, service, usageType }: CostLine): string {
  if (type === "USAGE_CHANGE") return usageType;
  return type === "SUPPORT_FEE" ? service : recordType;
}
