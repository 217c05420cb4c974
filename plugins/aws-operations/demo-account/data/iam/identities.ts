import type { GroupDetail, ManagedPolicyDetail } from "@aws-sdk/client-iam";
import { partOf } from "../estate.ts";
import type { Timeline } from "../timeline.ts";
import { iamArn, uniqueId, type With } from "./names.ts";
import { attached, policiesOf } from "./policies.ts";
import { rolesOf, type IamRole } from "./roles.ts";
import { usersOf, type IamUser } from "./users.ts";

type IamGroup = With<GroupDetail, "Arn" | "CreateDate" | "GroupId" | "GroupName" | "Path">;

/** Everybody who may do something in the account, and what. */
export interface Identities {
  readonly users: readonly IamUser[];
  readonly groups: readonly IamGroup[];
  readonly roles: readonly IamRole[];
  /** The account's own and those of AWS that it has attached. */
  readonly policies: readonly ManagedPolicyDetail[];
  /** When the root user was made, and when its password was used last. */
  readonly root: { readonly created: Date; readonly used: Date };
  readonly hasPasswordPolicy: boolean;
}

const GROUPS = [
  { name: "administrators", createdDaysAgo: 700, policies: ["AdministratorAccess"] },
  { name: "auditors", createdDaysAgo: 210, policies: ["SecurityAudit"] },
  { name: "deployers", createdDaysAgo: 640, policies: ["demo-deploy"] },
  { name: "developers", createdDaysAgo: 690, policies: ["demo-developer"] },
] as const;

export const identitiesOf = partOf(({ isEmpty, timeline }) =>
  isEmpty ? rootAlone(timeline) : everybody(timeline),
);

function everybody(timeline: Timeline): Identities {
  const users = usersOf(timeline);
  const roles = rolesOf(timeline);
  const groups = GROUPS.map((plan): IamGroup => ({
    Path: "/",
    GroupName: plan.name,
    GroupId: uniqueId("AGPA", plan.name),
    Arn: iamArn("group", "/", plan.name),
    CreateDate: timeline.daysAgo(plan.createdDaysAgo, 10),
    GroupPolicyList: [],
    AttachedManagedPolicies: attached(plan.policies),
  }));
  const attachments = new Map<string, number>();
  for (const { AttachedManagedPolicies = [] } of [
    ...users.map(({ detail }) => detail),
    ...groups,
    ...roles,
  ]) {
    for (const { PolicyName = "" } of AttachedManagedPolicies) {
      attachments.set(PolicyName, (attachments.get(PolicyName) ?? 0) + 1);
    }
  }
  return {
    users,
    groups,
    roles,
    policies: policiesOf(timeline, attachments),
    root: rootOf(timeline),
    hasPasswordPolicy: true,
  };
}

/** An account in which there is only the root user. */
const rootAlone = (timeline: Timeline): Identities => ({
  users: [],
  groups: [],
  roles: [],
  policies: [],
  root: rootOf(timeline),
  hasPasswordPolicy: false,
});

const rootOf = (timeline: Timeline): Identities["root"] => ({
  created: timeline.daysAgo(900, 8),
  used: timeline.daysAgo(12, 6.2),
});
