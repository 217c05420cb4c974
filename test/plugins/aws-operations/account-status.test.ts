import { afterEach, describe, expect, test, vi } from "vitest";
import { accountStatusOutput } from "../../../plugins/aws-operations/account-status/output.ts";
import { leastPrivilegePolicy } from "../../../plugins/aws-operations/aws/services.ts";
import { ASSUMABLE_ROLES } from "../../../plugins/aws-operations/demo-account/data/iam/roles.ts";
import * as module from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import { ask, askTool, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";

const tool = ["aws_account_status", accountStatusOutput] as const;
const partner = ASSUMABLE_ROLES.find(({ externalId }) => externalId !== undefined);

afterEach(() => vi.unstubAllEnvs());

/** The state of each tool, by name. */
function statesOf(data: { tools: { name: string; state: string; reason?: string | undefined }[] }) {
  return Object.fromEntries(data.tools.map(({ name, state, reason }) => [name, [state, reason]]));
}

describe("the status of an account", () => {
  test("says who is asking, by what credentials, and costs nothing", async () => {
    const account = await demo();
    const { data, text, result } = await askTool(pluginOn(account), tool);
    expect(okay(data.identity)).toEqual({
      status: "ok",
      accountId: "111122223333",
      arn: "arn:aws:iam::111122223333:user/demo",
      partition: "aws",
      credentials: "keys in the plugin's settings",
    });
    expect(text).toContain(
      "Signed in to account 111122223333 as arn:aws:iam::111122223333:user/demo",
    );
    expect(text).toContain("These are the demo account's keys: its data are made up.");
    expect(data.settings.demo).toBe(true);
    expect(operations(account)).toEqual(["GetCallerIdentity"]);
    // Nobody has looked, so nobody knows.
    expect(statesOf(data)).toMatchObject({
      aws_cost_compare: ["unknown", "Cost Explorer: not probed"],
      aws_account_status: ["works", undefined],
    });
    expect(data.services).toMatchObject({ status: "skipped" });
    expect(result).toMatchObject({ intentType: "AWS_SECURITY", toolsUsed: ["aws_sts"] });
    expect(result.suggestedActions).toMatchObject([
      { tool: "aws_account_status", arguments: { probe: true } },
    ]);
  });

  test("asks each service one free question, on request", async () => {
    const account = await demo({ pageSize: 1 });
    const { data, text } = await askTool(pluginOn(account), tool, { probe: true });
    expect(operations(account).filter((name) => name === "DescribeBudgets")).toHaveLength(1);
    expect(account.log.every(({ service }) => service !== "ce")).toBe(true);
    expect(okay(data.services).items).toContainEqual({
      service: "Budgets",
      works: true,
      statements: ["Budgets"],
    });
    expect(okay(data.services).notProbed).toEqual(["Cost Explorer (it costs; paidProbe)"]);
    expect(statesOf(data)).toMatchObject({
      aws_cost_analysis: ["unknown", "Cost Explorer: not probed"],
    });
    expect(data.meta.ceRequests).toBe(0);
    expect(text).toContain("Not probed: Cost Explorer");
  });

  test("asks Cost Explorer only for money, once, and says what it cost", async () => {
    const account = await demo();
    const args = { probe: true, paidProbe: true };
    const { data, text } = await askTool(pluginOn(account), tool, args);
    expect(account.log.filter(({ service }) => service === "ce")).toHaveLength(1);
    expect(data.meta).toMatchObject({ ceRequests: 1, estimatedApiCostUsd: 0.01 });
    expect(data.costs.today).toEqual({ requests: 1, usd: 0.01 });
    expect(statesOf(data)).toMatchObject({
      aws_cost_analysis: ["works", undefined],
      aws_cost_compare: ["works", undefined],
    });
    expect(text).toContain("1 paid request today (UTC), $0.01; 1 since the start, $0.01");
  });

  test("names what is missing, with the statement of the policy that has it", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeBudgets", kind: "access-denied", times: "always" });
    const plugin = pluginOn(account);
    const { data, text, result } = await askTool(plugin, tool, { probe: true, paidProbe: true });
    const budgets = okay(data.services).items.find(({ service }) => service === "Budgets");
    expect(budgets).toMatchObject({ works: false, code: "ACCESS_DENIED", statements: ["Budgets"] });
    expect(budgets?.message).toContain("may not call budgets:ViewBudget");
    expect(statesOf(data)).toMatchObject({
      aws_cost_analysis: ["partly", "Budgets: ACCESS_DENIED"],
      aws_cost_compare: ["works", undefined],
    });
    expect(text).toContain("Budgets (statement Budgets of aws://iam-policy): ");
    expect(result.error).toBeUndefined();
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Verify permissions" });
    const { Statement } = leastPrivilegePolicy() as { Statement: { Sid: string }[] };
    const known = Statement.map(({ Sid }) => Sid);
    for (const { statements } of okay(data.services).items) {
      for (const name of statements) expect(known).toContain(name);
    }
  });

  test("says that Cost Explorer was never enabled, which no policy mends", async () => {
    const plugin = pluginOn(await demo({ variant: "empty" }));
    const { data } = await askTool(plugin, tool, { probe: true, paidProbe: true });
    expect(statesOf(data)).toMatchObject({
      aws_cost_compare: ["fails", "Cost Explorer: CE_NOT_ENABLED"],
      aws_cost_analysis: ["partly", "Cost Explorer: CE_NOT_ENABLED"],
    });
  });

  test("answers where nothing works: that is what it is for", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { awsSecretKey: "wrong-and-secret-0123456789" });
    const { data, text, result } = await askTool(plugin, tool, { probe: true });
    expect(failureOf(data.identity).code).toBe("BAD_CREDENTIALS");
    expect(text).toContain("**The credentials do not work (BAD_CREDENTIALS).**");
    expect(statesOf(data)).toMatchObject({ aws_cost_analysis: ["fails", "BAD_CREDENTIALS"] });
    expect(result.error).toBeUndefined();
    expect(result.suggestedActions).toMatchObject([{ title: "Check AWS credentials" }]);
    // Services are not asked one after the other what one of them has said.
    expect(new Set(operations(account))).toEqual(new Set(["GetCallerIdentity"]));
    expect(JSON.stringify([data, text])).not.toContain("wrong-and-secret");
  });

  test.each([
    [{ kind: "hang" }, "TIMEOUT"],
    [{ kind: "http" }, "UPSTREAM"],
    [{ kind: "expired-token" }, "EXPIRED_TOKEN"],
    [{ kind: "empty" }, "UPSTREAM"],
  ] as const)("comes in time whatever STS does: %j is %s", async (fault, code) => {
    const account = await demo();
    account.faults.add({ operation: "GetCallerIdentity", times: "always", ...fault });
    const options = { timeMs: 2000, retries: 0 };
    const { data } = await askTool(pluginOn(account), tool, { probe: true }, options);
    expect(failureOf(data.identity).code).toBe(code);
    expect(data.tools.length).toBeGreaterThan(3);
  });
});

describe("profiles", () => {
  test("are listed by what they are, and with probe by who they are", async () => {
    vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    const account = await demo();
    const plugin = pluginOn(account, {
      profiles: {
        partner: { roleArn: partner?.arn, externalId: partner?.externalId },
        laptop: { awsProfile: "nope" },
        frankfurt: { region: "eu-central-1" },
      },
    });
    const { data, text } = await askTool(plugin, tool);
    expect(data.profiles).toEqual([
      {
        name: "partner",
        region: "us-east-1",
        credentials: `${partner?.arn}, assumed with keys in the plugin's settings`,
      },
      { name: "laptop", region: "us-east-1", credentials: 'profile "nope" of ~/.aws' },
      {
        name: "frankfurt",
        region: "eu-central-1",
        credentials: "keys in the plugin's settings",
      },
    ]);
    expect(text).not.toContain(partner?.externalId);
    const probed = await askTool(plugin, tool, { probe: true });
    expect(probed.data.profiles[0]).toMatchObject({
      accountId: "444455556666",
      arn: "arn:aws:sts::444455556666:assumed-role/demo-partner/agentflow-mcp",
    });
    expect(probed.data.profiles[1]?.problem).toContain('is "nope" in ~/.aws/config');
    expect(probed.text).toContain("`laptop` (us-east-1)");
  });

  test("can be asked about themselves", async () => {
    const account = await demo();
    const plugin = pluginOn(account, {
      profiles: { partner: { roleArn: partner?.arn, externalId: partner?.externalId } },
    });
    const { data, result } = await askTool(plugin, tool, { profile: "partner" });
    expect(okay(data.identity).accountId).toBe("444455556666");
    expect(data.meta).toMatchObject({ profile: "partner", accountId: "444455556666" });
    expect(result.suggestedActions).toMatchObject([{ arguments: { profile: "partner" } }]);
  });
});

describe("settings", () => {
  test("that switch tools off, act on nothing yet or are misspelt are told, secrets are not", async () => {
    const plugin = pluginOn(await demo(), {
      enableCostOptimization: false,
      slackWebhookUrl: "https://hooks.slack.com/services/T000/B000/very-secret",
      emailNotifications: ["ops@example.com", "cfo@example.com"],
      outage_config: { alert_channels: ["#ops"], healthCheckRegions: ["eu-west-1"] },
      billingConfig: { cost_treshold_alert: 3, dailyRequestBudgetUsd: 0.5 },
      regions: ["eu-west-1", "eu-central-1"],
      endpont: "x",
    });
    const { data, text } = await askTool(plugin, tool);
    expect(data.settings.switchedOff).toEqual([
      { setting: "enableCostOptimization", tools: expect.arrayContaining(["aws_commitments"]) },
    ]);
    expect(statesOf(data)["aws_commitments"]).toEqual(["off", "enableCostOptimization is false"]);
    expect(data.settings.notActingYet).toEqual([
      { setting: "slackWebhookUrl", value: "set" },
      { setting: "emailNotifications", value: "2" },
      { setting: "outageConfig.alertChannels", value: "1" },
      { setting: "outageConfig.autoEscalateP0", value: "true" },
      { setting: "outageConfig.responseTimeThresholdSeconds", value: "300" },
      { setting: "securityConfig.scanIntervalsHours", value: "24" },
      { setting: "securityConfig.alertOnAdminActions", value: "true" },
    ]);
    expect(data.settings.misspelt).toEqual([
      '"endpont" is not a setting and has no effect. Did you mean "endpoint"?',
      '"billingConfig.cost_treshold_alert" is not a setting and has no effect. Did you mean "billingConfig.costThresholdAlert"?',
    ]);
    expect(data.settings).toMatchObject({
      regions: ["eu-west-1", "eu-central-1"],
      healthCheckRegions: ["eu-west-1"],
    });
    expect(text).toContain("$0.50 of a budget of $0.50 a day is left");
    expect(text).toContain("slackWebhookUrl (set)");
    expect(JSON.stringify([data, text])).not.toMatch(/very-secret|hooks\.slack|@example|#ops/);
  });

  test("with a password in the endpoint are shown without it", async () => {
    const account = await demo();
    const endpoint = account.endpoint.replace("http://", "http://user:pass-word@");
    const { data, text } = await askTool(pluginOn(account, { endpoint }), tool, {}, { retries: 0 });
    expect(data.settings.endpoint).toBe(account.endpoint);
    expect(text).not.toContain("pass-word");
  });

  test("of a budget show what is left of it after questions that cost", async () => {
    const account = await demo({ pageSize: 10_000 });
    const plugin = pluginOn(account, {
      config: { billingConfig: { dailyRequestBudgetUsd: 0.05 } },
    });
    await ask(plugin);
    const { data } = await askTool(plugin, tool);
    expect(data.costs).toMatchObject({ dailyBudgetUsd: 0.05, leftUsd: 0.04 });
  });
});

test("a client gets it as text and data, and no tool that is off", async () => {
  const account = await demo();
  const host = await createTestHost({
    plugins: { "aws-operations": module },
    config: {
      plugins: {
        "aws-operations": {
          awsAccessKey: account.accessKeyId,
          awsSecretKey: account.secretAccessKey,
          endpoint: account.endpoint,
          now: noon.toISOString(),
          enable_cost_optimization: false,
        },
      },
    },
  });
  try {
    const { tools } = await host.client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain("aws_commitments");
    const listed = tools.find(({ name }) => name === "aws_account_status");
    expect(Buffer.byteLength(JSON.stringify(listed?.outputSchema))).toBeLessThan(6000);
    const result = await host.client.callTool({ name: "aws_account_status", arguments: {} });
    expect(result.structuredContent).toMatchObject({ identity: { status: "ok" } });
    expect(JSON.stringify(result.content)).toContain("enableCostOptimization is false");
  } finally {
    await host.close();
  }
});
