/** Whole days since 1970-01-01, UTC. Every date in the demo account is one of these. */
export type Day = number;

const DAY_MS = 86_400_000;

export const dayOf = (date: Date): Day => Math.floor(date.getTime() / DAY_MS);

export const dateOf = (day: Day): Date => new Date(day * DAY_MS);

/** `YYYY-MM-DD` */
export const formatDay = (day: Day): string => dateOf(day).toISOString().slice(0, 10);

/** The day that `YYYY-MM-DD` names; undefined for any other text and for days such as 02-30. */
export function parseDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time)) return undefined;
  const day = time / DAY_MS;
  // Date.parse may roll 02-30 over into March.
  return formatDay(day) === text ? day : undefined;
}

export function startOfMonth(day: Day): Day {
  const date = dateOf(day);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
}

/** The first day of the month that lies `months` after the month of `day`. */
export function firstOfMonth(day: Day, months: number): Day {
  const date = dateOf(day);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / DAY_MS;
}

/** The same day of the month `months` later, or the last day of that month if it is shorter. */
export function addMonths(day: Day, months: number): Day {
  const target = firstOfMonth(day, months) + dayOfMonth(day) - 1;
  return Math.min(target, firstOfMonth(day, months + 1) - 1);
}

export const dayOfMonth = (day: Day): number => dateOf(day).getUTCDate();

export function isWeekend(day: Day): boolean {
  const weekday = dateOf(day).getUTCDay();
  return weekday === 0 || weekday === 6;
}

export function* daysBetween(start: Day, end: Day): Generator<Day> {
  for (let day = start; day < end; day += 1) yield day;
}
