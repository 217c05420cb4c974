import { PRODUCTION, SUPPORT } from "./catalogue.ts";
import type { CostLine } from "./billing.ts";
import { dateOf, dayOf, daysBetween, firstOfMonth, startOfMonth, type Day } from "./days.ts";
import { shareOfDay, type Ledger } from "./ledger.ts";
import { micros, roundToTypedAmount, type Micros } from "./money.ts";

export interface CostBudget {
  readonly kind: "cost";
  readonly name: string;
  readonly timeUnit: "MONTHLY" | "CUSTOM";
  readonly start: Date;
  readonly end: Date;
  /** The one dimension value whose costs count, under both names that Budgets has for it. */
  readonly scope: {
    readonly filter: "Service" | "LinkedAccount";
    readonly dimension: "SERVICE" | "LINKED_ACCOUNT";
    readonly value: string;
  };
  readonly limit: Micros;
  readonly actual: Micros;
  /** Absent while the account is too young to forecast. */
  readonly forecast: Micros | undefined;
}

interface UtilisationBudget {
  readonly kind: "utilisation";
  readonly name: string;
  readonly start: Date;
  readonly end: Date;
  /** Used share of the Savings Plan this month, in percent. */
  readonly actualPercent: number;
}

export type DemoBudget = CostBudget | UtilisationBudget;

const OVERSPENT_PERCENT = 118;
const PROJECT_PERCENT = 74;
const PROJECT_FORECAST_PERCENT = 104;
const PROJECT_STARTED_MONTHS_AGO = 5;
const MAX_PROJECT_DAYS_LEFT = 200;

/** What Budgets puts where a budget has no end. */
const NO_END = new Date("2087-06-15T00:00:00Z");

/**
 * The account's budgets. Their limits follow from the costs, so that on any date, and at any hour
 * of it, the same budget is overspent and the same one is about to be.
 */
export function budgetsOf(ledger: Ledger, now: Date): readonly DemoBudget[] {
  return [monthlySupport(ledger, now), project(ledger, now), planUtilisation(ledger, now)];
}

/**
 * A budget for all costs cannot be at 118 % on the first of a month unless its limit is that of a
 * day. This one is for what is billed in advance, and so is what it is from the first hour on.
 */
function monthlySupport(ledger: Ledger, now: Date): CostBudget {
  const today = dayOf(now);
  const actual = spent(ledger, startOfMonth(today), now, forSupport);
  return {
    kind: "cost",
    name: "demo-monthly-support",
    timeUnit: "MONTHLY",
    start: dateOf(oldestStart(ledger, now)),
    end: NO_END,
    scope: { filter: "Service", dimension: "SERVICE", value: SUPPORT.service },
    limit: limitFor(actual, OVERSPENT_PERCENT),
    actual,
    forecast: ledger.canForecast(now)
      ? actual + ahead(ledger, now, firstOfMonth(today, 1), forSupport)
      : undefined,
  };
}

/**
 * A budget at 74 % that will end at 104 % has to be about 70 % through its period. No calendar
 * month is that on every day, so this one has a period of its own, with the end that fits best.
 */
function project(ledger: Ledger, now: Date): CostBudget {
  const today = dayOf(now);
  const start = Math.max(firstOfMonth(today, -PROJECT_STARTED_MONTHS_AGO), ledger.firstDay(now));
  const actual = spent(ledger, start, now, inProduction);
  const limit = limitFor(actual, PROJECT_PERCENT);
  const base = {
    kind: "cost",
    name: "demo-production-project",
    timeUnit: "CUSTOM",
    start: dateOf(start),
    scope: { filter: "LinkedAccount", dimension: "LINKED_ACCOUNT", value: PRODUCTION.id },
    limit,
    actual,
  } as const;
  if (!ledger.canForecast(now)) {
    return { ...base, end: dateOf(firstOfMonth(today, 3)), forecast: undefined };
  }
  const target = (limit * PROJECT_FORECAST_PERCENT) / 100;
  let end = today + 1;
  let forecast = actual + ahead(ledger, now, end, inProduction);
  while (end < today + MAX_PROJECT_DAYS_LEFT) {
    const next = forecast + sum(ledger.expectedLines(end), inProduction);
    if (Math.abs(next - target) > Math.abs(forecast - target)) break;
    forecast = next;
    end += 1;
  }
  return { ...base, end: dateOf(end), forecast };
}

function planUtilisation(ledger: Ledger, now: Date): UtilisationBudget {
  let fee = 0;
  let used = 0;
  for (const line of ledger.monthToDate(now)) {
    if (line.recordType === "SavingsPlanRecurringFee") fee += line.unblended;
    if (line.recordType === "SavingsPlanCoveredUsage") used += line.amortized;
  }
  return {
    kind: "utilisation",
    name: "demo-savings-plans-utilization",
    start: dateOf(oldestStart(ledger, now)),
    end: NO_END,
    actualPercent: fee === 0 ? 0 : (used / fee) * 100,
  };
}

type Counts = (line: CostLine) => boolean;

const forSupport: Counts = (line) => line.service === SUPPORT.service;
const inProduction: Counts = (line) => line.account === PRODUCTION.id;

function spent(ledger: Ledger, start: Day, now: Date, counts: Counts): Micros {
  return sum(ledger.linesBetween(start, dayOf(now) + 1, now), counts);
}

/** Expected costs from `now` to the day before `end`, the rest of today included. */
function ahead(ledger: Ledger, now: Date, end: Day, counts: Counts): Micros {
  const today = dayOf(now);
  const isStillToCome: Counts = (line) => counts(line) && !forSupport(line);
  let total = Math.round(sum(ledger.expectedLines(today), isStillToCome) * (1 - shareOfDay(now)));
  for (const day of daysBetween(today + 1, end)) total += sum(ledger.expectedLines(day), counts);
  return total;
}

function sum(lines: Iterable<CostLine>, counts: Counts): Micros {
  let total = 0;
  for (const line of lines) if (counts(line)) total += line.unblended;
  return total;
}

const limitFor = (actual: Micros, percent: number): Micros =>
  Math.max(roundToTypedAmount((actual * 100) / percent), micros(0.01));

/** Budgets begin with a month: a year ago, or when the account was opened. */
const oldestStart = (ledger: Ledger, now: Date): Day =>
  Math.max(firstOfMonth(dayOf(now), -12), startOfMonth(ledger.firstDay(now)));
