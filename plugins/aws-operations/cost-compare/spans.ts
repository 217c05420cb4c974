import { z } from "zod";
import { fromJson } from "../answer/lenient.ts";
import { awsError } from "../aws/errors.ts";
import {
  addDays,
  type Day,
  daysBetween,
  firstOfMonth,
  isDay,
  lastOfMonth,
  lengthOf,
  monthOf,
  monthsAway,
  type Period,
} from "../cost-explorer/periods.ts";

const month = /^\d{4}-\d{2}$/;

/** A month, `2026-10`, or days, both included: `2026-10-01/2026-10-15`. */
export function span(description: string) {
  return z
    .preprocess(
      toSpan,
      z
        .string()
        .refine(
          isSpan,
          'A month ("2026-10") or days, both included ("2026-10-01/2026-10-15", the first not after the last)',
        )
        .optional(),
    )
    .describe(description);
}

export interface Spans {
  readonly baseline: Period;
  readonly comparison: Period;
  /** What of the request was adjusted. */
  readonly notes: readonly string[];
}

/** The periods that are meant. Only days that are over are compared: one that has had some of its hours says nothing. */
export function spansOf(
  input: { readonly baseline?: string | undefined; readonly comparison?: string | undefined },
  today: Day,
): Spans {
  const notes: string[] = [];
  const later = input.comparison ?? monthOf(monthsAway(today, -1));
  const isOpen = later === monthOf(today);
  const comparison = overDays("comparison", periodOf(later), today, isOpen ? [] : notes);
  const earlier = input.baseline ?? periodBefore(later, comparison);
  const baseline = overDays("baseline", periodOf(earlier), today, notes);
  if (baseline.start > comparison.start) {
    throw bad(`baseline=${earlier} is later than comparison=${later}: swap them.`);
  }
  if (baseline.start === comparison.start && baseline.end === comparison.end) {
    throw bad(`baseline and comparison are the same: ${later}.`);
  }
  if (!isOpen || !month.test(earlier)) return { baseline, comparison, notes };
  // A month that is not over would look cheap beside a whole one.
  const count = Math.min(lengthOf(comparison), lengthOf(baseline));
  const first = ({ start }: Period): Period => ({ start, end: addDays(start, count - 1) });
  notes.push(
    `${later} is not over: its first ${count} days are compared with the first ${count} of ${earlier}.`,
  );
  return { baseline: first(baseline), comparison: first(comparison), notes };
}

/** Whether it is one calendar month, from its first day to its last. */
export function isMonth({ start, end }: Period): boolean {
  return start === firstOfMonth(start) && end === lastOfMonth(start);
}

/** `2026-10` for a whole month, else both days. */
export function nameOf(period: Period): string {
  if (isMonth(period)) return monthOf(period.start);
  return period.start === period.end ? period.start : `${period.start} to ${period.end}`;
}

function periodBefore(later: string, comparison: Period): string {
  if (month.test(later)) return monthOf(monthsAway(comparison.start, -1));
  const end = addDays(comparison.start, -1);
  return `${addDays(end, 1 - lengthOf(comparison))}/${end}`;
}

function overDays(name: string, period: Period, today: Day, notes: string[]): Period {
  if (period.start >= today) {
    throw bad(
      `No day of ${name}=${period.start} to ${period.end} is over; today is ${today} (UTC).`,
    );
  }
  const yesterday = addDays(today, -1);
  if (period.end <= yesterday) return period;
  notes.push(`${name} ends with ${yesterday}: today is not over.`);
  return { start: period.start, end: yesterday };
}

function periodOf(text: string): Period {
  if (month.test(text)) return { start: `${text}-01`, end: lastOfMonth(`${text}-01`) };
  const [start = "", end = start] = text.split("/");
  return { start, end };
}

function isSpan(text: string): boolean {
  if (month.test(text)) return isDay(`${text}-01`);
  const [start = "", end = "", ...rest] = text.split("/");
  return rest.length === 0 && isDay(start) && isDay(end) && daysBetween(start, end) >= 0;
}

/** `2026-10-01..2026-10-15`, `2026-10-01 to 2026-10-15`, a single day, `{ start, end }`: all with a slash. */
function toSpan(value: unknown): unknown {
  const read = typeof value === "string" ? fromJson(value) : value;
  if (typeof read === "string") {
    const [start = "", end = start] = read.trim().split(/\s*(?:\/|\.\.|\s(?:to|until|-|–)\s)\s*/);
    return month.test(read.trim()) ? read.trim() : `${start}/${end}`;
  }
  if (typeof read !== "object" || read === null) return read;
  const { start, end, Start, End } = read as Record<string, unknown>;
  const days = [start ?? Start, end ?? End];
  return days.every((day) => typeof day === "string") ? days.join("/") : read;
}

function bad(text: string): Error {
  return awsError("BAD_REQUEST", text);
}
