import { connect } from "node:net";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import {
  CostExplorerClient,
  GetAnomaliesCommand,
  GetCostAndUsageCommand,
  GetCostForecastCommand,
  GetDimensionValuesCommand,
} from "@aws-sdk/client-cost-explorer";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { either, junk } from "./arbitraries.ts";
import { openDemo, rawRequest, replaceBodies, unmanagedDemo, type Demo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

const stillServes = async ({ sts }: Demo): Promise<void> => {
  await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
    Account: "111122223333",
  });
};

test("whatever is sent, unsigned, is answered with an error and harms nothing", async () => {
  const demo = await openDemo(NOW, { control: true });
  const target = fc.oneof(
    fc.constantFrom(
      "AWSInsightsIndexService.GetCostAndUsage",
      "AWSInsightsIndexService.__proto__",
      "AWSBudgetServiceGateway.constructor",
      "AWSInsightsIndexService",
      "..",
    ),
    fc.string({ unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS"),
      fc.webPath({ size: "small" }).map((path) => path || "/"),
      fc.constantFrom(
        "application/x-amz-json-1.1",
        "application/x-www-form-urlencoded",
        "text/plain",
      ),
      target,
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.constantFrom("Action=GetCallerIdentity&Version=2011-06-15"),
      ),
      async (method, path, type, name, body) => {
        const headers = { "content-type": type, "x-amz-target": name };
        const response = await rawRequest(demo.account.endpoint, { method, path, headers, body });
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
      },
    ),
    { numRuns: 200 },
  );
  await stillServes(demo);
});

test("whatever is in a signed request, the answer is an answer or an error of the caller", async () => {
  const demo = await openDemo(NOW);
  const { ce } = demo;
  let body = "{}";
  replaceBodies(ce, () => body);
  const commands = [
    () => ce.send(new GetCostAndUsageCommand({} as never)),
    () => ce.send(new GetCostForecastCommand({} as never)),
    () => ce.send(new GetAnomaliesCommand({} as never)),
    () => ce.send(new GetDimensionValuesCommand({} as never)),
  ];
  const dates = fc.constantFrom("2026-11-01", "2026-11-21", "2026-12-01", "9999-99-99", "", "x");
  const condition = fc.record(
    {
      Key: either(fc.constantFrom("SERVICE", "REGION", "PLATFORM", "constructor")),
      Values: either(fc.array(fc.string(), { maxLength: 3 })),
      MatchOptions: either(fc.constant(["EQUALS"])),
    },
    { requiredKeys: [] },
  );
  const filter = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.record({ Dimensions: condition }),
      fc.record({ Tags: condition }),
      fc.record({ Dimensions: condition, CostCategories: junk }),
      fc.record({ And: fc.array(tie("node"), { maxLength: 3 }) }),
      fc.record({ Or: fc.array(tie("node"), { maxLength: 3 }) }),
      fc.record({ Not: tie("node") }),
    ),
  })).node;
  const period = fc.record({ Start: either(dates), End: either(dates) }, { requiredKeys: [] });
  const request = fc.record(
    {
      TimePeriod: either(period),
      DateInterval: either(fc.record({ StartDate: either(dates), EndDate: either(dates) })),
      Granularity: either(fc.constantFrom("DAILY", "MONTHLY", "HOURLY")),
      Metrics: either(fc.array(fc.constantFrom("UnblendedCost", "toString"))),
      Metric: either(fc.constantFrom("UNBLENDED_COST", "AMORTIZED_COST")),
      Dimension: either(fc.constantFrom("SERVICE", "RESOURCE_ID")),
      Filter: either(filter),
      GroupBy: either(
        fc.array(fc.record({ Type: fc.constantFrom("DIMENSION", "TAG"), Key: fc.string() })),
      ),
      NextPageToken: either(fc.string()),
      MaxResults: either(fc.integer()),
      __proto__: junk,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { arbitrary: request.map((value) => JSON.stringify(value)), weight: 9 },
        { arbitrary: fc.string(), weight: 1 },
      ),
      fc.constantFrom(...commands),
      async (text, send) => {
        body = text;
        const status = await send().then(
          () => 200,
          (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode,
        );
        expect([200, 400]).toContain(status);
      },
    ),
    { numRuns: 300 },
  );
  expect(demo.account.log.every(({ signatureOk }) => signatureOk)).toBe(true);
  await stillServes(demo);
});

test("bytes that are not HTTP close their own connection only", async () => {
  const demo = await openDemo(NOW);
  const port = Number(new URL(demo.account.endpoint).port);
  for (const bytes of [
    "\0\0\0",
    "GARBAGE\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
      socket.on("error", () => undefined).on("close", () => resolve());
      socket.resume();
    });
  }
  await stillServes(demo);
});

test("a body over one megabyte is refused unread", async () => {
  const demo = await openDemo(NOW);
  const outcome = await rawRequest(demo.account.endpoint, {
    body: Buffer.alloc(3 * 1024 * 1024),
  }).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  expect([413, "ECONNRESET", "EPIPE"]).toContain(outcome);
  expect(demo.account.log).toEqual([]);
  await stillServes(demo);
});

test("a caller who leaves in the middle of a body leaves nothing behind", async () => {
  const demo = await openDemo(NOW);
  const port = Number(new URL(demo.account.endpoint).port);
  await new Promise<void>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", () =>
        socket.destroy(),
      );
    });
    socket.on("close", () => resolve());
  });
  await stillServes(demo);
});

test("deeply nested filters are an answer or an error, never a crash", async () => {
  const demo = await openDemo(NOW);
  let Filter: object = { Dimensions: { Key: "SERVICE", Values: ["Tax"] } };
  for (let depth = 0; depth < 2_000; depth += 1) Filter = { Not: Filter };
  const TimePeriod = { Start: "2026-11-01", End: "2026-11-21" };
  const call = demo.ce.send(
    new GetCostAndUsageCommand({
      TimePeriod,
      Granularity: "MONTHLY",
      Metrics: ["UnblendedCost"],
      Filter,
    }),
  );
  await call.catch(() => undefined);
  await stillServes(demo);
});

test("it listens on loopback, on a port of its own or on the one asked for", async () => {
  const first = await openDemo(NOW);
  const second = await openDemo(NOW);
  expect(first.account.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(second.account.endpoint).not.toBe(first.account.endpoint);
  const port = Number(new URL(first.account.endpoint).port);
  await expect(unmanagedDemo(NOW, { port })).rejects.toThrow("EADDRINUSE");
  await first.account.close();
  const again = await openDemo(NOW, { port });
  expect(again.account.endpoint).toBe(first.account.endpoint);
});

test("many callers at once are all answered", async () => {
  const { account } = await openDemo(NOW);
  const ce = new CostExplorerClient({
    endpoint: account.endpoint,
    region: account.region,
    credentials: account,
  });
  const calls = Array.from({ length: 60 }, () =>
    ce.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: "2026-10-01", End: "2026-11-21" },
        Granularity: "DAILY",
        Metrics: ["UnblendedCost"],
      }),
    ),
  );
  const answers = await Promise.all(calls);
  ce.destroy();
  expect(new Set(answers.map(({ ResultsByTime }) => JSON.stringify(ResultsByTime))).size).toBe(1);
});
