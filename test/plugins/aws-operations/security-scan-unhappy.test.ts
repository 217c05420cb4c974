import { describe, expect, test } from "vitest";
import { demo, failureOf, okay, operations } from "./helpers.ts";
import { only, scan } from "./security-scan-helpers.ts";

describe("a region without an analyzer", () => {
  test("is a finding with its remedy, not an absence of findings", async () => {
    const { data, text } = await scan(await demo(), { regions: ["us-west-2"] });
    const [finding] = only(data.externalAccess, "NO_ANALYZER");
    expect(finding?.remedy).toContain("create-analyzer --type ACCOUNT");
    expect(finding?.remedy).toContain("--region us-west-2");
    expect(okay(data.externalAccess)).toMatchObject({ complete: false, total: 1 });
    expect(text).toContain("No active analyzer in us-west-2 (NO_ANALYZER)");
    expect(text).toContain("Not, or not fully looked at: External access, Unused access");
    expect(data.unusedAccess).toMatchObject({ status: "skipped" });
  });

  test("where one is being created says so instead of asking for another", async () => {
    const account = await demo({ faults: [{ kind: "analyzer-creating" }] });
    const { data } = await scan(account, { regions: ["us-east-1"] });
    const [finding] = only(data.externalAccess, "NO_ANALYZER");
    expect(finding?.details?.[0]).toContain("demo-external: CREATING");
    expect(finding?.remedy).not.toContain("create-analyzer");
  });

  test("leaves an account that has nothing unknown, not clean", async () => {
    const { data, text } = await scan(await demo({ variant: "empty" }));
    expect(only(data.externalAccess, "NO_ANALYZER")).toHaveLength(3);
    expect(okay(data.networkExposure).total).toBe(0);
    expect(data.unusedAccess).toMatchObject({ status: "skipped" });
    expect(text).not.toMatch(/compliant|secure\b|no risks/i);
  });
});

describe("regions", () => {
  test("that AWS does not have are a mistake that names the nearest", async () => {
    const account = await demo();
    await expect(scan(account, { regions: ["eu-wst-1"] })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: "There is no region eu-wst-1. Did you mean eu-west-1?",
    });
    expect(operations(account)).not.toContain("ListAnalyzers");
  });

  test("that the account has not opted into are said to be so, and not asked", async () => {
    const account = await demo();
    const { data, text } = await scan(account, { regions: ["ap-east-1", "us-west-2"] });
    expect(okay(data.networkExposure).regions).toContainEqual({
      region: "ap-east-1",
      state: "not opted in",
    });
    expect(text).toContain("Not opted into ap-east-1");
    expect(account.log.map(({ scope }) => scope?.region)).not.toContain("ap-east-1");
  });

  test("are taken as they are where AWS does not list them", async () => {
    const account = await demo();
    account.faults.add({ operation: "DescribeRegions", kind: "access-denied", times: "always" });
    const { data } = await scan(account, { regions: ["eu-west-1"] });
    expect(okay(data.externalAccess).regions?.[0]).toMatchObject({ state: "checked" });
  });

  test("that fail leave the others, and nobody takes them for clean", async () => {
    const account = await demo();
    account.faults.add({ region: "eu-west-1", kind: "access-denied", times: "always" });
    const { data, text, result } = await scan(account);
    expect(result.error).toBeUndefined();
    expect(okay(data.externalAccess).complete).toBe(false);
    expect(okay(data.externalAccess).regions).toContainEqual({
      region: "eu-west-1",
      state: "failed",
      reason: "ACCESS_DENIED",
    });
    expect(okay(data.networkExposure).complete).toBe(false);
    expect(text).toContain("eu-west-1: not available (ACCESS_DENIED)");
  });

  test("that never answer leave the others when the time is up", async () => {
    const account = await demo();
    const hang = { operation: "ListAnalyzers", region: "eu-west-1", kind: "hang" } as const;
    account.faults.add({ ...hang, times: "always" });
    const { data, result } = await scan(account, { checks: ["external_access"] }, { timeMs: 4000 });
    expect(result.error).toBeUndefined();
    const { regions, complete } = okay(data.externalAccess);
    expect(complete).toBe(false);
    expect(regions).toContainEqual({ region: "eu-west-1", state: "failed", reason: "TIMEOUT" });
    expect(only(data.externalAccess, "PUBLIC_RESOURCE")).toHaveLength(1);
  });

  test("that fail alike are named together", async () => {
    const account = await demo();
    account.faults.add({ operation: "ListFindingsV2", kind: "access-denied", times: "always" });
    const { text } = await scan(account, { checks: ["external_access"] });
    expect(text).toContain("us-east-1, eu-west-1: not available (ACCESS_DENIED)");
  });
});

describe("one failure", () => {
  test.each([
    ["ListAnalyzers", "externalAccess", "access-analyzer:ListAnalyzers"],
    ["ListFindingsV2", "externalAccess", "access-analyzer:ListFindings"],
    ["DescribeSecurityGroups", "networkExposure", "ec2:DescribeSecurityGroups"],
    ["GetAccountSummary", "iam", "iam:GetAccountSummary"],
  ] as const)("of %s spoils only its own section", async (operation, name, action) => {
    const account = await demo();
    account.faults.add({ operation, kind: "access-denied", times: "always" });
    // Where there are analyzers: that there is none would be found all the same.
    const regions = ["us-east-1", "eu-west-1"];
    const { data, text, result } = await scan(account, { regions });
    expect(failureOf(data[name])).toMatchObject({ code: "ACCESS_DENIED" });
    expect(failureOf(data[name]).message).toContain(action);
    expect(text).toContain(action);
    expect(result.error).toBeUndefined();
    const { externalAccess, networkExposure, unusedAccess, iam } = data;
    const states = [externalAccess, networkExposure, unusedAccess, iam].map((one) => one?.status);
    expect(states).toContain("ok");
  });

  test("of the details leaves the findings", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetFindingV2", kind: "access-denied", times: "always" });
    const { data, text } = await scan(account);
    expect(only(data.externalAccess, "PUBLIC_RESOURCE")).toHaveLength(2);
    expect(text).toContain("could not be read (ACCESS_DENIED)");
  });

  test("of the statistics leaves everything else", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetFindingsStatistics", kind: "http", times: "always" });
    const { data } = await scan(account);
    expect(only(data.externalAccess, "PUBLIC_RESOURCE")).toHaveLength(2);
    expect(okay(data.externalAccess).regions?.[0]).not.toHaveProperty("statistics");
  });

  test("to say what is attached leaves a group as grave as its ports", async () => {
    const account = await demo();
    account.faults.add({
      operation: "DescribeNetworkInterfaces",
      kind: "access-denied",
      times: "always",
    });
    const { data, text } = await scan(account, { checks: ["public_exposure"] });
    const open = only(data.networkExposure, "OPEN_TO_WORLD");
    expect(open.map(({ severity }) => severity)).toEqual(["HIGH", "HIGH"]);
    expect(open[0]?.details).toContain("attached to: unknown");
    expect(text).toContain("they are judged as if in use");
  });

  test("of everything is an error with a way out", async () => {
    const account = await demo();
    account.faults.add({ kind: "access-denied", times: "always" });
    const { result } = await scan(account);
    expect(result).toMatchObject({ fallback: true, error: { code: "ACCESS_DENIED" } });
    expect(result.suggestedActions?.[0]).toMatchObject({ title: "Verify permissions" });
  });

  test("that passes is repeated and leaves no trace", async () => {
    const account = await demo();
    account.faults.add({ operation: "ListFindingsV2", kind: "throttle", times: 1 });
    const { data } = await scan(account);
    expect(okay(data.externalAccess).total).toBe(8);
  });
});
