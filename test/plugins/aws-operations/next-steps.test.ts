import type { SuggestedAction } from "agentflow-mcp/plugin";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { AWSOperationsPlugin } from "../../../plugins/aws-operations/plugin.ts";
import { suggestActions } from "../../../plugins/aws-operations/cost-analysis/actions.ts";
import { toQuery } from "../../../plugins/aws-operations/cost-analysis/query.ts";
import { costAnalysisInput } from "../../../plugins/aws-operations/cost-analysis/tool.ts";
import { BillingConfig } from "../../../plugins/aws-operations/config/index.ts";
import { ask, callTool, demo, pluginOn } from "./helpers.ts";

const analyses = ["overview", "breakdown", "trends", "forecast", "anomalies", "alerts"];

function stepsOf(result: { suggestedActions?: readonly (string | SuggestedAction)[] }) {
  return (result.suggestedActions ?? []).filter((action) => typeof action === "object");
}

/** Next steps as they follow from the data, whatever tools this server has. */
async function follow(plugin: AWSOperationsPlugin, args: Record<string, unknown>) {
  const { data } = await ask(plugin, args);
  const config = BillingConfig.parse({});
  const input = costAnalysisInput.parse(args);
  return suggestActions(data, toQuery(input, "", { config, today: "2026-11-20" }));
}

describe("the original's eight next steps", () => {
  test.each([
    ["Review top spending services", { services: ["RDS"] }, "aws_cost_analysis"],
    ["Check for unused resources", {}, "aws_unused_resources"],
    ["Investigate cost spikes", { analysis: "anomalies" }, "aws_cost_analysis"],
    ["Review recent deployments", { analysis: "anomalies" }, "aws_api_activity"],
    ["Check for unauthorized usage", { analysis: "anomalies" }, "aws_iam_review"],
  ])("%s comes with the call that does it", async (title, args, tool) => {
    const steps = await follow(pluginOn(await demo()), args);
    expect(steps.find((step) => step.title === title)).toMatchObject({
      tool,
      reason: expect.stringMatching(/\$|20\d\d-|spike/) as string,
    });
  });

  test("Set up budget alerts comes where there is no budget, and names the prompt that writes the commands", async () => {
    const steps = await follow(pluginOn(await demo({ variant: "empty" })), { analysis: "alerts" });
    expect(steps.find(({ title }) => title === "Set up budget alerts")?.reason).toContain(
      "aws_change_plan",
    );
    const others = await follow(pluginOn(await demo()), { analysis: "alerts" });
    expect(others.map(({ title }) => title)).not.toContain("Set up budget alerts");
  });

  test.each([
    ["Check AWS credentials", { awsSecretKey: "wrong-and-secret-0123456789" }, undefined, {}],
    ["Verify permissions", {}, "access-denied", { probe: true }],
  ] as const)("%s comes with the error that it mends", async (title, options, kind, args) => {
    const account = await demo();
    if (kind !== undefined) account.faults.add({ kind, times: "always" });
    const { result } = await ask(pluginOn(account, options));
    expect(stepsOf(result).find((step) => step.title === title)).toMatchObject({
      tool: "aws_account_status",
      arguments: args,
    });
  });

  test.each([
    [{}, ["all"]],
    [{ regions: ["eu-west-1", "global"] }, ["eu-west-1"]],
  ])(
    "lead to where the money went, not to the regions of the settings: %j",
    async (args, regions) => {
      const steps = await follow(pluginOn(await demo()), args);
      const step = steps.find(({ title }) => title === "Check for unused resources");
      expect(step).toMatchObject({ tool: "aws_unused_resources", arguments: { regions } });
    },
  );

  test("do not come without a reason in the data", async () => {
    const plugin = pluginOn(await demo({ variant: "new" }));
    const titles = (await follow(plugin, { analysis: "anomalies" })).map(({ title }) => title);
    expect(titles).not.toContain("Investigate cost spikes");
    expect(titles).not.toContain("Check for unauthorized usage");
  });
});

describe("next steps", () => {
  test("name only tools that are there, with arguments that they take", async () => {
    const plugin = pluginOn(await demo(), {
      config: { billingConfig: { costThresholdAlert: 480 } },
    });
    const tools = plugin.getToolsConfig();
    const found: SuggestedAction[] = [];
    for (const analysis of analyses) {
      for (const more of [{}, { credits: "exclude" }, { groupBy: "REGION" }]) {
        found.push(...stepsOf((await ask(plugin, { analysis, ...more })).result));
      }
    }
    for (const name of Object.keys(tools)) {
      found.push(...stepsOf((await callTool(plugin, name)).result));
    }
    const calls = found.filter(({ tool }) => tool !== undefined);
    expect(new Set(calls.map(({ tool }) => tool)).size).toBeGreaterThan(2);
    for (const { title, tool = "", arguments: args = {} } of calls) {
      expect(Object.keys(tools), title).toContain(tool);
      const { inputSchema } = tools[tool] ?? {};
      const { error } = (inputSchema as z.ZodType).safeParse(args);
      expect(error, `${title}: ${JSON.stringify(args)}`).toBeUndefined();
    }
  });

  test("leave out the call, not the advice, where its tool is switched off", async () => {
    const plugin = pluginOn(await demo(), { enable_cost_optimization: false });
    const { result } = await ask(plugin);
    const step = stepsOf(result).find(({ title }) => title.includes("commitments are used"));
    expect(step).toBeDefined();
    expect(step).not.toHaveProperty("tool");
  });
});
