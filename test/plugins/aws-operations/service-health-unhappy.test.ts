import { describe, expect, test } from "vitest";
import { callTool, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import { hour, look } from "./service-health-helpers.ts";

describe("without a support plan", () => {
  const unpaid = { kind: "subscription-required" } as const;

  test("AWS's events are unknown, not none, and the other half answers", async () => {
    const account = await demo({ faults: [unpaid] });
    const { data, text, result } = await look(account, { services: ["lambda"] });
    expect(failureOf(data.awsEvents)).toMatchObject({
      code: "HEALTH_NEEDS_SUPPORT_PLAN",
      retryable: false,
    });
    expect(result.error).toBeUndefined();
    expect(okay(data.alarms).count).toBeGreaterThan(0);
    expect(data.verdict.whose).toBe("cannot tell");
    expect(data.verdict.unknown).toContain("AWS's events (HEALTH_NEEDS_SUPPORT_PLAN)");
    expect(text).toContain("https://health.aws.amazon.com/health/status");
    expect(text).not.toContain("AWS Health has no");
  });

  test("Health is asked once a day, unless a call says otherwise", async () => {
    let now = noon;
    const account = await demo({ faults: [unpaid], now: () => now });
    const on = pluginOn(account, { clock: () => now });
    const asked = () => operations(account).filter((name) => name === "DescribeEvents").length;
    await callTool(on, "aws_service_health");
    const first = asked();
    now = new Date(noon.getTime() + 23 * hour);
    const again = await callTool(on, "aws_service_health");
    expect(asked()).toBe(first);
    expect(again.text).toContain("HEALTH_NEEDS_SUPPORT_PLAN");
    await callTool(on, "aws_service_health", { refresh: true });
    expect(asked()).toBeGreaterThan(first);
    const before = asked();
    now = new Date(noon.getTime() + 48 * hour);
    await callTool(on, "aws_service_health");
    expect(asked()).toBeGreaterThan(before);
  });
});

test("an account without the plan is told beforehand by aws_account_status", async () => {
  const account = await demo({ faults: [{ kind: "subscription-required" }] });
  const { data } = await callTool(pluginOn(account), "aws_account_status", { probe: true });
  expect(data["tools"]).toContainEqual({
    name: "aws_service_health",
    state: "partly",
    reason: "Health: HEALTH_NEEDS_SUPPORT_PLAN",
  });
});

describe("one failure", () => {
  test.each([
    ["DescribeEvents", "awsEvents", "health:DescribeEvents"],
    ["DescribeInstanceStatus", "instances", "ec2:DescribeInstanceStatus"],
    ["DescribeAlarms", "alarms", "cloudwatch:DescribeAlarms"],
    ["GetMetricData", "metrics", "cloudwatch:GetMetricData"],
    ["ListMetrics", "metrics", "cloudwatch:ListMetrics"],
  ] as const)("of %s spoils only its own section", async (operation, name, action) => {
    const account = await demo();
    account.faults.add({ operation, kind: "access-denied", times: "always" });
    const { data, text, result } = await look(account, {
      services: ["lambda"],
      regions: ["us-east-1"],
    });
    expect(failureOf(data[name])).toMatchObject({ code: "ACCESS_DENIED" });
    expect(text).toContain(`may not call ${action}`);
    expect(result.error).toBeUndefined();
    const { awsEvents, instances, alarms, metrics } = data;
    const failed = [awsEvents, instances, alarms, metrics].filter(({ status }) => status !== "ok");
    expect(failed).toHaveLength(1);
    expect(data.verdict.unknown.join()).toContain("(ACCESS_DENIED)");
  });

  test.each(["DescribeEventDetails", "DescribeAffectedEntities"])(
    "of %s leaves the events",
    async (operation) => {
      const account = await demo();
      account.faults.add({ operation, kind: "access-denied", times: "always" });
      const { data, text } = await look(account);
      expect(okay(data.awsEvents).items).toHaveLength(3);
      expect(text).toContain(`may not call health:${operation}`);
    },
  );

  test("of one region leaves the others, and is said to be unknown", async () => {
    const account = await demo();
    account.faults.add({
      operation: "DescribeAlarms",
      region: "us-west-2",
      kind: "access-denied",
      times: "always",
    });
    const { data, text } = await look(account);
    expect(okay(data.alarms).failures).toMatchObject([
      { region: "us-west-2", code: "ACCESS_DENIED" },
    ]);
    expect(okay(data.alarms).withoutAlarms).toEqual([]);
    expect(data.verdict.unknown).toContain("alarms in us-west-2 (ACCESS_DENIED)");
    expect(text).toContain("Alarms in us-west-2: not available (ACCESS_DENIED)");
  });

  test("of everything is an error with a way out", async () => {
    const account = await demo();
    account.faults.add({ kind: "access-denied", times: "always" });
    const { result, data } = await look(account);
    expect(result).toMatchObject({ fallback: true, error: { code: "ACCESS_DENIED" } });
    expect(data.verdict).toMatchObject({ whose: "cannot tell", confidence: 0.2 });
    expect(JSON.stringify(result.suggestedActions)).toContain("aws_account_status");
  });

  test("that passes is repeated and leaves no trace", async () => {
    const account = await demo();
    for (const operation of ["DescribeEvents", "DescribeAlarms", "DescribeInstanceStatus"]) {
      account.faults.add({ operation, kind: "throttle", times: 1 });
    }
    const { data } = await look(account);
    expect(okay(data.awsEvents)).toMatchObject({ count: 3, endpoint: "us-east-1" });
    expect(data.verdict.unknown.join()).not.toContain("THROTTLED");
  });

  test("that does not pass says that AWS throttles", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeEvents", kind: "throttle", times: "always" });
    const { data } = await look(account, {}, { retries: 1 });
    expect(failureOf(data.awsEvents)).toMatchObject({ code: "THROTTLED", retryable: true });
  });
});

describe("the first endpoint of Health", () => {
  const down = { operation: "*", region: "us-east-1", times: "always" } as const;

  test.each(["http", "reset", "truncated", "wrong-content-type"] as const)(
    "that answers with %s is left for the second",
    async (kind) => {
      const account = await demo();
      account.faults.add({ ...down, operation: "DescribeEvents", kind });
      const { data } = await look(account, {
        regions: ["us-west-2"],
        status: ["closed"],
        sinceDays: 60,
      });
      expect(okay(data.awsEvents).endpoint).toBe("us-east-2");
      expect(okay(data.awsEvents).count).toBe(2);
    },
  );

  test("that hangs is left for the second, which is then asked first", async () => {
    const account = await demo();
    account.faults.add({ ...down, operation: "DescribeEvents", kind: "hang" });
    const on = pluginOn(account);
    const first = await callTool(on, "aws_service_health");
    expect(first.data["awsEvents"]).toMatchObject({
      status: "ok",
      endpoint: "us-east-2",
      count: 3,
    });
    account.log.length = 0;
    await callTool(on, "aws_service_health", { status: ["open"], refresh: true });
    const asked = account.log.filter(({ service }) => service === "health");
    expect(new Set(asked.map(({ scope }) => scope?.region))).toEqual(new Set(["us-east-2"]));
  });

  test("and the second may both be down: that is unknown", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeEvents", kind: "http", times: "always" });
    const { data } = await look(account, {}, { retries: 0 });
    expect(failureOf(data.awsEvents)).toMatchObject({ code: "UPSTREAM" });
    expect(data.verdict.unknown).toContain("AWS's events (UPSTREAM)");
  });
});

describe("a request that never answers", () => {
  test("leaves the others when the time is up", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeAlarms", kind: "hang", times: "always" });
    const { data, result } = await look(account, {}, { timeMs: 4000 });
    expect(failureOf(data.alarms).code).toBe("TIMEOUT");
    expect(okay(data.instances).checked).toBe(5);
    expect(okay(data.awsEvents).count).toBe(3);
    expect(result.error).toBeUndefined();
  });
});

describe("an empty account", () => {
  test("has nothing to look at, and is not said to be well", async () => {
    const { data, text } = await look(await demo({ variant: "empty" }), { services: ["lambda"] });
    expect(okay(data.instances).checked).toBe(0);
    expect(okay(data.alarms).withoutAlarms).toEqual(["us-east-1", "us-west-2"]);
    expect(okay(data.metrics).items).toEqual([]);
    expect(data.verdict).toMatchObject({ whose: "cannot tell", confidence: 0.2 });
    expect(text).toContain("No alarm is set up in us-east-1, us-west-2");
    expect(text).toContain("CloudWatch has no metrics of it");
    expect(text).not.toMatch(/healthy|all (is )?well|no problems/i);
  });
});
