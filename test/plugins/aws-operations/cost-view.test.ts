import { describe, expect, test } from "vitest";
import { breakDown } from "../../../plugins/aws-operations/cost-analysis/period-sections.ts";
import { toQuery } from "../../../plugins/aws-operations/cost-analysis/query.ts";
import { CostView } from "../../../plugins/aws-operations/cost-analysis/source.ts";
import { BillingConfig } from "../../../plugins/aws-operations/config/index.ts";
import { costAnalysisInput } from "../../../plugins/aws-operations/cost-analysis/tool.ts";
import { readCosts } from "../../../plugins/aws-operations/cost-explorer/cost-rows.ts";

const period = { start: "2026-11-01", end: "2026-11-20" };

function group(keys: string[], amount: string, unit = "USD") {
  return { Keys: keys, Metrics: { UnblendedCost: { Amount: amount, Unit: unit } } };
}

function bucket(start: string, groups: ReturnType<typeof group>[]) {
  return { TimePeriod: { Start: start, End: start }, Total: {}, Groups: groups };
}

function viewOf(pages: Parameters<typeof readCosts>[0], currency = "USD"): CostView {
  const config = BillingConfig.parse({ currency });
  const query = toQuery(costAnalysisInput.parse({}), "", { config, today: "2026-11-20" });
  return new CostView(readCosts(pages), query, currency);
}

const mixed = [
  {
    ResultsByTime: [
      bucket("2026-11-01", [
        group(["AWS Lambda", "Usage"], "10.0000000000"),
        group(["AWS Lambda", "Usage"], "1000", "CNY"),
      ]),
      bucket("2026-11-02", []),
    ],
  },
  // A day may begin on one page and end on the next.
  {
    ResultsByTime: [
      bucket("2026-11-02", [
        group(["AmazonCloudWatch", "Usage"], "5"),
        group(["AmazonCloudWatch", "Credit"], "-2"),
        group(["AmazonCloudWatch", "Tax"], "0.5", "CNY"),
      ]),
    ],
  },
];

describe("two currencies", () => {
  test("are never added", () => {
    const view = viewOf(mixed);
    expect(view.totals(period)).toMatchObject([
      { currency: "USD", net: 13, usage: 15, credits: -2, tax: 0, beforeCredits: 15 },
      { currency: "CNY", net: 1000.5, usage: 1000, credits: 0, tax: 0.5 },
    ]);
  });

  test("single numbers are in the configured one if there is any of it, else in the one with most", () => {
    expect(viewOf(mixed).currency).toBe("USD");
    expect(viewOf(mixed, "EUR").currency).toBe("CNY");
    expect(viewOf([{ ResultsByTime: [] }], "EUR").currency).toBe("EUR");
  });

  test("have rows, shares and rests of their own", () => {
    const { items, other } = breakDown(viewOf(mixed), { period, compared: undefined, top: 1 });
    expect(items).toMatchObject([
      { key: "AWS Lambda", currency: "USD", amount: 10, sharePercent: 76.9 },
      { key: "AWS Lambda", currency: "CNY", amount: 1000, sharePercent: 100 },
    ]);
    expect(other).toEqual([
      { key: "other", currency: "USD", count: 1, amount: 3 },
      { key: "other", currency: "CNY", count: 1, amount: 0.5 },
    ]);
  });
});

test("an amount that cannot be read is an error, not zero", () => {
  const pages = [{ ResultsByTime: [bucket("2026-11-01", [group(["x", "Usage"], "N/A")])] }];
  expect(() => readCosts(pages)).toThrow(/cannot be read/);
});

test("costs that are nothing but credits have no shares", () => {
  const view = viewOf([
    { ResultsByTime: [bucket("2026-11-01", [group(["AWS Lambda", "Credit"], "-3")])] },
  ]);
  const { items } = breakDown(view, { period, compared: undefined, top: 5 });
  expect(items).toEqual([{ key: "AWS Lambda", currency: "USD", amount: -3, credits: -3 }]);
});
