import {
  boolean,
  integer,
  list,
  oneOf,
  required,
  structure,
  text,
  type Infer,
} from "../../protocol/shape.ts";
import { dateInterval, expression, granularity, groupBy, pageToken } from "./shapes.ts";

const metrics = list(text({ max: 1024 }));

const sortBy = structure({
  Key: required(text({ max: 1024 })),
  SortOrder: oneOf(["ASCENDING", "DESCENDING"]),
});

export type SortBy = Infer<typeof sortBy>;

const maxResults = integer({ min: 1 });
const pageSize = integer({ min: 0, max: 6000 });

export const savingsPlansCoverageRequest = structure({
  TimePeriod: required(dateInterval),
  GroupBy: groupBy,
  Granularity: granularity,
  Filter: expression,
  Metrics: metrics,
  NextToken: pageToken,
  MaxResults: maxResults,
  SortBy: sortBy,
});

export type SavingsPlansCoverageRequest = Infer<typeof savingsPlansCoverageRequest>;

export const savingsPlansUtilizationRequest = structure({
  TimePeriod: required(dateInterval),
  Granularity: granularity,
  Filter: expression,
  SortBy: sortBy,
});

export type SavingsPlansUtilizationRequest = Infer<typeof savingsPlansUtilizationRequest>;

export const reservationCoverageRequest = structure({
  TimePeriod: required(dateInterval),
  GroupBy: groupBy,
  Granularity: granularity,
  Filter: expression,
  Metrics: metrics,
  NextPageToken: pageToken,
  SortBy: sortBy,
  MaxResults: maxResults,
});

export type ReservationCoverageRequest = Infer<typeof reservationCoverageRequest>;

export const reservationUtilizationRequest = structure({
  TimePeriod: required(dateInterval),
  GroupBy: groupBy,
  Granularity: granularity,
  Filter: expression,
  SortBy: sortBy,
  NextPageToken: pageToken,
  MaxResults: maxResults,
});

export type ReservationUtilizationRequest = Infer<typeof reservationUtilizationRequest>;

export const savingsPlansPurchaseRecommendationRequest = structure({
  SavingsPlansType: required(
    oneOf(["COMPUTE_SP", "EC2_INSTANCE_SP", "SAGEMAKER_SP", "DATABASE_SP"]),
  ),
  TermInYears: required(oneOf(["ONE_YEAR", "THREE_YEARS"])),
  PaymentOption: required(
    oneOf([
      "NO_UPFRONT",
      "PARTIAL_UPFRONT",
      "ALL_UPFRONT",
      "LIGHT_UTILIZATION",
      "MEDIUM_UTILIZATION",
      "HEAVY_UTILIZATION",
    ]),
  ),
  AccountScope: oneOf(["PAYER", "LINKED"]),
  NextPageToken: pageToken,
  PageSize: pageSize,
  LookbackPeriodInDays: required(oneOf(["SEVEN_DAYS", "THIRTY_DAYS", "SIXTY_DAYS"])),
  Filter: expression,
});

export type SavingsPlansPurchaseRecommendationRequest = Infer<
  typeof savingsPlansPurchaseRecommendationRequest
>;

export const rightsizingRecommendationRequest = structure({
  Filter: expression,
  Configuration: structure({
    RecommendationTarget: required(oneOf(["SAME_INSTANCE_FAMILY", "CROSS_INSTANCE_FAMILY"])),
    BenefitsConsidered: required(boolean),
  }),
  Service: required(text({ max: 1024 })),
  PageSize: pageSize,
  NextPageToken: pageToken,
});

export type RightsizingRecommendationRequest = Infer<typeof rightsizingRecommendationRequest>;
