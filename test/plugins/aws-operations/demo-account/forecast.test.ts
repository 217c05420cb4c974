import { GetCostForecastCommand } from "@aws-sdk/client-cost-explorer";
import { expect, test } from "vitest";
import { failureOf, fetchAll, openDemo, sumOf, toMicros, withDemo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

test("the months of a forecast add up to its total, and the first one is the rest of this month", async () => {
  const { ce } = await openDemo(NOW);
  const { Total, ForecastResultsByTime = [] } = await ce.send(
    new GetCostForecastCommand({
      TimePeriod: { Start: "2026-11-20", End: "2027-03-01" },
      Granularity: "MONTHLY",
      Metric: "UNBLENDED_COST",
    }),
  );
  expect(ForecastResultsByTime.map(({ TimePeriod }) => TimePeriod?.Start)).toEqual([
    "2026-11-20",
    "2026-12-01",
    "2027-01-01",
    "2027-02-01",
  ]);
  const sum = ForecastResultsByTime.reduce((all, { MeanValue }) => all + toMicros(MeanValue), 0n);
  expect(toMicros(Total?.Amount)).toBe(sum);
  expect(Total?.Unit).toBe("USD");
});

test("an interval is given only on request, surrounds the mean and widens with its level", async () => {
  const { ce } = await openDemo(NOW);
  const width = async (PredictionIntervalLevel?: number) => {
    const { ForecastResultsByTime: [result] = [] } = await ce.send(
      new GetCostForecastCommand({
        TimePeriod: { Start: "2026-12-01", End: "2027-01-01" },
        Granularity: "MONTHLY",
        Metric: "AMORTIZED_COST",
        PredictionIntervalLevel,
      }),
    );
    if (result?.PredictionIntervalLowerBound === undefined) return undefined;
    const lower = toMicros(result.PredictionIntervalLowerBound);
    const upper = toMicros(result.PredictionIntervalUpperBound);
    expect(toMicros(result.MeanValue)).toBeGreaterThan(lower);
    expect(toMicros(result.MeanValue)).toBeLessThan(upper);
    return Number(upper - lower);
  };
  expect(await width()).toBeUndefined();
  const widths = await Promise.all([51, 80, 95, 99].map(width));
  expect(widths).toEqual(widths.toSorted((a = 0, b = 0) => a - b));
});

test("a forecast comes close to what the month turns out to cost", async () => {
  const period = { Start: "2026-10-01", End: "2026-11-01" };
  const forecast = await withDemo("2026-09-30T12:00:00Z", async ({ ce }) => {
    const { Total } = await ce.send(
      new GetCostForecastCommand({
        TimePeriod: period,
        Granularity: "MONTHLY",
        Metric: "UNBLENDED_COST",
      }),
    );
    return Number(Total?.Amount);
  });
  const actual = await withDemo("2027-01-10T00:00:00Z", async ({ ce }) => {
    const input = {
      TimePeriod: period,
      Granularity: "MONTHLY" as const,
      Metrics: ["UnblendedCost"],
    };
    return Number(sumOf((await fetchAll(ce, input)).results)) / 1e6;
  });
  expect(Math.abs(forecast / actual - 1)).toBeLessThan(0.03);
});

test("a forecast keeps to its filter, and the parts add up to the whole", async () => {
  const { ce } = await openDemo(NOW);
  const Values = ["EC2 - Other"];
  const inside = { Dimensions: { Key: "SERVICE" as const, Values } };
  const amounts = await Promise.all(
    [undefined, inside, { Not: inside }].map(async (Filter) => {
      const { Total } = await ce.send(
        new GetCostForecastCommand({
          TimePeriod: { Start: "2026-11-20", End: "2026-12-20" },
          Granularity: "DAILY",
          Metric: "UNBLENDED_COST",
          Filter,
        }),
      );
      return toMicros(Total?.Amount);
    }),
  );
  const [whole, part = 0n, rest = 0n] = amounts;
  expect(part).toBeGreaterThan(0n);
  expect(part + rest).toBe(whole);
});

test("at any end of a month there is a day left to forecast", async () => {
  for (const [now, start, end] of [
    ["2026-11-30T23:59:59Z", "2026-11-30", "2026-12-01"],
    ["2028-02-29T23:59:59Z", "2028-02-29", "2028-03-01"],
    ["2026-12-01T00:00:00Z", "2026-12-01", "2027-01-01"],
    ["2026-12-31T23:00:00Z", "2027-01-01", "2027-02-01"],
  ] as const) {
    const { ce } = await openDemo(now);
    const { Total } = await ce.send(
      new GetCostForecastCommand({
        TimePeriod: { Start: start, End: end },
        Granularity: "MONTHLY",
        Metric: "UNBLENDED_COST",
      }),
    );
    expect(Number(Total?.Amount)).toBeGreaterThan(100);
  }
});

test("an account of six days has too little history", async () => {
  const { ce } = await openDemo(NOW, { variant: "new" });
  const TimePeriod = { Start: "2026-11-20", End: "2026-12-01" };
  const input = { TimePeriod, Granularity: "MONTHLY", Metric: "UNBLENDED_COST" } as const;
  expect(await failureOf(ce.send(new GetCostForecastCommand(input)))).toEqual({
    name: "DataUnavailableException",
    message: "Insufficient amount of historical data.",
    status: 400,
  });
});
