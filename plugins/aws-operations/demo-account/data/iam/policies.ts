import type { AttachedPolicy, ManagedPolicyDetail } from "@aws-sdk/client-iam";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import type { Timeline } from "../timeline.ts";
import { uniqueId } from "./names.ts";

interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface PolicyDocument<S = Statement> {
  readonly Version: "2012-10-17";
  readonly Statement: readonly S[];
}

export const documentOf = <S>(...statements: readonly S[]): PolicyDocument<S> => ({
  Version: "2012-10-17",
  Statement: statements,
});

/** As IAM puts documents into its answers: JSON, URL-encoded as RFC 3986 asks. */
export const encodedDocument = (document: object): string =>
  encodeURIComponent(JSON.stringify(document)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

interface PolicyPlan {
  readonly name: string;
  readonly isAwsManaged?: true;
  readonly description?: string;
  readonly createdDaysAgo: number;
  /** Oldest first; the last one is in force. */
  readonly versions: readonly PolicyDocument[];
}

const EVERYTHING = documentOf<Statement>({ Effect: "Allow", Action: "*", Resource: "*" });

const PLANS: readonly PolicyPlan[] = [
  {
    name: "AdministratorAccess",
    isAwsManaged: true,
    description: "Provides full access to AWS services and resources.",
    createdDaysAgo: 4000,
    versions: [EVERYTHING],
  },
  {
    name: "SecurityAudit",
    isAwsManaged: true,
    description:
      "The security audit template grants access to read security configuration metadata.",
    createdDaysAgo: 4000,
    versions: [
      documentOf<Statement>({
        Effect: "Allow",
        Action: ["access-analyzer:List*", "cloudtrail:LookupEvents", "iam:Get*", "iam:List*"],
        Resource: "*",
      }),
    ],
  },
  {
    name: "demo-developer",
    description: "What developers do in production",
    createdDaysAgo: 690,
    versions: [
      documentOf<Statement>(
        { Effect: "Allow", Action: ["ec2:*", "logs:*", "s3:*"], Resource: "*" },
        {
          Effect: "Allow",
          Action: ["ssm:StartSession"],
          Resource: `arn:aws:ec2:*:${DEMO_ACCOUNT_ID}:instance/*`,
          Condition: { StringEquals: { "aws:ResourceTag/Environment": "staging" } },
        },
      ),
    ],
  },
  {
    // As good as an administrator's, under another name.
    name: "demo-deploy",
    description: "deployments (to be narrowed down)",
    createdDaysAgo: 640,
    versions: [
      documentOf<Statement>({ Sid: "Everything", Effect: "Allow", Action: "*", Resource: "*" }),
    ],
  },
  {
    // Was too wide once; only the version in force counts.
    name: "demo-app-data",
    createdDaysAgo: 600,
    versions: [
      documentOf<Statement>({ Effect: "Allow", Action: "s3:*", Resource: "*" }),
      documentOf<Statement>({
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: "arn:aws:s3:::demo-checkout-uploads/*",
      }),
    ],
  },
  {
    // Every action of one service on everything.
    name: "demo-ci-artifacts",
    createdDaysAgo: 420,
    versions: [
      documentOf<Statement>({ Effect: "Allow", Action: ["s3:*", "ecr:*"], Resource: ["*"] }),
    ],
  },
];

const policyArn = (name: string): string => {
  const isAwsManaged = PLANS.some((plan) => plan.name === name && plan.isAwsManaged);
  return `arn:aws:iam::${isAwsManaged ? "aws" : DEMO_ACCOUNT_ID}:policy/${name}`;
};

/** What users, groups and roles say of the policies attached to them. */
export const attached = (names: readonly string[] = []): AttachedPolicy[] =>
  names.map((name) => ({ PolicyName: name, PolicyArn: policyArn(name) }));

/** `attachments` says how often each policy is attached, by its name. */
export const policiesOf = (
  timeline: Timeline,
  attachments: ReadonlyMap<string, number>,
): readonly ManagedPolicyDetail[] =>
  PLANS.map((plan) => {
    const created = timeline.daysAgo(plan.createdDaysAgo, 10);
    const updated = timeline.daysAgo(plan.createdDaysAgo / plan.versions.length, 10);
    return {
      PolicyName: plan.name,
      PolicyId: uniqueId("ANPA", plan.name.replace("demo-", "")),
      Arn: policyArn(plan.name),
      Path: "/",
      DefaultVersionId: `v${plan.versions.length}`,
      AttachmentCount: attachments.get(plan.name) ?? 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      ...(plan.description === undefined ? {} : { Description: plan.description }),
      CreateDate: created,
      UpdateDate: updated,
      PolicyVersionList: plan.versions
        .map((document, index) => ({
          Document: encodedDocument(document),
          VersionId: `v${index + 1}`,
          IsDefaultVersion: index === plan.versions.length - 1,
          CreateDate: index === 0 ? created : updated,
        }))
        .toReversed(),
    };
  });
