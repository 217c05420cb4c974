import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import * as module from "../../../plugins/aws-operations/index.ts";
import { ask, demo, logInto, type LogLine, operations, pluginOn, requestFor } from "./helpers.ts";

const { createPlugin, getAwsCategories, PLUGIN_INFO } = module;

afterEach(() => vi.useRealTimers());

function contextOf(lines: LogLine[]) {
  return {
    id: "aws-operations",
    config: {},
    log: logInto(lines),
    storage: requestFor({}).storage,
    signal: new AbortController().signal,
    resourceUpdated: () => undefined,
    definitionsChanged: () => undefined,
  };
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

describe("the module", () => {
  test("exports what the original exports", () => {
    expect(Object.keys(module)).toEqual(
      expect.arrayContaining([
        "AWSBillingHandler",
        "AWSOperationsPlugin",
        "AWSPluginConfig",
        "PLUGIN_INFO",
        "configSchema",
        "createPlugin",
        "getAwsCategories",
      ]),
    );
    expect(PLUGIN_INFO.entryPoint({})).toBeInstanceOf(module.AWSOperationsPlugin);
    expect(PLUGIN_INFO).toMatchObject({
      name: "aws_operations",
      version: "1.2.0",
      categories: ["cloud", "infrastructure", "billing", "security"],
    });
    expect(createPlugin().getPluginInfo().requires).toContain("agentflow-mcp>=0.1.0");
  });

  test("names the four categories with their thresholds", () => {
    const categories = getAwsCategories();
    expect(categories.map(({ name, confidenceThreshold }) => [name, confidenceThreshold])).toEqual([
      ["AWS_BILLING", 0.7],
      ["AWS_OUTAGE", 0.8],
      ["AWS_SECURITY", 0.6],
      ["AWS_RESOURCE_MANAGEMENT", 0.6],
    ]);
    for (const { examples = [], keywords = [], patterns = [] } of categories) {
      expect(examples).toHaveLength(5);
      expect(keywords.length).toBeGreaterThanOrEqual(11);
      for (const pattern of patterns) expect(() => new RegExp(pattern, "i")).not.toThrow();
    }
    const dollars = categories[0]?.patterns?.[0] ?? "";
    expect(new RegExp(dollars).test("we paid $500")).toBe(true);
  });

  test("routes the main tool of a category to its handler", async () => {
    const plugin = createPlugin();
    const tools = plugin.getToolsConfig();
    expect(tools["aws_cost_analysis"]).toMatchObject({
      type: "mcp_tool",
      category: "AWS_BILLING",
      permissions: ["aws:read", "aws:analyze"],
      annotations: {
        readOnlyHint: true,
        idempotentHint: true,
        destructiveHint: false,
        openWorldHint: true,
      },
      config: { toolName: "aws_cost_explorer", timeout: 30, retryCount: 3 },
    });
    expect(tools["aws_cost_analysis"]).not.toHaveProperty("handler");
    const [handler] = plugin.getHandlers();
    expect(handler?.priority).toBe(8);
    const request = requestFor({});
    expect(await handler?.canHandle({ type: "AWS_BILLING", confidence: 1 }, request)).toBe(true);
    expect(await handler?.canHandle({ type: "AWS_OUTAGE", confidence: 1 }, request)).toBe(false);
  });

  test("describes its tool in JSON Schema, with no argument required", () => {
    const { inputSchema, outputSchema } =
      createPlugin().getToolsConfig()["aws_cost_analysis"] ?? {};
    const input = z.toJSONSchema(inputSchema as z.ZodType, { io: "input" });
    expect(input.required).toBeUndefined();
    expect(input.additionalProperties).toBe(false);
    for (const [name, property] of Object.entries(input.properties ?? {})) {
      expect((property as { description?: string }).description, name).toBeTruthy();
    }
    const published = JSON.stringify(
      (outputSchema as z.ZodType)["~standard"].jsonSchema.output({ target: "draft-2020-12" }),
    );
    expect(Buffer.byteLength(published)).toBeLessThanOrEqual(9500);
    const output = JSON.parse(published) as { properties: object };
    expect(output).toMatchObject({
      type: "object",
      required: ["timestamp", "analysisType", "meta"],
    });
    for (const section of [
      "period",
      "currentMonth",
      "previousMonth",
      "samePeriodLastMonth",
      "serviceBreakdown",
      "trends",
      "forecast",
      "anomalies",
      "budgetAlerts",
    ]) {
      expect(Object.keys(output.properties)).toContain(section);
    }
    // A later version may add to it.
    expect(published).not.toContain('additionalProperties":false');
  });
});

describe("the check of the credentials", () => {
  test("runs after the first call, in the background, and names who they belong to", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { checkCredentials: true });
    const lines: LogLine[] = [];
    await plugin.onPluginLoad(contextOf(lines));
    expect(account.log).toEqual([]);
    await ask(plugin);
    await expect.poll(() => lines).toHaveLength(1);
    expect(lines).toEqual([
      {
        level: "info",
        message: "AWS credentials work",
        fields: {
          account: "111122223333",
          arn: "arn:aws:iam::111122223333:user/demo",
          region: "us-east-1",
        },
      },
    ]);
    await ask(plugin);
    expect(lines).toHaveLength(1);
  });

  test("runs by itself a second after loading, and costs nothing", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { checkCredentials: true });
    const lines: LogLine[] = [];
    await plugin.onPluginLoad(contextOf(lines));
    await expect.poll(() => lines.length, { timeout: 5000 }).toBe(1);
    expect(operations(account)).toEqual(["GetCallerIdentity"]);
  });

  test("warns with the remedy when they do not work, and the plugin stays", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { checkCredentials: true, awsSecretKey: "wrong-secret" });
    const lines: LogLine[] = [];
    await plugin.onPluginLoad(contextOf(lines));
    await expect.poll(() => lines.length, { timeout: 5000 }).toBe(1);
    expect(lines[0]).toMatchObject({ level: "warn", fields: { code: "BAD_CREDENTIALS" } });
    expect(lines[0]?.message).toContain("Check the key pair");
    expect(JSON.stringify(lines)).not.toContain("wrong-secret");
  });

  test("can be switched off", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { checkCredentials: false });
    const lines: LogLine[] = [];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await plugin.onPluginLoad(contextOf(lines));
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(account.log).toEqual([]);
    await ask(plugin);
    expect(lines).toEqual([]);
  });
});

describe("unloading", () => {
  test("before the check means there is none", async () => {
    const account = await demo();
    const plugin = pluginOn(account, { checkCredentials: true });
    const lines: LogLine[] = [];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await plugin.onPluginLoad(contextOf(lines));
    await plugin.onPluginUnload();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(account.log).toEqual([]);
    expect(lines).toEqual([]);
  });

  test("aborts what runs, closes the connections, and may be done twice", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsage", kind: "hang" });
    const plugin = pluginOn(account);
    const running = ask(plugin);
    await expect.poll(() => account.log.some(({ fault }) => fault === "hang")).toBe(true);
    await plugin.onPluginUnload();
    // Not that it has taken too long: that it was ended.
    const { result } = await running;
    expect(result.error).toMatchObject({ code: "CANCELLED" });
    await expect.poll(() => account.log.find(({ fault }) => fault === "hang")?.aborted).toBe(true);
    await plugin.onPluginUnload();
  });

  test("leaves nothing that keeps the process alive", async () => {
    const plugin = createPlugin({ endpoint: "http://127.0.0.1:9" });
    onTestFinished(() => plugin.onPluginUnload());
    const before = timers();
    await plugin.onPluginLoad(contextOf([]));
    expect(timers()).toBe(before);
  });
});
