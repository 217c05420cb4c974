import type {
  EC2ResourceDetails,
  GetRightsizingRecommendationResponse,
  RightsizingRecommendation,
} from "@aws-sdk/client-cost-explorer";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { dateOf, dayOf } from "../../data/days.ts";
import {
  hourlyPrice,
  INSTANCE_TYPES,
  RIGHTSIZINGS,
  type Rightsizing,
} from "../../data/rightsizing.ts";
import { validation } from "../../protocol/errors.ts";
import { isManagement, type AccountView } from "../service.ts";
import { formatPercent, unsupportedDimension } from "./commitments.ts";
import type { RightsizingRecommendationRequest } from "./commitment-shapes.ts";
import { compileFilterOf } from "./filter.ts";

const DEFAULT_PAGE_SIZE = 20;
const LOOKBACK_HOURS = 30 * 24;
const HOURS_PER_MONTH = 730;

const FILTERS = new Map<string, (item: Rightsizing) => string>([
  ["LINKED_ACCOUNT", () => DEMO_ACCOUNT_ID],
  ["REGION", ({ instance }) => instance.region],
  ["RIGHTSIZING_TYPE", ({ target }) => (target === undefined ? "TERMINATE" : "MODIFY")],
]);

export function getRightsizingRecommendation(
  request: RightsizingRecommendationRequest,
  account: AccountView,
): GetRightsizingRecommendationResponse {
  if (request.Service !== "AmazonEC2") {
    throw validation(`Service ${request.Service} is not supported. Valid values are AmazonEC2`);
  }
  const { RecommendationTarget = "SAME_INSTANCE_FAMILY", BenefitsConsidered = true } =
    request.Configuration ?? {};
  const isSameFamily = RecommendationTarget === "SAME_INSTANCE_FAMILY";
  const matches = compileFilterOf<Rightsizing>(
    {
      dimension: (key) => {
        const attribute = FILTERS.get(key);
        if (attribute === undefined) throw unsupportedDimension(key, [...FILTERS.keys()]);
        return attribute;
      },
      tag: () => () => "",
    },
    request.Filter,
  );
  const { unit } = account.ledger;
  // As with forecasts, a new account has to wait.
  const isKnown = isManagement(account) && account.ledger.canForecast(account.now);
  const found = isKnown ? RIGHTSIZINGS.filter(matches) : [];
  const { NextPageToken: token, ...identity } = request;
  const size = request.PageSize || DEFAULT_PAGE_SIZE;
  const page = account.pages.page(found, size, { token, identity });
  const savings = sum(found.map((item) => monthlySavings(item, isSameFamily)));
  return {
    Metadata: {
      RecommendationId: "5d0e1a6c-0000-4000-8000-00000000de20",
      GenerationTimestamp: dateOf(dayOf(account.now)).toISOString(),
      LookbackPeriodInDays: "THIRTY_DAYS",
    },
    Summary: {
      TotalRecommendationCount: String(found.length),
      EstimatedTotalMonthlySavingsAmount: format(savings),
      SavingsCurrencyCode: unit,
      SavingsPercentage: formatPercent(savings, sum(found.map(monthlyCost))),
    },
    RightsizingRecommendations: page.items.map((item) => describe(item, isSameFamily, unit)),
    Configuration: { RecommendationTarget, BenefitsConsidered },
    ...(page.nextToken === undefined ? {} : { NextPageToken: page.nextToken }),
  };
}

function describe(
  item: Rightsizing,
  isSameFamily: boolean,
  unit: string,
): RightsizingRecommendation {
  const { instance, maxCpuPercent } = item;
  const target = targetOf(item, isSameFamily);
  const savings = {
    EstimatedMonthlySavings: format(monthlySavings(item, isSameFamily)),
    CurrencyCode: unit,
  };
  return {
    AccountId: DEMO_ACCOUNT_ID,
    CurrentInstance: {
      ResourceId: instance.id,
      InstanceName: "",
      Tags: [],
      ResourceDetails: { EC2ResourceDetails: details(instance.type, instance.region) },
      ResourceUtilization: {
        EC2ResourceUtilization: { MaxCpuUtilizationPercentage: String(maxCpuPercent) },
      },
      ReservationCoveredHoursInLookbackPeriod: "0",
      SavingsPlansCoveredHoursInLookbackPeriod: "0",
      OnDemandHoursInLookbackPeriod: String(LOOKBACK_HOURS),
      TotalRunningHoursInLookbackPeriod: String(LOOKBACK_HOURS),
      MonthlyCost: format(monthlyCost(item)),
      CurrencyCode: unit,
    },
    FindingReasonCodes: ["CPU_OVER_PROVISIONED"],
    ...(target === undefined
      ? { RightsizingType: "TERMINATE", TerminateRecommendationDetail: savings }
      : {
          RightsizingType: "MODIFY",
          ModifyRecommendationDetail: {
            TargetInstances: [
              {
                EstimatedMonthlyCost: format(
                  hourlyPrice(target, instance.region) * HOURS_PER_MONTH,
                ),
                ...savings,
                DefaultTargetInstance: true,
                ResourceDetails: { EC2ResourceDetails: details(target, instance.region) },
                PlatformDifferences: [],
              },
            ],
          },
        }),
  };
}

function details(type: string, region: string): EC2ResourceDetails {
  const known = INSTANCE_TYPES[type];
  return {
    HourlyOnDemandRate: format(hourlyPrice(type, region)),
    InstanceType: type,
    Platform: "Linux/UNIX",
    Region: region,
    Memory: known?.memory,
    NetworkPerformance: known?.network,
    Storage: "EBS only",
    Vcpu: known?.vcpu,
  };
}

const targetOf = ({ target }: Rightsizing, isSameFamily: boolean): string | undefined =>
  isSameFamily ? target?.sameFamily : target?.anyFamily;

const monthlyCost = ({ instance }: Rightsizing): number =>
  hourlyPrice(instance.type, instance.region) * HOURS_PER_MONTH;

function monthlySavings(item: Rightsizing, isSameFamily: boolean): number {
  const target = targetOf(item, isSameFamily);
  const after = target === undefined ? 0 : hourlyPrice(target, item.instance.region);
  return monthlyCost(item) - after * HOURS_PER_MONTH;
}

const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);

const format = (units: number): string => String(Math.round(units * 1e6) / 1e6);
