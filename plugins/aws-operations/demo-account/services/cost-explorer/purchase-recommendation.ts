import type {
  GetSavingsPlansPurchaseRecommendationResponse,
  SavingsPlansPurchaseRecommendationDetail,
  SavingsPlansPurchaseRecommendationSummary,
} from "@aws-sdk/client-cost-explorer";
import type { CostLine } from "../../data/billing.ts";
import { DYNAMODB, EC2_COMPUTE, ELASTICACHE, LAMBDA, RDS } from "../../data/catalogue.ts";
import { dateOf, dayOf } from "../../data/days.ts";
import { toUnits, type Micros } from "../../data/money.ts";
import type { AccountView } from "../service.ts";
import { compileDimensionFilter, formatPercent } from "./commitments.ts";
import type { SavingsPlansPurchaseRecommendationRequest } from "./commitment-shapes.ts";
import { dimension } from "./dimensions.ts";

type Request = SavingsPlansPurchaseRecommendationRequest;

const DEFAULT_PAGE_SIZE = 20;
const HOURS_PER_DAY = 24;
const HOURS_PER_MONTH = 730;
const LOOKBACK_DAYS = { SEVEN_DAYS: 7, THIRTY_DAYS: 30, SIXTY_DAYS: 60 } as const;

/** The services a kind of plan covers, and whether it is bound to a region and an instance family. */
const PLANS: Readonly<
  Record<Request["SavingsPlansType"], { services: readonly string[]; isBound: boolean }>
> = {
  COMPUTE_SP: { services: [EC2_COMPUTE, LAMBDA], isBound: false },
  EC2_INSTANCE_SP: { services: [EC2_COMPUTE], isBound: true },
  SAGEMAKER_SP: { services: [], isBound: false },
  DATABASE_SP: { services: [RDS, ELASTICACHE, DYNAMODB], isBound: false },
};

/** What a covered hour costs, as a share of the on-demand price; undefined if nobody sells it so. */
function rateOf({
  SavingsPlansType,
  TermInYears,
  PaymentOption,
}: Pick<Request, "SavingsPlansType" | "TermInYears" | "PaymentOption">): number | undefined {
  if (SavingsPlansType === "DATABASE_SP") {
    return TermInYears === "ONE_YEAR" && PaymentOption === "NO_UPFRONT" ? 0.8 : undefined;
  }
  const base = TermInYears === "ONE_YEAR" ? 0.7 : 0.5;
  const binding = SavingsPlansType === "EC2_INSTANCE_SP" ? 0.06 : 0;
  switch (PaymentOption) {
    case "NO_UPFRONT":
      return base - binding;
    case "PARTIAL_UPFRONT":
      return base - binding - 0.03;
    case "ALL_UPFRONT":
      return base - binding - 0.05;
    case "LIGHT_UTILIZATION":
    case "MEDIUM_UTILIZATION":
    case "HEAVY_UTILIZATION":
      return undefined;
  }
}

/** On-demand spend that one plan would apply to, for each day of the lookback period. */
interface Workload {
  readonly account: string;
  readonly region: string;
  readonly family: string;
  readonly days: Micros[];
}

/** What a plan over a workload comes to, in currency units over the lookback period. */
interface Offer {
  readonly workload: Workload;
  readonly hourlyCommitment: number;
  readonly planCost: number;
  readonly onDemandBefore: number;
  readonly onDemandLeft: number;
  readonly savings: number;
}

export function getSavingsPlansPurchaseRecommendation(
  request: Request,
  account: AccountView,
): GetSavingsPlansPurchaseRecommendationResponse {
  const matches = compileDimensionFilter(request.Filter, ["LINKED_ACCOUNT"]);
  const rate = rateOf(request);
  const days = LOOKBACK_DAYS[request.LookbackPeriodInDays];
  const offers =
    rate === undefined
      ? []
      : workloads(request, days, matches, account).map((workload) => offerFor(workload, rate));
  const { NextPageToken: token, ...identity } = request;
  const size = request.PageSize || DEFAULT_PAGE_SIZE;
  const page = account.pages.page(offers, size, { token, identity });
  const { AccountScope = "PAYER", SavingsPlansType, TermInYears, PaymentOption } = request;
  const { unit } = account.ledger;
  return {
    Metadata: {
      RecommendationId: "5d0e1a6c-0000-4000-8000-00000000de10",
      GenerationTimestamp: dateOf(dayOf(account.now)).toISOString(),
    },
    SavingsPlansPurchaseRecommendation: {
      AccountScope,
      SavingsPlansType,
      TermInYears,
      PaymentOption,
      LookbackPeriodInDays: request.LookbackPeriodInDays,
      SavingsPlansPurchaseRecommendationDetails: page.items.map((offer, index) =>
        detail(offer, { index, unit, request }),
      ),
      ...(offers.length === 0
        ? {}
        : { SavingsPlansPurchaseRecommendationSummary: summary(offers, unit) }),
    },
    ...(page.nextToken === undefined ? {} : { NextPageToken: page.nextToken }),
  };
}

function workloads(
  request: Request,
  days: number,
  matches: (line: CostLine) => boolean,
  { ledger, now, caller }: AccountView,
): Workload[] {
  const { services, isBound } = PLANS[request.SavingsPlansType];
  const isByAccount = request.AccountScope === "LINKED";
  const familyOf = dimension("INSTANCE_TYPE_FAMILY");
  const today = dayOf(now);
  const start = today - days;
  const found = new Map<string, Workload>();
  for (const line of ledger.linesBetween(start, today, now)) {
    if (line.recordType !== "Usage" || !services.includes(line.service) || !matches(line)) continue;
    const account = isByAccount ? line.account : caller.account;
    const region = isBound ? line.region : "";
    const family = isBound ? familyOf(line) : "";
    const key = [account, region, family].join("\n");
    const workload = found.get(key) ?? { account, region, family, days: Array(days).fill(0) };
    workload.days[line.day - start] = (workload.days[line.day - start] ?? 0) + line.unblended;
    found.set(key, workload);
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
}

/** Commits to what runs even on the quietest day, so that the plan is always used up. */
function offerFor(workload: Workload, rate: number): Offer {
  const hours = workload.days.length * HOURS_PER_DAY;
  const hourlyCommitment = Math.floor(hourly(Math.min(...workload.days)) * rate * 1000) / 1000;
  const planCost = hourlyCommitment * hours;
  const onDemandBefore = toUnits(workload.days.reduce((sum, day) => sum + day, 0));
  const covered = planCost / rate;
  return {
    workload,
    hourlyCommitment,
    planCost,
    onDemandBefore,
    onDemandLeft: onDemandBefore - covered,
    savings: covered - planCost,
  };
}

function detail(
  offer: Offer,
  { index, unit, request }: { index: number; unit: string; request: Request },
): SavingsPlansPurchaseRecommendationDetail {
  const { workload, planCost, savings, onDemandBefore, hourlyCommitment } = offer;
  const hours = workload.days.length * HOURS_PER_DAY;
  const id = String(index + 1).padStart(2, "0");
  return {
    SavingsPlansDetails: {
      Region: workload.region,
      InstanceFamily: workload.family,
      OfferingId: `5d0e1a6c-0000-4000-8000-00000000da${id}`,
    },
    AccountId: workload.account,
    UpfrontCost: format(upfront(request.PaymentOption, hourlyCommitment, request.TermInYears)),
    EstimatedROI: formatPercent(savings, planCost),
    CurrencyCode: unit,
    EstimatedSPCost: format(planCost),
    EstimatedOnDemandCost: format(offer.onDemandLeft),
    EstimatedOnDemandCostWithCurrentCommitment: format(onDemandBefore),
    EstimatedSavingsAmount: format(savings),
    EstimatedSavingsPercentage: formatPercent(savings, onDemandBefore),
    HourlyCommitmentToPurchase: format(hourlyCommitment),
    EstimatedAverageUtilization: "100",
    EstimatedMonthlySavingsAmount: format((savings / hours) * HOURS_PER_MONTH),
    CurrentMinimumHourlyOnDemandSpend: format(hourly(Math.min(...workload.days))),
    CurrentMaximumHourlyOnDemandSpend: format(hourly(Math.max(...workload.days))),
    CurrentAverageHourlyOnDemandSpend: format(onDemandBefore / hours),
    RecommendationDetailId: `5d0e1a6c-0000-4000-8000-00000000db${id}`,
  };
}

function summary(
  offers: readonly Offer[],
  unit: string,
): SavingsPlansPurchaseRecommendationSummary {
  const sum = (of: (offer: Offer) => number): number =>
    offers.reduce((total, offer) => total + of(offer), 0);
  const hours = (offers[0]?.workload.days.length ?? 0) * HOURS_PER_DAY;
  const planCost = sum((offer) => offer.planCost);
  const savings = sum((offer) => offer.savings);
  const before = sum((offer) => offer.onDemandBefore);
  const hourlyCommitment = sum((offer) => offer.hourlyCommitment);
  return {
    EstimatedROI: formatPercent(savings, planCost),
    CurrencyCode: unit,
    EstimatedTotalCost: format(planCost + sum((offer) => offer.onDemandLeft)),
    CurrentOnDemandSpend: format(before),
    EstimatedSavingsAmount: format(savings),
    TotalRecommendationCount: String(offers.length),
    DailyCommitmentToPurchase: format(hourlyCommitment * HOURS_PER_DAY),
    HourlyCommitmentToPurchase: format(hourlyCommitment),
    EstimatedSavingsPercentage: formatPercent(savings, before),
    EstimatedMonthlySavingsAmount: format((savings / hours) * HOURS_PER_MONTH),
    EstimatedOnDemandCostWithCurrentCommitment: format(before),
  };
}

const UPFRONT_SHARES: Partial<Record<Request["PaymentOption"], number>> = {
  PARTIAL_UPFRONT: 0.5,
  ALL_UPFRONT: 1,
};

const upfront = (
  option: Request["PaymentOption"],
  hourlyCommitment: number,
  term: Request["TermInYears"],
): number =>
  hourlyCommitment * 8760 * (term === "ONE_YEAR" ? 1 : 3) * (UPFRONT_SHARES[option] ?? 0);

const hourly = (day: Micros): number => toUnits(day) / HOURS_PER_DAY;
const format = (units: number): string => String(Math.round(units * 1e6) / 1e6);
