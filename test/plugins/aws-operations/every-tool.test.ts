import type { ToolConfig } from "agentflow-mcp/plugin";
import { expect, test } from "vitest";
import type { z } from "zod";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import { callTool, demo, pluginOn } from "./helpers.ts";

// What all tools have in common, one row each.

interface Promised {
  readonly category: string;
  /** Seconds, and further attempts. */
  readonly limits: readonly [timeout: number, retryCount: number];
  readonly analysisType: string;
  readonly toolsUsed: string;
  /** Parts of the data that are made of the sections: they have no status of their own. */
  readonly madeOfSections?: readonly string[];
}

const ce = "aws_cost_explorer";
const promised: Readonly<Record<string, Promised>> = {
  aws_cost_analysis: {
    category: "AWS_BILLING",
    limits: [30, 3],
    analysisType: "overview",
    toolsUsed: ce,
  },
  aws_cost_compare: {
    category: "AWS_BILLING",
    limits: [30, 2],
    analysisType: "comparison",
    toolsUsed: ce,
  },
  aws_commitments: {
    category: "AWS_BILLING",
    limits: [30, 2],
    analysisType: "commitments",
    toolsUsed: ce,
  },
  aws_service_health: {
    category: "AWS_OUTAGE",
    limits: [15, 2],
    analysisType: "service_health",
    toolsUsed: "aws_health_dashboard",
    madeOfSections: ["verdict"],
  },
  aws_security_scan: {
    category: "AWS_SECURITY",
    limits: [45, 1],
    analysisType: "security_scan",
    toolsUsed: "aws_security_analyzer",
    madeOfSections: ["compliance"],
  },
  aws_iam_review: {
    category: "AWS_SECURITY",
    limits: [45, 1],
    analysisType: "iam_review",
    toolsUsed: "aws_iam_review",
    madeOfSections: ["administrators", "compliance"],
  },
  aws_api_activity: {
    category: "AWS_SECURITY",
    limits: [45, 1],
    analysisType: "api_activity",
    toolsUsed: "aws_api_activity",
  },
  aws_resource_inventory: {
    category: "AWS_RESOURCE_MANAGEMENT",
    limits: [30, 2],
    analysisType: "inventory",
    toolsUsed: "aws_resource_inventory",
  },
  aws_unused_resources: {
    category: "AWS_RESOURCE_MANAGEMENT",
    limits: [45, 2],
    analysisType: "unused_resources",
    toolsUsed: "aws_unused_resources",
    madeOfSections: ["totals"],
  },
  aws_account_status: {
    category: "AWS_SECURITY",
    limits: [15, 1],
    analysisType: "status",
    toolsUsed: "aws_sts",
    madeOfSections: ["tools", "profiles", "settings", "costs"],
  },
};

const rows = Object.entries(promised);
const settings = createPlugin().getToolsConfig();

function published(schema: ToolConfig["inputSchema"], side: "input" | "output") {
  const { jsonSchema } = (schema as z.ZodType)["~standard"];
  return jsonSchema[side]({ target: "draft-2020-12" }) as {
    readonly required?: readonly string[];
    readonly additionalProperties?: unknown;
    readonly properties: Readonly<Record<string, { description?: string }>>;
  };
}

/** The parts of the data that succeed or fail by themselves, by name. */
function sectionsOf(data: Record<string, unknown>, { madeOfSections = [] }: Promised) {
  const others = new Set(["timestamp", "meta", "analysisType", "period", ...madeOfSections]);
  return Object.entries(data).filter(([name]) => !others.has(name));
}

test("the ten tools are these", () => {
  expect(Object.keys(settings).toSorted()).toEqual(Object.keys(promised).toSorted());
});

test.each(rows)(
  "%s says that it only reads, how long it may take, and whose question it answers",
  (name, one) => {
    const [timeout, retryCount] = one.limits;
    expect(settings[name]).toMatchObject({
      category: one.category,
      config: { toolName: one.toolsUsed, timeout, retryCount },
      permissions: ["aws:read", "aws:analyze"],
      annotations: {
        readOnlyHint: true,
        idempotentHint: true,
        destructiveHint: false,
        openWorldHint: true,
      },
    });
  },
);

test.each(rows)("%s can be called with nothing, and says what each argument is", (name) => {
  const { required, additionalProperties, properties } = published(
    settings[name]?.inputSchema,
    "input",
  );
  expect(required ?? []).toEqual([]);
  expect(additionalProperties).toBe(false);
  for (const [argument, { description }] of Object.entries(properties)) {
    expect(description, argument).toMatch(/\w+/);
  }
});

test.each(rows)(
  "%s answers in the envelope, with a time, meta and sections of the published schema",
  async (name, one) => {
    const before = Date.now();
    const { result, data, text } = await callTool(pluginOn(await demo()), name);
    const elapsed = (Date.now() - before) / 1000;
    expect(result).toMatchObject({
      intentType: one.category,
      analysisType: one.analysisType,
      toolsUsed: [one.toolsUsed],
    });
    const { processingTime = -1, confidence = -1, suggestedActions = [] } = result;
    // In seconds: as milliseconds it would be far more than the test has taken.
    expect(processingTime).toBeGreaterThanOrEqual(0);
    expect(processingTime).toBeLessThanOrEqual(elapsed + 0.001);
    expect(confidence).toBeGreaterThan(0);
    expect(confidence).toBeLessThanOrEqual(1);
    expect(suggestedActions).not.toEqual([]);
    for (const action of suggestedActions) {
      expect(action).toMatchObject({
        title: expect.stringMatching(/\w/) as string,
        reason: expect.stringMatching(/\w/) as string,
      });
    }
    expect(data).toMatchObject({
      timestamp: "2026-11-20T12:00:00.000Z",
      meta: { accountId: "111122223333" },
    });
    const { properties, required = [] } = published(settings[name]?.outputSchema, "output");
    expect(required).toEqual(expect.arrayContaining(["timestamp", "meta"]));
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(data)));
    const sections = sectionsOf(data, one);
    expect(sections).not.toEqual([]);
    for (const [section, value] of sections) {
      const status = expect.stringMatching(/^(ok|skipped)$/) as string;
      expect(value, section).toMatchObject({ status });
    }
    expect(text.length).toBeLessThanOrEqual(4096);
  },
);

test.each(rows.filter(([name]) => name !== "aws_account_status"))(
  "%s fails if all of its sections do, with a way out",
  async (name, one) => {
    const account = await demo({ faults: [{ kind: "access-denied", times: "always" }] });
    const { result, data } = await callTool(pluginOn(account), name);
    expect(result).toMatchObject({
      error: { code: "ACCESS_DENIED" },
      fallback: true,
      intentType: one.category,
      analysisType: one.analysisType,
      suggestedActions: expect.arrayContaining([
        expect.objectContaining({ title: "Verify permissions", tool: "aws_account_status" }),
      ]) as unknown[],
    });
    for (const [section, value] of sectionsOf(data, one)) {
      const status = expect.stringMatching(/^(error|skipped)$/) as string;
      expect(value, section).toMatchObject({ status });
    }
  },
);
