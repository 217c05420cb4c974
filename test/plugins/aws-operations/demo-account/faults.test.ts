import { DescribeBudgetsCommand } from "@aws-sdk/client-budgets";
import {
  CostExplorerClient,
  GetAnomaliesCommand,
  GetAnomalyMonitorsCommand,
  GetCostAndUsageCommand,
  GetCostForecastCommand,
} from "@aws-sdk/client-cost-explorer";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Fault } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { parseFaults } from "../../../../plugins/aws-operations/demo-account/faults.ts";
import { failureOf, fetchAll, openDemo, rawRequest, type Demo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

const costAndUsage = () =>
  new GetCostAndUsageCommand({
    TimePeriod: { Start: "2026-11-01", End: "2026-11-21" },
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
  });

const forecast = () =>
  new GetCostForecastCommand({
    TimePeriod: { Start: "2026-11-20", End: "2026-12-01" },
    Granularity: "MONTHLY",
    Metric: "UNBLENDED_COST",
  });

const budgets = () => new DescribeBudgetsCommand({ AccountId: "111122223333" });
const identity = () => new GetCallerIdentityCommand({});

describe("a fault arrives as AWS would send it", () => {
  test.each<[Fault["kind"], (demo: Demo) => Promise<unknown>, string, number, RegExp]>([
    [
      "throttle",
      ({ ce }) => ce.send(costAndUsage()),
      "LimitExceededException",
      400,
      /^Rate exceeded$/,
    ],
    [
      "throttle",
      (demo) => demo.budgets.send(budgets()),
      "ThrottlingException",
      400,
      /^Rate exceeded$/,
    ],
    ["throttle", ({ sts }) => sts.send(identity()), "Throttling", 400, /^Rate exceeded$/],
    ["expired-token", ({ ce }) => ce.send(costAndUsage()), "ExpiredTokenException", 400, /expired/],
    ["expired-token", ({ sts }) => sts.send(identity()), "ExpiredToken", 403, /expired/],
    [
      "bad-credentials",
      ({ ce }) => ce.send(costAndUsage()),
      "UnrecognizedClientException",
      400,
      /^The security token included in the request is invalid\.$/,
    ],
    ["bad-credentials", ({ sts }) => sts.send(identity()), "InvalidClientTokenId", 403, /invalid/],
    [
      "access-denied",
      ({ ce }) => ce.send(costAndUsage()),
      "AccessDeniedException",
      400,
      /^User: arn:aws:iam::111122223333:user\/demo is not authorized to perform: ce:GetCostAndUsage on resource: arn:aws:ce:us-east-1:111122223333:\/GetCostAndUsage because no identity-based policy allows the ce:GetCostAndUsage action$/,
    ],
    [
      "access-denied",
      (demo) => demo.budgets.send(budgets()),
      "AccessDeniedException",
      400,
      /is not authorized to perform: budgets:ViewBudget on resource: arn:aws:budgets::111122223333:budget\/\*/,
    ],
    [
      "access-denied",
      ({ sts }) => sts.send(identity()),
      "AccessDenied",
      403,
      /sts:GetCallerIdentity/,
    ],
    [
      "clock-skew",
      ({ ce }) => ce.send(costAndUsage()),
      "InvalidSignatureException",
      400,
      /^Signature expired/,
    ],
    [
      "data-unavailable",
      ({ ce }) => ce.send(costAndUsage()),
      "DataUnavailableException",
      400,
      /If just enabled Cost Explorer, data might not be ingested yet/,
    ],
    [
      "data-unavailable",
      ({ ce }) => ce.send(forecast()),
      "DataUnavailableException",
      400,
      /^Insufficient amount of historical data\.$/,
    ],
    [
      "not-enabled",
      ({ ce }) => ce.send(costAndUsage()),
      "AccessDeniedException",
      400,
      /^User not enabled for cost explorer access$/,
    ],
    ["http", ({ ce }) => ce.send(costAndUsage()), "SyntaxError", 503, /./],
    ["truncated", ({ ce }) => ce.send(costAndUsage()), "SyntaxError", 200, /./],
    ["wrong-content-type", ({ ce }) => ce.send(costAndUsage()), "SyntaxError", 200, /./],
  ])("%s, %#", async (kind, call, name, status, message) => {
    const demo = await openDemo(NOW);
    demo.account.faults.add({ kind });
    const failure = await failureOf(call(demo));
    expect(failure).toMatchObject({ name, status });
    expect(failure.message).toMatch(message);
    expect(demo.account.log).toMatchObject([{ fault: kind, signatureOk: true }]);
    // One fault is one failure.
    await expect(call(demo)).resolves.toBeDefined();
    expect(demo.account.faults.pending).toEqual([]);
  });

  test.each([500, 502, 503])("http %i is a page of HTML", async (status) => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "http", status });
    expect((await failureOf(ce.send(costAndUsage()))).status).toBe(status);
    expect(account.log[0]?.status).toBe(status);
  });

  test("an error of the caller's choice", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "error", code: "BillExpirationException", message: "Too late" });
    expect(await failureOf(ce.send(costAndUsage()))).toEqual({
      name: "BillExpirationException",
      message: "Too late",
      status: 400,
    });
  });

  test("a throttle can be spelled differently", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "throttle", code: "ThrottlingException" });
    expect((await failureOf(ce.send(costAndUsage()))).name).toBe("ThrottlingException");
  });

  test("an empty answer reads as an answer with nothing in it", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "empty" });
    expect((await ce.send(costAndUsage())).ResultsByTime).toBeUndefined();
  });

  test("truncated XML is not an answer of STS", async () => {
    const { account, sts } = await openDemo(NOW);
    account.faults.add({ kind: "truncated" });
    await expect(sts.send(identity())).rejects.toThrow(/./);
  });

  test("a connection reset in the middle of the body fails the call and is logged as aborted", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "reset" });
    await expect(ce.send(costAndUsage())).rejects.toThrow(/aborted|ECONNRESET|socket/i);
    await vi.waitFor(() => expect(account.log[0]).toMatchObject({ aborted: true }));
  });

  test("a slow answer comes late, and right", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "slow", ms: 200 });
    const started = performance.now();
    expect((await ce.send(costAndUsage())).ResultsByTime).toHaveLength(1);
    expect(performance.now() - started).toBeGreaterThan(190);
  });

  test("a hanging answer ends when the caller gives up, and the log tells", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "hang" });
    const controller = new AbortController();
    const call = failureOf(ce.send(costAndUsage(), { abortSignal: controller.signal }));
    await vi.waitFor(() => expect(account.log).toHaveLength(1));
    controller.abort();
    expect((await call).name).toBe("AbortError");
    await vi.waitFor(() =>
      expect(account.log[0]).toMatchObject({ fault: "hang", aborted: true, status: undefined }),
    );
  });
});

describe("a fault hits what it is meant for", () => {
  test("an operation, a number of times, after letting some pass", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", skip: 1, times: 2 });
    const outcomes: string[] = [];
    for (let call = 0; call < 5; call += 1) {
      await ce.send(new GetAnomalyMonitorsCommand({}));
      outcomes.push(
        await ce.send(costAndUsage()).then(
          () => "ok",
          (error: Error) => error.name,
        ),
      );
    }
    const throttled = "LimitExceededException";
    expect(outcomes).toEqual(["ok", throttled, throttled, "ok", "ok"]);
  });

  test("several faults for one operation happen in the order they were added", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "throttle" }, { kind: "expired-token" });
    const names = [
      await failureOf(ce.send(costAndUsage())),
      await failureOf(ce.send(costAndUsage())),
    ];
    expect(names.map(({ name }) => name)).toEqual([
      "LimitExceededException",
      "ExpiredTokenException",
    ]);
  });

  test("always means until withdrawn", async () => {
    const { account, ce } = await openDemo(NOW);
    const withdraw = account.faults.add({ kind: "throttle", times: "always" });
    for (let call = 0; call < 3; call += 1) await failureOf(ce.send(costAndUsage()));
    withdraw();
    await ce.send(costAndUsage());
    account.faults.add({ kind: "throttle", times: "always" });
    account.faults.clear();
    await ce.send(costAndUsage());
  });

  test.each([
    ["request-changed", "RequestChangedException"],
    ["expired-page-token", "InvalidNextTokenException"],
  ] as const)("%s waits for a request with a page token", async (kind, name) => {
    const { account, ce } = await openDemo(NOW, { pageSize: 5 });
    account.faults.add({ kind });
    const input = {
      ...costAndUsage().input,
      GroupBy: [{ Type: "DIMENSION" as const, Key: "SERVICE" }],
    };
    expect((await failureOf(fetchAll(ce, input))).name).toBe(name);
    expect(account.log).toHaveLength(2);
    expect((await fetchAll(ce, input)).pages).toBe(3);
  });

  test("no-monitors leaves costs alone", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "no-monitors" });
    for (let call = 0; call < 2; call += 1) {
      expect((await ce.send(new GetAnomalyMonitorsCommand({}))).AnomalyMonitors).toEqual([]);
      const DateInterval = { StartDate: "2026-11-01" };
      expect((await ce.send(new GetAnomaliesCommand({ DateInterval }))).Anomalies).toEqual([]);
      expect((await ce.send(costAndUsage())).ResultsByTime).toHaveLength(1);
    }
  });

  test("what the account is like does not keep a fault from happening", async () => {
    const { account, ce } = await openDemo(NOW);
    account.faults.add({ kind: "no-monitors" }, { kind: "throttle" });
    const monitors = () => ce.send(new GetAnomalyMonitorsCommand({}));
    expect((await failureOf(monitors())).name).toBe("LimitExceededException");
    expect((await monitors()).AnomalyMonitors).toEqual([]);
  });

  test("a fault of Cost Explorer passes by the other services", async () => {
    const { account, ce, sts } = await openDemo(NOW);
    account.faults.add({ kind: "not-enabled" });
    await sts.send(identity());
    expect((await failureOf(ce.send(costAndUsage()))).name).toBe("AccessDeniedException");
  });

  test("a request with a bad signature does not use up a fault", async () => {
    const { account } = await openDemo(NOW);
    account.faults.add({ kind: "throttle" });
    await rawRequest(account.endpoint, {
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSInsightsIndexService.GetCostAndUsage",
      },
      body: "{}",
    });
    expect(account.faults.pending).toHaveLength(1);
  });
});

describe("the log", () => {
  test("shows what was asked, how it was signed, and over which connection", async () => {
    const { account, ce } = await openDemo(NOW);
    await ce.send(costAndUsage());
    await failureOf(
      ce.send(new GetCostAndUsageCommand({ ...costAndUsage().input, Metrics: ["x"] })),
    );
    const [first, second] = account.log;
    expect(first).toMatchObject({
      service: "ce",
      operation: "GetCostAndUsage",
      signatureOk: true,
      scope: { service: "ce", region: "us-east-1", accessKeyId: account.accessKeyId },
      attempt: "attempt=1; max=1",
      body: costAndUsage().input,
      status: 200,
      errorCode: undefined,
      fault: undefined,
      aborted: false,
    });
    expect(new Date(first?.time ?? "").getTime()).not.toBeNaN();
    expect(second).toMatchObject({ status: 400, errorCode: "ValidationException" });
    expect(second?.connectionPort).toBe(first?.connectionPort);
  });

  test("shows the SDK's own retries", async () => {
    const { account } = await openDemo(NOW);
    const ce = new CostExplorerClient({
      endpoint: account.endpoint,
      region: account.region,
      credentials: account,
      maxAttempts: 3,
    });
    onTestFinished(() => ce.destroy());
    account.faults.add({ kind: "throttle", times: 1 });
    await ce.send(costAndUsage());
    expect(account.log.map(({ attempt }) => attempt?.split(";")[0])).toEqual([
      "attempt=1",
      "attempt=2",
    ]);
  });
});

const fault = (endpoint: string, body: unknown): ReturnType<typeof rawRequest> =>
  rawRequest(endpoint, { path: "/__fault", body: JSON.stringify(body) });

describe("over HTTP", () => {
  test("faults are added and withdrawn, the log is read and emptied", async () => {
    const { account, ce } = await openDemo(NOW, { control: true });
    const added = await fault(account.endpoint, [
      { kind: "throttle" },
      { kind: "hang", times: "always" },
    ]);
    expect(JSON.parse(added.body)).toEqual({
      pending: [{ kind: "throttle" }, { kind: "hang", times: "always" }],
    });
    await failureOf(ce.send(costAndUsage()));
    await rawRequest(account.endpoint, { method: "DELETE", path: "/__fault" });
    await ce.send(costAndUsage());
    const log = await rawRequest(account.endpoint, { method: "GET", path: "/__log" });
    expect(JSON.parse(log.body)).toMatchObject([{ fault: "throttle" }, { status: 200 }]);
    await rawRequest(account.endpoint, { method: "DELETE", path: "/__log" });
    expect(account.log).toEqual([]);
  });

  test("a fault that makes no sense is refused by name", async () => {
    const { account } = await openDemo(NOW, { control: true });
    const answer = await fault(account.endpoint, { kind: "explode" });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ error: 'fault 1: "kind" may not be "explode"' });
  });

  test("nothing is steered unless it was asked for", async () => {
    const { account } = await openDemo(NOW);
    expect((await fault(account.endpoint, { kind: "throttle" })).status).toBe(400);
    const log = await rawRequest(account.endpoint, { method: "GET", path: "/__log" });
    expect(log.status).toBe(400);
    expect(account.faults.pending).toEqual([]);
  });
});

test.each<[unknown, string]>([
  [7, "fault 1 is not an object"],
  [[{ kind: "hang" }, {}], 'fault 2: "kind" is missing'],
  [{ kind: "slow", ms: -1 }, 'fault 1: "ms" may not be -1'],
  [{ kind: "http", status: 42 }, 'fault 1: "status" may not be 42'],
  [{ kind: "throttle", time: 1 }, 'fault 1: unknown member "time"'],
])("%j is not read as a fault", (value, message) => {
  expect(() => parseFaults(value)).toThrow(message);
});

test("an account closes at once with a request hanging in it", async () => {
  const { account, ce } = await openDemo(NOW);
  account.faults.add({ kind: "hang" }, { kind: "slow", ms: 600_000 });
  const calls = [failureOf(ce.send(costAndUsage())), failureOf(ce.send(costAndUsage()))];
  await vi.waitFor(() => expect(account.log).toHaveLength(2));
  await Promise.all([account.close(), account.close()]);
  await Promise.all(calls);
  await expect(rawRequest(account.endpoint)).rejects.toThrow("ECONNREFUSED");
});
