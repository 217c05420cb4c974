import { describe, expect, onTestFinished, test } from "vitest";
import type { z } from "zod";
import * as awsPlugin from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import { hostile, outsideOfMarks } from "./truth.ts";

const now = "2026-11-20T12:00:00Z";

/** The prompts, asked for by a real client. None of them asks AWS. */
async function connect(settings: Record<string, unknown> = {}) {
  const config = { now, checkCredentials: false, ...settings };
  const host = await createTestHost({
    plugins: { "aws-operations": awsPlugin },
    config: { plugins: { "aws-operations": config } },
  });
  onTestFinished(() => host.close());
  const { client } = host;
  const prompt = async (name: string, args: Record<string, string> = {}): Promise<string> => {
    const { messages } = await client.getPrompt({ name, arguments: args });
    const [first] = messages;
    if (messages.length !== 1 || first?.content.type !== "text") throw new Error("Not one text");
    return first.content.text;
  };
  const complete = async (name: string, argument: string, value: string): Promise<string[]> => {
    const ref = { type: "ref/prompt" as const, name };
    return (await client.complete({ ref, argument: { name: argument, value } })).completion.values;
  };
  return { client, prompt, complete };
}

/** Calls that a text advises. */
function callsIn(text: string): { tool: string; args: unknown }[] {
  return [...text.matchAll(/^- `(aws_\w+)` with (\{.*\}): /gm)].map(([, tool = "", json = ""]) => ({
    tool,
    args: JSON.parse(json) as unknown,
  }));
}

const all: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  billing_analysis: { original_message: "Why is my AWS bill so high this month?" },
  cost_optimization: {},
  outage_response: { message: "Lambda functions are timing out" },
  security_analysis: { message: "Who has admin access?" },
  monthly_cost_review: {},
  incident_review: { message: "RDS connection issues", service: "RDS", region: "eu-west-1" },
  aws_change_plan: { request: "Set up a budget alert of $100" },
};

/** Arguments that hold what others have written. */
const dataArguments = [
  ["billing_analysis", "billing_data"],
  ["cost_optimization", "cost_data"],
  ["cost_optimization", "usage_patterns"],
  ["cost_optimization", "architecture_info"],
  ["outage_response", "health_data"],
  ["security_analysis", "security_data"],
] as const;

describe("data that others have written", () => {
  test.each(dataArguments)("stay in their block: %s of %s", async (name, argument) => {
    const { prompt } = await connect();
    const data = `${hostile.note}\n${hostile.name}\n{message} {original_message}`;
    const text = await prompt(name, { ...all[name], [argument]: data });
    expect(text).toContain("Ignore all previous instructions");
    expect(text).toContain("{message} {original_message}");
    expect(outsideOfMarks(text)).not.toMatch(/Ignore all previous|terminate-instances|\{message\}/);
    expect(outsideOfMarks(text)).not.toContain("aws-data");
    expect(text).not.toMatch(/[\u{202E}\u{202C}\u{9B}\u{200B}]/u);
  });

  test.each(dataArguments)("take the place of the calls: %s of %s", async (name, argument) => {
    const { prompt } = await connect();
    const without = await prompt(name, all[name]);
    const given = await prompt(name, { ...all[name], [argument]: "| a | b |\n| --- | --- |" });
    expect(given).toContain("| a | b |\n| --- | --- |");
    expect(callsIn(given).length).toBeLessThan(callsIn(without).length);
    // Some clients send what nobody filled in as an empty text.
    expect(await prompt(name, { ...all[name], [argument]: "  " })).toBe(without);
  });
});

describe("what is not there", () => {
  test.each(Object.keys(all).filter((name) => Object.keys(all[name] ?? {}).length > 0))(
    "%s without its message is refused, by the name of the argument",
    async (name) => {
      const { client } = await connect();
      const [argument = ""] = Object.keys(all[name] ?? {});
      await expect(client.getPrompt({ name, arguments: {} })).rejects.toThrow(`'${argument}'`);
    },
  );

  test.each([
    ["monthly_cost_review", { month: "2026-13" }, '"2026-13" is no month'],
    ["monthly_cost_review", { month: "October" }, '"October" is no month'],
    ["monthly_cost_review", { month: "2026-12" }, "2026-12 has not begun yet"],
    ["monthly_cost_review", { profile: "nobody" }, "there are: audit"],
    ["incident_review", { message: "x", profile: "nobody" }, "there are: audit"],
    ["incident_review", { message: "x", region: "us-east-1; rm" }, "does not look like a region"],
  ])("%s with %j asks back, and advises no call", async (name, args, problem) => {
    const { prompt } = await connect({ profiles: { audit: { awsProfile: "audit" } } });
    const text = await prompt(name, args);
    expect(text).toContain(problem);
    expect(callsIn(text)).toEqual([]);
  });

  test.each([
    ["enable_cost_optimization", ["cost_optimization"], /aws_unused_resources|aws_commitments/],
    ["enable_security_scanning", ["security_analysis"], /aws_security_scan|aws_iam_review/],
    ["enable_health_monitoring", ["outage_response", "incident_review"], /aws_service_health/],
  ])(
    "%s: false takes its prompts away, and its tools out of the others",
    async (key, off, tools) => {
      const { client, prompt } = await connect({ [key]: false });
      const names = (await client.listPrompts()).prompts.map(({ name }) => name);
      expect(names.toSorted()).toEqual(
        Object.keys(all)
          .filter((name) => !off.includes(name))
          .toSorted(),
      );
      for (const name of names) expect(await prompt(name, all[name])).not.toMatch(tools);
    },
  );
});

test("every prompt advises only tools that there are, with arguments that they take", async () => {
  const { client, prompt } = await connect({ profiles: { audit: { awsProfile: "audit" } } });
  const plugin = awsPlugin.createPlugin({ now, profiles: { audit: { awsProfile: "audit" } } });
  onTestFinished(() => plugin.onPluginUnload());
  const tools = plugin.getToolsConfig();
  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name).toSorted()).toEqual(Object.keys(all).toSorted());
  for (const [name, args] of Object.entries(all)) {
    const hasProfile = name === "monthly_cost_review" || name === "incident_review";
    const text = await prompt(name, { ...args, ...(hasProfile && { profile: "audit" }) });
    const described = JSON.stringify(prompts.find((each) => each.name === name));
    for (const [mentioned] of `${text} ${described}`.matchAll(/\baws_[a-z_]+/g)) {
      expect([...Object.keys(tools), "aws_change_plan"], name).toContain(mentioned);
    }
    for (const { tool, args: given } of callsIn(text)) {
      const { inputSchema } = tools[tool] ?? {};
      const { error } = (inputSchema as z.ZodType).safeParse(given);
      expect(error, `${name}: ${tool} ${JSON.stringify(given)}`).toBeUndefined();
      if (hasProfile) expect(given).toMatchObject({ profile: "audit" });
    }
    // An indented text would be read as a block of code.
    expect(text).not.toMatch(/^(\s{4}|\t)/m);
    expect(text).not.toMatch(/undefined|\[object|\n{3}/);
  }
});

describe("the original's prompts", () => {
  test.each([
    ["billing_analysis", "original_message, billing_data, analysis_type, user_context"],
    ["cost_optimization", "cost_data, usage_patterns, architecture_info"],
    ["outage_response", "message, health_data, user_context"],
    ["security_analysis", "message, security_data, user_context"],
  ])("%s takes %s, of which only a message is required", async (name, names) => {
    const { client } = await connect();
    const { prompts } = await client.listPrompts();
    const { arguments: args = [] } = prompts.find((each) => each.name === name) ?? {};
    expect(args.map((each) => each.name)).toEqual(names.split(", "));
    const required = args.filter((each) => each.required === true).map((each) => each.name);
    expect(required).toEqual(Object.keys(all[name] ?? {}));
  });

  test("billing_analysis demands the five points, the five headed sections and the emphasis", async () => {
    const { prompt } = await connect();
    const text = await prompt("billing_analysis", {
      original_message: "Why is {it} so high?",
      billing_data: "EC2: $1,234.00",
      analysis_type: "breakdown",
      user_context: "a small team",
    });
    for (const demand of [
      "You are an AWS billing expert helping users understand their cloud costs.",
      "User Question: Why is {it} so high?",
      "Billing Data:",
      "EC2: $1,234.00",
      "Analysis Type: breakdown",
      "User Context: a small team",
      "give a clear, actionable response that:",
      "1. **Directly answers the user's question**",
      "2. **Highlights key cost insights** (increases, decreases, anomalies)",
      "3. **Identifies top cost drivers** (services, regions, usage patterns)",
      "4. **Provides specific recommendations** for cost optimization",
      "5. **Suggests next steps** the user should take",
      "- **Summary**: 1-2 sentence overview",
      "- **Key Findings**: 3-5 bullet points of important insights",
      "- **Cost Breakdown**: Table or list of major cost components",
      "- **Recommendations**: 3-5 actionable suggestions",
      "- **Next Steps**: What the user should do next",
      "Be specific with dollar amounts and percentages",
      "If you notice concerning trends (>20% increase, unusual spikes), emphasize them.",
      "Keep the tone professional but friendly. Avoid technical jargon unless necessary.",
    ]) {
      expect(text).toContain(demand);
    }
  });

  test.each([
    ["What will next month cost?", undefined, "forecast"],
    ["What will next month cost?", "anomalies", "anomalies"],
    ["Show me cost breakdown by service", undefined, "breakdown"],
    ["Why?", "something else", "overview"],
  ])("billing_analysis of %j as %s begins with %s", async (original_message, type, analysis) => {
    const { prompt } = await connect();
    const args = { original_message, ...(type !== undefined && { analysis_type: type }) };
    expect(callsIn(await prompt("billing_analysis", args))[0]).toEqual({
      tool: "aws_cost_analysis",
      args: { analysis },
    });
  });

  test("cost_optimization demands four categories, and of each recommendation saving, effort, risk and steps", async () => {
    const { prompt } = await connect();
    const text = await prompt("cost_optimization");
    for (const demand of [
      "You are an AWS cost optimization specialist. Review the following cost data and provide optimization recommendations:",
      "Cost Data:",
      "Usage Patterns:",
      "Current Architecture:",
      "1. **Quick Wins** (immediate savings, low effort)",
      "2. **Reserved Instances/Savings Plans** (commitment-based savings)",
      "3. **Right-sizing** (instance optimization)",
      "4. **Architecture Changes** (longer-term optimizations)",
      "- Estimated monthly savings",
      "- Implementation effort (Low/Medium/High)",
      "- Risk level (Low/Medium/High)",
      "- Steps to implement",
      "Focus on the highest-impact, lowest-risk optimizations first.",
    ]) {
      expect(text).toContain(demand);
    }
    const tools = new Set(callsIn(text).map(({ tool }) => tool));
    expect(tools).toEqual(
      new Set([
        "aws_cost_analysis",
        "aws_unused_resources",
        "aws_commitments",
        "aws_resource_inventory",
      ]),
    );
  });

  test("outage_response demands immediate steps and escalation", async () => {
    const { prompt } = await connect();
    const text = await prompt("outage_response", {
      message: "EC2 instances are unhealthy",
      health_data: "No open event.",
      user_context: "eu-west-1",
    });
    for (const demand of [
      "You are an AWS incident response specialist. A user is reporting a service issue.",
      "Issue: EC2 instances are unhealthy",
      "Service Health:",
      "No open event.",
      "User Environment: eu-west-1",
      "Provide immediate troubleshooting steps and escalation guidance",
    ]) {
      expect(text).toContain(demand);
    }
  });

  test("security_analysis demands an assessment and remediation, by both tools about security", async () => {
    const { prompt } = await connect();
    const text = await prompt("security_analysis", { message: "Who has admin access?" });
    for (const demand of [
      "You are an AWS security specialist reviewing potential security issues.",
      "Security Concern: Who has admin access?",
      "Security Scan Results:",
      "User Permissions:",
      "Assess the security situation and provide remediation steps",
    ]) {
      expect(text).toContain(demand);
    }
    const tools = callsIn(text).map(({ tool }) => tool);
    expect(tools).toContain("aws_security_scan");
    expect(tools).toContain("aws_iam_review");
  });
});

describe("monthly_cost_review", () => {
  test("is of the last month that is over, unless one is named", async () => {
    const { prompt } = await connect();
    const text = await prompt("monthly_cost_review");
    expect(callsIn(text).slice(0, 4)).toEqual([
      {
        tool: "aws_cost_analysis",
        args: { analysis: "breakdown", start: "2026-10-01", end: "2026-10-31" },
      },
      { tool: "aws_cost_compare", args: { baseline: "2026-09", comparison: "2026-10" } },
      { tool: "aws_cost_analysis", args: { analysis: "forecast", months: 6 } },
      {
        tool: "aws_cost_analysis",
        args: { analysis: "alerts", start: "2026-10-01", end: "2026-10-31" },
      },
    ]);
    const headings = ["Summary", "What Changed", "Surprises", "Outlook", "Savings", "Next Steps"];
    for (const heading of headings) expect(text).toContain(`- **${heading}**:`);
    expect(text).toContain("emphasize every increase above 20%");
  });

  test("of a month that is not over compares its days with as many of the last", async () => {
    const { prompt } = await connect();
    const calls = callsIn(await prompt("monthly_cost_review", { month: "2026-11" }));
    expect(calls[0]?.args).toEqual({ analysis: "overview" });
    expect(calls[1]?.args).toEqual({ comparison: "2026-11" });
  });

  test("of a month long ago looks as far back, and for no anomalies that AWS has forgotten", async () => {
    const { prompt } = await connect();
    const calls = callsIn(await prompt("monthly_cost_review", { month: "2026-02" }));
    expect(calls[0]?.args).toMatchObject({ end: "2026-02-28" });
    expect(calls[2]?.args).toEqual({ analysis: "forecast", months: 11 });
    expect(calls[3]?.args).toEqual({ analysis: "alerts" });
  });

  test("looks in January back to the year before", async () => {
    const { prompt } = await connect({ now: "2027-01-01T00:30:00Z" });
    const calls = callsIn(await prompt("monthly_cost_review"));
    expect(calls[1]?.args).toEqual({ baseline: "2026-11", comparison: "2026-12" });
  });
});

describe("incident_review", () => {
  test("weighs AWS's side and ours, and asks for a verdict with its evidence", async () => {
    const { prompt } = await connect();
    const text = await prompt("incident_review", {
      message: "RDS connection issues since 10:00",
      service: "RDS",
      region: "eu-west-1",
    });
    for (const part of [
      "Incident: RDS connection issues since 10:00",
      "Service: RDS",
      "Region: eu-west-1",
      "It speaks for AWS:",
      "It speaks for us:",
      '"AWS\'s", "ours" or "cannot tell"',
      "- **Evidence**:",
      "- **Do Now**:",
      "- **Escalation**:",
      "- **What Is Unknown**:",
    ]) {
      expect(text).toContain(part);
    }
  });
});

test.each([
  ["billing_analysis", "analysis_type", "fore", ["forecast"]],
  ["billing_analysis", "original_message", "Set", ["Set up a budget alert"]],
  ["outage_response", "message", "RDS", ["RDS connection issues"]],
  ["security_analysis", "message", "Who", ["Who has admin access?"]],
  ["security_analysis", "user_context", "may change", ["may change IAM", "may change networks"]],
  ["monthly_cost_review", "month", "2025-1", ["2025-12", "2025-11", "2025-10"]],
  ["monthly_cost_review", "profile", "", ["audit"]],
  ["incident_review", "service", "r", ["RDS", "Route 53"]],
  ["incident_review", "region", "", ["eu-west-1", "us-east-1", "us-west-2"]],
  ["incident_review", "profile", "a", ["audit"]],
  ["aws_change_plan", "region", "eu", ["eu-west-1"]],
])("%s completes %s: %j", async (name, argument, typed, values) => {
  const { complete } = await connect({
    awsRegion: "eu-west-1",
    profiles: { audit: { awsProfile: "audit" } },
  });
  expect(await complete(name, argument, typed)).toEqual(values);
});
