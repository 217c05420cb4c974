import { describe, expect, test } from "vitest";
import { ask, bodies, demo, okay, operations, pluginOn, spent } from "./helpers.ts";

describe("an overview", () => {
  test("takes one logical request, paged to the end, and a repeated one takes none", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const first = await ask(plugin);
    const requests = bodies(account, "GetCostAndUsage");
    const [{ NextPageToken: _, ...query } = {}] = requests;
    expect(query).toEqual({
      TimePeriod: { Start: "2026-10-01", End: "2026-11-21" },
      Granularity: "DAILY",
      Metrics: ["UnblendedCost"],
      GroupBy: [
        { Type: "DIMENSION", Key: "SERVICE" },
        { Type: "DIMENSION", Key: "RECORD_TYPE" },
      ],
    });
    for (const { NextPageToken: __, ...page } of requests) expect(page).toEqual(query);
    expect(requests.length).toBeGreaterThan(1);
    expect(first.data.meta).toMatchObject({
      ceRequests: requests.length,
      estimatedApiCostUsd: requests.length / 100,
      accountId: account.accountId,
      requests: [
        {
          operation: "GetCostAndUsage",
          start: "2026-10-01",
          end: "2026-11-20",
          sent: { Start: "2026-10-01", End: "2026-11-21" },
          pages: requests.length,
        },
      ],
    });
    account.log.length = 0;
    const second = await ask(plugin);
    expect(operations(account)).toEqual([]);
    expect(second.data.meta.ceRequests).toBe(0);
    expect({ ...second.data, meta: null }).toEqual({ ...first.data, meta: null });
  });

  test("is one paid request where a page holds it all", async () => {
    const account = await demo({ pageSize: 10_000 });
    const { data, text } = await ask(pluginOn(account));
    expect(data.meta).toMatchObject({ ceRequests: 1, estimatedApiCostUsd: 0.01 });
    expect(text).toContain("1 paid request, about $0.01");
  });

  test("has the same sums as asking for each period by itself: today and the last day included", async () => {
    const account = await demo();
    const current = await spent(account, { start: "2026-11-01", end: "2026-11-21" });
    const previous = await spent(account, { start: "2026-10-01", end: "2026-11-01" });
    const same = await spent(account, { start: "2026-10-01", end: "2026-10-20" });
    const { data } = await ask(pluginOn(account));
    expect(okay(data.currentMonth).total).toBeCloseTo(current, 2);
    expect(okay(data.previousMonth).total).toBeCloseTo(previous, 2);
    expect(okay(data.samePeriodLastMonth).total).toBeCloseTo(same, 2);
  });

  test("compares a month that is not over with the same days of the last one", async () => {
    const { data, text } = await ask(pluginOn(await demo()));
    const current = okay(data.currentMonth);
    const same = okay(data.samePeriodLastMonth);
    expect(current).toMatchObject({ start: "2026-11-01", end: "2026-11-20", partial: true });
    expect(same).toMatchObject({ start: "2026-10-01", end: "2026-10-19", partial: false });
    expect(same.change?.amount).toBeGreaterThan(0);
    // Against the whole month, the same costs would look like a saving.
    expect(current.total).toBeLessThan(okay(data.previousMonth).total);
    expect(text).toContain("more than in the same 19 days of last month");
  });

  test("keeps credits, refunds and tax apart, and says which sum is the headline", async () => {
    const { data, text } = await ask(pluginOn(await demo()));
    const { totals, total } = okay(data.currentMonth);
    const [all] = totals;
    expect(data.meta.headline).toBe("net");
    expect(all?.credits).toBeLessThan(0);
    expect(all?.refunds).toBeLessThan(0);
    expect(all?.tax).toBeGreaterThan(0);
    const { usage = 0, credits = 0, refunds = 0, tax = 0 } = all ?? {};
    expect(all?.net).toBeCloseTo(usage + credits + refunds + tax, 1);
    expect(all?.beforeCredits).toBeCloseTo(usage + tax, 1);
    expect(total).toBe(all?.net);
    expect(text).toContain("Net | Without credits | Usage and fees | Credits | Refunds | Tax");
  });

  test("leaves credits out on request, at no further cost", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    const both = okay((await ask(plugin)).data.currentMonth);
    const { data, text } = await ask(plugin, { credits: "exclude" });
    const without = okay(data.currentMonth);
    expect(data.meta).toMatchObject({ ceRequests: 0, headline: "beforeCredits" });
    expect(without.total).toBe(both.totals[0]?.beforeCredits);
    const items = okay(data.serviceBreakdown).items.reduce((sum, { amount }) => sum + amount, 0);
    const rest = okay(data.serviceBreakdown).other[0]?.amount ?? 0;
    expect(items + rest).toBeCloseTo(without.total, 1);
    expect(text).not.toContain("Credits |");
    expect(text).toContain("without credits and refunds");
  });

  test("sorts services by cost itself and sums the rest, so that all adds up", async () => {
    const { data, text } = await ask(pluginOn(await demo()), { top: 4 });
    const { items, other } = okay(data.serviceBreakdown);
    const amounts = items.map(({ amount }) => amount);
    expect(amounts).toEqual(amounts.toSorted((left, right) => right - left));
    expect(items).toHaveLength(4);
    const [rest] = other;
    expect(rest?.count).toBeGreaterThan(4);
    expect(amounts.reduce((sum, amount) => sum + amount, rest?.amount ?? 0)).toBeCloseTo(
      okay(data.currentMonth).total,
      1,
    );
    expect(text).toMatch(/other \(\d+ services\)/);
  });

  test("finds what drives the change", async () => {
    const { data, result } = await ask(pluginOn(await demo()));
    const [driver] = okay(data.serviceBreakdown).drivers ?? [];
    expect(driver?.key).toBe("EC2 - Other");
    expect(driver?.change).toBeGreaterThan(300);
    expect(result.suggestedActions?.[0]).toMatchObject({
      title: "Find out why EC2 - Other grew",
      tool: "aws_cost_analysis",
      arguments: { analysis: "breakdown", services: ["EC2 - Other"], groupBy: "USAGE_TYPE" },
    });
  });

  test("leads on: each step keeps the limits of the one before", async () => {
    const plugin = pluginOn(await demo());
    const limits = { accounts: ["444455556666"], credits: "exclude" };
    const first = await ask(plugin, limits);
    const [into] = first.result.suggestedActions ?? [];
    expect(into).toMatchObject({
      arguments: { ...limits, services: ["EC2 - Other"], groupBy: "USAGE_TYPE" },
    });
    const args = (into as { arguments: Record<string, unknown> }).arguments;
    const second = await ask(plugin, args);
    expect(okay(second.data.serviceBreakdown).drivers?.[0]?.key).toBe("EU-NatGateway-Bytes");
    const [anomalies] = second.result.suggestedActions ?? [];
    expect(anomalies).toMatchObject({
      title: "Look for anomalies",
      arguments: { analysis: "anomalies" },
    });
  });

  test("has the original's envelope", async () => {
    const { result } = await ask(pluginOn(await demo()));
    expect(result).toMatchObject({
      intentType: "AWS_BILLING",
      analysisType: "overview",
      toolsUsed: ["aws_cost_explorer"],
      confidence: 1,
    });
    expect(result.processingTime).toBeGreaterThan(0);
    expect(result.error).toBeUndefined();
    expect(result.fallback).toBeUndefined();
  });

  test("is text that reads as text: no indented lines, at most 4 KB", async () => {
    const plugin = pluginOn(await demo());
    const questions = [
      {},
      { analysis: "breakdown", groupBy: "USAGE_TYPE", top: 50 },
      { analysis: "trends", months: 13 },
      { analysis: "alerts" },
    ];
    for (const args of questions) {
      const { text } = await ask(plugin, args);
      expect(text.length).toBeLessThan(4096);
      expect(text).not.toMatch(/^\s{4}/m);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    }
  });
});

describe("on any day", () => {
  test.each([
    ["2026-11-01T00:30:00Z", "2026-11-01", undefined],
    ["2026-12-31T23:00:00Z", "2026-12-31", "2026-11-30"],
    ["2026-03-31T10:00:00Z", "2026-03-31", "2026-02-28"],
    ["2028-03-30T10:00:00Z", "2028-03-30", "2028-02-29"],
    ["2027-01-01T00:00:00Z", "2027-01-01", undefined],
    ["2027-01-31T12:00:00Z", "2027-01-31", "2026-12-30"],
  ])("%s: up to %s, compared with days up to %s", async (time, end, sameEnd) => {
    const now = new Date(time);
    const account = await demo({ now });
    const plugin = pluginOn(account, { now: time });
    const { data } = await ask(plugin);
    expect(okay(data.currentMonth)).toMatchObject({ start: `${end.slice(0, 7)}-01`, end });
    const same = data.samePeriodLastMonth;
    expect(same?.status === "ok" ? same.end : undefined).toBe(sameEnd);
    expect(okay(data.currentMonth).total).toBeGreaterThan(0);
    // Nothing that AWS would refuse: equal dates, an end past the next first, a start in the past or future.
    for (const analysis of ["trends", "alerts"]) {
      const answer = await ask(plugin, { analysis });
      expect(answer.result.error).toBeUndefined();
      for (const section of [answer.data.trends, answer.data.forecast, answer.data.anomalies]) {
        expect(section?.status ?? "ok").toBe("ok");
      }
    }
    expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
  });

  test("the machine's own time zone does not matter", async () => {
    const time = "2026-11-20T23:30:00Z";
    const plugin = pluginOn(await demo({ now: new Date(time) }), {
      now: "2026-11-21T08:30:00+09:00",
    });
    expect(okay((await ask(plugin)).data.currentMonth).end).toBe("2026-11-20");
  });
});

describe("money", () => {
  test("keeps the unit that AWS gives it", async () => {
    const { data, text } = await ask(pluginOn(await demo({ variant: "cny" })));
    expect(okay(data.currentMonth).currency).toBe("CNY");
    expect(okay(data.serviceBreakdown).items.every(({ currency }) => currency === "CNY")).toBe(
      true,
    );
    expect(text).toMatch(/[\d,.]+ CNY/);
    expect(text).not.toMatch(/\$\d[\d,.]* (so far|more)/);
  });

  test("a threshold in another currency is not compared, and that is said", async () => {
    const plugin = pluginOn(await demo({ variant: "cny" }), {
      config: { billingConfig: { costThresholdAlert: 1 } },
    });
    const { data, text } = await ask(plugin);
    expect(okay(data.currentMonth).daysAboveThreshold).toBeUndefined();
    expect(text).toContain("costThresholdAlert is in USD, the costs are in CNY");
  });

  test("days above the threshold are marked", async () => {
    const plugin = pluginOn(await demo(), {
      config: { billingConfig: { costThresholdAlert: 500 } },
    });
    const { data, text, result } = await ask(plugin);
    const { timePeriods = [], daysAboveThreshold } = okay(data.currentMonth);
    const above = timePeriods.filter(({ aboveThreshold }) => aboveThreshold === true);
    expect(above.map(({ amount }) => amount).every((amount) => amount > 500)).toBe(true);
    expect(timePeriods.filter(({ amount }) => amount > 500)).toEqual(above);
    expect(above).toHaveLength(daysAboveThreshold ?? 0);
    expect(daysAboveThreshold).toBeGreaterThan(0);
    expect(text).toContain("above the threshold of $500.00 a day");
    expect(JSON.stringify(result.suggestedActions)).toContain("Look for anomalies");
  });

  test("the default metrics are asked for, the first as the headline", async () => {
    const account = await demo();
    const plugin = pluginOn(account, {
      config: { billingConfig: { defaultMetrics: ["AmortizedCost", "UnblendedCost"] } },
    });
    const { data } = await ask(plugin);
    expect(bodies(account, "GetCostAndUsage")[0]?.["Metrics"]).toEqual([
      "AmortizedCost",
      "UnblendedCost",
    ]);
    const current = okay(data.currentMonth);
    expect(data.meta.metric).toBe("AmortizedCost");
    expect(current.otherMetrics).toMatchObject([{ metric: "UnblendedCost", currency: "USD" }]);
    const { data: unblended } = await ask(plugin, { metric: "UnblendedCost" });
    expect(unblended.meta.metric).toBe("UnblendedCost");
    expect(okay(unblended.currentMonth).total).toBe(current.otherMetrics?.[0]?.total);
  });
});
