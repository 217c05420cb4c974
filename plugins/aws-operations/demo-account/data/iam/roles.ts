import type { RoleDetail } from "@aws-sdk/client-iam";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { PRODUCTION, STAGING } from "../catalogue.ts";
import type { Timeline } from "../timeline.ts";
import { iamArn, instanceProfile, uniqueId, type With } from "./names.ts";
import { attached, documentOf, encodedDocument } from "./policies.ts";

interface RolePlan {
  readonly name: string;
  readonly path?: string;
  readonly createdDaysAgo: number;
  readonly trusts: Trust;
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly policies?: readonly string[];
  /** Undefined if it has never been used. */
  readonly usedDaysAgo?: number;
  readonly isInstanceProfile?: true;
  /** Default 1. */
  readonly maxSessionHours?: number;
}

type Trust = { readonly AWS: string } | { readonly Service: string };

const service = (name: string): Trust => ({ Service: `${name}.amazonaws.com` });
const account = (id: string) => ({ AWS: `arn:aws:iam::${id}:root` });

/** Accounts outside of the organisation that roles, keys and queues are shared with. */
export const PARTNER_ACCOUNT_ID = "222233334444";
export const AUDITOR_ACCOUNT_ID = "555566667777";

const PLANS: readonly RolePlan[] = [
  {
    name: "AWSServiceRoleForSupport",
    path: "/aws-service-role/support.amazonaws.com/",
    createdDaysAgo: 900,
    trusts: service("support"),
    usedDaysAgo: 30,
  },
  {
    name: "demo-app",
    createdDaysAgo: 600,
    trusts: service("ec2"),
    policies: ["demo-app-data"],
    usedDaysAgo: 0,
    isInstanceProfile: true,
  },
  {
    name: "demo-auditor",
    createdDaysAgo: 610,
    trusts: account(DEMO_ACCOUNT_ID),
    policies: ["SecurityAudit"],
    usedDaysAgo: 15,
    maxSessionHours: 12,
  },
  {
    name: "demo-break-glass",
    createdDaysAgo: 610,
    // An administrator, for whoever may assume it.
    trusts: account(DEMO_ACCOUNT_ID),
    condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    policies: ["AdministratorAccess"],
    usedDaysAgo: 211,
  },
  {
    name: "demo-data-share",
    createdDaysAgo: 330,
    // Another account of the organisation; outside all the same.
    trusts: account("777788889999"),
    usedDaysAgo: 4,
  },
  {
    name: "demo-lambda-old",
    createdDaysAgo: 480,
    trusts: service("lambda"),
    policies: ["demo-app-data"],
  },
  {
    name: "demo-migration",
    createdDaysAgo: 260,
    trusts: service("dms"),
    policies: ["demo-ci-artifacts"],
    usedDaysAgo: 240,
  },
  {
    // What people take on to change networks.
    name: "demo-operations",
    createdDaysAgo: 610,
    trusts: account(DEMO_ACCOUNT_ID),
    policies: ["demo-developer"],
    usedDaysAgo: 9,
  },
  {
    name: "demo-partner-access",
    createdDaysAgo: 365,
    // Without an external id.
    trusts: account(PARTNER_ACCOUNT_ID),
    policies: ["demo-app-data"],
    usedDaysAgo: 2,
  },
  {
    name: "demo-search-indexer",
    createdDaysAgo: 305,
    trusts: service("ecs-tasks"),
    policies: ["demo-ci-artifacts"],
    usedDaysAgo: 1,
  },
  {
    name: "demo-vendor-audit",
    createdDaysAgo: 150,
    trusts: account(AUDITOR_ACCOUNT_ID),
    condition: { StringEquals: { "sts:ExternalId": "demo-audit" } },
    policies: ["SecurityAudit"],
    usedDaysAgo: 45,
  },
];

export const roleArn = (name: string): string => iamArn("role", "/", name);

export const roleId = (name: string): string => uniqueId("AROA", name.replace("demo-", ""));

/** A role that users and roles of the account may assume. */
export interface AssumableRole {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly maxSessionSeconds: number;
  /** What its trust policy asks callers to know. */
  readonly externalId?: string;
}

const HOUR_SECONDS = 3_600;

/** In another account of the organisation. */
const elsewhere = (accountId: string, name: string, externalId?: string): AssumableRole => ({
  arn: `arn:aws:iam::${accountId}:role/${name}`,
  id: uniqueId("AROA", `${name.replace("demo-", "").slice(0, 4)}${accountId[0]}`),
  name,
  account: accountId,
  maxSessionSeconds: HOUR_SECONDS,
  ...(externalId === undefined ? {} : { externalId }),
});

/** Without those that ask for a second factor, which no key comes with. */
export const ASSUMABLE_ROLES: readonly AssumableRole[] = [
  ...PLANS.filter(
    ({ trusts, condition }) =>
      "AWS" in trusts && trusts.AWS === account(DEMO_ACCOUNT_ID).AWS && condition === undefined,
  ).map(({ name, maxSessionHours = 1 }) => ({
    arn: roleArn(name),
    id: roleId(name),
    name,
    account: DEMO_ACCOUNT_ID,
    maxSessionSeconds: maxSessionHours * HOUR_SECONDS,
  })),
  elsewhere(PRODUCTION.id, "demo-operations"),
  elsewhere(STAGING.id, "demo-operations"),
  elsewhere(PRODUCTION.id, "demo-partner", "demo-external-id"),
];

export type IamRole = With<RoleDetail, "Arn" | "Path" | "RoleId" | "RoleName">;

export const rolesOf = (timeline: Timeline): readonly IamRole[] =>
  PLANS.map((plan) => {
    const path = plan.path ?? "/";
    const created = timeline.daysAgo(plan.createdDaysAgo, 10.25);
    const role = {
      Path: path,
      RoleName: plan.name,
      RoleId: roleId(plan.name),
      Arn: iamArn("role", path, plan.name),
      CreateDate: created,
      AssumeRolePolicyDocument: encodedDocument(
        documentOf({
          Effect: "Allow",
          Principal: plan.trusts,
          Action: "sts:AssumeRole",
          ...(plan.condition === undefined ? {} : { Condition: plan.condition }),
        }),
      ),
    };
    return {
      ...role,
      InstanceProfileList: plan.isInstanceProfile
        ? [
            {
              Path: path,
              InstanceProfileName: plan.name,
              InstanceProfileId: instanceProfile(plan.name).Id,
              Arn: instanceProfile(plan.name).Arn,
              CreateDate: created,
              Roles: [role],
            },
          ]
        : [],
      RolePolicyList: [],
      AttachedManagedPolicies: attached(plan.policies),
      Tags: [],
      RoleLastUsed:
        plan.usedDaysAgo === undefined
          ? {}
          : { LastUsedDate: timeline.daysAgo(plan.usedDaysAgo, 0), Region: "us-east-1" },
    };
  });
