import { assert, asyncProperty, constantFrom, date, oneof, record } from "fast-check";
import { expect, test } from "vitest";
import { formatDay, parseDay } from "../../../plugins/aws-operations/demo-account/data/days.ts";
import {
  startDemoAccount,
  type Variant,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import type { CostGrouping } from "../../../plugins/aws-operations/cost-explorer/cost-queries.ts";
import {
  addDays,
  currentMonth,
  monthsAway,
  type Period,
  previousMonth,
  toDay,
} from "../../../plugins/aws-operations/cost-explorer/periods.ts";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import type { AWSOperationsPlugin } from "../../../plugins/aws-operations/plugin.ts";
import { ask, okay } from "./helpers.ts";
import { linesOf, total, totalBy } from "./truth.ts";

const groupings: readonly CostGrouping[] = [
  "SERVICE",
  "LINKED_ACCOUNT",
  "REGION",
  "USAGE_TYPE",
  "RECORD_TYPE",
  "TAG:Team",
];

/** Any moment, and those at which days get lost: ends and beginnings of months and years, leap days. */
const moments = oneof(
  date({
    min: new Date("2024-01-01T00:00:00Z"),
    max: new Date("2029-12-31T23:59:59Z"),
    noInvalidDate: true,
  }),
  constantFrom(
    ...[
      "2024-02-29T12:00:00Z",
      "2026-02-28T23:59:59Z",
      "2026-03-01T00:00:00Z",
      "2026-03-31T08:00:00Z",
      "2026-12-31T23:59:59Z",
      "2027-01-01T00:00:01Z",
      "2028-02-29T00:00:00Z",
      "2028-03-01T00:30:00Z",
      "2028-03-31T23:00:00Z",
    ].map((time) => new Date(time)),
  ),
);

/** Accounts whose age differs; the second is six days old. */
const accounts = record({ now: moments, variant: constantFrom<Variant>("default", "new", "cny") });

/** The same cases each time, as many as the time allows. */
const bounds = { seed: 20_261_120, numRuns: 25, interruptAfterTimeLimit: 20_000 };

async function withPlugin(
  { now, variant }: { now: Date; variant: Variant },
  use: (plugin: AWSOperationsPlugin) => Promise<void>,
): Promise<void> {
  const account = await startDemoAccount({ now: () => now, variant, pageSize: 700 });
  const plugin = createPlugin({
    awsAccessKey: account.accessKeyId,
    awsSecretKey: account.secretAccessKey,
    endpoint: account.endpoint,
    clock: () => now,
    checkCredentials: false,
  });
  try {
    await use(plugin);
    expect(account.log.map(({ errorCode }) => errorCode).filter(Boolean)).toEqual([]);
  } finally {
    await plugin.onPluginUnload();
    await account.close();
  }
}

/** Millionths of the currency by day, exactly: money of the plugin is in units of 10^-12. */
async function daysOf(
  plugin: AWSOperationsPlugin,
  dimension: CostGrouping,
  period: Period,
): Promise<Map<string, bigint>> {
  const { value } = await plugin.costExplorer.getCostsByDimension({
    period,
    granularity: "DAILY",
    dimension,
  });
  const days = new Map<string, bigint>();
  for (const { start, amount } of value.rows) days.set(start, (days.get(start) ?? 0n) + amount);
  return days;
}

const timeout = 60_000;

test(
  "every grouping of the same days adds up to what the books have, day by day",
  async () => {
    await assert(
      asyncProperty(accounts, async ({ now, variant }) => {
        const today = toDay(now);
        const period = { start: previousMonth(today).start, end: today };
        const books = new Map<string, bigint>();
        for (const { day, unblended } of linesOf(period, { now, variant })) {
          const name = formatDay(day);
          books.set(name, (books.get(name) ?? 0n) + BigInt(unblended) * 1_000_000n);
        }
        await withPlugin({ now, variant }, async (plugin) => {
          for (const dimension of groupings) {
            const days = await daysOf(plugin, dimension, period);
            for (const [day, amount] of days)
              if (amount === 0n && !books.has(day)) days.delete(day);
            expect(days).toEqual(books);
          }
        });
      }),
      bounds,
    );
  },
  timeout,
);

test(
  "an overview has every day of the month once, and all its sums from the same days",
  async () => {
    await assert(
      asyncProperty(accounts, async ({ now, variant }) => {
        const today = toDay(now);
        const truth = (period: Period): number => total(linesOf(period, { now, variant }));
        await withPlugin({ now, variant }, async (plugin) => {
          const { data } = await ask(plugin, { top: 50 });
          const current = okay(data.currentMonth);
          const days = totalBy(linesOf(currentMonth(today), { now, variant }), ({ day }) =>
            formatDay(day),
          );
          const listed = current.timePeriods ?? [];
          expect(new Set(listed.map(({ start }) => start)).size).toBe(listed.length);
          for (const [day, amount] of days) {
            expect(listed.find(({ start }) => start === day)?.amount ?? 0).toBeCloseTo(amount, 1);
          }
          expect(current.total).toBeCloseTo(truth(currentMonth(today)), 1);
          expect(okay(data.previousMonth).total).toBeCloseTo(truth(previousMonth(today)), 1);
          const { items, other } = okay(data.serviceBreakdown);
          const rows = [...items, ...other].reduce((sum, { amount }) => sum + amount, 0);
          expect(Math.abs(rows - current.total)).toBeLessThan(0.3);
          if (data.samePeriodLastMonth?.status === "ok") {
            const { start, end, change, total: before } = data.samePeriodLastMonth;
            expect(before).toBeCloseTo(truth({ start, end }), 1);
            expect(change?.total).toBeCloseTo(
              truth({ start: change?.start ?? "", end: change?.end ?? "" }),
              1,
            );
          }
        });
      }),
      bounds,
    );
  },
  timeout,
);

test(
  "months of a trend are whole but the last, and a forecast begins where what is spent ends",
  async () => {
    await assert(
      asyncProperty(accounts, async ({ now, variant }) => {
        const today = toDay(now);
        await withPlugin(
          { now, variant: variant === "new" ? "default" : variant },
          async (plugin) => {
            const { data } = await ask(plugin, { analysis: "trends", months: 13 });
            const { months } = okay(data.trends);
            expect(months.map(({ month }) => month)).toEqual(
              Array.from({ length: 14 }, (_, index) => monthsAway(today, index - 13).slice(0, 7)),
            );
            for (const { month, total: sum } of months) {
              const start = `${month}-01`;
              const end = addDays(monthsAway(start, 1), -1);
              const books = total(linesOf({ start, end: end < today ? end : today }, { now }));
              expect(Math.abs(sum - books)).toBeLessThan(0.02);
            }
            const { thisMonth } = okay(data.forecast);
            const spent = { start: `${today.slice(0, 7)}-01`, end: addDays(today, -1) };
            const isFirst = (parseDay(spent.end) ?? 0) < (parseDay(spent.start) ?? 0);
            const books = isFirst ? 0 : total(linesOf(spent, { now }));
            expect(thisMonth?.spent).toBeCloseTo(books, 1);
          },
        );
      }),
      { ...bounds, numRuns: 12 },
    );
  },
  timeout,
);
