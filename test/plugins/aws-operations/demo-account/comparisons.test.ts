import {
  GetCostAndUsageComparisonsCommand,
  GetCostComparisonDriversCommand,
  type ComparisonMetricValue,
  type CostAndUsageComparison,
  type CostComparisonDriver,
  type Expression,
  type GetCostAndUsageComparisonsCommandInput,
  type GetCostComparisonDriversCommandInput,
} from "@aws-sdk/client-cost-explorer";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  failureOf,
  fetchAll,
  firstOfMonth,
  openDemo,
  sumOf,
  toMicros,
  withDemo,
  type Demo,
} from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

/** The kinds of drivers that the documentation of CostDriver names. */
const AWS_TYPES = [
  "BUNDLED_DISCOUNT",
  "CREDIT",
  "OUT_OF_CYCLE_CHARGE",
  "REFUND",
  "RECURRING_RESERVATION_FEE",
  "RESERVATION_USAGE",
  "RI_VOLUME_DISCOUNT",
  "SAVINGS_PLAN_USAGE",
  "SAVINGS_PLAN_RECURRING_FEE",
  "SUPPORT_FEE",
  "TAX",
  "UPFRONT_RESERVATION_FEE",
  "USAGE_CHANGE",
  "COMMITMENT",
];

const months = (now: string, metric = "UnblendedCost") => ({
  BaselineTimePeriod: { Start: firstOfMonth(now, -2), End: firstOfMonth(now, -1) },
  ComparisonTimePeriod: { Start: firstOfMonth(now, -1), End: firstOfMonth(now) },
  MetricForComparison: metric,
});

async function compareAll(
  { ce }: Demo,
  input: GetCostAndUsageComparisonsCommandInput,
): Promise<{
  readonly groups: readonly CostAndUsageComparison[];
  readonly totals: readonly (ComparisonMetricValue | undefined)[];
}> {
  const groups: CostAndUsageComparison[] = [];
  const totals: (ComparisonMetricValue | undefined)[] = [];
  let NextPageToken: string | undefined;
  do {
    const page = await ce.send(new GetCostAndUsageComparisonsCommand({ ...input, NextPageToken }));
    groups.push(...(page.CostAndUsageComparisons ?? []));
    totals.push(page.TotalCostAndUsage?.[input.MetricForComparison ?? ""]);
    NextPageToken = page.NextPageToken;
  } while (NextPageToken !== undefined);
  return { groups, totals };
}

async function driversOf(
  { ce }: Demo,
  input: GetCostComparisonDriversCommandInput,
): Promise<readonly CostComparisonDriver[]> {
  const drivers: CostComparisonDriver[] = [];
  let NextPageToken: string | undefined;
  do {
    const page = await ce.send(new GetCostComparisonDriversCommand({ ...input, NextPageToken }));
    drivers.push(...(page.CostComparisonDrivers ?? []));
    NextPageToken = page.NextPageToken;
  } while (NextPageToken !== undefined);
  return drivers;
}

const sum = (amounts: readonly (string | undefined)[]): bigint =>
  amounts.reduce((total, amount) => total + toMicros(amount), 0n);

async function costOf(
  { ce }: Demo,
  period: { Start: string; End: string },
  filter?: Expression,
  metric = "UnblendedCost",
): Promise<bigint> {
  const { results } = await fetchAll(ce, {
    TimePeriod: period,
    Granularity: "MONTHLY",
    Metrics: [metric],
    ...(filter === undefined ? {} : { Filter: filter }),
  });
  return sumOf(results, metric);
}

test.each(["SERVICE", "LINKED_ACCOUNT", "REGION", "USAGE_TYPE", "RECORD_TYPE"])(
  "months compared by %s add up to what the months cost, over all pages",
  async (Key) => {
    const demo = await openDemo(NOW);
    for (const metric of ["UnblendedCost", "AmortizedCost"]) {
      const input = { ...months(NOW, metric), GroupBy: [{ Type: "DIMENSION" as const, Key }] };
      const { groups, totals } = await compareAll(demo, { ...input, MaxResults: 3 });
      const amounts = groups.map(({ Metrics }) => Metrics?.[metric]);
      const baseline = await costOf(demo, input.BaselineTimePeriod, undefined, metric);
      const comparison = await costOf(demo, input.ComparisonTimePeriod, undefined, metric);
      expect(totals).toHaveLength(Math.ceil(groups.length / 3));
      for (const total of totals) {
        expect(toMicros(total?.BaselineTimePeriodAmount)).toBe(baseline);
        expect(toMicros(total?.ComparisonTimePeriodAmount)).toBe(comparison);
        expect(toMicros(total?.Difference)).toBe(comparison - baseline);
        expect(total?.Unit).toBe("USD");
      }
      expect(sum(amounts.map((amount) => amount?.BaselineTimePeriodAmount))).toBe(baseline);
      expect(sum(amounts.map((amount) => amount?.Difference))).toBe(comparison - baseline);
    }
  },
);

test("the selector of a group, used as a filter, finds its costs, also where the tag is absent", async () => {
  const demo = await openDemo(NOW);
  const input = {
    ...months(NOW),
    GroupBy: [
      { Type: "TAG" as const, Key: "Team" },
      { Type: "DIMENSION" as const, Key: "SERVICE" },
    ],
  };
  const { groups } = await compareAll(demo, { ...input, MaxResults: 2000 });
  expect(groups.some((group) => JSON.stringify(group).includes("ABSENT"))).toBe(true);
  for (const { CostAndUsageSelector, Metrics } of groups) {
    expect(await costOf(demo, input.ComparisonTimePeriod, CostAndUsageSelector)).toBe(
      toMicros(Metrics?.["UnblendedCost"]?.ComparisonTimePeriodAmount),
    );
  }
});

test("without groups there is the total alone", async () => {
  const demo = await openDemo(NOW);
  const { groups, totals } = await compareAll(demo, months(NOW));
  expect(groups).toEqual([]);
  expect(totals).toHaveLength(1);
});

test("drivers agree with the costs of both months, to the last digit, on any date", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.date({
        min: new Date("2025-06-01T00:00:00Z"),
        max: new Date("2030-12-31T00:00:00Z"),
        noInvalidDate: true,
      }),
      fc.constantFrom("UnblendedCost", "AmortizedCost"),
      async (date, metric) => {
        const now = date.toISOString();
        await withDemo(now, async (demo) => {
          const input = months(now, metric);
          const drivers = await driversOf(demo, input);
          const difference =
            (await costOf(demo, input.ComparisonTimePeriod, undefined, metric)) -
            (await costOf(demo, input.BaselineTimePeriod, undefined, metric));
          expect(sum(drivers.map(({ Metrics }) => Metrics?.[metric]?.Difference))).toBe(difference);
          for (const { Metrics, CostDrivers = [] } of drivers) {
            expect(sum(CostDrivers.map((driver) => driver.Metrics?.[metric]?.Difference))).toBe(
              toMicros(Metrics?.[metric]?.Difference),
            );
          }
        });
      },
    ),
    { numRuns: 15 },
  );
});

test("the anomaly is a driver of its month, the first in its service", async () => {
  const now = "2026-12-02T10:00:00Z";
  const demo = await openDemo(now);
  const drivers = await driversOf(demo, {
    ...months(now),
    Filter: { Dimensions: { Key: "SERVICE", Values: ["EC2 - Other"] } },
  });
  expect(drivers[0]).toMatchObject({
    CostSelector: {
      And: [
        { Dimensions: { Key: "SERVICE", Values: ["EC2 - Other"] } },
        { Dimensions: { Key: "USAGE_TYPE", Values: ["EU-NatGateway-Bytes"] } },
      ],
    },
    CostDrivers: [
      {
        Type: "USAGE_CHANGE",
        Name: "EU-NatGateway-Bytes",
        Metrics: { UsageQuantity: { Unit: "GB" }, UnblendedCost: { Unit: "USD" } },
      },
    ],
  });
  const difference = Number(drivers[0]?.Metrics?.["UnblendedCost"]?.Difference);
  expect(difference).toBeGreaterThan(350);
});

test("drivers come ten to a page, the largest change first, each of a kind that AWS lists", async () => {
  const demo = await openDemo(NOW);
  const first = await demo.ce.send(new GetCostComparisonDriversCommand(months(NOW)));
  expect(first.CostComparisonDrivers).toHaveLength(10);
  const drivers = await driversOf(demo, { ...months(NOW), MaxResults: 4 });
  const sizes = drivers.map(({ Metrics }) =>
    Math.abs(Number(Metrics?.["UnblendedCost"]?.Difference)),
  );
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  const types = new Set(
    drivers.flatMap(({ CostDrivers = [] }) => CostDrivers.map(({ Type }) => Type)),
  );
  // The refund, the support fee and the plan's daily fee were the same, or nearly so.
  expect([...types]).toEqual(
    expect.arrayContaining(["CREDIT", "SAVINGS_PLAN_RECURRING_FEE", "TAX", "USAGE_CHANGE"]),
  );
  expect(AWS_TYPES).toEqual(expect.arrayContaining([...types]));
});

test("the open month can be compared as far as it has come", async () => {
  const demo = await openDemo(NOW);
  const input = {
    ...months(NOW),
    ComparisonTimePeriod: { Start: "2026-11-01", End: "2026-12-01" },
  };
  const { totals } = await compareAll(demo, input);
  expect(toMicros(totals[0]?.ComparisonTimePeriodAmount)).toBe(
    await costOf(demo, { Start: "2026-11-01", End: "2026-11-21" }),
  );
});

describe("refused is", () => {
  test.each<[string, object, RegExp]>([
    [
      "a period that is no calendar month",
      { BaselineTimePeriod: { Start: "2026-09-01", End: "2026-10-02" } },
      /^BaselineTimePeriod must start and end on the first day of a month, with a duration of exactly one month$/,
    ],
    [
      "a month that starts late",
      { ComparisonTimePeriod: { Start: "2026-10-02", End: "2026-11-01" } },
      /^ComparisonTimePeriod must start and end on the first day/,
    ],
    [
      "two months at once",
      { BaselineTimePeriod: { Start: "2026-08-01", End: "2026-10-01" } },
      /exactly one month$/,
    ],
    [
      "a month too long ago",
      { BaselineTimePeriod: { Start: "2025-09-01", End: "2025-10-01" } },
      /within the last 13 months/,
    ],
    [
      "a month to come",
      { ComparisonTimePeriod: { Start: "2026-12-01", End: "2027-01-01" } },
      /past the beginning of next month/,
    ],
    [
      "an unknown metric",
      { MetricForComparison: "UNBLENDED_COST" },
      /UNBLENDED_COST not supported/,
    ],
    [
      "three groups",
      { GroupBy: ["REGION", "OPERATION", "AZ"].map((Key) => ({ Type: "DIMENSION", Key })) },
      /at most 2 groups/,
    ],
  ])("%s", async (_what, change, message) => {
    const { ce } = await openDemo(NOW);
    const input = { ...months(NOW), ...change };
    for (const call of [
      ce.send(new GetCostAndUsageComparisonsCommand(input)),
      ce.send(new GetCostComparisonDriversCommand(input)),
    ]) {
      const failure = await failureOf(call);
      expect(failure).toMatchObject({ name: "ValidationException", status: 400 });
      expect(failure.message).toMatch(message);
    }
  });

  test("more on a page than AWS gives", async () => {
    const { ce } = await openDemo(NOW);
    const drivers = new GetCostComparisonDriversCommand({ ...months(NOW), MaxResults: 11 });
    expect((await failureOf(ce.send(drivers))).message).toMatch(/less than or equal to 10$/);
    const comparisons = new GetCostAndUsageComparisonsCommand({
      ...months(NOW),
      MaxResults: 2001,
    });
    expect((await failureOf(ce.send(comparisons))).message).toMatch(/less than or equal to 2000$/);
  });

  test("a page token with other parameters", async () => {
    const { ce } = await openDemo(NOW);
    const { NextPageToken } = await ce.send(new GetCostComparisonDriversCommand(months(NOW)));
    const changed = { ...months(NOW, "AmortizedCost"), NextPageToken };
    const { name } = await failureOf(ce.send(new GetCostComparisonDriversCommand(changed)));
    expect(name).toBe("RequestChangedException");
  });
});
