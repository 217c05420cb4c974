import { createServer } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Fault } from "../../../plugins/aws-operations/demo-account/index.ts";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import { toAwsError } from "../../../plugins/aws-operations/aws/errors.ts";
import { ask, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";

afterEach(() => vi.unstubAllEnvs());

function errorOf(result: { error?: unknown }): { code: string; message: string } {
  return result.error as { code: string; message: string };
}

/** Rejects after many turns of the loop, in none of which any time has passed. */
async function standingStill(): Promise<never> {
  for (let turn = 0; turn < 500; turn += 1) {
    await vi.advanceTimersByTimeAsync(0);
    await new Promise(setImmediate);
  }
  throw new Error("The answer waits for something");
}

describe("what AWS answers", () => {
  const cases: [string, Fault, string, boolean, RegExp][] = [
    ["a throttle", { kind: "throttle" }, "THROTTLED", true, /throttling GetCostAndUsage/],
    ["an expired session", { kind: "expired-token" }, "EXPIRED_TOKEN", false, /have expired/],
    ["a wrong clock", { kind: "clock-skew" }, "BAD_CREDENTIALS", false, /clock/],
    [
      "a missing permission",
      { kind: "access-denied" },
      "ACCESS_DENIED",
      false,
      /user\/demo may not call ce:GetCostAndUsage/,
    ],
    ["Cost Explorer switched off", { kind: "not-enabled" }, "CE_NOT_ENABLED", false, /Enable it/],
    [
      "no data yet",
      { kind: "data-unavailable" },
      "CE_NO_DATA",
      false,
      /2026-10-01 up to, not including, 2026-11-21/,
    ],
    [
      "an invalid request",
      { kind: "error", code: "ValidationException", message: "Bad day" },
      "BAD_REQUEST",
      false,
      /Cost Explorer rejected the request: "Bad day".*Start=2026-10-01, End=2026-11-21 \(exclusive\)/,
    ],
    ["an error of the server", { kind: "http", status: 502 }, "UPSTREAM", true, /HTTP 502/],
    ["HTML instead of JSON", { kind: "wrong-content-type" }, "UPSTREAM", true, /garbage/],
    ["half of a JSON text", { kind: "truncated" }, "UPSTREAM", true, /garbage/],
    ["a connection that breaks", { kind: "reset" }, "UPSTREAM", true, /Cost Explorer/],
    [
      "an empty answer",
      { kind: "empty" },
      "UPSTREAM",
      true,
      /without ResultsByTime: this is not an amount of zero/,
    ],
  ];

  test.each(cases)(
    "%s has a code of its own, and is retried or not",
    async (_, fault, code, retried, text) => {
      const account = await demo();
      account.faults.add({ operation: "GetCostAndUsage", times: "always", ...fault });
      const plugin = pluginOn(account);
      const { data, result } = await ask(plugin, {}, { retries: 2 });
      expect(failureOf(data.currentMonth)).toMatchObject({ code, retryable: retried });
      expect(failureOf(data.currentMonth).message).toMatch(text);
      expect(operations(account).filter((name) => name === "GetCostAndUsage")).toHaveLength(
        retried ? 3 : 1,
      );
      expect(data.meta.ceRequests).toBe(retried ? 3 : 1);
      expect(result).toMatchObject({ fallback: true, analysisType: "overview" });
      expect(errorOf(result).code).toBe(code);
      expect(result.suggestedActions?.length).toBeGreaterThan(0);
      expect(JSON.stringify(result)).not.toContain(account.secretAccessKey);
      // What failed is not kept, but an answer that there is nothing is.
      account.faults.clear();
      const isAnswer = code === "CE_NO_DATA";
      if (isAnswer) expect((await ask(plugin)).data.meta.ceRequests).toBe(0);
      const again = await ask(plugin, isAnswer ? { refresh: true } : {});
      expect(okay(again.data.currentMonth).total).toBeGreaterThan(0);
    },
  );

  test("the SDK itself never tries again", async () => {
    const account = await demo({ faults: [{ kind: "http", times: 1 }] });
    await ask(pluginOn(account));
    expect(new Set(account.log.map(({ attempt }) => attempt))).toEqual(
      new Set(["attempt=1; max=1"]),
    );
  });

  test("a request that passes on the second try is no error", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "throttle", times: 2 });
    const { data, result } = await ask(pluginOn(account));
    expect(result.error).toBeUndefined();
    expect(data.meta.ceRequests).toBe((data.meta.requests[0]?.pages ?? 0) + 2);
  });
});

describe("one failure", () => {
  test("spoils only its own section", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostForecast", kind: "access-denied", times: "always" });
    const { data, result, text } = await ask(pluginOn(account), { analysis: "trends" });
    expect(okay(data.trends).months).toHaveLength(7);
    expect(failureOf(data.forecast).code).toBe("ACCESS_DENIED");
    expect(result.error).toBeUndefined();
    expect(text).toContain("Forecast: not available (ACCESS_DENIED)");
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Verify permissions" });
  });

  test("of what was spent leaves the forecast of the next month", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "access-denied", times: "always" });
    const { data, result } = await ask(pluginOn(account), { analysis: "forecast" });
    expect(failureOf(data.trends).code).toBe("ACCESS_DENIED");
    expect(okay(data.forecast).thisMonth).toBeUndefined();
    expect(okay(data.forecast).nextMonth?.total).toBeGreaterThan(0);
    expect(okay(data.forecast).warnings?.[0]).toContain("what was spent so far is unknown");
    expect(result.error).toBeUndefined();
  });

  test("of the identity leaves the costs", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCallerIdentity", kind: "http", times: "always" });
    const plugin = pluginOn(account);
    const { data } = await ask(plugin, {}, { retries: 1 });
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
    expect(data.meta.accountId).toBeUndefined();
    const alerts = await ask(plugin, { analysis: "alerts" }, { retries: 1 });
    expect(failureOf(alerts.data.budgetAlerts).code).toBe("UPSTREAM");
    expect(okay(alerts.data.anomalies).count).toBe(1);
  });

  test("and another are both named when nothing is left", async () => {
    const account = await demo();
    account.faults.add({ kind: "access-denied", times: "always" });
    const { result } = await ask(pluginOn(account), { analysis: "trends" });
    expect(errorOf(result).message).toContain("may not call ce:GetCostAndUsage");
    expect(errorOf(result).message).toContain("may not call ce:GetCostForecast");
    expect(errorOf(result).message.match(/Add it to its policy/g)).toHaveLength(1);
  });

  test("to answer who is asking does not hold up the costs", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCallerIdentity", kind: "hang", times: "always" });
    const { data } = await ask(pluginOn(account));
    // The costs are there while the other answer is still awaited.
    expect(account.log.find(({ fault }) => fault === "hang")?.aborted).toBe(false);
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
    expect(data.meta.accountId).toBeUndefined();
  });

  test("to answer who is asking is waited for once, not in each answer", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCallerIdentity", kind: "hang", times: "always" });
    const plugin = pluginOn(account);
    await ask(plugin);
    // Time stands still: an answer that waits for any of it never comes.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const second = ask(plugin);
    expect(
      okay((await Promise.race([second, standingStill()])).data.currentMonth).total,
    ).toBeGreaterThan(0);
  });

  test("is told once, though several sections have it", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    account.faults.add({ operation: "GetAnomalies", kind: "access-denied", times: "always" });
    account.faults.add({ operation: "DescribeBudgets", kind: "access-denied", times: "always" });
    const { text } = await ask(plugin, { analysis: "alerts" });
    expect(text.match(/Add it to its policy/g)).toHaveLength(1);
    expect(text).toContain("may not call ce:GetAnomalies");
    expect(text).toContain("may not call budgets:ViewBudget");
  });

  test("of budgets leaves the anomalies", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeBudgets", kind: "access-denied", times: "always" });
    const { data, text } = await ask(pluginOn(account), { analysis: "alerts" });
    expect(okay(data.anomalies).count).toBe(1);
    expect(failureOf(data.budgetAlerts).message).toContain("may not call budgets:ViewBudget");
    expect(text).toContain("Budgets: not available (ACCESS_DENIED)");
  });
});

describe("credentials", () => {
  test("that are missing are named, with what to do", async () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    vi.stubEnv("AWS_PROFILE", "nope");
    const account = await demo();
    const plugin = createPlugin({ endpoint: account.endpoint, checkCredentials: false });
    onTestFinished(() => plugin.onPluginUnload());
    const { result } = await ask(plugin);
    expect(errorOf(result).code).toBe("NO_CREDENTIALS");
    expect(errorOf(result).message).toContain('profile "nope" (is it in ~/.aws/config?)');
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Check AWS credentials" });
    expect(account.log).toEqual([]);
  });

  test("that are wrong are refused once, and never shown", async () => {
    const account = await demo();
    const awsSecretKey = "wrong-and-secret-0123456789";
    const plugin = pluginOn(account, { awsSecretKey });
    const { result } = await ask(plugin, { analysis: "alerts" });
    expect(errorOf(result).code).toBe("BAD_CREDENTIALS");
    expect(JSON.stringify(result)).not.toContain(awsSecretKey);
    expect(operations(account).filter((name) => name === "GetAnomalies")).toHaveLength(1);
  });

  test("that were expired are looked up again on the next call", async () => {
    const account = await demo();
    vi.stubEnv("AWS_ACCESS_KEY_ID", account.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of-yesterday");
    const plugin = createPlugin({
      endpoint: account.endpoint,
      now: noon.toISOString(),
      checkCredentials: false,
    });
    onTestFinished(() => plugin.onPluginUnload());
    expect(errorOf((await ask(plugin)).result).code).toBe("BAD_CREDENTIALS");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", account.secretAccessKey);
    expect(okay((await ask(plugin)).data.currentMonth).total).toBeGreaterThan(0);
  });

  test("that one request finds expired do not break those under way", async () => {
    const account = await demo({ pageSize: 10_000 });
    account.faults.add({ operation: "GetCostAndUsage", kind: "slow", ms: 400 });
    account.faults.add({ operation: "GetAnomalies", kind: "expired-token" });
    const { data } = await ask(pluginOn(account), { analysis: "alerts" }, { retries: 0 });
    expect(failureOf(data.anomalies).code).toBe("EXPIRED_TOKEN");
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
    expect(account.log.some(({ aborted }) => aborted)).toBe(false);
  });

  test("are signed for the one region of Cost Explorer, wherever the plugin is", async () => {
    const account = await demo();
    const { data } = await ask(pluginOn(account, { awsRegion: "eu-west-1" }));
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
    const regions = account.log
      .filter(({ service }) => service === "ce")
      .map(({ scope }) => scope?.region);
    expect(new Set(regions)).toEqual(new Set(["us-east-1"]));
    expect(data.meta.region).toBe("eu-west-1");
  });
});

describe("an endpoint", () => {
  test("that nobody listens on is unreachable", async () => {
    const plugin = createPlugin({
      awsAccessKey: "a",
      awsSecretKey: "b",
      endpoint: "http://127.0.0.1:9",
      checkCredentials: false,
    });
    onTestFinished(() => plugin.onPluginUnload());
    const { result } = await ask(plugin, {}, { retries: 1 });
    expect(errorOf(result).code).toBe("UPSTREAM");
    expect(errorOf(result).message).toContain("unreachable (ECONNREFUSED)");
  });

  test("that never answers fails in time, with what else there is", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetAnomalies", kind: "hang", times: "always" });
    // After that time the call would be over, with an error of the host's and none of the answer.
    const { data, result } = await ask(pluginOn(account), { analysis: "alerts" }, { timeMs: 2500 });
    expect(failureOf(data.anomalies)).toMatchObject({ code: "TIMEOUT", retryable: true });
    expect(okay(data.budgetAlerts).count).toBe(3);
    expect(result.error).toBeUndefined();
    await expect.poll(() => account.log.find(({ fault }) => fault === "hang")?.aborted).toBe(true);
  });

  test("that takes the connection and says nothing fails too", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const plugin = createPlugin({
      awsAccessKey: "a",
      awsSecretKey: "b",
      endpoint: `http://127.0.0.1:${port}`,
      checkCredentials: false,
    });
    onTestFinished(() => plugin.onPluginUnload());
    const { result } = await ask(plugin, {}, { timeMs: 1500 });
    expect(errorOf(result).code).toBe("TIMEOUT");
  });
});

describe("an error's name", () => {
  const request = {
    service: "Budgets",
    operation: "DescribeBudgets",
    action: "budgets:ViewBudget",
    region: "us-east-1",
  } as const;
  test.each([
    ["ExpiredToken", "EXPIRED_TOKEN"],
    ["ExpiredTokenException", "EXPIRED_TOKEN"],
    ["InvalidClientTokenId", "BAD_CREDENTIALS"],
    ["UnrecognizedClientException", "BAD_CREDENTIALS"],
    ["AuthFailure", "BAD_CREDENTIALS"],
    ["SignatureDoesNotMatch", "BAD_CREDENTIALS"],
    ["AccessDenied", "ACCESS_DENIED"],
    ["AccessDeniedException", "ACCESS_DENIED"],
    ["UnauthorizedOperation", "ACCESS_DENIED"],
    ["LimitExceededException", "THROTTLED"],
    ["ThrottlingException", "THROTTLED"],
    ["Throttling", "THROTTLED"],
    ["RequestLimitExceeded", "THROTTLED"],
    ["SlowDown", "THROTTLED"],
    ["TooManyRequestsException", "THROTTLED"],
    ["UnknownMonitorException", "NOT_FOUND"],
    ["NotFoundException", "NOT_FOUND"],
    ["InvalidNextTokenException", "PAGING_RESTARTED"],
    ["ExpiredNextTokenException", "PAGING_RESTARTED"],
    ["RequestChangedException", "PAGING_RESTARTED"],
    ["DataUnavailableException", "CE_NO_DATA"],
    ["BillExpirationException", "CE_NO_DATA"],
    ["ValidationException", "BAD_REQUEST"],
    ["InvalidParameterException", "BAD_REQUEST"],
    ["TimeoutError", "TIMEOUT"],
    // What SSO says of a session that is over.
    ["UnauthorizedException", "EXPIRED_TOKEN"],
    ["InternalErrorException", "UPSTREAM"],
  ])("%s is %s, in any class", (name, code) => {
    const error = Object.assign(new Error("text"), { name });
    expect(toAwsError(error, request)).toMatchObject({ name: "ToolError", code });
  });

  test.each([
    [
      "The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.",
    ],
    [
      "The SSO session token associated with profile=corp was not found or is invalid. To refresh this SSO session run 'aws sso login'.",
    ],
  ])("of missing credentials is EXPIRED_TOKEN where the SSO session is over", (text) => {
    const error = Object.assign(new Error(text), { name: "CredentialsProviderError" });
    expect(toAwsError(error, request).code).toBe("EXPIRED_TOKEN");
  });

  test("of credentials that need a second factor says that a server cannot give one", () => {
    const text = "Profile corp requires multi-factor authentication, but no MFA code callback";
    const error = Object.assign(new Error(text), { name: "CredentialsProviderError" });
    const source = { kind: "file", profile: "company", awsProfile: "corp" } as const;
    expect(toAwsError(error, { ...request, source })).toMatchObject({
      code: "NO_CREDENTIALS",
      message: expect.stringContaining('"corp" asks for a second factor') as string,
    });
  });

  test("comes with what AWS said, cut at 300 characters", () => {
    const error = Object.assign(new Error("x".repeat(2000)), { name: "ValidationException" });
    const { message } = toAwsError(error, request);
    expect(message).toContain("Budgets rejected the request");
    expect(message.length).toBeLessThan(400);
  });

  test("of a timeout has nothing of the SDK's internals", () => {
    const error = Object.assign(new Error("@smithy/node-http-handler [ERROR] 12000 ms"), {
      name: "TimeoutError",
    });
    expect(toAwsError(error, request).message).toBe("DescribeBudgets did not answer in time.");
  });

  test.each([
    [-600_000, /10 min behind AWS/],
    [600_000, /10 min ahead of AWS/],
    [30_000, /clock\.$/],
  ])("of a clock that is %d ms off says which way, if it is a minute or more", (ms, text) => {
    const error = Object.assign(new Error("x"), {
      name: "RequestTimeTooSkewed",
      $response: { headers: { date: new Date(Date.now() - ms).toUTCString() } },
    });
    expect(toAwsError(error, request).message).toMatch(text);
  });

  test("never lets a key id through", () => {
    const error = Object.assign(new Error("key AKIAIOSFODNN7EXAMPLE"), {
      name: "ValidationException",
    });
    expect(toAwsError(error, request).message).not.toContain("AKIAIOSFODNN7EXAMPLE");
  });

  test("keeps the request's id for AWS support", () => {
    const error = Object.assign(new Error("x"), {
      name: "ThrottlingException",
      $metadata: { httpStatusCode: 400, requestId: "1-2-3" },
    });
    expect(toAwsError(error, request).message).toContain("(AWS request 1-2-3)");
  });
});
