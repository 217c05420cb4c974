import type {
  AnalyzerSummary,
  FindingDetails,
  FindingSummaryV2,
} from "@aws-sdk/client-accessanalyzer";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { partOf } from "../estate.ts";
import type { With } from "../iam/names.ts";
import type { Timeline } from "../timeline.ts";
import { FINDING_PLANS, type FindingPlan } from "./finding-plans.ts";

export interface Analyzer {
  readonly summary: With<AnalyzerSummary, "arn" | "createdAt" | "name" | "type">;
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly summary: With<
    FindingSummaryV2,
    "createdAt" | "findingType" | "id" | "resource" | "resourceType" | "status" | "updatedAt"
  >;
  readonly details: readonly FindingDetails[];
  /** Undefined where it does not apply. */
  readonly isPublic: boolean | undefined;
  /** The outside account, or `*`. */
  readonly principal: string | undefined;
}

/** How long something may be unused before the analyzer for it says so. */
const UNUSED_AGE_DAYS = 30;

const EXTERNAL_REGIONS: ReadonlySet<string> = new Set(["us-east-1", "eu-west-1"]);
const UNUSED_REGION = "us-east-1";

/** The analyzers of a region, with what they have found; most regions have none. */
export const analyzersIn = partOf(({ isEmpty, timeline }, region: string): readonly Analyzer[] =>
  isEmpty ? [] : make(region, timeline),
);

function make(region: string, timeline: Timeline): readonly Analyzer[] {
  const external = EXTERNAL_REGIONS.has(region)
    ? [analyzer(region, "demo-external", "ACCOUNT", 400, timeline)]
    : [];
  const unused =
    region === UNUSED_REGION
      ? [analyzer(region, "demo-unused", "ACCOUNT_UNUSED_ACCESS", 200, timeline)]
      : [];
  return [...external, ...unused];
}

function analyzer(
  region: string,
  name: string,
  type: "ACCOUNT" | "ACCOUNT_UNUSED_ACCESS",
  createdDaysAgo: number,
  timeline: Timeline,
): Analyzer {
  const isUnused = type === "ACCOUNT_UNUSED_ACCESS";
  const findings = FINDING_PLANS.filter(
    (plan) => plan.region === region && (plan.kind === "unused") === isUnused,
  ).map((plan) => findingOf(plan, timeline));
  return {
    findings,
    summary: {
      arn: `arn:aws:access-analyzer:${region}:${DEMO_ACCOUNT_ID}:analyzer/${name}`,
      name,
      type,
      createdAt: timeline.daysAgo(createdDaysAgo),
      lastResourceAnalyzed: findings[0]?.summary.resource,
      lastResourceAnalyzedAt: timeline.daysAgo(0, 0),
      tags: {},
      status: "ACTIVE",
      ...(isUnused
        ? { configuration: { unusedAccess: { unusedAccessAge: UNUSED_AGE_DAYS } } }
        : {}),
    },
  };
}

function findingOf(plan: FindingPlan, timeline: Timeline): Finding {
  const createdAt = timeline.daysAgo(plan.createdDaysAgo, 15);
  return {
    summary: {
      id: `0a1b2c3d-4e5f-4000-9000-${plan.number.toString().padStart(12, "0")}`,
      analyzedAt: timeline.daysAgo(0, 0),
      createdAt,
      updatedAt: plan.isArchived ? timeline.daysAgo(plan.createdDaysAgo / 2, 15) : createdAt,
      resource: plan.resource,
      resourceType: plan.resourceType,
      resourceOwnerAccount: DEMO_ACCOUNT_ID,
      status: plan.isArchived ? "ARCHIVED" : "ACTIVE",
      findingType: plan.kind === "unused" ? plan.unused.type : "ExternalAccess",
      ...(plan.kind === "error" ? { error: "ACCESS_DENIED" } : {}),
    },
    details: detailsOf(plan, timeline),
    isPublic: plan.kind === "external" ? plan.principal === "*" : undefined,
    principal: plan.kind === "external" ? plan.principal : undefined,
  };
}

function detailsOf(plan: FindingPlan, timeline: Timeline): readonly FindingDetails[] {
  switch (plan.kind) {
    case "error":
      return [{ externalAccessDetails: { condition: {} } }];
    case "external":
      return [
        {
          externalAccessDetails: {
            action: [...plan.actions],
            condition: { ...plan.condition },
            isPublic: plan.principal === "*",
            principal: { AWS: plan.principal },
            sources: [{ type: plan.source }],
            resourceControlPolicyRestriction: "NOT_APPLICABLE",
          },
        },
      ];
    case "unused":
      return unusedDetails(plan.unused, timeline);
  }
}

function unusedDetails(
  unused: Extract<FindingPlan, { readonly kind: "unused" }>["unused"],
  timeline: Timeline,
): readonly FindingDetails[] {
  switch (unused.type) {
    case "UnusedIAMRole":
      return [
        {
          unusedIamRoleDetails:
            unused.usedDaysAgo === undefined
              ? {}
              : { lastAccessed: timeline.daysAgo(unused.usedDaysAgo, 0) },
        },
      ];
    case "UnusedIAMUserAccessKey":
      return [{ unusedIamUserAccessKeyDetails: { accessKeyId: unused.accessKeyId } }];
    case "UnusedPermission":
      return unused.services.map(({ name, actions }) => ({
        unusedPermissionDetails: {
          serviceNamespace: name,
          ...(actions === undefined ? {} : { actions: actions.map((action) => ({ action })) }),
        },
      }));
  }
}
