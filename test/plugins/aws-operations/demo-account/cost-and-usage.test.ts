import {
  GetCostAndUsageCommand,
  GetDimensionValuesCommand,
  type Expression,
  type GetCostAndUsageCommandInput,
  type GroupDefinition,
} from "@aws-sdk/client-cost-explorer";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  day,
  failureOf,
  fetchAll,
  firstOfMonth,
  openDemo,
  sumOf,
  toMicros,
  withDemo,
} from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

const dimension = (Key: string): GroupDefinition => ({ Type: "DIMENSION", Key });
const tag = (Key: string): GroupDefinition => ({ Type: "TAG", Key });

const GROUPINGS: readonly GroupDefinition[] = [
  ...["SERVICE", "LINKED_ACCOUNT", "REGION", "USAGE_TYPE", "RECORD_TYPE"].map(dimension),
  tag("Environment"),
  tag("Team"),
  tag("NobodyUsesThis"),
];

const anyNow = fc.oneof(
  fc.constantFrom(
    "2026-11-01T00:00:00Z",
    "2026-11-30T23:59:59Z",
    "2026-12-31T12:00:00Z",
    "2027-01-01T00:30:00Z",
    "2027-02-28T23:00:00Z",
    "2028-02-29T06:00:00Z",
    "2028-03-01T00:00:00Z",
  ),
  fc
    .date({
      min: new Date("2024-01-01T00:00:00Z"),
      max: new Date("2032-12-31T00:00:00Z"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
);

const month = (now: string): GetCostAndUsageCommandInput => ({
  TimePeriod: { Start: firstOfMonth(now), End: day(now, 1) },
  Granularity: "MONTHLY",
  Metrics: ["UnblendedCost"],
});

describe("the books balance", () => {
  test("any grouping, granularity and page size add up to the ungrouped total, to the last digit", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyNow,
        fc.nat({ max: 80 }),
        fc.integer({ min: 1, max: 40 }),
        fc.subarray([...GROUPINGS], { minLength: 1, maxLength: 2 }),
        fc.constantFrom("DAILY", "MONTHLY"),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom("UnblendedCost", "AmortizedCost", "NetUnblendedCost", "UsageQuantity"),
        async (now, back, length, GroupBy, Granularity, pageSize, metric) => {
          const start = day(now, -back);
          const latest = firstOfMonth(now, 1);
          const wanted = day(start, length);
          const TimePeriod = { Start: start, End: wanted < latest ? wanted : latest };
          await withDemo(
            now,
            async ({ ce, account }) => {
              const Metrics = [metric];
              const total = await fetchAll(ce, { TimePeriod, Granularity: "MONTHLY", Metrics });
              const split = await fetchAll(ce, { TimePeriod, Granularity, Metrics, GroupBy });
              expect(sumOf(split.results, metric)).toBe(sumOf(total.results, metric));
              expect(account.log.length).toBe(total.pages + split.pages);
            },
            { pageSize },
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a filter and its negation split the total between them", async () => {
    const { ce } = await openDemo(NOW);
    const filters: Expression[] = [
      { Dimensions: { Key: "SERVICE", Values: ["EC2 - Other", "AWS Lambda"] } },
      { Dimensions: { Key: "RECORD_TYPE", Values: ["Credit", "Refund"] } },
      { Tags: { Key: "Environment", Values: ["production"] } },
      { Tags: { Key: "Team", MatchOptions: ["ABSENT"] } },
      {
        And: [
          { Dimensions: { Key: "REGION", Values: ["eu-west-1"] } },
          {
            Or: [
              { Dimensions: { Key: "SERVICE", Values: ["EC2 - Other"] } },
              { Not: { Dimensions: { Key: "LINKED_ACCOUNT", Values: ["444455556666"] } } },
            ],
          },
        ],
      },
    ];
    const total = sumOf((await fetchAll(ce, month(NOW))).results);
    for (const Filter of filters) {
      const inside = await fetchAll(ce, { ...month(NOW), Filter });
      const outside = await fetchAll(ce, { ...month(NOW), Filter: { Not: Filter } });
      expect(sumOf(inside.results)).not.toBe(0n);
      expect(sumOf(inside.results) + sumOf(outside.results)).toBe(total);
    }
  });

  test("a past date costs the same whenever, and in whichever account, it is asked for", async () => {
    const input: GetCostAndUsageCommandInput = {
      TimePeriod: { Start: "2026-09-01", End: "2026-09-15" },
      Granularity: "DAILY",
      Metrics: ["UnblendedCost", "AmortizedCost", "UsageQuantity"],
      GroupBy: [dimension("USAGE_TYPE"), dimension("RECORD_TYPE")],
    };
    const asked = await Promise.all(
      ["2026-11-20T10:00:00Z", "2026-12-31T23:00:00Z", "2027-05-01T00:00:00Z"].map((now) =>
        withDemo(now, async ({ ce }) => (await fetchAll(ce, input)).results, { pageSize: 5_000 }),
      ),
    );
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[2]?.map(({ Groups }) => Groups)).toEqual(asked[0]?.map(({ Groups }) => Groups));
  });

  test("spreading the savings plan's fee moves costs between services, not between days", async () => {
    const { ce } = await openDemo(NOW);
    const Metrics = ["UnblendedCost", "AmortizedCost"];
    const daily = await fetchAll(ce, { ...month(NOW), Granularity: "DAILY", Metrics });
    for (const result of daily.results) {
      expect(sumOf([result], "AmortizedCost")).toBe(sumOf([result], "UnblendedCost"));
    }
    const Filter = {
      Dimensions: { Key: "SERVICE" as const, Values: ["Savings Plans for AWS Compute usage"] },
    };
    const plan = (await fetchAll(ce, { ...month(NOW), Metrics, Filter })).results;
    expect(sumOf(plan, "AmortizedCost")).toBeGreaterThan(0n);
    expect(sumOf(plan, "AmortizedCost")).toBeLessThan(sumOf(plan) / 4n);
  });

  test("usage plus credits, refunds, tax and the plan is the net total, and gross differs from it", async () => {
    const { ce } = await openDemo(NOW);
    const { results } = await fetchAll(ce, { ...month(NOW), GroupBy: [dimension("RECORD_TYPE")] });
    const byType = new Map(
      results.flatMap(({ Groups = [] }) =>
        Groups.map(({ Keys, Metrics }) => [
          Keys?.[0],
          toMicros(Metrics?.["UnblendedCost"]?.Amount),
        ]),
      ),
    );
    expect([...byType.keys()]).toEqual([
      "Credit",
      "Refund",
      "SavingsPlanCoveredUsage",
      "SavingsPlanNegation",
      "SavingsPlanRecurringFee",
      "Tax",
      "Usage",
    ]);
    expect(byType.get("Credit")).toBeLessThan(0n);
    expect(byType.get("Refund")).toBe(-18_400_000n);
    expect(byType.get("SavingsPlanNegation")).toBe(-(byType.get("SavingsPlanCoveredUsage") ?? 0n));
    expect(byType.get("Tax")).toBeGreaterThan(0n);
  });
});

/** What 19, 20 and 21 November 2026 cost as seen at `now`. */
const threeDays = (now: string): Promise<bigint[]> =>
  withDemo(now, async ({ ce }) => {
    const TimePeriod = { Start: "2026-11-19", End: "2026-11-22" };
    const input = { ...month(now), TimePeriod, Granularity: "DAILY" as const };
    return (await fetchAll(ce, input)).results.map((result) => sumOf([result]));
  });

describe("the answer has Cost Explorer's shape", () => {
  test("there are fifteen services under their real names, in three accounts", async () => {
    const { ce } = await openDemo(NOW);
    const values = async (Dimension: "SERVICE" | "LINKED_ACCOUNT") => {
      const { TimePeriod } = month(NOW);
      const answer = await ce.send(new GetDimensionValuesCommand({ TimePeriod, Dimension }));
      expect(answer.TotalSize).toBe(answer.DimensionValues?.length);
      return answer.DimensionValues ?? [];
    };
    const services = (await values("SERVICE")).map(({ Value }) => Value);
    expect(services).toHaveLength(15);
    expect(services).toEqual(
      expect.arrayContaining([
        "Amazon Elastic Compute Cloud - Compute",
        "EC2 - Other",
        "Amazon Relational Database Service",
        "AmazonCloudWatch",
        "Tax",
      ]),
    );
    expect(await values("LINKED_ACCOUNT")).toEqual([
      { Value: "111122223333", Attributes: { description: "demo-management" } },
      { Value: "444455556666", Attributes: { description: "demo-production" } },
      { Value: "777788889999", Attributes: { description: "demo-staging" } },
    ]);
  });

  test("Total is empty as soon as GroupBy is used, and filled without it", async () => {
    const { ce } = await openDemo(NOW);
    const grouped = await fetchAll(ce, { ...month(NOW), GroupBy: [dimension("SERVICE")] });
    expect(grouped.results.map(({ Total }) => Total)).toEqual([{}]);
    const plain = await fetchAll(ce, month(NOW));
    expect(plain.results.map(({ Groups }) => Groups)).toEqual([[]]);
    expect(plain.results[0]?.Total?.["UnblendedCost"]?.Amount).toMatch(/^\d+\.\d{10}$/);
  });

  test("groups come in an order that says nothing about cost", async () => {
    const { ce } = await openDemo(NOW);
    const { results } = await fetchAll(ce, { ...month(NOW), GroupBy: [dimension("SERVICE")] });
    const amounts = (results[0]?.Groups ?? []).map(({ Metrics }) =>
      Number(Metrics?.["UnblendedCost"]?.Amount),
    );
    const highest = Math.max(...amounts);
    expect(amounts.slice(0, 5)).not.toContain(highest);
  });

  test("tag groups are written key$value, with an empty value where there is none", async () => {
    const { ce } = await openDemo(NOW);
    const { results } = await fetchAll(ce, { ...month(NOW), GroupBy: [tag("Environment")] });
    expect(results.flatMap(({ Groups = [] }) => Groups.flatMap(({ Keys }) => Keys))).toEqual([
      "Environment$",
      "Environment$production",
      "Environment$staging",
    ]);
  });

  test("months are cut at calendar borders and only the open month is an estimate", async () => {
    const { ce } = await openDemo(NOW);
    const { results } = await fetchAll(ce, {
      ...month(NOW),
      TimePeriod: { Start: "2026-09-10", End: "2026-11-21" },
    });
    expect(results.map(({ TimePeriod, Estimated }) => ({ ...TimePeriod, Estimated }))).toEqual([
      { Start: "2026-09-10", End: "2026-10-01", Estimated: false },
      { Start: "2026-10-01", End: "2026-11-01", Estimated: false },
      { Start: "2026-11-01", End: "2026-11-21", Estimated: true },
    ]);
  });

  test("today grows by the hour, and tomorrow costs nothing yet", async () => {
    const [yesterday = 0n, morning = 0n, tomorrow] = await threeDays("2026-11-20T06:00:00Z");
    const [, evening = 0n] = await threeDays("2026-11-20T22:00:00Z");
    expect(tomorrow).toBe(0n);
    expect(morning).toBeGreaterThan(0n);
    expect(evening).toBeGreaterThan(morning * 2n);
    expect(evening).toBeLessThan(yesterday * 2n);
  });

  test("usage has a unit only where all of it has the same", async () => {
    const { ce } = await openDemo(NOW);
    const input = { ...month(NOW), Metrics: ["UsageQuantity"] };
    const all = await fetchAll(ce, input);
    expect(all.results[0]?.Total?.["UsageQuantity"]?.Unit).toBe("N/A");
    const Filter = { Dimensions: { Key: "USAGE_TYPE" as const, Values: ["EU-NatGateway-Bytes"] } };
    const traffic = await fetchAll(ce, { ...input, Filter });
    expect(traffic.results[0]?.Total?.["UsageQuantity"]?.Unit).toBe("GB");
  });

  test("the CNY account has the same figures in CNY", async () => {
    const { ce } = await openDemo(NOW, { variant: "cny" });
    const { results } = await fetchAll(ce, month(NOW));
    expect(results[0]?.Total?.["UnblendedCost"]?.Unit).toBe("CNY");
  });

  test("costs grow by about 3 % a month and rest at weekends", async () => {
    const { ce } = await openDemo(NOW, { pageSize: 1_000 });
    const Filter = { Dimensions: { Key: "RECORD_TYPE" as const, Values: ["Usage"] } };
    const daily = await fetchAll(ce, {
      TimePeriod: { Start: "2025-10-01", End: "2026-10-01" },
      Granularity: "DAILY",
      Metrics: ["UnblendedCost"],
      Filter,
    });
    const cost = daily.results.map((result) => Number(sumOf([result])));
    const isWeekend = daily.results.map(({ TimePeriod }) =>
      [0, 6].includes(new Date(`${TimePeriod?.Start}T00:00:00Z`).getUTCDay()),
    );
    const mean = (keep: (index: number) => boolean): number => {
      const kept = cost.filter((_, index) => keep(index));
      return kept.reduce((sum, value) => sum + value, 0) / kept.length;
    };
    const yearlyGrowth = mean((index) => index >= 330) / mean((index) => index < 35);
    expect(yearlyGrowth).toBeGreaterThan(1.25);
    expect(yearlyGrowth).toBeLessThan(1.45);
    const weekend = mean((index) => isWeekend[index] === true);
    const weekday = mean((index) => isWeekend[index] === false);
    expect(weekend / weekday).toBeLessThan(0.92);
  });

  test("there are thirteen whole months before the current one", async () => {
    const { ce } = await openDemo(NOW);
    const { results } = await fetchAll(ce, {
      ...month(NOW),
      TimePeriod: { Start: "2025-10-01", End: "2026-11-21" },
    });
    expect(results).toHaveLength(14);
    expect(results.every((result) => sumOf([result]) > 5_000_000_000n)).toBe(true);
  });
});

describe("pages", () => {
  const daily: GetCostAndUsageCommandInput = {
    TimePeriod: { Start: "2026-10-01", End: "2026-11-21" },
    Granularity: "DAILY",
    Metrics: ["UnblendedCost"],
    GroupBy: [dimension("SERVICE")],
  };

  test("a month of days by service takes more than one page by default", async () => {
    const { ce } = await openDemo(NOW);
    expect((await fetchAll(ce, daily)).pages).toBeGreaterThan(2);
  });

  test("pages together hold what one big page holds", async () => {
    const paged = await withDemo(NOW, ({ ce }) => fetchAll(ce, daily), { pageSize: 7 });
    const whole = await withDemo(NOW, ({ ce }) => fetchAll(ce, daily), { pageSize: 10_000 });
    expect(whole.pages).toBe(1);
    expect(paged.pages).toBeGreaterThan(50);
    const groups = (results: typeof whole.results): unknown[] =>
      results.flatMap(({ TimePeriod, Groups = [] }) =>
        Groups.map(({ Keys, Metrics }) => [TimePeriod?.Start, Keys, Metrics]),
      );
    expect(groups(paged.results)).toEqual(groups(whole.results));
  });

  test("a token does not fit a changed request", async () => {
    const { ce } = await openDemo(NOW, { pageSize: 5 });
    const first = await ce.send(new GetCostAndUsageCommand(daily));
    const changed = { ...daily, Metrics: ["AmortizedCost"], NextPageToken: first.NextPageToken };
    const { name } = await failureOf(ce.send(new GetCostAndUsageCommand(changed)));
    expect(name).toBe("RequestChangedException");
  });

  test("a made-up token, or one of another account, is refused", async () => {
    const { ce } = await openDemo(NOW, { pageSize: 5 });
    const other = await openDemo(NOW, { pageSize: 5 });
    const foreign = await other.ce.send(new GetCostAndUsageCommand(daily));
    for (const NextPageToken of ["", "1", "e30=", foreign.NextPageToken]) {
      const { name } = await failureOf(
        ce.send(new GetCostAndUsageCommand({ ...daily, NextPageToken })),
      );
      expect(name).toBe("InvalidNextTokenException");
    }
  });

  test("dimension values are paged too, unless they are sorted by cost", async () => {
    const { ce } = await openDemo(NOW, { pageSize: 4 });
    const input = { TimePeriod: month(NOW).TimePeriod, Dimension: "SERVICE" as const };
    const first = await ce.send(new GetDimensionValuesCommand(input));
    expect(first).toMatchObject({ ReturnSize: 4, TotalSize: 15 });
    expect(first.NextPageToken).toBeDefined();
    const SortBy = [{ Key: "UnblendedCost", SortOrder: "DESCENDING" as const }];
    const top = await ce.send(new GetDimensionValuesCommand({ ...input, SortBy, MaxResults: 2 }));
    expect(top.DimensionValues?.map(({ Value }) => Value)).toEqual([
      "Amazon Elastic Compute Cloud - Compute",
      "Amazon Relational Database Service",
    ]);
    expect(top.NextPageToken).toBeUndefined();
    const found = await ce.send(new GetDimensionValuesCommand({ ...input, SearchString: "cloud" }));
    expect(found.DimensionValues?.map(({ Value }) => Value)).toEqual([
      "Amazon CloudFront",
      "Amazon Elastic Compute Cloud - Compute",
      "AmazonCloudWatch",
    ]);
  });
});
