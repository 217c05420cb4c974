import { describe, expect, test } from "vitest";
import { determineAnalysisType } from "../../../plugins/aws-operations/cost-analysis/query.ts";
import { costAnalysisInput } from "../../../plugins/aws-operations/cost-analysis/tool.ts";
import { ask, bodies, demo, okay, pluginOn, spent } from "./helpers.ts";

describe("a question in words", () => {
  test.each([
    ["Why is my AWS bill so high this month?", "overview"],
    ["Show me cost breakdown by service", "breakdown"],
    ["Detailed costs, please", "breakdown"],
    ["How did costs develop over time?", "trends"],
    ["monthly costs", "trends"],
    ["Give me a monthly forecast", "forecast"],
    ["What will next month cost?", "forecast"],
    ["Any ANOMALY?", "anomalies"],
    ["Are there anomalies?", "anomalies"],
    ["There is an unusual spike", "anomalies"],
    ["Set up a budget alert", "alerts"],
    ["", "overview"],
  ])("%j asks for %s", (message, analysis) => {
    expect(determineAnalysisType(message)).toBe(analysis);
  });

  test("chooses the analysis, unless one is named", async () => {
    const plugin = pluginOn(await demo());
    const message = "monthly forecast";
    const asked = await ask(plugin, { message }, { message });
    expect(asked.data.analysisType).toBe("forecast");
    const named = await ask(plugin, { message, analysis: "alerts" }, { message });
    expect(named.data.analysisType).toBe("alerts");
  });
});

describe("what a question in words names", () => {
  const ec2 = ["Amazon Elastic Compute Cloud - Compute", "EC2 - Other"];

  test.each([
    ["What's driving the EC2 costs?", ec2, [], "USAGE_TYPE"],
    [
      "What does S3 cost in eu-west-1?",
      ["Amazon Simple Storage Service"],
      ["eu-west-1"],
      "USAGE_TYPE",
    ],
    ["What will RDS cost next month?", ["Amazon Relational Database Service"], [], "USAGE_TYPE"],
    ["Is it EC2 or RDS?", [], [], "SERVICE"],
    ["Why is my AWS bill so high this month?", [], [], "SERVICE"],
  ])("limits what is asked for: %j", async (message, services, regions, groupBy) => {
    const { data, text } = await ask(pluginOn(await demo()), { message }, { message });
    expect(data.meta.filters).toMatchObject({ services, regions });
    expect(data.meta.groupBy).toBe(groupBy);
    if (services.length > 0) expect(text).toContain(`only services ${services.join(" + ")}`);
  });

  test.each([
    [{ services: ["S3"] }, ["Amazon Simple Storage Service"]],
    [{ analysis: "breakdown" }, []],
    [{ groupBy: "REGION" }, []],
  ])("gives way to arguments: %j", async (args, services) => {
    const message = "What's driving the EC2 costs?";
    const { data } = await ask(pluginOn(await demo()), { ...args, message }, { message });
    expect(data.meta.filters.services).toEqual(services);
  });

  test("does not limit anomalies and budgets, which cannot be", async () => {
    const message = "Any unusual EC2 spike?";
    const { data } = await ask(pluginOn(await demo()), { message }, { message });
    expect(data.meta.filters.services).toEqual([]);
    expect(data.meta.notes).toEqual([]);
  });

  test.each([
    ["Set up a budget alert", true],
    ["Create another budget for production", true],
    ["Are we over budget?", false],
    ["What does the alert say?", false],
  ])("%j leads to a plan for a change: %j", async (message, isWish) => {
    const { result } = await ask(pluginOn(await demo()), { message }, { message });
    expect(JSON.stringify(result.suggestedActions).includes("aws_change_plan")).toBe(isWish);
  });
});

describe("the arguments", () => {
  test("with several values may be one text with commas", () => {
    const { accounts, regions } = costAnalysisInput.parse({
      accounts: "123456789012, 210987654321",
      regions: "eu-west-1,us-east-1",
    });
    expect(accounts).toEqual(["123456789012", "210987654321"]);
    expect(regions).toEqual(["eu-west-1", "us-east-1"]);
  });

  test("are all optional, and unknown ones are named", () => {
    expect(costAnalysisInput.safeParse({}).success).toBe(true);
    const wrong = costAnalysisInput.safeParse({ analyse: "overview" });
    expect(wrong.error?.issues[0]).toMatchObject({ code: "unrecognized_keys", keys: ["analyse"] });
  });

  test.each([
    [["AWS Lambda"], ["AWS Lambda"]],
    ["AWS Lambda", ["AWS Lambda"]],
    ['["AWS Lambda", "AmazonCloudWatch"]', ["AWS Lambda", "AmazonCloudWatch"]],
  ])("services may be %j", (services, list) => {
    expect(costAnalysisInput.parse({ services }).services).toEqual(list);
  });

  test.each([
    ["SERVICE", "SERVICE"],
    ["linked_account", "LINKED_ACCOUNT"],
    ["TAG:team", "TAG:team"],
    ["tag:Team", "TAG:Team"],
    [["region"], "REGION"],
    [[{ type: "DIMENSION", key: "SERVICE" }], "SERVICE"],
    [[{ Type: "TAG", Key: "Team" }], "TAG:Team"],
    [{ type: "dimension", key: "usage_type" }, "USAGE_TYPE"],
    ['[{"type":"TAG","key":"Team"}]', "TAG:Team"],
  ])("groupBy may be %j", (groupBy, grouping) => {
    expect(costAnalysisInput.parse({ groupBy }).groupBy).toBe(grouping);
  });

  test.each([
    [{ start: "2026-02-30" }],
    [{ months: 14 }],
    [{ months: 0 }],
    [{ groupBy: "TAG:" }],
    [{ groupBy: "COLOUR" }],
    [{ accounts: ["12"] }],
    [{ groupBy: ["SERVICE", "REGION"] }],
    [{ groupBy: [{ type: "COST_CATEGORY", key: "x" }] }],
    [{ metric: "UsageQuantity" }],
    [{ analysis: "all" }],
  ])("%j is refused", (args) => {
    expect(costAnalysisInput.safeParse(args).success).toBe(false);
  });

  test.each([
    [{ start: "2026-11-10", end: "2026-11-01" }, "swap them"],
    [{ start: "2027-01-01" }, "is in the future"],
    [{ colour: "red" }, "colour"],
  ])("%j fails before anything is sent", async (args, message) => {
    const account = await demo();
    await expect(ask(pluginOn(account), args)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining(message) as string,
    });
    expect(account.log).toEqual([]);
  });
});

describe("a period of the caller's", () => {
  test("includes both of its days", async () => {
    const account = await demo();
    const truth = await spent(account, { start: "2026-10-03", end: "2026-11-01" });
    const { data, text } = await ask(pluginOn(account), {
      analysis: "breakdown",
      start: "2026-10-03",
      end: "2026-10-31",
    });
    expect(okay(data.period)).toMatchObject({
      start: "2026-10-03",
      end: "2026-10-31",
      partial: false,
    });
    expect(okay(data.period).total).toBeCloseTo(truth, 2);
    expect(data.meta.requests[0]?.sent).toEqual({ Start: "2026-10-03", End: "2026-11-01" });
    expect(data.currentMonth).toBeUndefined();
    expect(text).toContain("2026-10-03 to 2026-10-31");
  });

  test("ends today if its end is in the future, and says so", async () => {
    const { data } = await ask(pluginOn(await demo()), { start: "2026-11-10", end: "2026-12-24" });
    expect(okay(data.period)).toMatchObject({ end: "2026-11-20", partial: true });
    expect(data.meta.notes).toEqual([
      "end was in the future: 2026-11-20 is used.",
      "A period with dates of its own is not compared with an earlier one.",
    ]);
  });

  test("may be one day, today", async () => {
    const { data } = await ask(pluginOn(await demo()), { start: "2026-11-20" });
    expect(okay(data.period)).toMatchObject({ start: "2026-11-20", end: "2026-11-20" });
    expect(okay(data.period).total).toBeGreaterThan(0);
  });

  test("does not apply to trends, and that is said", async () => {
    const { text } = await ask(pluginOn(await demo()), { analysis: "trends", start: "2026-01-01" });
    expect(text).toContain("start and end do not apply to trends");
  });
});

describe("a breakdown", () => {
  test.each(["SERVICE", "LINKED_ACCOUNT", "REGION", "USAGE_TYPE", "RECORD_TYPE", "TAG:Team"])(
    "by %s has the same sum as any other",
    async (groupBy) => {
      const account = await demo();
      const truth = await spent(account, { start: "2026-11-01", end: "2026-11-21" });
      const { data } = await ask(pluginOn(account), { analysis: "breakdown", groupBy, top: 50 });
      const { items, other } = okay(data.serviceBreakdown);
      const all = [...items, ...other].reduce((sum, { amount }) => sum + amount, 0);
      expect(all).toBeCloseTo(truth, 0);
      expect(okay(data.currentMonth).total).toBeCloseTo(truth, 2);
      expect(okay(data.currentMonth).totals[0]?.credits).toBeLessThan(0);
    },
  );

  test("by account names the accounts", async () => {
    const { data, text } = await ask(pluginOn(await demo()), { groupBy: "LINKED_ACCOUNT" });
    const labels = okay(data.serviceBreakdown).items.map(({ label }) => label);
    expect(labels).toContain("demo-production");
    expect(text).toContain("demo-production (444455556666)");
  });

  test("by tag says what is untagged", async () => {
    const { data } = await ask(pluginOn(await demo()), { groupBy: "TAG:Team" });
    const keys = okay(data.serviceBreakdown).items.map(({ key }) => key);
    expect(keys).toContain("(untagged)");
    expect(keys.some((key) => key.includes("$"))).toBe(false);
  });

  test("can be limited, by short names too, and shows the limits that were used", async () => {
    const account = await demo();
    const { data, text } = await ask(pluginOn(account), {
      analysis: "breakdown",
      services: ["EC2", "AWS Lambda"],
      regions: ["eu-west-1", "us-east-1"],
      accounts: ["444455556666"],
      groupBy: "USAGE_TYPE",
    });
    const services = ["Amazon Elastic Compute Cloud - Compute", "EC2 - Other", "AWS Lambda"];
    expect(data.meta.filters).toMatchObject({
      services,
      regions: ["eu-west-1", "us-east-1"],
      accounts: ["444455556666"],
    });
    expect(bodies(account, "GetCostAndUsage")[0]?.["Filter"]).toEqual({
      And: [
        { Dimensions: { Key: "SERVICE", Values: services.toSorted() } },
        { Dimensions: { Key: "LINKED_ACCOUNT", Values: ["444455556666"] } },
        { Dimensions: { Key: "REGION", Values: ["eu-west-1", "us-east-1"] } },
      ],
    });
    expect(okay(data.serviceBreakdown).items[0]?.key).toContain("BoxUsage");
    expect(text).toContain("only services Amazon Elastic Compute Cloud - Compute + EC2 - Other");
  });

  test("shows more rows than an overview", async () => {
    const plugin = pluginOn(await demo());
    const overview = await ask(plugin, { groupBy: "USAGE_TYPE" });
    const breakdown = await ask(plugin, { groupBy: "USAGE_TYPE", analysis: "breakdown" });
    expect(okay(overview.data.serviceBreakdown).items).toHaveLength(10);
    expect(okay(breakdown.data.serviceBreakdown).items).toHaveLength(25);
    expect(
      breakdown.text.split("\n").filter((line) => line.startsWith("|")).length,
    ).toBeGreaterThan(30);
  });

  test("by a tag that nothing has asks whether it is written as on the bill", async () => {
    const { text } = await ask(pluginOn(await demo()), { groupBy: "TAG:team" });
    expect(text).toContain("Everything is untagged");
    expect(text).toContain("exact case");
    const right = await ask(pluginOn(await demo()), { groupBy: "TAG:Team", top: 1 });
    expect(right.text).not.toContain("Everything is untagged");
    expect(right.text).toMatch(/other \(\d+ values of tag Team\)/);
  });
});
