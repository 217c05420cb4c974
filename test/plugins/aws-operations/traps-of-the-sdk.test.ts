import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { services } from "../../../plugins/aws-operations/aws/services.ts";
import { writePlan } from "../../../plugins/aws-operations/change-plan/write-plan.ts";
import { resourcesIn } from "../../../plugins/aws-operations/demo-account/index.ts";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import { ask, bodies, callTool, demo, failureOf, okay, operations, pluginOn } from "./helpers.ts";

// The other half of traps.test.ts: what goes wrong between a plugin and AWS whatever it asks. One test each, which fails on what
// the plugin that this one carries over did, or would have done with these services.

type Section = Record<string, unknown> & { status: "ok" };

test("28: a region without an analyzer is a finding, not an absence of findings, and all pages of the others count", async () => {
  const account = await demo({ pageSize: 1 });
  const regions = ["us-east-1", "us-west-2"];
  const { data, text } = await callTool(pluginOn(account), "aws_security_scan", {
    checks: ["external_access"],
    minSeverity: "LOW",
    regions,
  });
  const { findings } = okay(data["externalAccess"] as Section) as unknown as {
    findings: { code?: string; region?: string; resource?: string }[];
  };
  expect(JSON.stringify(findings)).toContain("us-west-2");
  expect(text).toContain("create-analyzer");
  expect(bodies(account, "ListFindingsV2").length).toBeGreaterThan(2);
  expect(operations(account)).not.toContain("ListFindings");
});

test.each(["eu-west-1", "ap-south-1"])(
  "29: services with one endpoint are signed for it, whatever the region %s of the plugin",
  async (awsRegion) => {
    const account = await demo();
    const plugin = pluginOn(account, { awsRegion });
    await ask(plugin, { analysis: "alerts" });
    await callTool(plugin, "aws_iam_review");
    const global = account.log.filter(({ service = "" }) =>
      ["ce", "budgets", "iam"].includes(service),
    );
    expect(new Set(global.map(({ service }) => service)).size).toBe(3);
    expect(new Set(global.map(({ scope }) => scope?.region))).toEqual(new Set(["us-east-1"]));
    expect(account.log.every(({ signatureOk }) => signatureOk)).toBe(true);
  },
);

test("30: without a region the plugin works in one, and nobody is told that a region is missing", async () => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const account = await demo();
  const { data } = await callTool(pluginOn(account), "aws_account_status");
  expect(data["identity"]).toMatchObject({ status: "ok" });
  expect(account.log.map(({ scope }) => scope?.region)).toEqual(["us-east-1"]);
});

test.each([
  ["aws_cost_analysis", "GetCostAndUsage", "ValidationException", "BAD_REQUEST"],
  ["aws_cost_analysis", "GetCostAndUsage", "LimitExceededException", "THROTTLED"],
  ["aws_cost_analysis", "GetCostAndUsage", "ExpiredTokenException", "EXPIRED_TOKEN"],
  [
    "aws_service_health",
    "DescribeEvents",
    "SubscriptionRequiredException",
    "HEALTH_NEEDS_SUPPORT_PLAN",
  ],
  ["aws_resource_inventory", "DescribeVpcs", "UnauthorizedOperation", "ACCESS_DENIED"],
  ["aws_resource_inventory", "DescribeVpcs", "RequestLimitExceeded", "THROTTLED"],
  ["aws_resource_inventory", "DescribeVpcs", "AuthFailure", "BAD_CREDENTIALS"],
  ["aws_iam_review", "GetAccountSummary", "AccessDenied", "ACCESS_DENIED"],
  ["aws_iam_review", "GetAccountSummary", "Throttling", "THROTTLED"],
  ["aws_iam_review", "GetAccountSummary", "InvalidClientTokenId", "BAD_CREDENTIALS"],
  ["aws_iam_review", "GetAccountSummary", "ExpiredToken", "EXPIRED_TOKEN"],
])("31: of %s, %s's %s is told by its name: %s", async (tool, operation, code, ours) => {
  const account = await demo();
  account.faults.add({ kind: "error", operation, code, message: "No.", times: "always" });
  const { data } = await callTool(pluginOn(account), tool, {}, { retries: 0 });
  const codes = Object.values(data).flatMap((section) => {
    const { error, gaps = [] } = section as { error?: { code: string }; gaps?: { code: string }[] };
    return [error, ...(Array.isArray(gaps) ? gaps : [])].map((one) => one?.code);
  });
  expect(codes).toContain(ours);
});

test.each(["http", "truncated", "empty", "wrong-content-type"] as const)(
  "32: what is no answer (%s) is an error, and never an amount of zero or a list of nothing",
  async (kind) => {
    const account = await demo({ faults: [{ kind, times: "always" }] });
    const plugin = pluginOn(account);
    for (const name of Object.keys(plugin.getToolsConfig())) {
      const { data } = await callTool(plugin, name, {}, { retries: 0 });
      const fine = Object.entries(data).filter(
        ([, section]) => (section as { status?: string } | undefined)?.status === "ok",
      );
      expect(fine, name).toEqual([]);
    }
  },
);

test("33: a request that hangs ends with the call, and its socket with it", async () => {
  let open = 0;
  const server = createServer(() => undefined);
  server.on("connection", (socket) => {
    open += 1;
    socket.on("close", () => void (open -= 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const plugin = createPlugin({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    awsAccessKey: "a",
    awsSecretKey: "b",
    checkCredentials: false,
  });
  onTestFinished(() => plugin.onPluginUnload());
  const { data } = await ask(plugin, {}, { retries: 0, timeMs: 1500 });
  expect(failureOf(data.currentMonth).code).toBe("TIMEOUT");
  await expect.poll(() => open, { timeout: 10_000 }).toBe(0);
});

test("34: what fails is tried as often as the call allows, not three times as often, and a refusal once", async () => {
  const account = await demo({ pageSize: 10_000 });
  account.faults.add({ kind: "http", operation: "GetCostAndUsage", times: "always" });
  await ask(pluginOn(account), {}, { retries: 2 });
  expect(bodies(account, "GetCostAndUsage")).toHaveLength(3);
  for (const kind of [
    "access-denied",
    "data-unavailable",
    "not-enabled",
    "expired-token",
  ] as const) {
    const other = await demo({ pageSize: 10_000 });
    other.faults.add({ kind, operation: "GetCostAndUsage", times: "always" });
    await ask(pluginOn(other), {}, { retries: 2 });
    expect(bodies(other, "GetCostAndUsage"), kind).toHaveLength(1);
  }
});

test("34: a retry repeats the page that failed, not those before it", async () => {
  const account = await demo({ pageSize: 100 });
  const asked = { kind: "throttle", operation: "GetCostAndUsage", skip: 2, times: 1 } as const;
  const { data: whole } = await ask(pluginOn(account));
  const pages = bodies(account, "GetCostAndUsage").length;
  account.log.length = 0;
  account.faults.add(asked);
  const { data } = await ask(pluginOn(account));
  expect(bodies(account, "GetCostAndUsage")).toHaveLength(pages + 1);
  expect(okay(data.currentMonth).total).toBe(okay(whole.currentMonth).total);
});

test.each([
  ["not-enabled", "CE_NOT_ENABLED", /Billing → Cost Explorer/],
  ["data-unavailable", "CE_NO_DATA", /no cost data/i],
  ["access-denied", "ACCESS_DENIED", /ce:GetCostAndUsage.*billing/],
] as const)(
  "35: %s is told apart from the other reasons for no costs",
  async (kind, code, words) => {
    const account = await demo({
      faults: [{ kind, operation: "GetCostAndUsage", times: "always" }],
    });
    const { result } = await ask(pluginOn(account), {}, { retries: 0 });
    expect(result.error).toMatchObject({ code, message: expect.stringMatching(words) as string });
  },
);

test("36: what lies before AWS's history is asked for on a first, and comparisons are of whole months", async () => {
  const account = await demo();
  const plugin = pluginOn(account);
  await ask(plugin, { analysis: "trends", months: 13 });
  await callTool(plugin, "aws_cost_compare", { comparison: "2026-10-03/2026-10-09" });
  await callTool(plugin, "aws_cost_compare");
  for (const { TimePeriod } of bodies(account, "GetCostAndUsage")) {
    const { Start } = TimePeriod as { Start: string };
    if (Start < "2025-09-20") expect(Start).toMatch(/-01$/);
  }
  const compared = bodies(account, "GetCostAndUsageComparisons");
  expect(compared.length).toBeGreaterThan(0);
  for (const { BaselineTimePeriod, ComparisonTimePeriod } of compared) {
    expect(BaselineTimePeriod).toEqual({ Start: "2026-09-01", End: "2026-10-01" });
    expect(ComparisonTimePeriod).toEqual({ Start: "2026-10-01", End: "2026-11-01" });
  }
  for (const { MaxResults = 10 } of bodies(account, "GetCostComparisonDrivers")) {
    expect(MaxResults).toBeLessThanOrEqual(10);
  }
  expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
});

test("37: lists of EC2 are read to their end, addresses without pages, in regions that are enabled", async () => {
  const account = await demo({ pageSize: 5 });
  const { data } = await callTool(pluginOn(account), "aws_resource_inventory", {
    regions: ["all"],
  });
  const everywhere = ["us-east-1", "eu-west-1", "us-west-2"].map((region) =>
    resourcesIn(account.estate, region),
  );
  for (const name of ["instances", "volumes", "addresses", "snapshots"] as const) {
    const there = everywhere.reduce((sum, region) => sum + region[name].length, 0);
    expect((data[name] as { count: number }).count, name).toBe(there);
  }
  expect(bodies(account, "DescribeInstances").length).toBeGreaterThan(3);
  expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
});

test("37: policies are decoded, and the credential report is asked for, waited for and read", async () => {
  const account = await demo();
  const { data } = await callTool(pluginOn(account), "aws_iam_review");
  const sent = operations(account);
  expect(sent.indexOf("GenerateCredentialReport")).toBeLessThan(
    sent.lastIndexOf("GetCredentialReport"),
  );
  expect(okay(data["wildcardPolicies"] as Section)["findings"]).not.toEqual([]);
  expect(JSON.stringify(data)).not.toContain("%7B");
  expect(okay(data["accessKeys"] as Section)["findings"]).not.toEqual([]);
});

test("38: a wish to change something gets a plan as text, and nothing that changes is among what may be sent", () => {
  const where = { region: "us-east-1", options: " --region us-east-1" };
  expect(writePlan("Create a new VPC", where)).toContain("aws ec2 create-vpc");
  expect(writePlan("Resize EBS volume", where)).toContain("aws ec2 modify-volume");
  const allowed = Object.values(services).flatMap(({ operations: known }) => Object.keys(known));
  expect(allowed.length).toBeGreaterThan(40);
  for (const name of allowed)
    expect(name).toMatch(/^(Get|List|Describe|Lookup|GenerateCredentialReport$)/);
});
