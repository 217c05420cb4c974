import { assert, asyncProperty, date } from "fast-check";
import { describe, expect, test } from "vitest";
import { BillingConfig } from "../../../plugins/aws-operations/config/index.ts";
import { toQuery } from "../../../plugins/aws-operations/cost-analysis/query.ts";
import { BillingSource } from "../../../plugins/aws-operations/cost-analysis/source.ts";
import {
  breakdownSection,
  samePeriodSection,
} from "../../../plugins/aws-operations/cost-analysis/period-sections.ts";
import type { AWSCostExplorer } from "../../../plugins/aws-operations/cost-explorer/aws-cost-explorer.ts";
import { costAnalysisInput } from "../../../plugins/aws-operations/cost-analysis/tool.ts";
import { readCosts } from "../../../plugins/aws-operations/cost-explorer/cost-rows.ts";
import {
  addDays,
  daysBetween,
  previousMonth,
  toDay,
} from "../../../plugins/aws-operations/cost-explorer/periods.ts";
import { ask, demo, okay, pluginOn } from "./helpers.ts";

/** An account with one fee of 24 a day, of which today has had its hours. */
function fixedFee(now: Date): BillingSource {
  const today = toDay(now);
  const first = previousMonth(today).start;
  const pages = Array.from({ length: daysBetween(first, today) + 1 }, (_, index) => {
    const Start = addDays(first, index);
    const Amount = Start === today ? String(now.getUTCHours() + 1) : "24";
    const Groups = [
      {
        Keys: ["Savings Plans for AWS Compute usage", "SavingsPlanRecurringFee"],
        Metrics: { UnblendedCost: { Amount, Unit: "USD" } },
      },
    ];
    return { ResultsByTime: [{ TimePeriod: { Start, End: addDays(Start, 1) }, Groups }] };
  });
  const config = BillingConfig.parse({});
  const getCostsByDimension = () => Promise.resolve({ value: readCosts(pages) });
  return new BillingSource({
    costExplorer: { getCostsByDimension } as unknown as AWSCostExplorer,
    config,
    query: toQuery(costAnalysisInput.parse({}), "", { config, today }),
    scope: {},
  });
}

test("a fixed fee changes by nothing, whatever the clock says", async () => {
  const anyClock = date({
    min: new Date("2023-12-31T00:00:00Z"),
    max: new Date("2029-01-02T00:00:00Z"),
    noInvalidDate: true,
  });
  await assert(
    asyncProperty(anyClock, async (now) => {
      const source = fixedFee(now);
      const same = await samePeriodSection(source);
      const breakdown = await breakdownSection(source);
      if (now.getUTCDate() === 1) {
        expect(same).toEqual({
          status: "skipped",
          reason: "No day of this month is over yet.",
        });
        expect(okay(breakdown).comparedWith).toBeUndefined();
        return;
      }
      expect(okay(same).change).toMatchObject({ amount: 0, percent: 0 });
      expect(okay(breakdown).drivers).toEqual([]);
      expect(okay(breakdown).items[0]).toMatchObject({ change: 0, changePercent: 0 });
    }),
  );
});

describe("the same days", () => {
  test("are the full ones of this month and as many of the last", async () => {
    const { data, text } = await ask(pluginOn(await demo()));
    const same = okay(data.samePeriodLastMonth);
    expect(same).toMatchObject({ start: "2026-10-01", end: "2026-10-19" });
    expect(same.change).toMatchObject({ start: "2026-11-01", end: "2026-11-19" });
    const { amount = 0, total = 0 } = same.change ?? {};
    expect(amount).toBeCloseTo(total - same.total, 2);
    expect(text).toMatch(
      /^\*\*\$9,041\.79 so far\. Up to yesterday \$8,\d{3}\.\d\d: \$\d+\.\d\d more than in the same 19 days of last month \(\+\d+\.\d %\)\.\*\*/m,
    );
    const fee = okay(data.serviceBreakdown).items.find(({ key }) => /Savings/.test(key));
    expect(fee?.change).toBe(0);
    expect(okay(data.serviceBreakdown).comparedWith).toEqual({
      start: "2026-10-01",
      end: "2026-10-19",
    });
  });

  test("are as many as both months have", async () => {
    const now = new Date("2026-03-31T12:00:00Z");
    const { data, text, result } = await ask(
      pluginOn(await demo({ now }), { now: "2026-03-31T12:00:00Z" }),
    );
    const same = okay(data.samePeriodLastMonth);
    expect(same).toMatchObject({ start: "2026-02-01", end: "2026-02-28" });
    expect(same.change).toMatchObject({ start: "2026-03-01", end: "2026-03-28" });
    expect(Math.abs(same.change?.percent ?? 100)).toBeLessThan(8);
    expect(text).toContain("Its first 28 days");
    expect(JSON.stringify(result.suggestedActions)).not.toContain("Find out why Amazon Relational");
  });

  test("are left out on the first of a month", async () => {
    const now = new Date("2026-11-01T12:00:00Z");
    const { data, text } = await ask(pluginOn(await demo({ now }), { now: now.toISOString() }));
    expect(data.samePeriodLastMonth).toEqual({
      status: "skipped",
      reason: "No day of this month is over yet.",
    });
    expect(okay(data.serviceBreakdown).drivers).toBeUndefined();
    expect(text).toContain("No day of this month is over yet.");
    expect(text).not.toContain("Change");
  });
});
