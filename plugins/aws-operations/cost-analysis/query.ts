import type { BillingConfig, CostMetric } from "../config/index.ts";
import type { Analysis, CostAnalysisInput } from "./tool.ts";
import {
  type CostFilters,
  type CostGrouping,
  serviceNames,
  serviceIn,
} from "../cost-explorer/cost-queries.ts";
import { awsError } from "../aws/errors.ts";
import { regionsIn } from "../aws/regions-in.ts";
import {
  addDays,
  type Day,
  firstOfMonth,
  lastDays,
  type Period,
} from "../cost-explorer/periods.ts";

/** Which sum is the headline: with credits and refunds, or without. */
export type Headline = "net" | "beforeCredits";

/** What is asked for, with every default filled in and every conflict decided. */
export interface BillingQuery {
  readonly analysis: Analysis;
  readonly today: Day;
  /** The first is the headline. */
  readonly metrics: readonly [CostMetric, ...CostMetric[]];
  readonly headline: Headline;
  readonly credits: CostAnalysisInput["credits"];
  readonly groupBy: CostGrouping;
  readonly filters: Required<Pick<CostFilters, "services" | "accounts" | "regions">>;
  readonly isFiltered: boolean;
  /** Set if the caller named the dates. */
  readonly period: Period | undefined;
  readonly anomalyPeriod: Period;
  readonly months: number;
  readonly top: number;
  readonly forecastDays: number;
  readonly minImpact: number;
  readonly refresh: boolean;
  /** Whether the question wants a budget to be made, which no tool does. */
  readonly wantsBudget: boolean;
  /** What of the request was adjusted or does not apply. */
  readonly notes: readonly string[];
}

/** Cost Anomaly Detection forgets after this many days. */
const anomalyRetentionDays = 90;

export function toQuery(
  input: CostAnalysisInput,
  message: string,
  context: {
    readonly config: BillingConfig;
    readonly today: Day;
    /** Names of services as on the bill. */
    readonly services?: Iterable<string>;
  },
): BillingQuery {
  const { config, today } = context;
  const notes: string[] = [];
  const analysis = input.analysis ?? determineAnalysisType(message);
  const period = periodOf(input, today, notes);
  const metrics = input.metric === undefined ? config.defaultMetrics : [input.metric];
  const words = isInWordsAlone(input, analysis) ? message : "";
  const named = input.services === undefined ? serviceIn(words) : [];
  const filters = {
    services: [...named, ...serviceNames(input.services ?? [], context.services)],
    accounts: input.accounts ?? [],
    regions: input.regions ?? regionsIn(words),
  };
  if (period !== undefined && (analysis === "overview" || analysis === "breakdown")) {
    notes.push("A period with dates of its own is not compared with an earlier one.");
  }
  const isFiltered = Object.values(filters).some((values) => values.length > 0);
  if (period !== undefined && (analysis === "trends" || analysis === "forecast")) {
    notes.push(`start and end do not apply to ${analysis}: use months or forecastDays.`);
  }
  if (period !== undefined && analysis === "alerts") {
    notes.push("start and end apply to the anomalies only: budgets have periods of their own.");
  }
  if (isFiltered && (analysis === "anomalies" || analysis === "alerts")) {
    notes.push("services, accounts and regions do not limit anomalies and budgets.");
  }
  return {
    analysis,
    today,
    metrics: metrics as [CostMetric, ...CostMetric[]],
    headline: input.credits === "exclude" ? "beforeCredits" : "net",
    credits: input.credits,
    // Who asks for one service wants to know what it is made of.
    groupBy:
      (input.groupBy as CostGrouping | undefined) ?? (named.length > 0 ? "USAGE_TYPE" : "SERVICE"),
    filters,
    isFiltered,
    period,
    anomalyPeriod: anomalyPeriod(period, today, notes),
    months: input.months,
    top: input.top ?? (analysis === "breakdown" ? 25 : 10),
    forecastDays: input.forecastDays ?? config.forecastDays,
    minImpact: input.minImpact,
    refresh: input.refresh,
    wantsBudget: wantsBudget.test(message),
    notes,
  };
}

/** Whether what costs are limited to is to be read from the question. Neither anomalies nor budgets can be limited. */
function isInWordsAlone({ analysis, groupBy }: CostAnalysisInput, chosen: Analysis): boolean {
  const isAboutCosts = chosen !== "anomalies" && chosen !== "alerts";
  return isAboutCosts && analysis === undefined && groupBy === undefined;
}

function periodOf(
  { start, end }: CostAnalysisInput,
  today: Day,
  notes: string[],
): Period | undefined {
  if (start === undefined && end === undefined) return undefined;
  if (end !== undefined && end > today) notes.push(`end was in the future: ${today} is used.`);
  const last = end === undefined || end > today ? today : end;
  const first = start ?? firstOfMonth(last);
  if (first > today) {
    throw awsError("BAD_REQUEST", `start=${first} is in the future; today is ${today} (UTC).`);
  }
  if (first > last) {
    throw awsError("BAD_REQUEST", `start=${first} is after end=${last}: swap them.`);
  }
  return { start: first, end: last };
}

function anomalyPeriod(period: Period | undefined, today: Day, notes: string[]): Period {
  if (period === undefined) return { start: addDays(today, -30), end: today };
  const oldest = lastDays(today, anomalyRetentionDays).start;
  if (period.start >= oldest) return period;
  notes.push(`Anomalies are kept for ${anomalyRetentionDays} days: none before ${oldest}.`);
  return { start: oldest, end: period.end < oldest ? oldest : period.end };
}

const wantsBudget =
  /\b(set ?up|create|add|make|configure|define)\b[^.?!]*\b(budget|alert|alarm)s?\b/i;

/** In this order: "monthly forecast" asks for a forecast. */
const triggers: readonly (readonly [Analysis, readonly string[]])[] = [
  ["breakdown", ["breakdown", "by service", "detailed"]],
  ["forecast", ["forecast", "predict", "next month"]],
  ["trends", ["trend", "over time", "monthly"]],
  ["anomalies", ["anomaly", "anomalies", "spike", "unusual"]],
  ["alerts", ["alert", "budget", "threshold"]],
];

/** The analysis that a question in words asks for; an overview if it names none. */
export function determineAnalysisType(message: string): Analysis {
  const text = message.toLowerCase();
  const found = triggers.find(([, words]) => words.some((word) => text.includes(word)));
  return found?.[0] ?? "overview";
}
