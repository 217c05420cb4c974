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
import { bodies, demo, failureOf, noon, okay, pluginOn } from "./helpers.ts";
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
