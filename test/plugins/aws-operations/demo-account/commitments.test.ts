import * as ce from "@aws-sdk/client-cost-explorer";
import { describe, expect, test } from "vitest";
import { failureOf, fetchAll, openDemo, toMicros, type Demo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";
const OCTOBER = { Start: "2026-10-01", End: "2026-11-01" };
const COMPUTE = "Amazon Elastic Compute Cloud - Compute";

const by = (Key: string): ce.GroupDefinition[] => [{ Type: "DIMENSION", Key }];
const only = (Key: ce.Dimension, ...Values: string[]): ce.Expression => ({
  Dimensions: { Key, Values },
});

/** Exact cost of a record type, straight from the ledger, by service. */
async function ledger(
  { ce: client }: Demo,
  recordType: string,
  metric: string,
  TimePeriod = OCTOBER,
): Promise<ReadonlyMap<string, bigint>> {
  const { results } = await fetchAll(client, {
    TimePeriod,
    Granularity: "MONTHLY",
    Metrics: [metric],
    GroupBy: by("SERVICE"),
    Filter: only("RECORD_TYPE", recordType),
  });
  const sums = new Map<string, bigint>();
  for (const group of results.flatMap(({ Groups = [] }) => Groups)) {
    const name = group.Keys?.[0] ?? "";
    sums.set(name, (sums.get(name) ?? 0n) + toMicros(group.Metrics?.[metric]?.Amount));
  }
  return sums;
}

const total = (sums: ReadonlyMap<string, bigint>): bigint =>
  [...sums.values()].reduce((sum, amount) => sum + amount, 0n);

describe("Savings Plans coverage", () => {
  test("is what the ledger says was covered and was not", async () => {
    const demo = await openDemo(NOW);
    const { SavingsPlansCoverages: rows = [] } = await demo.ce.send(
      new ce.GetSavingsPlansCoverageCommand({ TimePeriod: OCTOBER, Granularity: "MONTHLY" }),
    );
    const covered = total(await ledger(demo, "SavingsPlanCoveredUsage", "UnblendedCost"));
    const usage = await ledger(demo, "Usage", "UnblendedCost");
    const onDemand = (usage.get(COMPUTE) ?? 0n) + (usage.get("AWS Lambda") ?? 0n);
    expect(rows).toHaveLength(1);
    const { Coverage, TimePeriod } = rows[0] ?? {};
    expect(TimePeriod).toEqual(OCTOBER);
    expect(toMicros(Coverage?.SpendCoveredBySavingsPlans)).toBe(covered);
    expect(toMicros(Coverage?.OnDemandCost)).toBe(onDemand);
    expect(toMicros(Coverage?.TotalCost)).toBe(covered + onDemand);
    expect(Number(Coverage?.CoveragePercentage)).toBeCloseTo(
      (Number(covered) / Number(covered + onDemand)) * 100,
      6,
    );
  });

  test.each(["INSTANCE_FAMILY", "REGION", "SERVICE"])(
    "by %s adds up to the whole, over pages of one row",
    async (Key) => {
      const { ce: client } = await openDemo(NOW);
      const rows: ce.SavingsPlansCoverage[] = [];
      let NextToken: string | undefined;
      do {
        const page: ce.GetSavingsPlansCoverageCommandOutput = await client.send(
          new ce.GetSavingsPlansCoverageCommand({
            TimePeriod: OCTOBER,
            GroupBy: by(Key),
            MaxResults: 1,
            NextToken,
          }),
        );
        rows.push(...(page.SavingsPlansCoverages ?? []));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      expect(rows.length).toBeGreaterThan(1);
      expect(new Set(rows.map(({ Attributes }) => Attributes?.[Key])).size).toBe(rows.length);
      const { SavingsPlansCoverages: [whole] = [] } = await client.send(
        new ce.GetSavingsPlansCoverageCommand({ TimePeriod: OCTOBER }),
      );
      const sum = rows.reduce((cost, { Coverage }) => cost + toMicros(Coverage?.TotalCost), 0n);
      expect(sum).toBe(toMicros(whole?.Coverage?.TotalCost));
    },
  );

  test("is sorted as asked", async () => {
    const { ce: client } = await openDemo(NOW);
    const { SavingsPlansCoverages: rows = [] } = await client.send(
      new ce.GetSavingsPlansCoverageCommand({
        TimePeriod: { Start: "2026-05-01", End: "2026-11-01" },
        Granularity: "MONTHLY",
        SortBy: { Key: "TotalCost", SortOrder: "DESCENDING" },
      }),
    );
    const costs = rows.map(({ Coverage }) => Number(Coverage?.TotalCost));
    expect(costs).toHaveLength(6);
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
  });
});

test("Savings Plans utilization is the fee and what was used of it, by day and in total", async () => {
  const demo = await openDemo(NOW);
  const { SavingsPlansUtilizationsByTime: days = [], Total } = await demo.ce.send(
    new ce.GetSavingsPlansUtilizationCommand({ TimePeriod: OCTOBER, Granularity: "DAILY" }),
  );
  const fee = total(await ledger(demo, "SavingsPlanRecurringFee", "UnblendedCost"));
  const used = total(await ledger(demo, "SavingsPlanCoveredUsage", "AmortizedCost"));
  const onDemand = total(await ledger(demo, "SavingsPlanCoveredUsage", "UnblendedCost"));
  expect(days).toHaveLength(31);
  const sumOf = (member: "TotalCommitment" | "UsedCommitment" | "UnusedCommitment") =>
    days.reduce((sum, { Utilization }) => sum + toMicros(Utilization?.[member]), 0n);
  expect(sumOf("TotalCommitment")).toBe(fee);
  expect(sumOf("UsedCommitment")).toBe(used);
  expect(sumOf("UnusedCommitment")).toBe(fee - used);
  expect(toMicros(Total?.Utilization?.UsedCommitment)).toBe(used);
  expect(toMicros(Total?.Savings?.OnDemandCostEquivalent)).toBe(onDemand);
  expect(toMicros(Total?.Savings?.NetSavings)).toBe(onDemand - fee);
  expect(toMicros(Total?.AmortizedCommitment?.TotalAmortizedCommitment)).toBe(fee);
  const percent = Number(Total?.Utilization?.UtilizationPercentage);
  expect(percent).toBeCloseTo((Number(used) / Number(fee)) * 100, 6);
  expect(percent).toBeGreaterThan(80);
  expect(percent).toBeLessThan(92);
});

const hours = ({ Total }: ce.GetReservationCoverageCommandOutput): number =>
  Number(Total?.CoverageHours?.TotalRunningHours);

describe("reservations", () => {
  test("cover nothing of the hours that run on demand; EC2 unless another service is named", async () => {
    const { ce: client } = await openDemo(NOW);
    const coverage = await client.send(
      new ce.GetReservationCoverageCommand({
        TimePeriod: OCTOBER,
        GroupBy: by("INSTANCE_TYPE"),
        Metrics: ["Hour", "Unit", "Cost"],
      }),
    );
    const [october] = coverage.CoveragesByTime ?? [];
    const types = october?.Groups?.map(({ Attributes }) => Attributes?.["instanceType"]);
    expect(types).toEqual(["c6g.large", "m6i.large", "m6i.xlarge", "t3.large"]);
    const { results } = await fetchAll(client, {
      TimePeriod: OCTOBER,
      Granularity: "MONTHLY",
      Metrics: ["UsageQuantity", "UnblendedCost"],
      Filter: { And: [only("SERVICE", COMPUTE), only("RECORD_TYPE", "Usage")] },
    });
    const { UsageQuantity, UnblendedCost } = results[0]?.Total ?? {};
    expect(coverage.Total).toMatchObject({
      CoverageHours: {
        OnDemandHours: UsageQuantity?.Amount,
        ReservedHours: "0",
        TotalRunningHours: UsageQuantity?.Amount,
        CoverageHoursPercentage: "0",
      },
      CoverageCost: { OnDemandCost: UnblendedCost?.Amount },
    });
    const databases = await client.send(
      new ce.GetReservationCoverageCommand({
        TimePeriod: OCTOBER,
        Filter: only("SERVICE", "Amazon Relational Database Service"),
      }),
    );
    expect(hours(databases)).toBeGreaterThan(0);
    expect(hours(databases)).not.toBe(hours(coverage));
  });

  test("there are none, so that nothing is known of their use", async () => {
    const { ce: client } = await openDemo(NOW);
    const call = client.send(new ce.GetReservationUtilizationCommand({ TimePeriod: OCTOBER }));
    expect(await failureOf(call)).toMatchObject({ name: "DataUnavailableException", status: 400 });
  });
});

describe("a purchase recommendation", () => {
  const ask: ce.GetSavingsPlansPurchaseRecommendationCommandInput = {
    SavingsPlansType: "COMPUTE_SP",
    TermInYears: "ONE_YEAR",
    PaymentOption: "NO_UPFRONT",
    LookbackPeriodInDays: "THIRTY_DAYS",
  };
  const recommend = async (demo: Demo, change: Partial<typeof ask> = {}) => {
    const answer = await demo.ce.send(
      new ce.GetSavingsPlansPurchaseRecommendationCommand({ ...ask, ...change }),
    );
    const recommendation = answer.SavingsPlansPurchaseRecommendation ?? {};
    return {
      details: recommendation.SavingsPlansPurchaseRecommendationDetails ?? [],
      summary: recommendation.SavingsPlansPurchaseRecommendationSummary,
      next: answer.NextPageToken,
    };
  };

  test("starts from what ran on demand in the lookback period, and adds up", async () => {
    const demo = await openDemo(NOW);
    const { details, summary } = await recommend(demo);
    const period = { Start: "2026-10-21", End: "2026-11-20" };
    const usage = await ledger(demo, "Usage", "UnblendedCost", period);
    const onDemand = Number((usage.get(COMPUTE) ?? 0n) + (usage.get("AWS Lambda") ?? 0n)) / 1e6;
    expect(details).toHaveLength(1);
    expect(Number(summary?.CurrentOnDemandSpend)).toBeCloseTo(onDemand, 5);
    const savings = Number(summary?.EstimatedSavingsAmount);
    expect(savings).toBeGreaterThan(0);
    expect(Number(summary?.EstimatedTotalCost)).toBeCloseTo(onDemand - savings, 5);
    expect(Number(summary?.EstimatedMonthlySavingsAmount)).toBeCloseTo((savings / 720) * 730, 5);
    expect(Number(summary?.DailyCommitmentToPurchase)).toBeCloseTo(
      Number(summary?.HourlyCommitmentToPurchase) * 24,
      5,
    );
  });

  test("is made for each account and for each family where a plan is bound to one", async () => {
    const demo = await openDemo(NOW);
    const linked = await recommend(demo, { AccountScope: "LINKED" });
    expect(linked.details.map(({ AccountId }) => AccountId)).toEqual([
      "444455556666",
      "777788889999",
    ]);
    const bound = await recommend(demo, { SavingsPlansType: "EC2_INSTANCE_SP" });
    expect(
      bound.details.map(({ SavingsPlansDetails: plan }) => [plan?.Region, plan?.InstanceFamily]),
    ).toEqual([
      ["eu-central-1", "t3"],
      ["eu-west-1", "m6i"],
      ["us-east-1", "c6g"],
      ["us-east-1", "m6i"],
    ]);
    const first = await recommend(demo, { SavingsPlansType: "EC2_INSTANCE_SP", PageSize: 3 });
    expect(first.details).toHaveLength(3);
    expect(first.next).toBeDefined();
  });

  test("saves more the longer and the earlier one pays; upfront costs are told", async () => {
    const demo = await openDemo(NOW);
    const saved = async (change: Partial<typeof ask>) =>
      Number((await recommend(demo, change)).summary?.EstimatedSavingsAmount);
    const monthly = await saved({});
    expect(await saved({ PaymentOption: "ALL_UPFRONT" })).toBeGreaterThan(monthly);
    expect(await saved({ TermInYears: "THREE_YEARS" })).toBeGreaterThan(monthly);
    const { details } = await recommend(demo, { PaymentOption: "ALL_UPFRONT" });
    expect(Number(details[0]?.UpfrontCost)).toBeGreaterThan(0);
  });

  test("is empty for what the organisation does not run", async () => {
    const demo = await openDemo(NOW);
    expect(await recommend(demo, { SavingsPlansType: "SAGEMAKER_SP" })).toMatchObject({
      details: [],
      summary: undefined,
    });
  });
});

describe("rightsizing", () => {
  test("would end the two idle instances and halve one", async () => {
    const { ce: client } = await openDemo(NOW);
    const { RightsizingRecommendations: found = [], Summary } = await client.send(
      new ce.GetRightsizingRecommendationCommand({ Service: "AmazonEC2" }),
    );
    expect(
      found.map(({ CurrentInstance, RightsizingType }) => [
        CurrentInstance?.ResourceId,
        RightsizingType,
      ]),
    ).toEqual([
      ["i-0a1b2c3d4e5f60003", "TERMINATE"],
      ["i-0a1b2c3d4e5f60009", "TERMINATE"],
      ["i-0a1b2c3d4e5f60002", "MODIFY"],
    ]);
    const savings = found.map(
      ({ TerminateRecommendationDetail: end, ModifyRecommendationDetail: change }) =>
        Number((end ?? change?.TargetInstances?.[0])?.EstimatedMonthlySavings),
    );
    expect(Number(Summary?.EstimatedTotalMonthlySavingsAmount)).toBeCloseTo(
      savings.reduce((sum, saving) => sum + saving, 0),
      5,
    );
    expect(Summary?.TotalRecommendationCount).toBe("3");
  });

  test("takes a filter, a target family and pages", async () => {
    const { ce: client } = await openDemo(NOW);
    const Service = "AmazonEC2";
    const modify = await client.send(
      new ce.GetRightsizingRecommendationCommand({
        Service,
        Filter: only("RIGHTSIZING_TYPE", "MODIFY"),
        Configuration: {
          RecommendationTarget: "CROSS_INSTANCE_FAMILY",
          BenefitsConsidered: false,
        },
      }),
    );
    const [target] =
      modify.RightsizingRecommendations?.[0]?.ModifyRecommendationDetail?.TargetInstances ?? [];
    expect(target?.ResourceDetails?.EC2ResourceDetails?.InstanceType).toBe("m7g.large");
    const first = await client.send(
      new ce.GetRightsizingRecommendationCommand({ Service, PageSize: 2 }),
    );
    expect(first.RightsizingRecommendations).toHaveLength(2);
    const second = await client.send(
      new ce.GetRightsizingRecommendationCommand({
        Service,
        PageSize: 2,
        NextPageToken: first.NextPageToken,
      }),
    );
    expect(second.RightsizingRecommendations).toHaveLength(1);
  });
});

const coverage = (change: Partial<ce.GetSavingsPlansCoverageCommandInput>) =>
  new ce.GetSavingsPlansCoverageCommand({ TimePeriod: OCTOBER, ...change });

describe("refused is", () => {
  test.each<[string, (demo: Demo) => Promise<unknown>, RegExp]>([
    [
      "a period that includes today",
      (demo) => demo.ce.send(coverage({ TimePeriod: { Start: "2026-11-01", End: "2026-11-21" } })),
      /^End date 2026-11-21 should be no later than the current date: 2026-11-20$/,
    ],
    [
      "a period too long ago",
      (demo) =>
        demo.ce.send(
          new ce.GetSavingsPlansUtilizationCommand({
            TimePeriod: { Start: "2025-09-25", End: "2025-10-01" },
          }),
        ),
      /within the last 13 months/,
    ],
    [
      "groups with a granularity",
      (demo) => demo.ce.send(coverage({ Granularity: "DAILY", GroupBy: by("REGION") })),
      /^Granularity can't be set if GroupBy is set$/,
    ],
    [
      "a group of other operations",
      (demo) => demo.ce.send(coverage({ GroupBy: by("USAGE_TYPE") })),
      /^Dimension USAGE_TYPE is not supported for this request/,
    ],
    [
      "a filter of other operations",
      (demo) => demo.ce.send(coverage({ Filter: only("USAGE_TYPE", "x") })),
      /^Dimension USAGE_TYPE is not supported/,
    ],
    ["hours", (demo) => demo.ce.send(coverage({ Granularity: "HOURLY" })), /Hourly/],
    [
      "a metric of its own",
      (demo) => demo.ce.send(coverage({ Metrics: ["Hour"] })),
      /^Metrics Hour/,
    ],
    [
      "a sort key it does not know",
      (demo) => demo.ce.send(coverage({ SortBy: { Key: "Price" } })),
      /^SortBy key Price is invalid/,
    ],
    [
      "another service's rightsizing",
      (demo) => demo.ce.send(new ce.GetRightsizingRecommendationCommand({ Service: "AmazonRDS" })),
      /AmazonRDS is not supported/,
    ],
  ])("%s", async (_what, call, message) => {
    const failure = await failureOf(call(await openDemo(NOW)));
    expect(failure.name).toBe("ValidationException");
    expect(failure.message).toMatch(message);
  });

  test("a plan that the organisation does not have, for lack of data", async () => {
    const { ce: client } = await openDemo(NOW);
    const ask = (Filter: ce.Expression) =>
      client.send(new ce.GetSavingsPlansUtilizationCommand({ TimePeriod: OCTOBER, Filter }));
    await ask(only("SAVINGS_PLANS_TYPE", "ComputeSavingsPlans"));
    const { name } = await failureOf(ask(only("SAVINGS_PLANS_TYPE", "EC2InstanceSavingsPlans")));
    expect(name).toBe("DataUnavailableException");
  });

  test("everything, where Cost Explorer was never enabled", async () => {
    const { ce: client } = await openDemo(NOW, { variant: "empty" });
    expect((await failureOf(client.send(coverage({})))).message).toBe(
      "User not enabled for cost explorer access",
    );
  });
});
