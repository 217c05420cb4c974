import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { determineAnalysisType } from "../../../plugins/aws-operations/cost-analysis/query.ts";
import { readCosts } from "../../../plugins/aws-operations/cost-explorer/cost-rows.ts";
import { parseMoney, sum, toNumber } from "../../../plugins/aws-operations/cost-explorer/money.ts";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import {
  ask,
  bodies,
  callTool,
  demo,
  failureOf,
  type LogLine,
  okay,
  operations,
  pluginOn,
  requestFor,
} from "./helpers.ts";
import { linesOf, total, totalBy } from "./truth.ts";

// What the plugin that this one carries over got wrong about Cost Explorer, Budgets and Health, one test each: every one of them
// fails on what that did. The rest is in traps-of-the-sdk.test.ts.

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const month = { start: "2026-11-01", end: "2026-11-20" };
const october = { start: "2026-10-01", end: "2026-10-31" };

/** A plugin on the account at a time, and the account. */
async function at(time: string, options: Parameters<typeof demo>[0] = {}) {
  const account = await demo({ now: new Date(time), ...options });
  return { account, plugin: pluginOn(account, { now: time }) };
}

test("1: the account's id is AWS's word, not the beginning of a key", async () => {
  const account = await demo();
  const { data } = await ask(pluginOn(account), { analysis: "alerts" });
  const asked = [
    ...bodies(account, "DescribeBudgets"),
    ...bodies(account, "DescribeBudgetNotificationsForAccount"),
  ].map(({ AccountId }) => AccountId);
  expect(new Set(asked)).toEqual(new Set([account.accountId]));
  expect(asked[0]).not.toBe(account.accessKeyId.slice(0, 12));
  expect(operations(account)).toContain("GetCallerIdentity");
  expect(data.meta.accountId).toBe("111122223333");
});

test("2: ends are exclusive: today counts, and the first of a month is no empty period", async () => {
  const { account, plugin } = await at("2026-11-01T09:00:00Z");
  const { data } = await ask(plugin);
  expect(bodies(account, "GetCostAndUsage")[0]?.["TimePeriod"]).toMatchObject({
    End: "2026-11-02",
  });
  const now = new Date("2026-11-01T09:00:00Z");
  const today = total(linesOf({ start: "2026-11-01", end: "2026-11-01" }, { now }));
  expect(today).toBeGreaterThan(0);
  expect(okay(data.currentMonth).total).toBeCloseTo(today, 2);
});

test.each(["2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01", "2028-02-29", "2027-02-28"])(
  "3: on %s no end is past the beginning of next month",
  async (day) => {
    const { account, plugin } = await at(`${day}T23:30:00Z`);
    for (const analysis of ["overview", "trends", "alerts"]) await ask(plugin, { analysis });
    expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
  },
);

test("4: the last day of the previous month is not lost", async () => {
  const { data } = await ask(pluginOn(await demo()));
  const { end, total: spent } = okay(data.previousMonth);
  expect(end).toBe("2026-10-31");
  expect(spent).toBeCloseTo(total(linesOf(october)), 2);
  expect(spent).toBeGreaterThan(total(linesOf({ ...october, end: "2026-10-30" })) + 1);
});

test("5: a month that is not over is compared with the same days, not with a whole one", async () => {
  const { data } = await ask(pluginOn(await demo()));
  const [current, previous] = [okay(data.currentMonth), okay(data.previousMonth)];
  const same = okay(data.samePeriodLastMonth);
  // It would look like a saving, and is none.
  expect(current.total).toBeLessThan(previous.total);
  expect(same.change?.amount).toBeGreaterThan(0);
  const { data: late } = await ask((await at("2026-03-31T12:00:00Z")).plugin);
  expect(okay(late.samePeriodLastMonth)).toMatchObject({ start: "2026-02-01", end: "2026-02-28" });
});

test("6: trends begin with a whole month, and the current one is marked", async () => {
  const account = await demo();
  const { data } = await ask(pluginOn(account), { analysis: "trends" });
  const { months } = okay(data.trends);
  const [first] = months;
  expect(first).toMatchObject({ month: "2026-05", partial: false });
  expect(first?.total).toBeCloseTo(total(linesOf({ start: "2026-05-01", end: "2026-05-31" })), 2);
  expect(months.at(-1)).toMatchObject({ month: "2026-11", partial: true, estimated: true });
  const starts = bodies(account, "GetCostAndUsage").map(
    ({ TimePeriod }) => (TimePeriod as { Start: string }).Start,
  );
  for (const start of starts) expect(start).toMatch(/-01$/);
});

test.each(["Pacific/Kiritimati", "Pacific/Pago_Pago"])(
  "7: days are UTC, also where the machine is in %s",
  async (zone) => {
    vi.stubEnv("TZ", zone);
    const time = zone === "Pacific/Kiritimati" ? "2026-11-30T23:30:00Z" : "2026-12-01T00:30:00Z";
    expect(new Date(time).getUTCDate()).not.toBe(new Date(time).getDate());
    const { plugin } = await at(time);
    expect(okay((await ask(plugin)).data.currentMonth).end).toBe(time.slice(0, 10));
  },
);

test("8: every page is read", async () => {
  const account = await demo({ pageSize: 30 });
  const { data } = await ask(pluginOn(account));
  expect(bodies(account, "GetCostAndUsage").length).toBeGreaterThan(20);
  expect(okay(data.currentMonth).total).toBeCloseTo(total(linesOf(month)), 2);
  const { data: alerts } = await ask(pluginOn(account), { analysis: "alerts" });
  expect(bodies(account, "DescribeBudgets").length).toBeGreaterThan(1);
  expect(okay(alerts.budgetAlerts).count).toBe(3);
});

test("9: the names of a dimension are not paid for to be thrown away", async () => {
  const account = await demo();
  await ask(pluginOn(account), { analysis: "breakdown", groupBy: "REGION" });
  expect(operations(account)).not.toContain("GetDimensionValues");
});

test("10: an overview is one paid request, asked again it is none, and asked by many it is one", async () => {
  const account = await demo({ pageSize: 10_000 });
  const plugin = pluginOn(account);
  const answers = await Promise.all([ask(plugin), ask(plugin), ask(plugin)]);
  expect(answers.map(({ data }) => data.meta.ceRequests)).toEqual([1, 1, 1]);
  await ask(plugin);
  expect(account.log.filter(({ service }) => service === "ce")).toHaveLength(1);
});

test("11: with groups AWS leaves the total empty: the groups are added up, and a day without any is no error", () => {
  const group = { Keys: ["x", "Usage"], Metrics: { UnblendedCost: { Amount: "5", Unit: "USD" } } };
  const TimePeriod = { Start: "2026-11-01", End: "2026-11-02" };
  const { rows } = readCosts([
    { ResultsByTime: [{ TimePeriod, Total: {}, Groups: [group, group] }] },
    { ResultsByTime: [{ TimePeriod: { Start: "2026-11-02", End: "2026-11-03" }, Groups: [] }] },
  ]);
  expect(toNumber(sum(rows.map(({ amount }) => amount)))).toBe(10);
});

test("12: the services that cost most are those, whatever order AWS gives them in", async () => {
  const { data } = await ask(pluginOn(await demo()), { top: 5 });
  const services = totalBy(linesOf(month), ({ service }) => service);
  const largest = [...services].toSorted(([, left], [, right]) => right - left).slice(0, 5);
  const { items, other } = okay(data.serviceBreakdown);
  expect(items.map(({ key }) => key)).toEqual(largest.map(([name]) => name));
  expect(other[0]?.count).toBe(services.size - 5);
});

test("13: amounts keep their unit, and long decimals do not add up to something else", async () => {
  const { data, text } = await ask(pluginOn(await demo({ variant: "cny" })));
  expect(okay(data.currentMonth).currency).toBe("CNY");
  expect(text).not.toMatch(/\$\d[\d,.]* so far/);
  const tenth = parseMoney("0.1") ?? 0n;
  expect(toNumber(sum(Array.from({ length: 1000 }, () => tenth)))).toBe(100);
  expect(toNumber(parseMoney("2641.54800000000022919266484677791595458984375") ?? 0n)).toBe(
    2641.55,
  );
});

test("14: what credits hide is shown beside what is paid", async () => {
  const { data, text } = await ask(pluginOn(await demo()));
  const [all] = okay(data.currentMonth).totals;
  const lines = linesOf(month);
  const given = new Set(["Credit", "Refund"]);
  const others = lines.filter(({ recordType }) => !given.has(recordType));
  expect(all?.net).toBeCloseTo(total(lines), 2);
  expect(all?.beforeCredits).toBeCloseTo(total(others), 2);
  expect(text).toContain("Net | Without credits");
});

test("15: a forecast starts today, ends on a first, has a range, and is not made up for a young account", async () => {
  const account = await demo();
  const { data } = await ask(pluginOn(account), { analysis: "forecast" });
  expect(bodies(account, "GetCostForecast")[0]).toMatchObject({
    TimePeriod: { Start: "2026-11-20", End: "2027-01-01" },
    Metric: "UNBLENDED_COST",
    PredictionIntervalLevel: 80,
  });
  const { thisMonth } = okay(data.forecast);
  const untilYesterday = total(linesOf({ start: "2026-11-01", end: "2026-11-19" }));
  expect(thisMonth?.spent).toBeCloseTo(untilYesterday, 2);
  expect(thisMonth?.low).toBeLessThan(thisMonth?.high ?? 0);
  const young = await ask(pluginOn(await demo({ variant: "new" })), { analysis: "forecast" });
  expect(okay(young.data.forecast).method).toBe("run-rate");
  expect(young.text).toContain("Run-rate, not a forecast");
});

test("16: without a monitor nothing is known of anomalies, and their end is included", async () => {
  const account = await demo({ faults: [{ kind: "no-monitors" }] });
  const { data } = await ask(pluginOn(account), { analysis: "anomalies" });
  expect(failureOf(data.anomalies).code).toBe("NO_ANOMALY_MONITOR");
  expect(bodies(account, "GetAnomalies")[0]?.["DateInterval"]).toEqual({
    StartDate: "2026-10-21",
    EndDate: "2026-11-20",
  });
});

test("17: notifications of all budgets come in one list, and one that fires is said to fire", async () => {
  const account = await demo();
  const { data } = await ask(pluginOn(account), { analysis: "alerts" });
  expect(operations(account)).not.toContain("DescribeNotificationsForBudget");
  const { alerts } = okay(data.budgetAlerts);
  expect(alerts[0]).toMatchObject({
    budgetName: "demo-monthly-support",
    budget: { actualPercent: 118 },
  });
  expect(alerts[0]?.notifications.some(({ firing }) => firing)).toBe(true);
  const share = alerts.find(({ budget }) => budget.unit === "PERCENTAGE")?.budget;
  expect(share).toMatchObject({ limit: 100 });
  expect(share).not.toHaveProperty("forecast");
});

test("18: credentials are checked for nothing, and that they do not work is not passed over", async () => {
  const account = await demo();
  const lines: LogLine[] = [];
  const context = {
    ...requestFor({}, { lines }),
    id: "aws-operations",
    resourceUpdated: () => undefined,
    definitionsChanged: () => undefined,
  };
  const options = { awsSecretKey: "wrong-and-secret-0123456789", checkCredentials: true };
  await pluginOn(account, options).onPluginLoad(context);
  await expect.poll(() => lines, { timeout: 10_000 }).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: "warn", fields: { code: "BAD_CREDENTIALS" } });
  expect(operations(account)).toEqual(["GetCallerIdentity"]);
});

test("19: one failure is told by its section's name, and moves nothing into another's place", async () => {
  const account = await demo();
  account.faults.add({ operation: "GetCostForecast", kind: "access-denied", times: "always" });
  const { data } = await ask(pluginOn(account), { analysis: "forecast" });
  expect(failureOf(data.forecast).code).toBe("ACCESS_DENIED");
  expect(okay(data.trends).months).toHaveLength(7);
});

test("20: every analysis answers its question", async () => {
  const plugin = pluginOn(await demo());
  const answers = {
    trends: "By month",
    forecast: "Forecast by AWS",
    anomalies: "1 anomaly",
    alerts: "3 budgets",
    breakdown: "By service",
  };
  for (const [analysis, words] of Object.entries(answers)) {
    const { text } = await ask(plugin, { analysis });
    expect(text).toContain(words);
    expect(text).not.toContain("completed successfully");
  }
});

test.each([
  ["monthly forecast", "forecast"],
  ["What will we pay next month?", "forecast"],
  ["monthly costs", "trends"],
])("21: %j asks for %s", (message, analysis) => {
  expect(determineAnalysisType(message)).toBe(analysis);
});

test("22: settings have an effect", async () => {
  const account = await demo();
  const plugin = pluginOn(account, {
    config: {
      billing_config: {
        cost_threshold_alert: 400,
        default_metrics: ["AmortizedCost"],
        forecast_days: 7,
        anomaly_detection_enabled: false,
        currency: "USD",
      },
    },
  });
  expect((await ask(plugin)).text).toContain("above the threshold of $400.00 a day");
  expect(bodies(account, "GetCostAndUsage")[0]?.["Metrics"]).toEqual(["AmortizedCost"]);
  const { data } = await ask(plugin, { analysis: "forecast" });
  expect(okay(data.forecast).ahead).toMatchObject({ start: "2026-11-20", end: "2026-11-26" });
  const alerts = await ask(plugin, { analysis: "alerts" });
  expect(alerts.data.anomalies?.status).toBe("skipped");
  expect(operations(account)).not.toContain("GetAnomalies");
});

test("23: nothing is written to stdout, which belongs to the protocol, and a text is no block of code", async () => {
  const written = [
    vi.spyOn(process.stdout, "write").mockReturnValue(true),
    ...(["log", "info", "debug"] as const).map((name) =>
      vi.spyOn(console, name).mockReturnValue(undefined),
    ),
  ];
  const account = await demo();
  const plugin = pluginOn(account, { checkCredentials: true });
  await plugin.onPluginLoad({
    ...requestFor({}),
    id: "aws-operations",
    resourceUpdated: () => undefined,
    definitionsChanged: () => undefined,
  });
  const { text } = await ask(plugin);
  await plugin.onPluginUnload();
  const calls = written.map(({ mock }) => mock.calls.length);
  vi.restoreAllMocks();
  expect(calls).toEqual([0, 0, 0, 0]);
  expect(text).not.toMatch(/^(\s{4}|\t)/m);
});

test("24: an error keeps its code, its request's id and whether to try again", async () => {
  const account = await demo({
    faults: [{ kind: "throttle", operation: "GetCostAndUsage", times: "always" }],
  });
  const { data, result } = await ask(pluginOn(account), {}, { retries: 0 });
  expect(failureOf(data.currentMonth)).toMatchObject({ code: "THROTTLED", retryable: true });
  expect(failureOf(data.currentMonth).message).toMatch(/\(AWS request [\w-]+\)/);
  expect(result.error).toMatchObject({ code: "THROTTLED" });
  const nobody = createPlugin({
    endpoint: "http://127.0.0.1:9",
    awsAccessKey: "a",
    awsSecretKey: "b",
  });
  onTestFinished(() => nobody.onPluginUnload());
  const unreachable = await ask(nobody, {}, { retries: 0 });
  expect(failureOf(unreachable.data.currentMonth)).toMatchObject({
    code: "UPSTREAM",
    retryable: true,
  });
});

test.each(["eu-west-1", "ap-south-1"])(
  "25: Health is asked where it is, whatever the region %s of the plugin",
  async (awsRegion) => {
    const account = await demo();
    const plugin = pluginOn(account, { awsRegion });
    const { data } = await callTool(plugin, "aws_service_health");
    expect(data["awsEvents"]).toMatchObject({ status: "ok", endpoint: "us-east-1" });
    const asked = account.log.filter(({ service }) => service === "health");
    expect(new Set(asked.map(({ scope }) => scope?.region))).toEqual(new Set(["us-east-1"]));
  },
);

test("25: and in its other endpoint when the first is down", async () => {
  const account = await demo();
  const down = { operation: "DescribeEvents", region: "us-east-1", kind: "http" } as const;
  account.faults.add({ ...down, times: "always" });
  const { data } = await callTool(pluginOn(account), "aws_service_health");
  expect(data["awsEvents"]).toMatchObject({ status: "ok", endpoint: "us-east-2", count: 3 });
});

test("26: that nobody pays for support is a reason, not a failure, and nothing to try again", async () => {
  const account = await demo({ faults: [{ kind: "subscription-required" }] });
  const { data, result } = await callTool(pluginOn(account), "aws_service_health");
  expect(data["awsEvents"]).toMatchObject({
    status: "error",
    error: { code: "HEALTH_NEEDS_SUPPORT_PLAN", retryable: false },
  });
  expect(result.error).toBeUndefined();
  // Open and closed events are two questions; each is put once.
  expect(bodies(account, "DescribeEvents")).toHaveLength(2);
});

test("27: an event comes with AWS's text, its resources and its scope, in pages that AWS takes", async () => {
  const account = await demo({ pageSize: 1 });
  const { data } = await callTool(pluginOn(account), "aws_service_health");
  const { items } = data["awsEvents"] as { items: Record<string, unknown>[] };
  expect(items.map(({ scope }) => scope)).toContain("ACCOUNT_SPECIFIC");
  for (const item of items) {
    expect(item["description"]).toMatch(/\w+ \w+/);
    expect(item["affected"]).not.toEqual([]);
  }
  for (const { maxResults, filter } of bodies(account, "DescribeEvents")) {
    expect(maxResults).toBeGreaterThanOrEqual(10);
    expect((filter as { regions: string[] }).regions).toContain("global");
  }
  expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
});
