import * as catalogue from "./catalogue.ts";
import type { Stream } from "./catalogue.ts";
import { dayOfMonth, formatDay, isWeekend, type Day } from "./days.ts";
import { micros, type Micros } from "./money.ts";
import { noise } from "./noise.ts";

export type RecordType =
  | "Usage"
  | "Credit"
  | "Refund"
  | "Tax"
  | "SavingsPlanCoveredUsage"
  | "SavingsPlanNegation"
  | "SavingsPlanRecurringFee";

/** One line of the bill: one record of one usage type in one account and region on one day. */
export interface CostLine {
  readonly day: Day;
  readonly recordType: RecordType;
  readonly service: string;
  readonly account: string;
  readonly region: string;
  readonly usageType: string;
  readonly operation: string;
  /** The values of the tags `Environment` and `Team`; empty where the resource has none. */
  readonly environment: string;
  readonly team: string;
  readonly unblended: Micros;
  /** The Savings Plan's fee spread over what it covers. Both columns have the same sum every day. */
  readonly amortized: Micros;
  /** Millionths of `unit`. */
  readonly quantity: number;
  readonly unit: string;
}

export interface BillingDay {
  readonly day: Day;
  /** How much of the day has been metered, from 0 to 1. */
  readonly share: number;
  /** Support is billed in advance when the account opens and when a month begins. */
  readonly isFirstDay: boolean;
  /** Leave out the day-to-day noise. */
  readonly isExpectation: boolean;
  readonly extraCost: (stream: Stream) => Micros;
}

const MONTHLY_GROWTH = 1.03;
const DAYS_PER_MONTH = 30.4375;
/** 2026-01-01: the date at which the catalogue's daily costs hold. */
const REFERENCE_DAY = 20_454;
// Past ten years of growth the figures would stop being those of a small company.
const MAX_GROWTH_MONTHS = 60;

const NOISE_WIDTH = 0.12;
const UTILISATION = { low: 0.82, width: 0.08 } as const;

const totalPlanWeight = catalogue.STREAMS.reduce(
  (sum, { savingsPlanWeight }) => sum + savingsPlanWeight,
  0,
);

export function billedLines(billing: BillingDay): readonly CostLine[] {
  const lines = catalogue.STREAMS.flatMap((stream) => streamLines(stream, billing));
  lines.push(planFee(lines, billing), ...feesOfTheDay(billing));
  return [...lines, ...taxes(lines, billing.day)];
}

function streamLines(stream: Stream, billing: BillingDay): CostLine[] {
  const onDemand = micros(onDemandCost(stream, billing)) + billing.extraCost(stream);
  const lines = [usage(stream, billing.day, onDemand)];
  const credit = -Math.round(onDemand * stream.creditShare);
  if (credit !== 0) lines.push(adjustment(stream, billing.day, "Credit", credit));
  if (stream.savingsPlanWeight > 0) lines.push(...coveredUsage(stream, billing));
  return lines;
}

function onDemandCost(stream: Stream, { day, share, isExpectation }: BillingDay): number {
  const months = (day - REFERENCE_DAY) / DAYS_PER_MONTH;
  const growth =
    MONTHLY_GROWTH ** Math.max(-MAX_GROWTH_MONTHS, Math.min(MAX_GROWTH_MONTHS, months));
  const season = isWeekend(day) ? stream.weekendShare : 1;
  const key = `${formatDay(day)} ${stream.account} ${stream.usageType}`;
  const wobble = isExpectation ? 1 : 1 + NOISE_WIDTH * (noise(key) - 0.5);
  return stream.dailyCost * growth * season * wobble * share;
}

/** Usage under the plan is listed at the on-demand price and taken off again by the negation. */
function coveredUsage(stream: Stream, billing: BillingDay): CostLine[] {
  const weight = stream.savingsPlanWeight / totalPlanWeight;
  const underPlan = micros(
    catalogue.SAVINGS_PLAN.dailyFee * utilisation(billing) * weight * billing.share,
  );
  const onDemand = Math.round(underPlan / catalogue.SAVINGS_PLAN.rate);
  return [
    {
      ...usage(stream, billing.day, onDemand),
      recordType: "SavingsPlanCoveredUsage",
      amortized: underPlan,
    },
    { ...adjustment(stream, billing.day, "SavingsPlanNegation", -onDemand), amortized: 0 },
  ];
}

function utilisation({ day, isExpectation }: BillingDay): number {
  const random = isExpectation ? 0.5 : noise(`${formatDay(day)} utilisation`);
  return UTILISATION.low + UTILISATION.width * random;
}

function planFee(lines: readonly CostLine[], { day, share }: BillingDay): CostLine {
  const fee = micros(catalogue.SAVINGS_PLAN.dailyFee * share);
  const used = lines.reduce(
    (sum, line) => (line.recordType === "SavingsPlanCoveredUsage" ? sum + line.amortized : sum),
    0,
  );
  return {
    ...accountLine(
      day,
      "SavingsPlanRecurringFee",
      catalogue.SAVINGS_PLAN.service,
      catalogue.MANAGEMENT.id,
    ),
    usageType: catalogue.SAVINGS_PLAN.usageType,
    unblended: fee,
    amortized: fee - used,
  };
}

function feesOfTheDay({ day, isFirstDay, isExpectation }: BillingDay): CostLine[] {
  const lines: CostLine[] = [];
  if (isFirstDay || dayOfMonth(day) === 1) {
    const fee = micros(catalogue.SUPPORT.monthlyFee);
    lines.push({
      ...accountLine(day, "Usage", catalogue.SUPPORT.service, catalogue.MANAGEMENT.id),
      usageType: catalogue.SUPPORT.usageType,
      unblended: fee,
      amortized: fee,
      quantity: fee,
      unit: "Dollar",
    });
  }
  const refunded = catalogue.STREAMS.find(
    ({ usageType }) => usageType === catalogue.REFUND.usageType,
  );
  // Nobody can foresee a refund.
  if (dayOfMonth(day) === catalogue.REFUND.dayOfMonth && refunded !== undefined && !isExpectation) {
    lines.push(adjustment(refunded, day, "Refund", -micros(catalogue.REFUND.amount)));
  }
  return lines;
}

function taxes(lines: readonly CostLine[], day: Day): CostLine[] {
  return catalogue.LINKED_ACCOUNTS.map(({ id }) => {
    const taxable = lines.reduce(
      (sum, line) =>
        line.account === id && line.recordType !== "Refund" ? sum + line.unblended : sum,
      0,
    );
    const tax = Math.round(taxable * catalogue.TAX.rate);
    return {
      ...accountLine(day, "Tax", catalogue.TAX.service, id),
      unblended: tax,
      amortized: tax,
    };
  });
}

function usage(stream: Stream, day: Day, cost: Micros): CostLine {
  return {
    ...adjustment(stream, day, "Usage", cost),
    quantity: Math.round(cost / stream.price),
    unit: stream.unit,
  };
}

function adjustment(stream: Stream, day: Day, recordType: RecordType, cost: Micros): CostLine {
  const { service, account, region, usageType, operation, environment, team } = stream;
  const place = { service, account, region, usageType, operation, environment, team };
  return { day, recordType, ...place, unblended: cost, amortized: cost, quantity: 0, unit: "" };
}

/** A line that belongs to an account as a whole. */
function accountLine(day: Day, recordType: RecordType, service: string, account: string): CostLine {
  return {
    day,
    recordType,
    service,
    account,
    region: catalogue.NO_REGION,
    usageType: catalogue.NO_USAGE_TYPE,
    operation: catalogue.NO_OPERATION,
    environment: "",
    team: "",
    unblended: 0,
    amortized: 0,
    quantity: 0,
    unit: "",
  };
}
