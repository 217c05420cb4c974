import { describe, expect, test } from "vitest";
import { joinBudgets } from "../../../plugins/aws-operations/cost-explorer/budgets.ts";
import { formatDay } from "../../../plugins/aws-operations/demo-account/data/days.ts";
import { linesOf, totalBy } from "./truth.ts";
import { ask, bodies, demo, failureOf, okay, operations, pluginOn } from "./helpers.ts";

function second(day: string): string {
  return String(Date.parse(`${day}T00:00:00Z`) / 1000);
}

function dayOf({ day }: { day: number }): string {
  return formatDay(day);
}

function threshold(costThresholdAlert: number) {
  return { config: { billing_config: { cost_threshold_alert: costThresholdAlert } } };
}

function spend(Amount: string) {
  return { Amount, Unit: "USD" };
}

describe("days above the threshold", () => {
  test("lead the alerts, each by its date and amount, with the call that looks into the last", async () => {
    const plugin = pluginOn(await demo(), threshold(500));
    const { data, text, result } = await ask(plugin, { analysis: "alerts" });
    const truth = [...totalBy(linesOf({ start: "2026-11-01", end: "2026-11-20" }), dayOf)].filter(
      ([, amount]) => amount > 500,
    );
    expect(truth.length).toBeGreaterThan(1);
    const month = okay(data.currentMonth);
    expect(month.daysAboveThreshold).toBe(truth.length);
    const [, first = ""] = text.split("\n\n");
    expect(first).toContain(`⚠ ${truth.length} days above the threshold of $500.00 a day`);
    for (const [day, amount] of truth) expect(first).toContain(`${day} ($${amount.toFixed(2)})`);
    expect(text.indexOf("above the threshold")).toBeLessThan(text.indexOf("budgets"));
    const last = truth.at(-1)?.[0];
    expect(result.suggestedActions?.[0]).toMatchObject({
      arguments: { analysis: "breakdown", start: last, end: last },
    });
  });

  test("that are none are said to be, with the most that a day has cost", async () => {
    const { text } = await ask(pluginOn(await demo()), { analysis: "alerts" });
    expect(text).toMatch(
      /No day of this month is above the threshold of \$1,000\.00 a day; the most was \$\d{3}\.\d\d on 2026-11-\d\d\./,
    );
  });

  test("are not told where AWS does not say what was spent; budgets still are", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "access-denied", times: "always" });
    const { data, text } = await ask(pluginOn(account), { analysis: "alerts" });
    expect(failureOf(data.currentMonth).code).toBe("ACCESS_DENIED");
    expect(okay(data.budgetAlerts).count).toBe(3);
    expect(text).not.toContain("No day of this month");
  });

  test("are not asked for with anomalies", async () => {
    const account = await demo();
    await ask(pluginOn(account, threshold(1)), { analysis: "anomalies" });
    expect(operations(account)).not.toContain("GetCostAndUsage");
  });
});

describe("anomalies", () => {
  test("of the last 30 days, the last one included, with their causes", async () => {
    const account = await demo();
    const { data, text, result } = await ask(pluginOn(account), { analysis: "anomalies" });
    expect(bodies(account, "GetAnomalies")[0]?.["DateInterval"]).toEqual({
      StartDate: "2026-10-21",
      EndDate: "2026-11-20",
    });
    const { items, totalImpact, monitors } = okay(data.anomalies);
    expect(items).toHaveLength(1);
    expect(totalImpact).toBe(412.6);
    expect(monitors).toBeUndefined();
    expect(items[0]?.rootCauses[0]).toMatchObject({
      service: "EC2 - Other",
      region: "eu-west-1",
      usageType: "EU-NatGateway-Bytes",
      accountName: "demo-production",
    });
    expect(text).toContain("$412.60");
    expect(JSON.stringify(result.suggestedActions)).toContain("Investigate cost spikes");
  });

  test("without a monitor are unknown, not none", async () => {
    const account = await demo({ faults: [{ kind: "no-monitors" }] });
    const { data, text, result } = await ask(pluginOn(account), { analysis: "anomalies" });
    expect(failureOf(data.anomalies)).toMatchObject({
      code: "NO_ANOMALY_MONITOR",
      retryable: false,
    });
    expect(text).toContain("unknown, not zero");
    expect(text).not.toContain("No anomalies");
    // The budgets came, so the call has not failed.
    expect(okay(data.budgetAlerts).count).toBe(3);
    expect(result.error).toBeUndefined();
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Create an anomaly monitor" });
  });

  test("that are none say who has looked, and when", async () => {
    const plugin = pluginOn(await demo());
    const { data, text } = await ask(plugin, { analysis: "anomalies", start: "2026-11-18" });
    expect(okay(data.anomalies)).toMatchObject({
      count: 0,
      start: "2026-11-18",
      end: "2026-11-20",
    });
    expect(text).toContain("**No anomalies**");
    expect(text).toContain("demo-services (last ran 2026-11-19)");
  });

  test("are not known while no monitor has run", async () => {
    const { text } = await ask(pluginOn(await demo({ variant: "new" })), { analysis: "anomalies" });
    expect(text).toContain("Not known yet");
    expect(text).toContain("has not run yet");
    expect(text).not.toContain("No anomalies");
  });

  test("are in the currency of the budgets, else of costs seen before, else an assumed one", async () => {
    const account = await demo({ variant: "cny" });
    const { data, text } = await ask(pluginOn(account), { analysis: "anomalies" });
    expect(okay(data.anomalies)).toMatchObject({ currency: "CNY" });
    expect(okay(data.anomalies).currencyAssumed).toBeUndefined();
    expect(text).toContain("412.60 CNY");
    account.faults.add({ operation: "DescribeBudgets", kind: "access-denied", times: "always" });
    const plugin = pluginOn(account);
    const assumed = await ask(plugin, { analysis: "anomalies" });
    expect(okay(assumed.data.anomalies)).toMatchObject({ currency: "USD", currencyAssumed: true });
    expect(assumed.text).toContain("assumed");
    await ask(plugin);
    const seen = await ask(plugin, { analysis: "anomalies" });
    expect(okay(seen.data.anomalies).currency).toBe("CNY");
    const chinese = await ask(pluginOn(account, { awsRegion: "cn-north-1" }), {
      analysis: "anomalies",
    });
    if (chinese.data.anomalies?.status === "ok") {
      expect(chinese.data.anomalies.currency).toBe("CNY");
    }
  });

  test("lead to the costs of their own days", async () => {
    const { data, result } = await ask(pluginOn(await demo()), { analysis: "anomalies" });
    const { start, end } = okay(data.anomalies).items[0] ?? {};
    expect(result.suggestedActions).toContainEqual(
      expect.objectContaining({
        title: "Investigate cost spikes",
        arguments: {
          analysis: "breakdown",
          start,
          end,
          services: ["EC2 - Other"],
          groupBy: "USAGE_TYPE",
        },
      }),
    );
  });

  test("have no metric, credits or filters below them", async () => {
    const { text } = await ask(pluginOn(await demo()), { analysis: "alerts", services: ["EC2"] });
    const footer = text.split("\n").at(-1);
    expect(footer).toContain("Account 111122223333");
    expect(footer).not.toMatch(/UnblendedCost|credits|only services/);
  });

  test("below the wanted impact are left out at no further cost, and counted", async () => {
    const plugin = pluginOn(await demo());
    await ask(plugin, { analysis: "anomalies" });
    const { data } = await ask(plugin, { analysis: "anomalies", minImpact: 500 });
    expect(okay(data.anomalies)).toMatchObject({ count: 0, belowMinImpact: 1, totalImpact: 0 });
    expect(data.meta.ceRequests).toBe(0);
  });

  test("are not asked for where detection is switched off", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { billing_config: { anomaly_detection_enabled: false } });
    const { data, text } = await ask(plugin, { analysis: "anomalies" });
    expect(data.anomalies?.status).toBe("skipped");
    expect(okay(data.budgetAlerts).count).toBe(3);
    expect(operations(account).filter((name) => name.startsWith("GetAnomal"))).toEqual([]);
    expect(data.meta.ceRequests).toBe(0);
    expect(text).toContain("anomalyDetectionEnabled is false");
  });

  test("older than 90 days are said to be gone", async () => {
    const { data } = await ask(pluginOn(await demo()), {
      analysis: "anomalies",
      start: "2026-01-01",
    });
    expect(okay(data.anomalies).start).toBe("2026-08-23");
    expect(data.meta.notes[0]).toContain("kept for 90 days");
  });
});

describe("budgets", () => {
  test("are asked for under the account of the credentials, not a part of the key", async () => {
    const account = await demo();
    await ask(pluginOn(account), { analysis: "alerts" });
    for (const operation of ["DescribeBudgets", "DescribeBudgetNotificationsForAccount"]) {
      const requests = bodies(account, operation);
      expect(requests.length).toBeGreaterThan(0);
      expect(new Set(requests.map(({ AccountId }) => AccountId))).toEqual(
        new Set(["111122223333"]),
      );
    }
    expect(operations(account)).toContain("GetCallerIdentity");
    expect(operations(account)).not.toContain("DescribeNotificationsForBudget");
  });

  test("come from all pages, joined with their notifications; those that fire first", async () => {
    const account = await demo();
    const { data, text } = await ask(pluginOn(account), { analysis: "alerts" });
    expect(bodies(account, "DescribeBudgets").length).toBeGreaterThan(1);
    const { alerts, count, firing } = okay(data.budgetAlerts);
    expect(count).toBe(3);
    expect(alerts).toHaveLength(3);
    expect(firing).toBe(2);
    expect(alerts[0]?.budget).toMatchObject({ type: "COST", unit: "USD", actualPercent: 118 });
    expect(alerts[0]?.notifications.some((each) => each.firing && each.type === "ACTUAL")).toBe(
      true,
    );
    expect(alerts[0]?.budget).toMatchObject({ start: "2026-11-01", end: "2026-11-30" });
    expect(text).toContain("monthly, 2026-11-01 to 2026-11-30");
    const project = alerts.find(({ budgetName }) => budgetName === "demo-production-project");
    expect(project?.budget.actualPercent).toBeCloseTo(74, 0);
    expect(project?.budget.forecastPercent).toBeCloseTo(104, -0.5);
    expect(project?.budget.filter).toMatchObject({ Dimensions: { Key: "LINKED_ACCOUNT" } });
    const utilization = alerts.find(({ budget }) => budget.type === "SAVINGS_PLANS_UTILIZATION");
    expect(utilization?.budget).toMatchObject({ unit: "PERCENTAGE", limit: 100 });
    expect(utilization?.budget.forecast).toBeUndefined();
    expect(text).toContain("3 budgets, 2 with an alert that fires");
    expect(text).toContain("none yet");
  });

  test("may have planned limits, no limit, and no notifications", () => {
    const [planned, bare] = joinBudgets(
      [
        {
          BudgetName: "planned",
          BudgetType: "COST",
          TimeUnit: "MONTHLY",
          PlannedBudgetLimits: {
            [second("2026-10-01")]: spend("100"),
            [second("2026-11-01")]: spend("200"),
            [second("2026-12-01")]: spend("300"),
          },
          CalculatedSpend: { ActualSpend: spend("50") },
        },
        { BudgetName: "bare", BudgetType: "USAGE", TimeUnit: "MONTHLY" },
      ],
      [],
      new Date("2026-11-20T12:00:00Z"),
    );
    expect(planned?.budget).toMatchObject({ limit: 200, actual: 50, actualPercent: 25 });
    expect(bare).toEqual({
      budgetName: "bare",
      budget: { type: "USAGE", timeUnit: "MONTHLY", start: "2026-11-01", end: "2026-11-30" },
      notifications: [],
    });
  });

  test.each([
    ["DAILY", "2026-11-20", "2026-11-20"],
    ["QUARTERLY", "2026-10-01", "2026-12-31"],
    ["ANNUALLY", "2026-01-01", "2026-12-31"],
    ["CUSTOM", "2026-06-01", "2026-12-24"],
  ] as const)("%s run from %s to %s", (TimeUnit, start, end) => {
    const TimePeriod = { Start: new Date("2026-06-01"), End: new Date("2026-12-24") };
    const [alert] = joinBudgets(
      [{ BudgetName: "x", BudgetType: "COST", TimeUnit, TimePeriod }],
      [],
      new Date("2026-11-20T12:00:00Z"),
    );
    expect(alert?.budget).toMatchObject({ start, end });
  });

  test("that do not exist are worth an action", async () => {
    const { data, result } = await ask(pluginOn(await demo({ variant: "empty" })), {
      analysis: "alerts",
    });
    expect(okay(data.budgetAlerts)).toMatchObject({ count: 0, alerts: [] });
    expect(failureOf(data.anomalies).code).toBe("CE_NOT_ENABLED");
    const titles = result.suggestedActions?.map((action) =>
      typeof action === "string" ? action : action.title,
    );
    expect(titles).toContain("Set up budget alerts");
  });
});
