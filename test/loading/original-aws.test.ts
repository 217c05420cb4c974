import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { callWith, NO_AWS, PLUGINS, start, textOf, type Started } from "./app.ts";

const ID = "aws_operations_plugin";

/** Its tools, and how often each is to be repeated. */
const RETRIES = { aws_cost_analysis: 3, aws_service_health: 2, aws_security_scan: 1 };

function startOriginal(own: object = {}): Promise<Started> {
  return start({
    config: { plugins: { ...NO_AWS, [ID]: own } },
    plugins: [join(PLUGINS, ID)],
  });
}

let printed: string[] = [];

beforeEach(() => {
  printed = [];
  vi.spyOn(console, "log").mockImplementation((line: unknown) => void printed.push(String(line)));
});

describe("the original AWS plugin, its data unchanged", () => {
  test("loads, with its Python requirements and its name as warnings", async () => {
    const { plugin } = await startOriginal();
    expect(plugin(ID)).toMatchObject({
      state: "serving",
      quarantined: [],
      warnings: [
        "requires 'boto3>=1.26.0', which is a Python package and means nothing here",
        "requires 'agentflow>=1.0.0', which is a Python package and means nothing here",
        ...Object.keys(RETRIES).map(
          (tool) =>
            `the tool '${tool}' has no description: a model has only its name to choose it by`,
        ),
        `calls itself 'aws_operations', but its id is '${ID}': configure it under plugins.${ID}`,
      ],
    });
    expect(plugin(ID).manifest?.info).toEqual({
      name: "aws_operations",
      version: "1.2.0",
      description: "AWS operations and management plugin",
      author: "AgentFlow Community",
      requires: ["boto3>=1.26.0", "agentflow>=1.0.0"],
      categories: ["cloud", "infrastructure", "billing"],
      permissions: ["aws:read", "aws:analyze"],
    });
  });

  test("is told when it is loaded and when it is unloaded, once each", async () => {
    const { app } = await startOriginal({ isolation: "inline" });
    expect(printed).toEqual(["AWS Plugin loaded successfully for region us-east-1"]);
    await app.stop();
    await app.stop();
    expect(printed.slice(1)).toEqual(["AWS Plugin unloaded successfully"]);
  });

  test("gets what is configured for it, by its own names", async () => {
    await startOriginal({ isolation: "inline", aws_region: "eu-central-1" });
    expect(printed).toEqual(["AWS Plugin loaded successfully for region eu-central-1"]);
  });

  test("has its tools with their timeouts and retries", async () => {
    const { app } = await startOriginal();
    const own = [...app.host.catalogue.tools.values()].filter(
      ({ plugin }) => plugin !== "agentflow",
    );
    const rows = own.map(({ name, policy, manifest }) => ({
      name,
      timeoutMs: policy.timeoutMs,
      retryCount: policy.retryCount,
      toolName: manifest.settings.toolName,
    }));
    expect(rows).toEqual([
      {
        name: "aws_cost_analysis",
        timeoutMs: 30_000,
        retryCount: 3,
        toolName: "aws_cost_explorer",
      },
      {
        name: "aws_security_scan",
        timeoutMs: 45_000,
        retryCount: 1,
        toolName: "aws_security_analyzer",
      },
      {
        name: "aws_service_health",
        timeoutMs: 15_000,
        retryCount: 2,
        toolName: "aws_health_dashboard",
      },
    ]);
  });

  test("has its categories with thresholds, keywords, patterns and the tools that reach them", async () => {
    const { app } = await startOriginal();
    const { categories } = app.host.catalogue;
    expect(
      categories.map(({ manifest, tools }) => ({
        name: manifest.name,
        threshold: manifest.confidenceThreshold,
        keywords: manifest.keywords.length,
        patterns: manifest.patterns.length,
        examples: manifest.examples.length,
        tools: tools.length,
      })),
    ).toEqual([
      { name: "AWS_BILLING", threshold: 0.7, keywords: 12, patterns: 4, examples: 5, tools: 3 },
      { name: "AWS_OUTAGE", threshold: 0.8, keywords: 11, patterns: 4, examples: 5, tools: 3 },
      {
        name: "AWS_RESOURCE_MANAGEMENT",
        threshold: 0.6,
        keywords: 11,
        patterns: 3,
        examples: 5,
        tools: 3,
      },
      { name: "AWS_SECURITY", threshold: 0.6, keywords: 11, patterns: 4, examples: 5, tools: 3 },
    ]);
  });

  test("has its prompts with the arguments that its templates name", async () => {
    const { app, connect } = await startOriginal();
    expect(
      [...app.host.catalogue.prompts.values()].map(({ name, manifest }) => [
        name,
        manifest.arguments.map((argument) => argument.name),
      ]),
    ).toEqual([
      ["billing_analysis", ["original_message", "billing_data", "analysis_type", "user_context"]],
      ["cost_optimization", ["cost_data", "usage_patterns", "architecture_info"]],
      ["outage_response", ["message", "health_data", "user_context"]],
      ["security_analysis", ["message", "security_data", "user_context"]],
    ]);
    const client = await connect();
    const { messages } = await client.getPrompt({
      name: "outage_response",
      arguments: { message: "S3 is slow {health_data}", health_data: "ok", user_context: "{}" },
    });
    expect(messages[0]?.content).toMatchObject({
      text: expect.stringContaining(
        "Issue: S3 is slow {health_data}\n    Service Health: ok",
      ) as string,
    });
  });

  test("answers a message by the handler of its category, in camelCase", async () => {
    const { connect } = await startOriginal({ billing_config: { currency: "EUR" } });
    const result = await callWith(await connect(), "aws_cost_analysis", {
      message: "Show me cost breakdown by service",
      context: { team: "platform" },
      thread_id: "thread-7",
    });
    expect(result.isError ?? false).toBe(false);
    expect(result.structuredContent).toEqual({
      intentType: "AWS_BILLING",
      analysisType: "breakdown",
      toolsUsed: ["aws_cost_explorer"],
      processingTime: 0.25,
      confidence: expect.closeTo(1, 0) as number,
      suggestedActions: ["Set up budget alerts", "Review top spending services"],
      // Not a field of the contract: passes as it is.
      cost_center: "kept as it is",
      data: {
        analysis_type: "breakdown",
        current_month: { total: 1234.5, currency: "USD", time_periods: [] },
        previous_month: { total: 987.25, currency: "USD", time_periods: [] },
        currency: "EUR",
        user_context: { team: "platform" },
        thread_id: "thread-7",
      },
    });
    expect(textOf(result)).toContain("**Current Month**: $1234.5");
    expect(textOf(result)).toContain("Set up budget alerts");
  });

  test.each([
    ["Why is my AWS bill so high this month?", "AWS_BILLING"],
    ["What's driving the EC2 costs?", "AWS_BILLING"],
    ["RDS connection issues", "AWS_OUTAGE"],
    ["Review my IAM policies", "AWS_SECURITY"],
    ["Who has admin access?", "AWS_SECURITY"],
  ])("gives '%s' to the handler of %s, whatever tool was called", async (message, intentType) => {
    const { connect } = await startOriginal();
    const client = await connect();
    for (const tool of ["aws_cost_analysis", "aws_service_health"]) {
      const result = await callWith(client, tool, { message });
      expect(result.structuredContent).toMatchObject({ intentType });
    }
  });

  test("says so when no handler accepts the category, and when no category fits", async () => {
    const { call } = await startOriginal();
    expect(await call("aws_security_scan", { message: "Create a new VPC" })).toBe(
      "[not_handled] No handler of the plugin accepts a request of the kind AWS_RESOURCE_MANAGEMENT.",
    );
    const answer = await call("aws_security_scan", { message: "Good morning" });
    expect(answer).toContain("[ambiguous_request] The request fits none of the kinds");
    expect(answer).toContain(
      '- AWS_BILLING: AWS cost, billing, and budget-related questions (for example: "Why is my AWS bill so high this month?")',
    );
  });

  test("gives the handler's own error and fallback to the caller", async () => {
    const { connect } = await startOriginal();
    const result = await callWith(await connect(), "aws_cost_analysis", {
      message: "My AWS bill is broken and the cost is high",
    });
    expect(result).toMatchObject({
      isError: true,
      structuredContent: {
        intentType: "AWS_BILLING",
        error: { code: "tool_error", message: "AWS credentials not found or invalid" },
        fallback: true,
        suggestedActions: ["Check AWS credentials", "Verify permissions"],
        toolsUsed: ["aws_cost_explorer"],
      },
    });
    expect(textOf(result)).toContain(
      "I encountered an error analyzing your AWS billing: AWS credentials not found or invalid",
    );
  });

  test("names the integration behind the tool where the handler names none", async () => {
    const { connect } = await startOriginal();
    const { structuredContent } = await callWith(await connect(), "aws_service_health", {
      message: "RDS connection failed with a timeout",
    });
    expect(structuredContent).toEqual({
      intentType: "AWS_OUTAGE",
      toolsUsed: ["aws_health_dashboard"],
    });
  });

  test("repeats what failed on the network as often as retry_count says, and no further", async () => {
    const { call } = await startOriginal();
    const message = "RDS connection failed with a timeout";
    // Two failures: within retry_count 2, above retry_count 1.
    expect(await call("aws_service_health", { message })).toBe("healthy again after 3 attempts");
    expect(await call("aws_security_scan", { message })).toMatch(/^\[tool_error\]/u);
    expect(await call("aws_service_health", { message })).toBe("healthy again after 8 attempts");
  });
});
