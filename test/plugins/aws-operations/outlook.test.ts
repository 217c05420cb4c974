import { describe, expect, test } from "vitest";
import { ask, bodies, demo, okay, pluginOn, spent } from "./helpers.ts";

describe("trends", () => {
  test("are full months from the first on, and the current one marked as partial", async () => {
    const account = await demo();
    const september = await spent(account, { start: "2026-09-01", end: "2026-10-01" });
    const { data, text } = await ask(pluginOn(account), { analysis: "trends" });
    const { months, averageFullMonth } = okay(data.trends);
    expect(months.map(({ month }) => month)).toEqual([
      "2026-05",
      "2026-06",
      "2026-07",
      "2026-08",
      "2026-09",
      "2026-10",
      "2026-11",
    ]);
    expect(months.map(({ partial }) => partial).filter(Boolean)).toEqual([true]);
    expect(months.at(-1)).toMatchObject({ partial: true });
    expect(months.at(-1)?.changePercent).toBeUndefined();
    expect(months[4]?.total).toBeCloseTo(september, 2);
    const full = months.slice(0, -1).map(({ total }) => total);
    expect(averageFullMonth).toBeCloseTo(full.reduce((sum, total) => sum + total) / 6, 1);
    expect(text).toContain("2026-11 (up to 2026-11-20, not over)");
  });

  test("count the months that are asked for, across the turn of the year", async () => {
    const { data } = await ask(pluginOn(await demo()), { analysis: "trends", months: 13 });
    const { months } = okay(data.trends);
    expect(months).toHaveLength(14);
    expect(months[0]?.month).toBe("2025-10");
    const one = await ask(pluginOn(await demo()), { analysis: "trends", months: 1 });
    expect(okay(one.data.trends).months.map(({ month }) => month)).toEqual(["2026-10", "2026-11"]);
  });

  test("use what an overview has fetched already", async () => {
    const account = await demo();
    const plugin = pluginOn(account);
    await ask(plugin);
    account.log.length = 0;
    await ask(plugin, { analysis: "trends" });
    const periods = bodies(account, "GetCostAndUsage").map(({ TimePeriod }) => TimePeriod);
    expect(new Set(periods.map((period) => JSON.stringify(period)))).toEqual(
      new Set([JSON.stringify({ Start: "2026-05-01", End: "2026-10-01" })]),
    );
  });

  test("leave a month out of the average that the account began in", async () => {
    const now = new Date("2026-12-03T12:00:00Z");
    const plugin = pluginOn(await demo({ variant: "new", now }), { now: now.toISOString() });
    const { data, text } = await ask(plugin, { analysis: "trends" });
    const { months, averageFullMonth } = okay(data.trends);
    expect(months).toMatchObject([
      { month: "2026-11", partial: true, firstDay: "2026-11-27" },
      { month: "2026-12", partial: true },
    ]);
    expect(averageFullMonth).toBeUndefined();
    expect(text).toContain("2026-11 (from 2026-11-27 on)");
    const overview = await ask(plugin);
    expect(okay(overview.data.samePeriodLastMonth).warnings?.[0]).toContain(
      "costs begin on 2026-11-27",
    );
  });

  test("of a new account begin with its first month", async () => {
    const { data } = await ask(pluginOn(await demo({ variant: "new" })), { analysis: "trends" });
    expect(okay(data.trends).months.map(({ month }) => month)).toEqual(["2026-11"]);
  });
});

describe("a forecast", () => {
  test("counts each day once: spent up to yesterday, forecast from today", async () => {
    const account = await demo();
    const untilYesterday = await spent(account, { start: "2026-11-01", end: "2026-11-20" });
    const { data, text } = await ask(pluginOn(account), { analysis: "forecast" });
    const { method, thisMonth, nextMonth, ahead, predictionIntervalPercent } = okay(data.forecast);
    expect(method).toBe("aws");
    expect(predictionIntervalPercent).toBe(80);
    expect(thisMonth?.spent).toBeCloseTo(untilYesterday, 2);
    expect(text).toMatch(/spent up to yesterday and \$[\d,.]+ expected from today on/);
    expect(thisMonth).toMatchObject({ start: "2026-11-01", end: "2026-11-30" });
    expect(nextMonth).toMatchObject({ start: "2026-12-01", end: "2026-12-31" });
    expect(ahead).toMatchObject({ start: "2026-11-20", end: "2026-12-19" });
    for (const range of [thisMonth, nextMonth, ahead]) {
      expect(range?.low).toBeLessThan(range?.total ?? 0);
      expect(range?.high).toBeGreaterThan(range?.total ?? 0);
    }
  });

  test("starts today and ends on a first, in the metric's other spelling", async () => {
    const account = await demo();
    await ask(pluginOn(account), {
      analysis: "forecast",
      metric: "NetAmortizedCost",
      forecastDays: 7,
    });
    expect(bodies(account, "GetCostForecast")).toEqual([
      {
        TimePeriod: { Start: "2026-11-20", End: "2027-01-01" },
        Granularity: "MONTHLY",
        Metric: "NET_AMORTIZED_COST",
        PredictionIntervalLevel: 80,
      },
      {
        TimePeriod: { Start: "2026-11-20", End: "2026-11-27" },
        Granularity: "MONTHLY",
        Metric: "NET_AMORTIZED_COST",
        PredictionIntervalLevel: 80,
      },
    ]);
  });

  test("looks as far as configured", async () => {
    const plugin = pluginOn(await demo(), { config: { billing_config: { forecast_days: 90 } } });
    expect(okay((await ask(plugin, { analysis: "forecast" })).data.forecast).ahead?.end).toBe(
      "2027-02-17",
    );
  });

  test("leaves credits out of both parts, or of none", async () => {
    const account = await demo();
    const { data } = await ask(pluginOn(account), { analysis: "forecast", credits: "exclude" });
    const net = await ask(pluginOn(account), { analysis: "forecast" });
    expect(okay(data.forecast).thisMonth?.total).toBeGreaterThan(
      okay(net.data.forecast).thisMonth?.total ?? Infinity,
    );
    expect(bodies(account, "GetCostForecast")[0]?.["Filter"]).toEqual({
      Not: { Dimensions: { Key: "RECORD_TYPE", Values: ["Credit", "Refund"] } },
    });
  });

  test("of a young account is a run-rate, and called that", async () => {
    const account = await demo({ variant: "new" });
    const lastDays = await spent(account, { start: "2026-11-14", end: "2026-11-20" });
    const { data, text, result } = await ask(pluginOn(account), { analysis: "forecast" });
    const { method, reason, runRatePerDay, thisMonth, ahead } = okay(data.forecast);
    expect(method).toBe("run-rate");
    expect(reason?.code).toBe("FORECAST_NO_HISTORY");
    expect(runRatePerDay).toBeCloseTo(lastDays / 6, 2);
    expect((thisMonth?.total ?? 0) - (thisMonth?.spent ?? 0)).toBeCloseTo((lastDays / 6) * 11, 1);
    expect(thisMonth?.low).toBeUndefined();
    expect(ahead?.total).toBeCloseTo((lastDays / 6) * 30, 1);
    expect(text).toContain("Run-rate, not a forecast");
    expect(text).toContain("Not enough history");
    expect(text).not.toContain("AWS request");
    expect(text).not.toContain("Range");
    expect(result.error).toBeUndefined();
  });

  test("is asked for every six hours, not each time", async () => {
    let now = new Date("2026-11-20T01:00:00Z");
    const account = await demo({ now: () => now });
    const plugin = pluginOn(account, { clock: () => now });
    await ask(plugin, { analysis: "forecast" });
    const later = async (hours: number) => {
      now = new Date(now.getTime() + hours * 3_600_000);
      account.log.length = 0;
      await ask(plugin, { analysis: "forecast" });
      return bodies(account, "GetCostForecast").length;
    };
    expect(await later(5)).toBe(0);
    expect(await later(2)).toBe(2);
  });
});
