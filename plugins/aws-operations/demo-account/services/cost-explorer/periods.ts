import {
  addMonths,
  dayOf,
  dayOfMonth,
  firstOfMonth,
  formatDay,
  parseDay,
  startOfMonth,
  type Day,
} from "../../data/days.ts";
import { validation } from "../../protocol/errors.ts";
import type { DateInterval, Granularity } from "./shapes.ts";

/** Start inclusive, end exclusive. */
export interface Period {
  readonly start: Day;
  readonly end: Day;
}

const MAX_HISTORY_MONTHS = 14;
const MAX_COMMITMENT_MONTHS = 13;
const MAX_DAILY_FORECAST_MONTHS = 3;
const MAX_MONTHLY_FORECAST_MONTHS = 18;

/** A period in the past, as GetCostAndUsage and GetDimensionValues take it. */
export function readPastPeriod(interval: DateInterval, now: Date): Period {
  const period = { start: readDay(interval.Start), end: readDay(interval.End) };
  const today = dayOf(now);
  if (period.start >= period.end) {
    throw validation("Start date (and hour) should be before end date (and hour)");
  }
  if (period.end > firstOfMonth(today, 1)) {
    throw validation("end date past the beginning of next month");
  }
  if (period.start > today) {
    throw validation("Start date should be equal to or no later than the current date");
  }
  const oldest = addMonths(today, -MAX_HISTORY_MONTHS);
  if (period.start < oldest && dayOfMonth(period.start) !== 1) {
    throw validation(
      "To retrieve data beyond the past 14 months, your start date needs to be the first day of the month.",
    );
  }
  if (period.start < startOfMonth(oldest)) {
    throw validation("You haven't enabled historical data beyond 14 months.");
  }
  return period;
}

/**
 * A period of days that are over, as the operations on Savings Plans and reservations take it:
 * unlike costs, their data ends with yesterday.
 */
export function readClosedPeriod(interval: DateInterval, now: Date): Period {
  const period = readPastPeriod(interval, now);
  const today = dayOf(now);
  if (period.end > today) {
    throw validation(
      `End date ${interval.End} should be no later than the current date: ${formatDay(today)}`,
    );
  }
  if (period.start < firstOfMonth(today, -MAX_COMMITMENT_MONTHS)) {
    throw validation(`Start date should be within the last ${MAX_COMMITMENT_MONTHS} months`);
  }
  return period;
}

/** A period in the future, as GetCostForecast takes it. */
export function readForecastPeriod(
  interval: DateInterval,
  granularity: Granularity,
  now: Date,
): Period {
  const period = { start: readDay(interval.Start), end: readDay(interval.End) };
  const today = dayOf(now);
  if (period.start >= period.end) {
    throw validation(
      `Requested Start: ${interval.Start} must be before requested End: ${interval.End}`,
    );
  }
  if (period.start < today) {
    throw validation(
      `Requested Start: ${interval.Start} must be equal to or later than the current date: ${formatDay(today)}`,
    );
  }
  const months = granularity === "DAILY" ? MAX_DAILY_FORECAST_MONTHS : MAX_MONTHLY_FORECAST_MONTHS;
  // Whole months count from the current one, so that "the next n months" always fits.
  const latest = firstOfMonth(today, months + 1);
  if (period.end > latest) {
    throw validation(
      `${granularity} forecasts are available for ${months} months; End may not be later than ${formatDay(latest)}`,
    );
  }
  return period;
}

/** Cuts a period into days or calendar months; the first and last month may be partial. */
export function buckets({ start, end }: Period, granularity: Granularity): Period[] {
  if (granularity === "HOURLY")
    throw validation("Hourly data granularity is not enabled for this account");
  const cut: Period[] = [];
  for (let from = start; from < end;) {
    const next = granularity === "DAILY" ? from + 1 : firstOfMonth(from, 1);
    const to = Math.min(next, end);
    cut.push({ start: from, end: to });
    from = to;
  }
  return cut;
}

export const toInterval = ({ start, end }: Period): { Start: string; End: string } => ({
  Start: formatDay(start),
  End: formatDay(end),
});

/** Reads `YYYY-MM-DD`. */
export function readDay(text: string): Day {
  if (text.includes("T")) throw validation("Hourly timePeriod is not supported for this request");
  const day = parseDay(text);
  if (day === undefined) throw validation(`Date ${text} is not a valid calendar date`);
  return day;
}
