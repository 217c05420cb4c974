import type { RightsizingRecommendation } from "@aws-sdk/client-cost-explorer";
import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";
import { unreadable } from "./cost-rows.ts";
import { type Money, parseMoney } from "./money.ts";

/** What AWS would do with an instance, going by its last days. */
export interface Rightsizing {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly type: string;
  /** Undefined: it should go. */
  readonly target: string | undefined;
  /** Percent, as AWS says it. */
  readonly maxCpu: string | undefined;
  readonly monthlySaving: Money;
  readonly currency: string;
}

const ttlMs = 6 * 3_600_000;

/** Instances that AWS would terminate or make smaller, those of members of the organisation among them. Costs a request. */
export async function rightsizings(api: AwsApi, scope: CallScope): Promise<Rightsizing[]> {
  const { value } = await api.ask(
    {
      service: "ce",
      operation: "GetRightsizingRecommendation",
      input: {
        Service: "AmazonEC2",
        Configuration: { RecommendationTarget: "SAME_INSTANCE_FAMILY", BenefitsConsidered: true },
      },
      ttlMs,
      missing: ({ RightsizingRecommendations: found }) =>
        found === undefined ? "RightsizingRecommendations" : undefined,
      read: (pages) =>
        pages.flatMap(({ RightsizingRecommendations: found = [] }) => found.map(readOne)),
    },
    scope,
  );
  return value;
}

function readOne(found: RightsizingRecommendation): Rightsizing {
  const { CurrentInstance: instance = {}, AccountId: account = "" } = found;
  const targets = found.ModifyRecommendationDetail?.TargetInstances ?? [];
  const target = targets.find((each) => each.DefaultTargetInstance) ?? targets[0];
  const benefit = found.TerminateRecommendationDetail ?? target;
  const now = instance.ResourceDetails?.EC2ResourceDetails;
  const saving = benefit?.EstimatedMonthlySavings;
  const monthlySaving = saving === undefined ? undefined : parseMoney(saving);
  if (monthlySaving === undefined) throw unreadable(`the saving "${saving}"`);
  return {
    id: instance.ResourceId ?? "",
    name: instance.InstanceName ?? "",
    account,
    region: now?.Region ?? "",
    type: now?.InstanceType ?? "",
    target: target?.ResourceDetails?.EC2ResourceDetails?.InstanceType,
    maxCpu: instance.ResourceUtilization?.EC2ResourceUtilization?.MaxCpuUtilizationPercentage,
    monthlySaving,
    currency: benefit?.CurrencyCode ?? "USD",
  };
}
