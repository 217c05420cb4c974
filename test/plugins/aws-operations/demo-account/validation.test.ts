import {
  GetCostAndUsageCommand,
  GetCostForecastCommand,
  GetDimensionValuesCommand,
  type GetCostAndUsageCommandInput,
  type GetCostForecastCommandInput,
} from "@aws-sdk/client-cost-explorer";
import { describe, expect, test } from "vitest";
import { failureOf, openDemo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

const usage: GetCostAndUsageCommandInput = {
  TimePeriod: { Start: "2026-11-01", End: "2026-11-21" },
  Granularity: "MONTHLY",
  Metrics: ["UnblendedCost"],
};

describe("GetCostAndUsage refuses", () => {
  test.each<[string, object, string]>([
    [
      "a start that is its end",
      { TimePeriod: { Start: "2026-11-01", End: "2026-11-01" } },
      "Start date (and hour) should be before end date (and hour)",
    ],
    [
      "an end past the first of next month",
      { TimePeriod: { Start: "2026-10-15", End: "2026-12-02" } },
      "end date past the beginning of next month",
    ],
    [
      "a start in the future",
      { TimePeriod: { Start: "2026-11-21", End: "2026-11-25" } },
      "Start date should be equal to or no later than the current date",
    ],
    [
      "a start more than 14 months ago that is not the first of a month",
      { TimePeriod: { Start: "2025-09-10", End: "2026-11-01" } },
      "To retrieve data beyond the past 14 months, your start date needs to be the first day of the month.",
    ],
    [
      "a start beyond the history that is kept",
      { TimePeriod: { Start: "2025-08-01", End: "2026-11-01" } },
      "You haven't enabled historical data beyond 14 months.",
    ],
    [
      "a day that does not exist",
      { TimePeriod: { Start: "2026-02-30", End: "2026-03-02" } },
      "Date 2026-02-30 is not a valid calendar date",
    ],
    [
      "a date in another format",
      { TimePeriod: { Start: "01.11.2026", End: "2026-11-21" } },
      "1 validation error detected: Value '01.11.2026' at 'timePeriod.start' failed to satisfy constraint: Member must satisfy regular expression pattern: (\\d{4}-\\d{2}-\\d{2})(T\\d{2}:\\d{2}:\\d{2}Z)?",
    ],
    [
      "hours in a date",
      { TimePeriod: { Start: "2026-11-01T00:00:00Z", End: "2026-11-21T00:00:00Z" } },
      "Hourly timePeriod is not supported for this request",
    ],
    [
      "hourly granularity",
      { Granularity: "HOURLY" },
      "Hourly data granularity is not enabled for this account",
    ],
    [
      "an unknown granularity",
      { Granularity: "WEEKLY" },
      "1 validation error detected: Value 'WEEKLY' at 'granularity' failed to satisfy constraint: Member must satisfy enum value set: [DAILY, MONTHLY, HOURLY]",
    ],
    [
      "missing members, all in one answer",
      { TimePeriod: undefined, Metrics: undefined },
      "2 validation errors detected: Value null at 'timePeriod' failed to satisfy constraint: Member must not be null; Value null at 'metrics' failed to satisfy constraint: Member must not be null",
    ],
    [
      "the forecast's spelling of a metric",
      { Metrics: ["UNBLENDED_COST"] },
      "Metrics UNBLENDED_COST not supported. Valid values are AmortizedCost, BlendedCost, NetAmortizedCost, NetUnblendedCost, NormalizedUsageAmount, UnblendedCost, UsageQuantity",
    ],
    [
      "three groups",
      { GroupBy: ["SERVICE", "REGION", "OPERATION"].map((Key) => ({ Type: "DIMENSION", Key })) },
      "GroupBy supports at most 2 groups",
    ],
    [
      "the same group twice",
      { GroupBy: ["SERVICE", "SERVICE"].map((Key) => ({ Type: "DIMENSION", Key })) },
      "GroupBy keys should be unique",
    ],
    [
      "a filter with two roots",
      {
        Filter: {
          Dimensions: { Key: "REGION", Values: ["eu-west-1"] },
          Tags: { Key: "Team", Values: ["search"] },
        },
      },
      "Expression has more than one roots. Only one root operator is allowed for each expression: And, Or, Not, Dimensions, Tags, CostCategories",
    ],
    ["an empty filter", { Filter: {} }, "Expression is empty"],
    [
      "an And of one",
      { Filter: { And: [{ Tags: { Key: "Team", Values: ["search"] } }] } },
      "And expression should contain at least 2 operands",
    ],
    [
      "a filter without values",
      { Filter: { Dimensions: { Key: "REGION", Values: [] } } },
      "Values should not be null or empty",
    ],
    [
      "a match option of other operations",
      {
        Filter: { Dimensions: { Key: "SERVICE", Values: ["EC2"], MatchOptions: ["STARTS_WITH"] } },
      },
      "Match option STARTS_WITH is not supported for this request",
    ],
  ])("%s", async (_what, change, message) => {
    const { ce } = await openDemo(NOW);
    const input = { ...usage, ...change };
    const failure = await failureOf(ce.send(new GetCostAndUsageCommand(input)));
    expect(failure).toEqual({ name: "ValidationException", message, status: 400 });
  });

  test("a member of the wrong type", async () => {
    const { ce } = await openDemo(NOW);
    const input = { ...usage, Metrics: [7] } as unknown as GetCostAndUsageCommandInput;
    const { name } = await failureOf(ce.send(new GetCostAndUsageCommand(input)));
    expect(name).toBe("SerializationException");
  });

  test("but not the first of next month as the end, on any day of the month", async () => {
    for (const [now, start, end] of [
      ["2026-11-01T00:00:00Z", "2026-10-01", "2026-11-02"],
      ["2026-11-01T00:00:00Z", "2026-11-01", "2026-11-02"],
      ["2026-11-30T23:59:59Z", "2026-10-01", "2026-12-01"],
      ["2028-02-29T12:00:00Z", "2028-02-29", "2028-03-01"],
      ["2026-12-31T12:00:00Z", "2026-12-01", "2027-01-01"],
    ] as const) {
      const { ce } = await openDemo(now);
      const TimePeriod = { Start: start, End: end };
      const { ResultsByTime } = await ce.send(new GetCostAndUsageCommand({ ...usage, TimePeriod }));
      expect(ResultsByTime?.at(-1)?.TimePeriod?.End).toBe(end);
    }
  });
});

test("fourteen months before the 30th of April is the last of February", async () => {
  const { ce } = await openDemo("2027-04-30T12:00:00Z");
  const from = (Start: string) => {
    const TimePeriod = { Start, End: "2027-05-01" };
    return ce.send(new GetCostAndUsageCommand({ ...usage, TimePeriod }));
  };
  expect((await from("2026-02-28")).ResultsByTime).toHaveLength(15);
  expect((await failureOf(from("2026-02-27"))).message).toContain("beyond the past 14 months");
});

describe("GetDimensionValues refuses", () => {
  test.each<[string, object, RegExp]>([
    [
      "more than 1000 results",
      { MaxResults: 1_001 },
      /at 'maxResults'.*less than or equal to 1000/,
    ],
    ["no results at all", { MaxResults: 0 }, /at 'maxResults'.*greater than or equal to 1/],
    [
      "sorting together with searching",
      { SortBy: [{ Key: "UnblendedCost" }], SearchString: "EC2" },
      /SortBy cannot be used together/,
    ],
    ["a dimension it does not keep", { Dimension: "PLATFORM" }, /PLATFORM is not supported/],
  ])("%s", async (_what, change, message) => {
    const { ce } = await openDemo(NOW);
    const TimePeriod = usage.TimePeriod;
    const input = { TimePeriod, Dimension: "SERVICE" as const, ...change };
    const failure = await failureOf(ce.send(new GetDimensionValuesCommand(input)));
    expect(failure.name).toBe("ValidationException");
    expect(failure.message).toMatch(message);
  });
});

describe("GetCostForecast refuses", () => {
  const forecast: GetCostForecastCommandInput = {
    TimePeriod: { Start: "2026-11-20", End: "2026-12-01" },
    Granularity: "MONTHLY",
    Metric: "UNBLENDED_COST",
  };

  test.each<[string, object, RegExp]>([
    [
      "a start that is its end",
      { TimePeriod: { Start: "2026-12-01", End: "2026-12-01" } },
      /^Requested Start: 2026-12-01 must be before requested End: 2026-12-01$/,
    ],
    [
      "a start in the past",
      { TimePeriod: { Start: "2026-11-19", End: "2026-12-01" } },
      /must be equal to or later than the current date: 2026-11-20/,
    ],
    [
      "days more than three months ahead",
      { Granularity: "DAILY", TimePeriod: { Start: "2026-11-20", End: "2027-03-02" } },
      /DAILY forecasts are available for 3 months/,
    ],
    [
      "months more than eighteen ahead",
      { TimePeriod: { Start: "2026-11-20", End: "2028-06-02" } },
      /MONTHLY forecasts are available for 18 months/,
    ],
    ["hours", { Granularity: "HOURLY" }, /Hourly/],
    ["quantities", { Metric: "USAGE_QUANTITY" }, /USAGE_QUANTITY is not supported/],
    ["the other spelling of a metric", { Metric: "UnblendedCost" }, /at 'metric'.*enum value set/],
    ["a level of 50 %", { PredictionIntervalLevel: 50 }, /greater than or equal to 51/],
    ["a level of 100 %", { PredictionIntervalLevel: 100 }, /less than or equal to 99/],
  ])("%s", async (_what, change, message) => {
    const { ce } = await openDemo(NOW);
    const input = { ...forecast, ...change };
    const failure = await failureOf(ce.send(new GetCostForecastCommand(input)));
    expect(failure.name).toBe("ValidationException");
    expect(failure.message).toMatch(message);
  });
});
