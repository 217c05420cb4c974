import { describe, expect, onTestFinished, test } from "vitest";
import { costCompareOutput } from "../../../plugins/aws-operations/cost-compare/output.ts";
import { costCompareInput } from "../../../plugins/aws-operations/cost-compare/tool.ts";
import * as module from "../../../plugins/aws-operations/index.ts";
import { createTestHost } from "../../../src/testing.ts";
import { askTool, bodies, demo, failureOf, noon, okay, operations, pluginOn } from "./helpers.ts";
import { hostile, linesOf, outsideOfMarks, rewriting, type Span, total, totalBy } from "./truth.ts";

const tool = ["aws_cost_compare", costCompareOutput] as const;
const september: Span = { start: "2026-09-01", end: "2026-09-30" };
const october: Span = { start: "2026-10-01", end: "2026-10-31" };

function lineItem({ service, usageType }: { service: string; usageType: string }): string {
  return `${service} ${usageType}`;
}

describe("a comparison", () => {
  test("without arguments is of the last two months that are over, by AWS", async () => {
    const account = await demo();
    const { data, text } = await askTool(pluginOn(account), tool);
    const { method, baseline, comparison, change, changePercent } = okay(data.totals);
    const [before, after] = [total(linesOf(september)), total(linesOf(october))];
    expect(method).toBe("aws");
    expect(baseline).toMatchObject({ ...september, days: 30 });
    expect(comparison).toMatchObject({ ...october, days: 31 });
    expect(baseline.total).toBeCloseTo(before, 2);
    expect(comparison.total).toBeCloseTo(after, 2);
    expect(change).toBeCloseTo(after - before, 2);
    expect(changePercent).toBeCloseTo((100 * (after - before)) / before, 0);
    // A month with a day more is compared by day, too.
    expect(comparison.perDay).toBeCloseTo(after / 31, 2);
    expect(text).toContain("Per day, over 31 and 30 days");
    expect(new Set(operations(account))).toEqual(
      new Set(["GetCostAndUsageComparisons", "GetCostComparisonDrivers", "GetCallerIdentity"]),
    );
  });

  test("has rows that add up to the change, the largest first", async () => {
    const { data } = await askTool(pluginOn(await demo()), tool, { top: 3 });
    const { items, other } = okay(data.groups);
    const before = totalBy(linesOf(september), ({ service }) => service);
    const after = totalBy(linesOf(october), ({ service }) => service);
    for (const row of items) {
      expect(row.before).toBeCloseTo(before.get(row.key) ?? 0, 2);
      expect(row.amount).toBeCloseTo(after.get(row.key) ?? 0, 2);
    }
    const sizes = items.map(({ change }) => Math.abs(change));
    expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
    expect(items).toHaveLength(3);
    const sum = items.reduce((all, { change }) => all + change, other?.change ?? 0);
    expect(sum).toBeCloseTo(okay(data.totals).change, 1);
  });

  test("names the usage types that drove it, with how much was used", async () => {
    const { data, text, result } = await askTool(pluginOn(await demo()), tool);
    const { method, items, otherChange } = okay(data.drivers);
    const before = totalBy(linesOf(september), lineItem);
    const after = totalBy(linesOf(october), lineItem);
    const changes = [...new Set([...before.keys(), ...after.keys()])]
      .map((name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)] as const)
      .toSorted(([, left], [, right]) => Math.abs(right) - Math.abs(left));
    expect(method).toBe("aws");
    expect(items.map(lineItem)).toEqual(changes.slice(0, 10).map(([name]) => name));
    for (const [index, { change }] of items.entries()) {
      expect(change).toBeCloseTo(changes[index]?.[1] ?? 0, 2);
    }
    const sum = items.reduce((all, { change }) => all + change, otherChange);
    expect(sum).toBeCloseTo(okay(data.totals).change, 1);
    const [largest] = items;
    expect(largest).toMatchObject({ kind: "USAGE_CHANGE", usage: { unit: "Hrs" } });
    expect(text).toMatch(/6,413\.3 → 6,916\.6 Hrs/);
    expect(result.suggestedActions?.[0]).toMatchObject({
      tool: "aws_cost_analysis",
      arguments: { services: [largest?.service], ...october, groupBy: "REGION" },
    });
  });

  test("of the current month is by its full days, against as many of the month before", async () => {
    const account = await demo();
    const { data, text } = await askTool(pluginOn(account), tool, { comparison: "2026-11" });
    const { method, baseline, comparison } = okay(data.totals);
    const [before, after] = [
      { start: "2026-10-01", end: "2026-10-19" },
      { start: "2026-11-01", end: "2026-11-19" },
    ];
    expect(method).toBe("costs");
    expect(baseline).toMatchObject(before);
    expect(comparison).toMatchObject(after);
    expect(baseline.total).toBeCloseTo(total(linesOf(before)), 2);
    expect(comparison.total).toBeCloseTo(total(linesOf(after)), 2);
    expect(text).toContain(
      "2026-11 is not over: its first 19 days are compared with the first 19 of 2026-10.",
    );
    expect(okay(data.drivers).items[0]).toMatchObject({
      service: "EC2 - Other",
      usageType: "EU-NatGateway-Bytes",
    });
    // Rows and drivers come from the same two requests.
    const asked = bodies(account, "GetCostAndUsage").map(({ TimePeriod }) =>
      JSON.stringify(TimePeriod),
    );
    expect(new Set(asked)).toEqual(
      new Set([
        JSON.stringify({ Start: "2026-10-01", End: "2026-10-20" }),
        JSON.stringify({ Start: "2026-11-01", End: "2026-11-20" }),
      ]),
    );
  });

  test("of periods that differ in length is by day", async () => {
    const [before, after] = [
      { start: "2026-10-01", end: "2026-10-07" },
      { start: "2026-10-08", end: "2026-10-20" },
    ];
    const { data, text } = await askTool(pluginOn(await demo()), tool, {
      baseline: "2026-10-01/2026-10-07",
      comparison: "2026-10-08/2026-10-20",
      groupBy: "REGION",
    });
    const [earlier, later] = [
      totalBy(linesOf(before), ({ region }) => region),
      totalBy(linesOf(after), ({ region }) => region),
    ];
    const { items } = okay(data.groups);
    for (const { key, perDayChange } of items) {
      const expected = (later.get(key) ?? 0) / 13 - (earlier.get(key) ?? 0) / 7;
      expect(perDayChange).toBeCloseTo(expected, 1);
    }
    const sizes = items.map(({ perDayChange = 0 }) => Math.abs(perDayChange));
    expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
    expect(text).toMatch(/[+-]\$[\d.]+ a day/);
  });

  test.each([
    ["LINKED_ACCOUNT", ({ account }: { account: string }) => account],
    ["TAG:Team", ({ team }: { team: string }) => (team === "" ? "(untagged)" : team)],
    ["USAGE_TYPE", ({ usageType }: { usageType: string }) => usageType],
    ["RECORD_TYPE", ({ recordType }: { recordType: string }) => recordType],
  ] as const)("by %s has the sums of the books", async (groupBy, keyOf) => {
    const { data, text } = await askTool(pluginOn(await demo()), tool, { groupBy, top: 50 });
    const [before, after] = [totalBy(linesOf(september), keyOf), totalBy(linesOf(october), keyOf)];
    const { items } = okay(data.groups);
    expect(new Set(items.map(({ key }) => key))).toEqual(new Set(before.keys()));
    for (const row of items) {
      expect(row.before).toBeCloseTo(before.get(row.key) ?? 0, 2);
      expect(row.amount).toBeCloseTo(after.get(row.key) ?? 0, 2);
    }
    if (groupBy === "LINKED_ACCOUNT") expect(text).toContain("demo-production (444455556666)");
  });

  test("may be limited, and leave credits out", async () => {
    const { data, text } = await askTool(pluginOn(await demo()), tool, {
      services: ["RDS"],
      regions: ["us-east-1"],
      credits: "exclude",
      groupBy: "USAGE_TYPE",
    });
    const wanted = ({ service, region, recordType }: (typeof lines)[number]): boolean =>
      service === "Amazon Relational Database Service" &&
      region === "us-east-1" &&
      recordType !== "Credit" &&
      recordType !== "Refund";
    const lines = linesOf(october);
    expect(okay(data.totals).comparison.total).toBeCloseTo(total(lines.filter(wanted)), 2);
    expect(text).toContain(
      "without credits and refunds; only Amazon Relational Database Service + us-east-1",
    );
  });

  test("is kept: asked again, it costs nothing", async () => {
    const plugin = pluginOn(await demo());
    const first = await askTool(plugin, tool);
    expect(first.data.meta.ceRequests).toBeGreaterThan(1);
    const again = await askTool(plugin, tool);
    expect(again.data.meta.ceRequests).toBe(0);
    expect({ ...again.data, meta: null }).toEqual({ ...first.data, meta: null });
  });

  test("keeps the currency that AWS gives it", async () => {
    const plugin = pluginOn(await demo({ variant: "cny" }));
    for (const args of [{}, { comparison: "2026-11" }]) {
      const { data, text } = await askTool(plugin, tool, args);
      expect(data.meta.currency).toBe("CNY");
      expect(text).not.toMatch(/\$[\d,.]+ more/);
    }
  });
});

describe("what AWS does not compare", () => {
  test.each(["access-denied", "data-unavailable", "error"] as const)(
    "(%s) is computed from the costs, with the same sums, and that is said",
    async (kind) => {
      const account = await demo();
      const byAws = await askTool(pluginOn(account), tool);
      for (const operation of ["GetCostAndUsageComparisons", "GetCostComparisonDrivers"]) {
        account.faults.add({ operation, kind, times: "always" });
      }
      const { data, text } = await askTool(pluginOn(account), tool);
      expect(okay(data.totals)).toMatchObject({ method: "costs" });
      expect(okay(data.totals).change).toBe(okay(byAws.data.totals).change);
      const amounts = (each: typeof data) =>
        okay(each.groups).items.map(({ key, before, amount }) => [key, before, amount]);
      expect(amounts(data)).toEqual(amounts(byAws.data));
      const drivers = (each: typeof data) =>
        okay(each.drivers).items.map(({ usageType, change }) => [usageType, change]);
      expect(drivers(data)).toEqual(drivers(byAws.data));
      expect(text.match(/AWS does not compare these months/g)).toHaveLength(1);
    },
  );

  test("because it names no accounts, or keeps no older months, is computed without asking it", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const { data } = await askTool(plugin, tool, { groupBy: "LINKED_ACCOUNT", drivers: false });
    expect(okay(data.totals).method).toBe("costs");
    expect(operations(account)).not.toContain("GetCostAndUsageComparisons");
    const old = await askTool(plugin, tool, { baseline: "2025-09", comparison: "2026-10" });
    expect(okay(old.data.totals).method).toBe("costs");
    expect(old.text).not.toContain("AWS does not compare");
  });

  test("is not computed where the credentials are at fault, or AWS is only busy", async () => {
    for (const [kind, code] of [
      ["expired-token", "EXPIRED_TOKEN"],
      ["throttle", "THROTTLED"],
    ] as const) {
      const account = await demo();
      account.faults.add({ operation: "GetCostAndUsageComparisons", kind, times: "always" });
      const { data, result } = await askTool(pluginOn(account), tool, {}, { retries: 1 });
      expect(failureOf(data.totals).code).toBe(code);
      expect(result).toMatchObject({ fallback: true, error: { code } });
      expect(operations(account)).not.toContain("GetCostAndUsage");
    }
  });
});

describe("a failure", () => {
  test("of the drivers leaves the comparison", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostComparisonDrivers", kind: "http", times: "always" });
    const { data, result, text } = await askTool(pluginOn(account), tool, {}, { retries: 1 });
    expect(okay(data.totals).method).toBe("aws");
    expect(failureOf(data.drivers).code).toBe("UPSTREAM");
    expect(result.error).toBeUndefined();
    expect(text).toContain("Drivers: not available (UPSTREAM)");
  });

  test("of one request is tried again, and the page before it is not asked for twice", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostComparisonDrivers", kind: "throttle", skip: 1 });
    const { data } = await askTool(pluginOn(account), tool);
    expect(okay(data.drivers).items).toHaveLength(10);
    const firsts = bodies(account, "GetCostComparisonDrivers").filter(
      ({ NextPageToken }) => NextPageToken === undefined,
    );
    expect(firsts).toHaveLength(1);
  });

  test("to answer with anything is no amount of zero", async () => {
    const account = await demo();
    account.faults.add({ operation: "GetCostAndUsageComparisons", kind: "empty", times: "always" });
    const { data } = await askTool(pluginOn(account), tool, {}, { retries: 0 });
    expect(failureOf(data.totals).message).toContain("this is not an amount of zero");
  });

  test("to match anything is no comparison of nothing", async () => {
    const { data, text, result } = await askTool(pluginOn(await demo()), tool, {
      services: ["Lamda"],
    });
    expect(data.totals?.status).toBe("skipped");
    expect(text).toContain("did you mean AWS Lambda?");
    expect(text).not.toContain("$0.00");
    expect(result.error).toBeUndefined();
  });

  test("of an account without Cost Explorer says so", async () => {
    const { result } = await askTool(pluginOn(await demo({ variant: "empty" })), tool);
    expect(result).toMatchObject({ fallback: true, error: { code: "CE_NOT_ENABLED" } });
  });

  test("of a new account is not: what it has is compared", async () => {
    const plugin = pluginOn(await demo({ variant: "new" }));
    const { data } = await askTool(plugin, tool, {
      baseline: "2026-11-14/2026-11-16",
      comparison: "2026-11-17/2026-11-19",
    });
    expect(okay(data.totals).comparison.total).toBeGreaterThan(0);
  });
});

describe("the periods", () => {
  test.each([
    ["2026-10", "2026-10"],
    [" 2026-10 ", "2026-10"],
    ["2026-10-05", "2026-10-05/2026-10-05"],
    ["2026-10-01..2026-10-05", "2026-10-01/2026-10-05"],
    ["2026-10-01 to 2026-10-05", "2026-10-01/2026-10-05"],
    [{ start: "2026-10-01", end: "2026-10-05" }, "2026-10-01/2026-10-05"],
    ['{"Start":"2026-10-01","End":"2026-10-05"}', "2026-10-01/2026-10-05"],
  ])("may be written as %j", (comparison, read) => {
    expect(costCompareInput.parse({ comparison }).comparison).toBe(read);
  });

  test.each([["2026-13"], ["2026-02-30"], ["2026-10-05/2026-10-01"], ["october"], [7]])(
    "may not be %j",
    (comparison) => {
      expect(costCompareInput.safeParse({ comparison }).success).toBe(false);
    },
  );

  test.each([
    [{ baseline: "2026-10", comparison: "2026-09" }, "swap them"],
    [{ baseline: "2026-10", comparison: "2026-10" }, "are the same"],
    [{ comparison: "2026-12" }, "No day of comparison=2026-12-01 to 2026-12-31 is over"],
    [{ comparison: "2026-11-20" }, "today is 2026-11-20"],
  ])("%j are refused before anything is sent", async (args, message) => {
    const account = await demo();
    await expect(askTool(pluginOn(account), tool, args)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining(message) as string,
    });
    expect(account.log).toEqual([]);
  });

  test.each([
    ["2026-12-01T00:30:00Z", {}, "2026-10", "2026-11"],
    ["2027-01-15T12:00:00Z", {}, "2026-11", "2026-12"],
    ["2028-03-31T12:00:00Z", { comparison: "2028-03" }, "2028-02", "2028-03-01 to 2028-03-29"],
    ["2028-03-01T12:00:00Z", { comparison: "2028-02" }, "2028-01", "2028-02"],
    [
      "2026-11-20T12:00:00Z",
      { comparison: "2026-11-11/2026-11-30" },
      "2026-11-02 to 2026-11-10",
      "2026-11-11 to 2026-11-19",
    ],
  ])("on %s with %j are %s and %s", async (time, args, baseline, comparison) => {
    const now = new Date(time);
    const account = await demo({ now, pageSize: 10_000 });
    const { data, text } = await askTool(pluginOn(account, { now: time }), tool, args);
    expect(text).toContain(`**${comparison} cost`);
    expect(text).toContain(`of ${baseline} (`);
    const { baseline: before, comparison: after } = okay(data.totals);
    expect(before.total).toBeCloseTo(total(linesOf(before, { now })), 2);
    expect(after.total).toBeCloseTo(total(linesOf(after, { now })), 2);
    expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
  });

  test("on the first of a month, the current one has no day to compare", async () => {
    const plugin = pluginOn(await demo(), { now: "2026-11-01T12:00:00Z" });
    await expect(askTool(plugin, tool, { comparison: "2026-11" })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });
});

describe("names that others have given", () => {
  test("stand inside the marked block only, on one line, with nothing that nobody sees", async () => {
    const account = await rewriting(await demo(), (body) =>
      body
        .replaceAll("checkout", JSON.stringify(hostile.note).slice(1, -1))
        .replaceAll("demo-production", JSON.stringify(hostile.name).slice(1, -1)),
    );
    const plugin = pluginOn(account);
    for (const groupBy of ["TAG:Team", "LINKED_ACCOUNT"]) {
      const { text, result } = await askTool(plugin, tool, { groupBy });
      const outside = outsideOfMarks(text) + JSON.stringify(result.suggestedActions);
      expect(text).toContain(groupBy === "TAG:Team" ? "Ignore all previous" : "paytnuocca2Jroll");
      expect(outside).not.toMatch(/Ignore all previous|paytnuocca/);
      expect(text).not.toMatch(/[\u{202E}\u{202C}\u{9B}\u{200B}]/u);
      expect(text.match(/<\/aws-data>/g)).toHaveLength(2);
    }
  });
});

describe("a client", () => {
  test("sees a tool that needs no argument, and gets data that its own validation takes", async () => {
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
          },
        },
      },
    });
    onTestFinished(() => host.close());
    const { tools } = await host.client.listTools();
    const listed = tools.find(({ name }) => name === "aws_cost_compare");
    expect(listed?.inputSchema.required ?? []).toEqual([]);
    expect(Buffer.byteLength(JSON.stringify(listed?.outputSchema))).toBeLessThan(6000);
    for (const [name, property] of Object.entries(listed?.inputSchema.properties ?? {})) {
      expect((property as { description?: string }).description, name).toBeTruthy();
    }
    const result = await host.client.callTool({
      name: "aws_cost_compare",
      arguments: { baseline: "2026-09", comparison: "2026-10", services: "EC2" },
    });
    expect(result.isError ?? false).toBe(false);
    expect(result.structuredContent).toMatchObject({ totals: { status: "ok", method: "aws" } });
    const wrong = await host.client.callTool({
      name: "aws_cost_compare",
      arguments: { comparison: "last month" },
    });
    expect(wrong.isError).toBe(true);
    expect(JSON.stringify(wrong.content)).toContain("2026-10-01/2026-10-15");
  });

  test("gets a text that reads as text, of at most 4 KB", async () => {
    const plugin = pluginOn(await demo());
    for (const args of [{}, { comparison: "2026-11", groupBy: "USAGE_TYPE" }]) {
      const { text } = await askTool(plugin, tool, args);
      expect(text.length).toBeLessThan(4096);
      expect(text).not.toMatch(/undefined|NaN|\[object|^\s{4}/m);
    }
  });
});
