import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { describe, expect, onTestFinished, test } from "vitest";
import { alarmsOf } from "../../../plugins/aws-operations/demo-account/data/alarms.ts";
import { healthEvents } from "../../../plugins/aws-operations/demo-account/data/health-events.ts";
import { incidentBefore } from "../../../plugins/aws-operations/demo-account/data/incident.ts";
import { ENABLED_REGIONS } from "../../../plugins/aws-operations/demo-account/data/regions.ts";
import {
  type DemoAccount,
  resourcesIn,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import * as plugin from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import { ownWords, publishedBy } from "./answer-text.ts";
import { bodies, callTool, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import { hour, look } from "./service-health-helpers.ts";
import { hostile, rewriting } from "./truth.ts";

/** The sum of a metric of the ill function over whole hours, asked for in another way than the plugin does. */
async function sumOf(
  account: DemoAccount,
  MetricName: string,
  [from, to]: readonly [hoursAgo: number, hoursAgo: number],
): Promise<number> {
  const client = new CloudWatchClient({
    region: "us-east-1",
    endpoint: account.endpoint,
    credentials: {
      accessKeyId: account.accessKeyId,
      secretAccessKey: account.secretAccessKey,
    },
  });
  onTestFinished(() => client.destroy());
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: "AWS/Lambda",
      MetricName,
      Dimensions: [{ Name: "FunctionName", Value: "checkout-api" }],
      StartTime: new Date(noon.getTime() - from * hour),
      EndTime: new Date(noon.getTime() - to * hour),
      Period: 3600,
      Statistics: ["Sum"],
    }),
  );
  return Datapoints.reduce((sum, point) => sum + (point.Sum ?? 0), 0);
}

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

describe("AWS's events", () => {
  const known = healthEvents(noon);
  const open = known.filter(({ status, region }) => status !== "closed" && region === "us-east-1");

  test("are those of Health in the regions that are asked, with texts and resources", async () => {
    const { data } = await look(await demo({ pageSize: 1 }));
    const { items, count } = okay(data.awsEvents);
    expect(count).toBe(open.length);
    for (const { arn, description, entities, start, scope } of open) {
      const item = items.find((one) => one.arn === arn);
      expect(item).toMatchObject({
        scope,
        start: `${start.toISOString().slice(0, 19)}Z`,
        affectedCount: entities.length,
      });
      expect(item?.description?.slice(0, 40)).toBe(
        description.replaceAll("\n\n", " ").slice(0, 40),
      );
    }
  });

  test.each([
    [{ status: ["closed"], sinceDays: 4, regions: ["eu-west-1"] }, ["CLOUDFRONT", "S3"]],
    [{ status: ["closed"], sinceDays: 1, regions: ["eu-west-1"] }, []],
    [{ status: ["closed"], sinceDays: 90, regions: ["us-west-2"] }, ["CLOUDFRONT", "EC2"]],
    [{ status: ["upcoming"] }, ["RDS"]],
    [{ category: ["accountNotification"] }, ["LAMBDA"]],
    [{ scope: "PUBLIC" }, ["EC2"]],
    [{ status: ["closed"], regions: ["all"] }, ["CLOUDFRONT", "S3"]],
  ])("for %j are %j", async (args, services) => {
    const { data } = await look(await demo(), args);
    const found = okay(data.awsEvents).items.map(({ service }) => service);
    expect(found.toSorted()).toEqual(services);
  });

  test("of more regions than Health takes at a time are chosen from all", async () => {
    const account = await demo();
    const regions = ENABLED_REGIONS.filter((region) => region !== "eu-west-1");
    expect(regions.length).toBeGreaterThan(10);
    const { data } = await look(account, { regions, status: ["closed"], sinceDays: 5 });
    expect(okay(data.awsEvents).items.map(({ service }) => service)).toEqual(["CLOUDFRONT"]);
    expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
  });

  test("that name a resource come first, and concern the question", async () => {
    const { data } = await look(await demo(), { resources: ["orders-db"] });
    const [first, ...rest] = okay(data.awsEvents).items;
    expect(first).toMatchObject({ service: "RDS", concerns: true });
    expect(first?.affected?.[0]?.id).toBe("orders-db");
    expect(rest.find(({ service }) => service === "LAMBDA")).toMatchObject({ concerns: false });
  });

  test("are described ten at a time, and what could not be is said", async () => {
    const account = await demo();
    const many = await rewriting(account, (body, operation) => {
      if (operation !== "DescribeEvents") return body;
      const { events = [], nextToken } = JSON.parse(body) as {
        events?: { arn: string }[];
        nextToken?: string;
      };
      const copies = events.flatMap((event) =>
        Array.from({ length: 9 }, (_, index) => ({ ...event, arn: `${event.arn}${index}` })),
      );
      return JSON.stringify({ events: copies, nextToken });
    });
    const { data, text } = await look(many, { status: ["open", "upcoming"] });
    const { count, items } = okay(data.awsEvents);
    expect([count, items.length]).toEqual([27, 20]);
    const [details] = bodies(account, "DescribeEventDetails");
    expect(details?.["eventArns"]).toHaveLength(10);
    expect(text).toContain("10 of 10 events could not be described (InvalidEventArn)");
    expect(text).toContain("7 more events");
  });
});

describe("one's own side", () => {
  test("is every instance that runs, page by page, with whose check fails", async () => {
    const account = await demo({ pageSize: 1 });
    const regions = ["us-east-1", "eu-west-1", "us-west-2"];
    const { data } = await look(account, { regions });
    const all = regions.flatMap((region) => resourcesIn(account.estate, region).instances);
    const running = all.filter(({ status }) => status.InstanceState?.Name === "running");
    const ill = running.filter(({ status }) => status.InstanceStatus?.Status === "impaired");
    const { checked, failing } = okay(data.instances);
    expect(checked).toBe(running.length);
    const found = failing.filter(({ whose }) => whose === "yours").map(({ id }) => id);
    expect(found).toEqual(ill.map(({ status }) => status.InstanceId));
    const planned = running.filter(({ status }) => (status.Events ?? []).length > 0);
    expect(failing.filter(({ scheduled }) => scheduled).map(({ id }) => id)).toEqual(
      planned.map(({ status }) => status.InstanceId),
    );
  });

  test("is every alarm in ALARM, composite ones among them, and none that is not", async () => {
    const { data } = await look(await demo({ pageSize: 1 }), {
      regions: ["us-east-1", "eu-west-1"],
    });
    const { metric, composite } = alarmsOf(noon, undefined);
    const ringing = [...metric, ...composite].filter(({ state }) => state === "ALARM");
    const { count, items } = okay(data.alarms);
    expect(count).toBe(ringing.length);
    const names = new Set(items.map(({ name }) => name));
    for (const { name } of ringing.filter((one) => one.name.startsWith("demo-c"))) {
      expect(names).toContain(name);
    }
  });

  test("compares errors and latency of a service with the day before, as CloudWatch has them", async () => {
    const account = await demo();
    const { data, text } = await look(account, { services: ["Lambda"], regions: ["us-east-1"] });
    const { items, from, to } = okay(data.metrics);
    expect([from, to]).toEqual(["2026-11-19T11:00:00Z", "2026-11-20T12:00:00Z"]);
    const [worst] = items;
    expect(worst).toMatchObject({ resource: "checkout-api", state: "worse" });
    const value = (metric: string) => worst?.values.find((one) => one.metric === metric);
    for (const metric of ["Invocations", "Errors"]) {
      const lastHour = await sumOf(account, metric, [1, 0]);
      const dayBefore = (await sumOf(account, metric, [25, 1])) / 24;
      expect(value(metric)?.lastHour).toBe(lastHour);
      expect((value(metric)?.dayBefore ?? 0) / dayBefore).toBeCloseTo(1, 2);
    }
    const share = (100 * (value("Errors")?.lastHour ?? 0)) / (value("Invocations")?.lastHour ?? 1);
    expect(text).toContain(`→ ${Math.round(share)} % of requests`);
    const { failingSince } = incidentBefore(noon);
    expect(worst?.since).toBe(`${failingSince.toISOString().slice(0, 19)}Z`);
    expect(items.find(({ resource }) => resource === "thumbnailer")?.state).toBe("as before");
  });

  test.each([
    ["alb", "us-east-1", 1],
    ["api gateway", "us-east-1", 1],
    ["rds", "eu-west-1", 1],
    ["s3", "us-east-1", 1],
    ["dynamodb", "us-east-1", 2],
    ["sqs", "eu-west-1", 1],
    ["ec2", "us-east-1", 5],
  ])("knows the metrics of %s", async (service, region, count) => {
    const { data } = await look(await demo(), { services: [service], regions: [region] });
    const { items } = okay(data.metrics);
    expect(items).toHaveLength(count);
    for (const { state, values } of items) {
      expect(state).toBe("as before");
      expect(values.some(({ lastHour }) => lastHour !== undefined)).toBe(true);
    }
  });

  test("counts what metrics cost, and refuses them where the day's budget is spent", async () => {
    const account = await demo({ pageSize: 100_000 });
    const { data, text } = await look(account, { services: ["lambda"], regions: ["us-east-1"] });
    // Two functions with four metrics each, at $0.01 for a thousand.
    expect(data.meta).toMatchObject({ ceRequests: 1, estimatedApiCostUsd: 0.000_08 });
    expect(text).toContain("1 paid request, less than $0.01");
    const settings = { billingConfig: { dailyRequestBudgetUsd: 0 } };
    const broke = await look(
      account,
      { services: ["lambda"], regions: ["us-east-1"] },
      { settings },
    );
    expect(failureOf(broke.data.metrics).code).toBe("REQUEST_BUDGET_SPENT");
    expect(okay(broke.data.alarms).count).toBe(6);
  });

  test.each([
    "demo-storefront",
    "app/demo-storefront/50dc6c495c0c9188",
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/demo-storefront/50dc6c495c0c9188",
  ])("takes a resource by its name, id or ARN: %s", async (name) => {
    const args = { services: ["alb"], resources: [name], regions: ["us-east-1"] };
    const { data, text } = await look(await demo(), args);
    expect(okay(data.metrics).items.map(({ resource }) => resource)).toEqual([
      "app/demo-storefront/50dc6c495c0c9188",
    ]);
    expect(text).not.toContain("all are shown");
  });

  test("is shown only as far as resources are named", async () => {
    const args = { services: ["lambda"], resources: ["thumbnailer"], regions: ["us-east-1"] };
    const { data } = await look(await demo(), args);
    expect(okay(data.metrics).items.map(({ resource }) => resource)).toEqual(["thumbnailer"]);
    const wrong = await look(await demo(), { resources: ["i-00000000000000000"] });
    expect(wrong.text).toContain("i-00000000000000000: no running instance with this id");
  });
});

describe("what others have written", () => {
  test("stands in the marked block only, without what nobody sees", async () => {
    const note = JSON.stringify(hostile.note).slice(1, -1);
    const account = await rewriting(await demo(), (body) =>
      body.replaceAll(/checkout|orders-db|Current severity/g, `${note}\u{202E}`),
    );
    const { text, result } = await look(account, { services: ["lambda", "ec2", "rds"] });
    expect(text).toContain("Ignore all previous");
    expect(ownWords(text)).not.toMatch(/Ignore all|terminate-instances|thumbnailer/);
    expect(JSON.stringify(result.suggestedActions)).not.toMatch(/Ignore all/);
    expect(text).not.toMatch(/[\u{202E}\u{202C}\u{9B}\u{200B}]/u);
    expect(text.match(/<aws-data/g)?.length).toBe(text.match(/<\/aws-data>/g)?.length);
  });

  test("fits into a chat with all the rest", async () => {
    const { text } = await look(await demo(), { services: ["lambda", "rds", "alb"] });
    expect(text.length).toBeLessThan(4096);
    const tool = pluginOn(await demo()).getToolsConfig()["aws_service_health"];
    if (tool === undefined) throw new Error("no such tool");
    expect(JSON.stringify(publishedBy(tool)).length).toBeLessThan(6144);
  });
});

test("a client asks through the host, and gets text and data that its own validation takes", async () => {
  const account = await demo();
  const host = await createTestHost({
    plugins: { "aws-operations": plugin },
    config: {
      plugins: {
        "aws-operations": {
          awsAccessKey: account.accessKeyId,
          awsSecretKey: account.secretAccessKey,
          endpoint: account.endpoint,
          now: noon.toISOString(),
        },
      },
    },
  });
  onTestFinished(() => host.close());
  await host.client.listTools();
  account.faults.add({ operation: "DescribeAlarms", kind: "throttle", times: 1 });
  const result = await host.client.callTool({
    name: "aws_service_health",
    arguments: { message: "Lambda functions in us-east-1 are timing out" },
  });
  expect(result.isError ?? false).toBe(false);
  expect(result.structuredContent).toMatchObject({
    verdict: { whose: "yours" },
    meta: { services: ["Lambda"], regions: ["us-east-1"], accountId: account.accountId },
  });
  expect(JSON.stringify(result.content)).toContain("It is yours");
});
