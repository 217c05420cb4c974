import type { SkippedSection } from "../answer/section.ts";
import type { OkSection } from "./output.ts";
import { predictionInterval } from "../cost-explorer/cost-queries.ts";
import { awsError, isToolError } from "../aws/errors.ts";
import type { CostForecast, ForecastBucket } from "../cost-explorer/forecasts.ts";
import { sum, toNumber, type Money } from "../cost-explorer/money.ts";
import {
  addDays,
  firstOfMonth,
  lastOfMonth,
  lengthOf,
  monthOf,
  monthsAway,
  type Period,
} from "../cost-explorer/periods.ts";
import type { BillingSource, CostView } from "./source.ts";
import { runRatePerDay, spentThisMonth } from "./period-sections.ts";

type Forecast = OkSection<"forecast">;

interface Range {
  total: number;
  low?: number;
  high?: number;
}

/**
 * What this month, the next one and the next days will cost. The days of this month before today are what they cost,
 * today and those after it are forecast: none is counted twice.
 */
export async function forecastSection(source: BillingSource): Promise<Forecast | SkippedSection> {
  const { today, forecastDays } = source.query;
  const nextMonth = monthsAway(today, 1);
  const ahead: Period = { start: today, end: addDays(today, forecastDays - 1) };
  const [recent, months, days] = await Promise.allSettled([
    source.recent(),
    forecast(source, { start: today, end: lastOfMonth(nextMonth) }),
    forecast(source, ahead),
  ]);
  if (recent.status === "fulfilled") {
    const nothing = source.noMatch(recent.value);
    if (nothing !== undefined) return nothing;
  }
  if (months.status === "rejected") {
    if (!isNoHistory(months.reason)) throw months.reason;
    if (recent.status === "rejected") throw recent.reason;
    return runRate(source, recent.value, months.reason, ahead);
  }
  const warnings: string[] = [];
  const buckets = new Map(months.value.buckets.map((bucket) => [monthOf(bucket.start), bucket]));
  const thisMonth = buckets.get(monthOf(today));
  const next = buckets.get(monthOf(nextMonth));
  return {
    status: "ok",
    method: "aws",
    currency: months.value.unit,
    predictionIntervalPercent: predictionInterval,
    ...withSpent(thisMonth, { recent, currency: months.value.unit, today, warnings }),
    ...(next !== undefined && { nextMonth: { ...wholeMonth(nextMonth), ...rangeOf([next]) } }),
    ...(days.status === "fulfilled"
      ? { ahead: { ...ahead, ...rangeOf(days.value.buckets) } }
      : warn(warnings, `The next ${forecastDays} days: ${messageOf(days.reason)}`)),
    ...(warnings.length > 0 && { warnings }),
  };
}

async function forecast(source: BillingSource, period: Period): Promise<CostForecast> {
  const { metrics, filters, headline } = source.query;
  const { value } = await source.costExplorer.getCostForecast(
    {
      period,
      granularity: "MONTHLY",
      metric: metrics[0],
      filters: { ...filters, withoutCredits: headline === "beforeCredits" },
    },
    source.scope,
  );
  return value;
}

function withSpent(
  bucket: ForecastBucket | undefined,
  context: {
    recent: PromiseSettledResult<CostView>;
    currency: string;
    today: string;
    warnings: string[];
  },
): Pick<Forecast, "thisMonth"> {
  const { recent, currency, today, warnings } = context;
  if (bucket === undefined) return warn(warnings, "AWS gave no forecast for this month.");
  if (recent.status === "rejected") {
    return warn(
      warnings,
      `This month: what was spent so far is unknown. ${messageOf(recent.reason)}`,
    );
  }
  if (recent.value.currency !== currency && !recent.value.isEmpty) {
    return warn(
      warnings,
      `This month: costs are in ${recent.value.currency}, the forecast in ${currency}.`,
    );
  }
  return { thisMonth: monthEnd(spentThisMonth(recent.value, today), bucket, today) };
}

function monthEnd(
  spent: Money,
  { mean, low, high }: Pick<ForecastBucket, "mean" | "low" | "high">,
  today: string,
): NonNullable<Forecast["thisMonth"]> {
  return {
    ...wholeMonth(today),
    spent: toNumber(spent),
    total: toNumber(spent + mean),
    ...(low !== undefined && { low: toNumber(spent + low) }),
    ...(high !== undefined && { high: toNumber(spent + high) }),
  };
}

/** Bounds of several buckets are added up, which is at least as wide as the range of their sum. */
function rangeOf(buckets: readonly ForecastBucket[]): Range {
  const lows = buckets.flatMap(({ low }) => low ?? []);
  const highs = buckets.flatMap(({ high }) => high ?? []);
  return {
    total: toNumber(sum(buckets.map(({ mean }) => mean))),
    ...(lows.length === buckets.length && { low: toNumber(sum(lows)) }),
    ...(highs.length === buckets.length && { high: toNumber(sum(highs)) }),
  };
}

/** A straight line through the last full days, and called that. */
function runRate(
  source: BillingSource,
  view: CostView,
  reason: { code: string; message: string },
  ahead: Period,
): Forecast {
  const { today } = source.query;
  const perDay = runRatePerDay(view, today);
  if (perDay === undefined) {
    throw awsError("CE_NO_DATA", `${reason.message} There is no full day of costs yet either.`);
  }
  const over = (period: Period): Money => perDay * BigInt(lengthOf(period));
  const nextMonth = monthsAway(today, 1);
  const remaining = over({ start: today, end: lastOfMonth(today) });
  return {
    status: "ok",
    method: "run-rate",
    reason: {
      code: reason.code,
      message: `${reason.message} Showing the run-rate of the last full days instead.`,
      retryable: false,
    },
    currency: view.currency,
    runRatePerDay: toNumber(perDay),
    thisMonth: monthEnd(spentThisMonth(view, today), { mean: remaining }, today),
    nextMonth: { ...wholeMonth(nextMonth), total: toNumber(over(wholeMonth(nextMonth))) },
    ahead: { ...ahead, total: toNumber(over(ahead)) },
  };
}

function wholeMonth(day: string): Period {
  return { start: firstOfMonth(day), end: lastOfMonth(day) };
}

function isNoHistory(error: unknown): error is Error & { code: string } {
  return isToolError(error) && error.code === "FORECAST_NO_HISTORY";
}

function warn(warnings: string[], text: string): Record<string, never> {
  warnings.push(text);
  return {};
}

function messageOf(error: unknown): string {
  return isToolError(error) ? error.message : "It could not be had.";
}
