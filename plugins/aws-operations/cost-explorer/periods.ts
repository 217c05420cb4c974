/** A calendar day in UTC, `YYYY-MM-DD`: what Cost Explorer and Budgets count in. */
export type Day = string;

/** Days from `start` to `end`, both included. */
export interface Period {
  readonly start: Day;
  readonly end: Day;
}

/** A period as Cost Explorer wants it: `End` is the first day that is not included. */
export interface Interval {
  readonly Start: Day;
  readonly End: Day;
}

const dayMs = 86_400_000;

export function toDay(date: Date): Day {
  return date.toISOString().slice(0, 10);
}

/** Whether the text is a day of the calendar: 2026-02-30 is not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && toDay(new Date(time)) === text;
}

export function addDays(day: Day, count: number): Day {
  return toDay(new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs));
}

/** Days from one to the other; 0 if they are the same, negative if `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** Number of days in a period. */
export function lengthOf(period: Period): number {
  return daysBetween(period.start, period.end) + 1;
}

export function firstOfMonth(day: Day): Day {
  return `${day.slice(0, 7)}-01`;
}

/** The first day of the month that is `count` months away. */
export function monthsAway(day: Day, count: number): Day {
  const [year, month] = day.split("-").map(Number) as [number, number, number];
  return toDay(new Date(Date.UTC(year, month - 1 + count, 1)));
}

export function lastOfMonth(day: Day): Day {
  return addDays(monthsAway(day, 1), -1);
}

/** `2026-11` of any of its days. */
export function monthOf(day: Day): string {
  return day.slice(0, 7);
}

/** From the first of the month up to today. */
export function currentMonth(today: Day): Period {
  return { start: firstOfMonth(today), end: today };
}

export function previousMonth(today: Day): Period {
  const start = monthsAway(today, -1);
  return { start, end: lastOfMonth(start) };
}

/**
 * The days of this month that are over, and as many of the last one: what has had only some of its hours says nothing
 * next to a whole day. The shorter of both months decides; on the first of a month there are none.
 */
export function sameDays(
  today: Day,
): { readonly current: Period; readonly before: Period } | undefined {
  const start = firstOfMonth(today);
  const last = previousMonth(today);
  const count = Math.min(daysBetween(start, today), lengthOf(last));
  if (count === 0) return undefined;
  return {
    current: { start, end: addDays(start, count - 1) },
    before: { start: last.start, end: addDays(last.start, count - 1) },
  };
}

/** The `count` months before the current one, and the current one up to today. */
export function recentMonths(today: Day, count: number): Period {
  return { start: monthsAway(today, -count), end: today };
}

/** The last `count` days up to and including today. */
export function lastDays(today: Day, count: number): Period {
  return { start: addDays(today, 1 - count), end: today };
}

/** Cost Explorer's end is exclusive: without the day after, the last day would be missing. */
export function toInterval(period: Period): Interval {
  return { Start: period.start, End: addDays(period.end, 1) };
}

export function fromInterval(interval: Interval): Period {
  return { start: interval.Start, end: addDays(interval.End, -1) };
}

export function contains(period: Period, day: Day): boolean {
  return day >= period.start && day <= period.end;
}
