import { incidentBefore } from "../../data/incident.ts";
import { applicationSeries } from "../../data/metrics/application-series.ts";
import { infrastructureSeries } from "../../data/metrics/infrastructure-series.ts";
import { quantile, together, type Sample } from "../../data/metrics/sample.ts";
import type { Series } from "../../data/metrics/series.ts";
import { MINUTE_MS } from "../../data/times.ts";
import { isManagement, type AccountView } from "../service.ts";
import { invalidValue } from "./errors.ts";
import { STATISTICS, type Dimensions } from "./shapes.ts";

const DAY_MS = 86_400_000;

/** The metrics of the request's region. */
export function seriesIn(account: AccountView): readonly Series[] {
  const { variant, startedAt, ledger, region } = account;
  if (variant === "empty" || !isManagement(account)) return [];
  return [
    ...applicationSeries(incidentBefore(startedAt)),
    ...infrastructureSeries(startedAt, ledger.spike),
  ].filter((series) => series.region === region);
}

export interface MetricName {
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly dimensions: Dimensions | undefined;
}

/** The one series with exactly these dimensions; CloudWatch adds nothing up by itself. */
export const findSeries = (
  all: readonly Series[],
  { namespace, name, dimensions = [] }: MetricName,
): Series | undefined =>
  all.find(
    (series) =>
      series.namespace === namespace &&
      series.name === name &&
      Object.keys(series.dimensions).length === dimensions.length &&
      dimensions.every(({ Name, Value }) => series.dimensions[Name] === Value),
  );

/** How one number is made of a period's samples. */
export type Statistic = (samples: readonly Sample[]) => number;

/** Reads `Average` and its like, or a percentile such as `p99.9`. */
export function readStatistic(name: string): Statistic {
  const basic = STATISTICS.find((known) => known === name);
  if (basic !== undefined) return BASIC[basic];
  const percent = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name)?.[1];
  if (percent === undefined) {
    throw invalidValue(`The value ${name} for parameter Stat is not supported.`);
  }
  return (samples) => quantile(samples, Number(percent) / 100);
}

const BASIC: Readonly<Record<(typeof STATISTICS)[number], Statistic>> = {
  SampleCount: (samples) => together(samples).count,
  Average: (samples) => together(samples).sum / together(samples).count,
  Sum: (samples) => together(samples).sum,
  Minimum: (samples) => together(samples).low,
  Maximum: (samples) => together(samples).high,
};

export function checkPeriod(period: number): void {
  if (period % 60 !== 0) {
    throw invalidValue("The parameter Period must be a multiple of 60.");
  }
}

interface Span {
  readonly start: Date;
  readonly end: Date;
  /** Seconds. */
  readonly period: number;
}

export interface PeriodOfSamples {
  readonly time: Date;
  readonly samples: readonly Sample[];
}

/** What was reported in each period of a span, the oldest first; nothing for one without values. */
export function periodsOf(
  series: Series,
  { start, end, period }: Span,
  { now, ledger }: AccountView,
): PeriodOfSamples[] {
  const { every = 1, sampleAt } = series;
  const periodMs = period * 1000;
  const openedMs = ledger.firstDay(now) * DAY_MS;
  const found: PeriodOfSamples[] = [];
  for (let fromMs = roundedStart(start, now); fromMs < end.getTime(); fromMs += periodMs) {
    // A minute is reported once it is over.
    const untilMs = Math.min(fromMs + periodMs, end.getTime(), now.getTime());
    if (fromMs < openedMs || !isKept(fromMs, period, now)) continue;
    const samples: Sample[] = [];
    const step = every * MINUTE_MS;
    for (let ms = Math.ceil(fromMs / step) * step; ms + MINUTE_MS <= untilMs; ms += step) {
      const sample = sampleAt(ms / MINUTE_MS);
      if (sample.count > 0) samples.push(sample);
    }
    if (samples.length > 0) found.push({ time: new Date(fromMs), samples });
  }
  return found;
}

const MAX_AGES = [
  { days: 455, step: Infinity },
  { days: 63, step: 3_600 },
  { days: 15, step: 300 },
] as const;

/** The older data is, the coarser it is kept: a finer period finds nothing of it. */
function isKept(timeMs: number, period: number, now: Date): boolean {
  const age = now.getTime() - timeMs;
  const { step = 60 } = MAX_AGES.find(({ days }) => age > days * DAY_MS) ?? {};
  return Number.isFinite(step) && period % step === 0;
}

/** Down to the minute, and further down the longer ago it is. */
function roundedStart(start: Date, now: Date): number {
  const age = now.getTime() - start.getTime();
  const { step = 60 } = MAX_AGES.find(({ days }) => age > days * DAY_MS) ?? {};
  const roundMs = Math.min(step, 3_600) * 1000;
  return Math.floor(start.getTime() / roundMs) * roundMs;
}

/** The most periods a span has, whether or not they hold anything. */
export const periodCount = ({ start, end, period }: Span): number =>
  Math.ceil((end.getTime() - start.getTime()) / (period * 1000));
