import type { MetricValues } from "./aws-health-checker.ts";
import type { Measured, ResourceItem } from "./output.ts";
import { type ServiceMetric, type ServiceMetrics, statisticOf } from "./service-metrics.ts";
import { given, isoTime } from "./source.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Of the values that are compared. */
export const periodSeconds = 300;
const periodMs = periodSeconds * 1000;
const hoursBefore = 24;

/** Fewer failures in an hour are no sign. */
const fewErrors = 5;
/** Percent of all requests; fewer is usual. */
const usualErrorRate = 1;
/** Percent of all requests that is too much even if nothing is known of the day before. */
const grossErrorRate = 5;
const highLoad = 90;
/** Hours of the day before with values, from which on silence is news. */
const steadyHours = 22;

/** The last hour and the 24 before, in whole periods. */
export interface Window {
  readonly from: Date;
  /** Beginning of the last hour. */
  readonly hour: Date;
  readonly to: Date;
}

export function windowBefore(now: Date): Window {
  const to = Math.floor(now.getTime() / periodMs) * periodMs;
  return {
    from: new Date(to - (hoursBefore + 1) * hourMs),
    hour: new Date(to - hourMs),
    to: new Date(to),
  };
}

interface Series {
  readonly metric: ServiceMetric;
  readonly points: readonly (readonly [time: number, value: number])[];
  readonly lastHour: number | undefined;
  readonly dayBefore: number | undefined;
}

type Judged = Pick<ResourceItem, "state" | "why" | "since" | "values">;

/** Puts the last hour of a resource beside the day before. Values stand in the order of the service's metrics. */
export function judge(
  { metrics }: ServiceMetrics,
  values: readonly (MetricValues | undefined)[],
  window: Window,
): Judged {
  const series = metrics.map((metric, index) => seriesOf(metric, values[index], window));
  const reasons = [errorsOf(series), ...series.map(growthOf)].filter((one) => one !== undefined);
  const silent = isSilent(series[0], window);
  const known = series.some(({ points }) => points.length > 0);
  const comparable = series.some(
    (one) => one.lastHour !== undefined && one.dayBefore !== undefined,
  );
  const why = [
    ...reasons.map(({ why: text }) => text),
    ...(silent ? ["reports nothing any more"] : []),
  ];
  const since = reasons
    .flatMap(({ since: time }) => time ?? [])
    .toSorted((left, right) => left - right)[0];
  let state = comparable ? "as before" : "unknown";
  if (silent) state = "silent";
  if (reasons.length > 0) state = "worse";
  return {
    state,
    ...(why.length > 0 && { why }),
    ...given("since", since === undefined ? undefined : isoTime(new Date(since))),
    values: known ? series.map(toMeasured) : [],
  };
}

function seriesOf(metric: ServiceMetric, found: MetricValues | undefined, window: Window): Series {
  const points = (found?.times ?? [])
    .map((time, index) => [time, found?.values[index] ?? 0] as const)
    .filter(([time]) => time >= window.from.getTime() && time < window.to.getTime())
    .toSorted(([left], [right]) => left - right);
  const of = (isMeant: (time: number) => boolean, hours: number): number | undefined => {
    const own = points.filter(([time]) => isMeant(time)).map(([, value]) => value);
    if (own.length === 0) return undefined;
    const sum = own.reduce((left, right) => left + right, 0);
    return isCounted(metric) ? sum / hours : sum / own.length;
  };
  const hour = window.hour.getTime();
  return {
    metric,
    points,
    lastHour: of((time) => time >= hour, 1),
    dayBefore: of((time) => time < hour, hoursBefore),
  };
}

function isCounted({ kind }: ServiceMetric): boolean {
  return kind === "requests" || kind === "errors";
}

interface Reason {
  readonly why: string;
  readonly since?: number | undefined;
}

/** Whether a larger share of the requests fails than before. */
function errorsOf(series: readonly Series[]): Reason | undefined {
  const failing = series.filter(({ metric }) => metric.kind === "errors");
  const requests = series.find(({ metric }) => metric.kind === "requests");
  if (failing.length === 0) return undefined;
  // Most services report failures only when there are some.
  const sum = (key: "lastHour" | "dayBefore") =>
    failing.reduce((total, one) => total + (one[key] ?? 0), 0);
  const [now, before] = [sum("lastHour"), sum("dayBefore")];
  if (now < fewErrors || requests?.lastHour === undefined) return undefined;
  const [share, usual] = [rate(now, requests.lastHour) ?? 0, rate(before, requests.dayBefore)];
  const limit = usual === undefined ? grossErrorRate : Math.max(usualErrorRate, 2 * usual);
  if (share < limit) return undefined;
  const all = new Map(requests.points);
  const errors = new Map<number, number>();
  for (const { points } of failing) {
    for (const [time, value] of points) errors.set(time, (errors.get(time) ?? 0) + value);
  }
  const shares = [...all].map(
    ([time, value]) => [time, rate(errors.get(time) ?? 0, value) ?? 0] as const,
  );
  return {
    why: `errors ${percent(usual)} → ${percent(share)} of requests`,
    since: onset(shares, (share + (usual ?? 0)) / 2),
  };
}

/** Percent of the requests. */
function rate(errors: number, requests: number | undefined): number | undefined {
  return requests === undefined ? undefined : (100 * errors) / Math.max(requests, errors);
}

/** Whether it takes much longer than before, or there is hardly any room left. */
function growthOf({ metric, lastHour, dayBefore, points }: Series): Reason | undefined {
  if (lastHour === undefined || dayBefore === undefined) return undefined;
  const { kind, name, unit, floor = 0 } = metric;
  const isSlow = kind === "latency" && lastHour >= 2 * dayBefore && lastHour >= floor;
  const isFull = kind === "load" && lastHour >= highLoad && lastHour >= 1.2 * dayBefore;
  if (!isSlow && !isFull) return undefined;
  const end = isFull ? " %" : ` ${unit ?? ""}`;
  return {
    why: `${name} (${statisticOf(metric)}) ${short(dayBefore)} → ${short(lastHour)}${end}`.trim(),
    since: onset(points, (lastHour + dayBefore) / 2),
  };
}

/** Since when all values are at least that high; undefined if the last one is not. */
function onset(points: readonly (readonly [number, number])[], level: number): number | undefined {
  let since: number | undefined;
  for (const [time, value] of points.toReversed()) {
    if (value < level) break;
    since = time;
  }
  return since;
}

/** Whether something has stopped that went on all the day before. */
function isSilent(first: Series | undefined, { from, hour }: Window): boolean {
  if (first === undefined || first.lastHour !== undefined) return false;
  const hours = new Set(
    first.points
      .filter(([time]) => time < hour.getTime())
      .map(([time]) => Math.floor((time - from.getTime()) / hourMs)),
  );
  return hours.size >= steadyHours;
}

function toMeasured({ metric, lastHour, dayBefore }: Series): Measured {
  return {
    metric: metric.name,
    statistic: statisticOf(metric),
    ...given("unit", metric.kind === "load" ? "%" : metric.unit),
    ...given("lastHour", lastHour === undefined ? undefined : rounded(lastHour)),
    ...given("dayBefore", dayBefore === undefined ? undefined : rounded(dayBefore)),
  };
}

/** To four digits. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

export function short(value: number): string {
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en-US")
    : `${Number(value.toPrecision(2))}`;
}

function percent(value: number | undefined): string {
  return value === undefined ? "unknown" : `${short(value)} %`;
}
