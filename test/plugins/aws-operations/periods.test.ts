import { assert, date, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  currentMonth,
  daysBetween,
  firstOfMonth,
  fromInterval,
  isDay,
  lastDays,
  lastOfMonth,
  lengthOf,
  monthsAway,
  type Period,
  previousMonth,
  recentMonths,
  sameDays,
  toDay,
  toInterval,
} from "../../../plugins/aws-operations/cost-explorer/periods.ts";

const anyDay = date({
  min: new Date("2019-12-31T00:00:00Z"),
  max: new Date("2033-01-02T00:00:00Z"),
  noInvalidDate: true,
}).map(toDay);

function days({ start, end }: Period): string[] {
  return Array.from({ length: daysBetween(start, end) + 1 }, (_, index) => addDays(start, index));
}

describe("any day", () => {
  test("the current month holds each of its days up to today once, and no other", () => {
    assert(
      property(anyDay, (today) => {
        const all = days(currentMonth(today));
        expect(all).toHaveLength(Number(today.slice(8)));
        expect(new Set(all).size).toBe(all.length);
        expect(all.every((day) => day.startsWith(today.slice(0, 7)))).toBe(true);
        expect(all.at(-1)).toBe(today);
      }),
    );
  });

  test("the previous month ends the day before the current one begins", () => {
    assert(
      property(anyDay, (today) => {
        const { start, end } = previousMonth(today);
        expect(addDays(end, 1)).toBe(firstOfMonth(today));
        expect(start.endsWith("-01")).toBe(true);
        expect(lengthOf({ start, end })).toBe(Number(end.slice(8)));
      }),
    );
  });

  test("the same days are full ones, as many on both sides, all that both months have", () => {
    assert(
      property(anyDay, (today) => {
        const same = sameDays(today);
        const over = Number(today.slice(8)) - 1;
        expect(same === undefined).toBe(over === 0);
        if (same === undefined) return;
        const { current, before } = same;
        expect(before.start).toBe(previousMonth(today).start);
        expect(current.start).toBe(firstOfMonth(today));
        expect(current.end < today).toBe(true);
        expect(lengthOf(before)).toBe(lengthOf(current));
        expect(lengthOf(before)).toBe(Math.min(over, lengthOf(previousMonth(today))));
      }),
    );
  });

  test("an interval sent to AWS ends on the day after, which for this month is never past the next first", () => {
    assert(
      property(anyDay, (today) => {
        for (const period of [currentMonth(today), previousMonth(today), recentMonths(today, 6)]) {
          const sent = toInterval(period);
          expect(sent.Start < sent.End).toBe(true);
          expect(sent.End <= monthsAway(today, 1)).toBe(true);
          expect(fromInterval(sent)).toEqual(period);
        }
      }),
    );
  });

  test("months tile the calendar: no day is lost or counted twice", () => {
    assert(
      property(anyDay, integer({ min: 1, max: 13 }), (today, count) => {
        const { start, end } = recentMonths(today, count);
        const tiles = Array.from({ length: count + 1 }, (_, index) => {
          const first = monthsAway(today, index - count);
          return { start: first, end: index === count ? today : lastOfMonth(first) };
        });
        expect(tiles.flatMap(days)).toEqual(days({ start, end }));
        expect(start.endsWith("-01")).toBe(true);
      }),
    );
  });

  test("the last n days are n days and end today", () => {
    assert(
      property(anyDay, integer({ min: 1, max: 400 }), (today, count) => {
        const period = lastDays(today, count);
        expect(lengthOf(period)).toBe(count);
        expect(period.end).toBe(today);
      }),
    );
  });
});

test.each([
  ["2026-03-31", "2026-02-01", "2026-02-28"],
  ["2028-03-31", "2028-02-01", "2028-02-29"],
  ["2026-12-31", "2026-11-01", "2026-11-30"],
  ["2026-01-15", "2025-12-01", "2025-12-14"],
])("on %s the same days of last month are %s to %s", (today, start, end) => {
  expect(sameDays(today)?.before).toEqual({ start, end });
});

test("a day is one of the calendar", () => {
  expect(["2026-02-29", "2026-13-01", "2026-1-1", "", "2026-11-20T00:00:00Z"].some(isDay)).toBe(
    false,
  );
  expect(["2028-02-29", "2026-12-31"].every(isDay)).toBe(true);
});

test("the day is UTC's, whatever the zone of the machine", () => {
  expect(toDay(new Date("2026-11-20T23:59:59.999Z"))).toBe("2026-11-20");
  expect(toDay(new Date("2026-11-21T00:30:00+02:00"))).toBe("2026-11-20");
});
