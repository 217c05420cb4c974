import {
  adminRoles,
  adminUsers,
  archived,
  daysSince,
  nameOf,
  openGroups,
  publicResources,
  root,
  securityGroups,
  shared,
  unused,
  users,
  widePolicies,
  withoutMfa,
} from "./account-facts.ts";
import type { Question } from "./question.ts";

const scan = "aws_security_scan";
const review = "aws_iam_review";
const groupIds = openGroups.map(({ GroupId = "" }) => GroupId);
const buckets = publicResources.map(nameOf);
/** Active keys that are older. */
const keysOver = (days: number): string[] =>
  users
    .filter(({ keys }) =>
      keys.some(
        ({ metadata }) => metadata.Status === "Active" && daysSince(metadata.CreateDate) > days,
      ),
    )
    .map(({ detail }) => detail.UserName);

export const securityQuestions: readonly Question[] = [
  {
    question: "Review my IAM policies",
    call: [review, { checks: ["wildcard_policies", "admins"] }],
    text: [...widePolicies, "demo-temporary", ...adminUsers],
    data: { wildcardPolicies: { status: "ok", total: widePolicies.length + 1 } },
  },
  {
    question: "Check for security vulnerabilities",
    call: [scan, {}],
    text: [...buckets, ...groupIds, "No active analyzer in us-west-2"],
    next: "aws_resource_inventory",
  },
  {
    question: "Who has admin access?",
    call: [review, { checks: ["admins"] }],
    text: [
      `${adminUsers.length} users, ${adminRoles.length} role`,
      ...adminUsers,
      ...adminRoles,
      "hugo.lind",
    ],
    without: ["dora.novak", "chen.li"],
  },
  {
    question: "Security group configuration",
    call: ["aws_resource_inventory", { types: ["security_groups"] }],
    text: [
      ...securityGroups.map(({ GroupId = "" }) => GroupId),
      "TCP 22 (SSH) from anywhere",
      "TCP 3306",
    ],
    data: { security_groups: { status: "ok", count: securityGroups.length } },
    next: scan,
  },
  {
    question: "Is anything of ours public?",
    call: [scan, { checks: ["public_exposure"] }],
    text: [...buckets, ...groupIds],
    data: { publicResources: { status: "ok", complete: false } },
  },
  {
    question: "Which ports are open to the whole internet?",
    call: [scan, { checks: ["public_exposure"], regions: ["us-east-1"] }],
    text: [...groupIds, "SSH (tcp 22) from 0.0.0.0/0", "MySQL (tcp 3306) from 0.0.0.0/0, ::/0"],
    data: { networkExposure: { status: "ok", total: openGroups.length } },
  },
  {
    question: "Who outside can get at our data?",
    call: [scan, { checks: ["external_access"], regions: ["us-east-1", "eu-west-1"] }],
    text: [...buckets, ...shared.map(({ resource }) => resource)],
    without: archived,
    data: { externalAccess: { status: "ok", complete: true } },
  },
  {
    question: "Which accesses from outside did somebody approve of?",
    call: [
      scan,
      { checks: ["external_access"], regions: ["us-east-1"], includeArchived: true, limit: 50 },
    ],
    text: archived,
  },
  {
    question: "Which roles and keys does nobody use?",
    call: [scan, { checks: ["unused_access"], minSeverity: "LOW", regions: ["us-east-1"] }],
    text: unused,
    data: { unusedAccess: { status: "ok", total: unused.length } },
  },
  {
    question: "Does Access Analyzer watch all of our regions?",
    call: [scan, { checks: ["external_access"] }],
    text: ["No active analyzer in us-west-2 (NO_ANALYZER)", "create-analyzer"],
    data: { externalAccess: { status: "ok", complete: false } },
  },
  {
    question: "What is really urgent?",
    call: [scan, { minSeverity: "HIGH" }],
    text: [...buckets, "HIGH"],
    without: ["| MEDIUM |"],
    data: { meta: { minSeverity: "HIGH" } },
  },
  {
    question: "Who signs in without MFA?",
    call: [review, { checks: ["mfa"] }],
    text: withoutMfa.map(({ detail }) => detail.UserName),
    without: users.filter(({ hasMfa }) => hasMfa).map(({ detail }) => detail.UserName),
    data: { mfa: { status: "ok", total: withoutMfa.length } },
  },
  {
    question: "Which access keys are older than half a year?",
    call: [review, { checks: ["access_keys"], maxKeyAgeDays: 180 }],
    text: keysOver(180),
    without: ["ci-runner", "hugo.lind"],
  },
  {
    question: "Does anybody have keys that are over a year old?",
    call: [review, { checks: ["access_keys"], maxKeyAgeDays: 365 }],
    text: keysOver(365),
    without: ["backup-agent"],
  },
  {
    question: "When was the root user used last?",
    call: [review, { checks: ["root"] }],
    text: ["Root user's password was used lately", root.used.toISOString().slice(0, 10)],
  },
  {
    question: "Is our password policy good enough?",
    call: [review, { checks: ["password_policy"] }],
    text: ["weaker than the CIS benchmark", "A.5.17"],
    data: { passwordPolicy: { status: "ok", total: 1 } },
  },
  {
    question: "Which SOC 2 controls have findings?",
    call: [scan, {}],
    text: [/SOC2 .*controls with findings: CC6\.1 \(\d+\)/, "not whether a control is met"],
    without: ["compliant"],
  },
  {
    question: "Which account is this, and who am I in it?",
    call: ["aws_account_status", {}],
    text: ["111122223333", "arn:aws:iam::111122223333:user/demo"],
    data: { identity: { status: "ok" } },
  },
  {
    question: "What permissions are missing?",
    call: ["aws_account_status", { probe: true }],
    text: ["Answering: ", "EC2", "IAM"],
  },
];
