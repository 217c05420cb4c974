import type {
  GetReservationUtilizationResponse,
  GetSavingsPlansUtilizationResponse,
  ReservationAggregates,
  SavingsPlansPurchaseRecommendation,
  SavingsPlansUtilizationAggregates,
} from "@aws-sdk/client-cost-explorer";
import type { AwsApi } from "../aws/api.ts";
import { isToolError } from "../aws/errors.ts";
import type { CallScope } from "../aws/requests.ts";
import { unreadable } from "./cost-rows.ts";
import { type Money, parseMoney } from "./money.ts";
import { type Day, type Period, toInterval } from "./periods.ts";

/** Part of what a Savings Plan could have covered, at on-demand prices. */
export interface SavingsPlansCoverage {
  readonly start: Day;
  readonly covered: Money;
  readonly onDemand: Money;
}

export interface SavingsPlansUse {
  readonly start: Day;
  readonly committed: Money;
  readonly used: Money;
  readonly netSavings: Money;
}

export interface ReservationCoverage {
  readonly start: Day;
  readonly reservedHours: number;
  readonly onDemandHours: number;
}

export interface ReservationUse {
  readonly start: Day;
  readonly purchasedHours: number;
  readonly usedHours: number;
  readonly netSavings: Money;
}

/** What AWS would buy. */
export interface PlanOffer {
  readonly currency: string | undefined;
  readonly hourlyCommitment: Money;
  readonly monthlySavings: Money;
  readonly savingsPercent: number;
  readonly currentSpend: Money;
}

export interface PlanTerms {
  readonly TermInYears: "ONE_YEAR" | "THREE_YEARS";
  readonly PaymentOption: "NO_UPFRONT" | "PARTIAL_UPFRONT" | "ALL_UPFRONT";
}

const day = 24 * 3_600_000;
/** New data come once a day. */
const ttlMs = day / 4;

/** By month. Undefined if AWS has no data, which it also says where nothing ran that a plan could cover. */
export function savingsPlansCoverage(
  api: AwsApi,
  period: Period,
  scope: CallScope,
): Promise<SavingsPlansCoverage[] | undefined> {
  return orNoData(
    api.ask(
      {
        service: "ce",
        operation: "GetSavingsPlansCoverage",
        input: { TimePeriod: toInterval(period), Granularity: "MONTHLY" },
        ttlMs,
        interval: toInterval(period),
        missing: ({ SavingsPlansCoverages: rows }) =>
          rows === undefined ? "SavingsPlansCoverages" : undefined,
        read: (pages) =>
          pages
            .flatMap(({ SavingsPlansCoverages: rows = [] }) => rows)
            .map(({ TimePeriod, Coverage }) => ({
              start: TimePeriod?.Start ?? "",
              covered: money(Coverage?.SpendCoveredBySavingsPlans),
              onDemand: money(Coverage?.OnDemandCost),
            })),
      },
      scope,
    ),
  );
}

/** By month. Undefined if AWS has no data: no plan was active. */
export function savingsPlansUse(
  api: AwsApi,
  period: Period,
  scope: CallScope,
): Promise<SavingsPlansUse[] | undefined> {
  return orNoData(
    api.ask(
      {
        service: "ce",
        operation: "GetSavingsPlansUtilization",
        input: { TimePeriod: toInterval(period), Granularity: "MONTHLY" },
        ttlMs,
        interval: toInterval(period),
        missing: ({ Total }) => (Total === undefined ? "Total" : undefined),
        read: ([page]) => (page?.SavingsPlansUtilizationsByTime ?? []).map(readPlansUse),
      },
      scope,
    ),
  );
}

/** By month, of one service: AWS takes no more. */
export function reservationCoverage(
  api: AwsApi,
  { period, service }: { readonly period: Period; readonly service: string },
  scope: CallScope,
): Promise<ReservationCoverage[] | undefined> {
  return orNoData(
    api.ask(
      {
        service: "ce",
        operation: "GetReservationCoverage",
        input: {
          TimePeriod: toInterval(period),
          Granularity: "MONTHLY",
          Filter: only(service),
          Metrics: ["Hour"],
        },
        ttlMs,
        interval: toInterval(period),
        missing: ({ CoveragesByTime: rows }) =>
          rows === undefined ? "CoveragesByTime" : undefined,
        read: (pages) =>
          pages
            .flatMap(({ CoveragesByTime: rows = [] }) => rows)
            .map(({ TimePeriod, Total }) => ({
              start: TimePeriod?.Start ?? "",
              reservedHours: hours(Total?.CoverageHours?.ReservedHours),
              onDemandHours: hours(Total?.CoverageHours?.OnDemandHours),
            })),
      },
      scope,
    ),
  );
}

/** By month, of one service. Undefined if AWS has no data: nothing was reserved. */
export function reservationUse(
  api: AwsApi,
  { period, service }: { readonly period: Period; readonly service: string },
  scope: CallScope,
): Promise<ReservationUse[] | undefined> {
  return orNoData(
    api.ask(
      {
        service: "ce",
        operation: "GetReservationUtilization",
        input: {
          TimePeriod: toInterval(period),
          Granularity: "MONTHLY",
          Filter: only(service),
        },
        ttlMs,
        interval: toInterval(period),
        missing: ({ UtilizationsByTime: rows }) =>
          rows === undefined ? "UtilizationsByTime" : undefined,
        read: (pages) => pages.flatMap(({ UtilizationsByTime: rows = [] }) => rows.map(readUse)),
      },
      scope,
    ),
  );
}

/** What AWS would buy, going by the last 30 days; undefined if nothing. */
export async function planOffer(
  api: AwsApi,
  terms: PlanTerms,
  scope: CallScope,
): Promise<PlanOffer | undefined> {
  const { value } = await api.ask(
    {
      service: "ce",
      operation: "GetSavingsPlansPurchaseRecommendation",
      input: {
        SavingsPlansType: "COMPUTE_SP",
        LookbackPeriodInDays: "THIRTY_DAYS",
        ...terms,
      },
      ttlMs: day,
      missing: ({ SavingsPlansPurchaseRecommendation: found }) =>
        found === undefined ? "SavingsPlansPurchaseRecommendation" : undefined,
      read: ([page]) => readOffer(page?.SavingsPlansPurchaseRecommendation),
    },
    scope,
  );
  return value;
}

/** These operations say that they have no data where there is no commitment to tell of. */
async function orNoData<Value>(answer: Promise<{ value: Value }>): Promise<Value | undefined> {
  try {
    return (await answer).value;
  } catch (error) {
    if (isToolError(error) && error.code === "CE_NO_DATA") return undefined;
    throw error;
  }
}

function readPlansUse({
  TimePeriod,
  Utilization,
  Savings,
}: SavingsPlansUtilizationAggregates &
  Pick<
    NonNullable<GetSavingsPlansUtilizationResponse["SavingsPlansUtilizationsByTime"]>[number],
    "TimePeriod"
  >): SavingsPlansUse {
  return {
    start: TimePeriod?.Start ?? "",
    committed: money(Utilization?.TotalCommitment),
    used: money(Utilization?.UsedCommitment),
    netSavings: money(Savings?.NetSavings ?? "0"),
  };
}

function readUse({
  TimePeriod,
  Total = {},
}: NonNullable<GetReservationUtilizationResponse["UtilizationsByTime"]>[number]): ReservationUse {
  const total: ReservationAggregates = Total;
  return {
    start: TimePeriod?.Start ?? "",
    purchasedHours: hours(total.PurchasedHours),
    usedHours: hours(total.TotalActualHours),
    netSavings: money(total.NetRISavings ?? "0"),
  };
}

function readOffer(found: SavingsPlansPurchaseRecommendation = {}): PlanOffer | undefined {
  const summary = found.SavingsPlansPurchaseRecommendationSummary;
  if (summary?.HourlyCommitmentToPurchase === undefined) return undefined;
  const hourlyCommitment = money(summary.HourlyCommitmentToPurchase);
  if (hourlyCommitment <= 0n) return undefined;
  return {
    currency: summary.CurrencyCode,
    hourlyCommitment,
    monthlySavings: money(summary.EstimatedMonthlySavingsAmount),
    savingsPercent: hours(summary.EstimatedSavingsPercentage),
    currentSpend: money(summary.CurrentOnDemandSpend),
  };
}

function only(service: string) {
  return { Dimensions: { Key: "SERVICE" as const, Values: [service] } };
}

function money(text: string | undefined): Money {
  const amount = text === undefined ? undefined : parseMoney(text);
  if (amount === undefined) throw unreadable(`the amount "${text}"`);
  return amount;
}

function hours(text: string | undefined): number {
  const number = Number(text);
  if (text === undefined || Number.isNaN(number)) throw unreadable(`the number "${text}"`);
  return number;
}
