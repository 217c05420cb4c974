import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { uniqueId } from "../iam/names.ts";
import { AUDITOR_ACCOUNT_ID, PARTNER_ACCOUNT_ID, roleArn } from "../iam/roles.ts";

type ResourceType =
  | "AWS::IAM::Role"
  | "AWS::IAM::User"
  | "AWS::KMS::Key"
  | "AWS::S3::Bucket"
  | "AWS::SQS::Queue";

interface Plan {
  readonly number: number;
  readonly region: string;
  readonly resource: string;
  readonly resourceType: ResourceType;
  readonly createdDaysAgo: number;
  readonly isArchived?: true;
}

/** Somebody outside of the account can reach something in it. */
interface ExternalPlan extends Plan {
  readonly kind: "external";
  /** An account id, or `*` for everybody. */
  readonly principal: string;
  readonly actions: readonly string[];
  readonly condition?: Readonly<Record<string, string>>;
  readonly source: "BUCKET_ACL" | "POLICY";
}

/** The analyzer may not read what it should judge. */
interface ErrorPlan extends Plan {
  readonly kind: "error";
}

/** Something may be done that nobody does. */
interface UnusedPlan extends Plan {
  readonly kind: "unused";
  readonly unused:
    | { readonly type: "UnusedIAMRole"; readonly usedDaysAgo?: number }
    | { readonly type: "UnusedIAMUserAccessKey"; readonly accessKeyId: string }
    | {
        readonly type: "UnusedPermission";
        readonly services: readonly {
          readonly name: string;
          readonly actions?: readonly string[];
        }[];
      };
}

export type FindingPlan = ExternalPlan | ErrorPlan | UnusedPlan;

const arn = (service: string, region: string, resource: string): string =>
  `arn:aws:${service}:${region}:${DEMO_ACCOUNT_ID}:${resource}`;

/** The organisation's staging account: outside all the same, since the zone of trust is the account. */
const STAGING_ACCOUNT_ID = "777788889999";

const ASSUME = ["sts:AssumeRole"];

export const FINDING_PLANS: readonly FindingPlan[] = [
  {
    kind: "external",
    number: 1,
    region: "us-east-1",
    resource: "arn:aws:s3:::demo-public-assets",
    resourceType: "AWS::S3::Bucket",
    createdDaysAgo: 3,
    principal: "*",
    actions: ["s3:GetObject"],
    source: "POLICY",
  },
  {
    kind: "external",
    number: 2,
    region: "us-east-1",
    resource: roleArn("demo-data-share"),
    resourceType: "AWS::IAM::Role",
    createdDaysAgo: 330,
    principal: STAGING_ACCOUNT_ID,
    actions: ASSUME,
    source: "POLICY",
  },
  {
    kind: "external",
    number: 3,
    region: "us-east-1",
    resource: roleArn("demo-partner-access"),
    resourceType: "AWS::IAM::Role",
    createdDaysAgo: 365,
    principal: PARTNER_ACCOUNT_ID,
    actions: ASSUME,
    source: "POLICY",
  },
  {
    kind: "external",
    number: 4,
    region: "us-east-1",
    resource: roleArn("demo-vendor-audit"),
    resourceType: "AWS::IAM::Role",
    createdDaysAgo: 150,
    // Somebody has looked at it, and found it right.
    isArchived: true,
    principal: AUDITOR_ACCOUNT_ID,
    actions: ASSUME,
    condition: { "sts:ExternalId": "demo-audit" },
    source: "POLICY",
  },
  {
    kind: "external",
    number: 5,
    region: "us-east-1",
    resource: arn("kms", "us-east-1", "key/0a1b2c3d-4e5f-4000-8000-000000000001"),
    resourceType: "AWS::KMS::Key",
    createdDaysAgo: 210,
    principal: PARTNER_ACCOUNT_ID,
    actions: ["kms:Decrypt", "kms:DescribeKey"],
    source: "POLICY",
  },
  {
    kind: "external",
    number: 6,
    region: "eu-west-1",
    resource: "arn:aws:s3:::demo-eu-reports",
    resourceType: "AWS::S3::Bucket",
    createdDaysAgo: 78,
    principal: "*",
    actions: ["s3:GetObject", "s3:ListBucket"],
    source: "BUCKET_ACL",
  },
  {
    kind: "external",
    number: 7,
    region: "eu-west-1",
    resource: arn("sqs", "eu-west-1", "demo-orders"),
    resourceType: "AWS::SQS::Queue",
    createdDaysAgo: 96,
    principal: PARTNER_ACCOUNT_ID,
    actions: ["sqs:SendMessage"],
    source: "POLICY",
  },
  {
    kind: "error",
    number: 8,
    region: "eu-west-1",
    resource: arn("kms", "eu-west-1", "key/0a1b2c3d-4e5f-4000-8000-000000000002"),
    resourceType: "AWS::KMS::Key",
    createdDaysAgo: 55,
  },
  {
    kind: "unused",
    number: 9,
    region: "us-east-1",
    resource: roleArn("demo-lambda-old"),
    resourceType: "AWS::IAM::Role",
    createdDaysAgo: 170,
    unused: { type: "UnusedIAMRole" },
  },
  {
    kind: "unused",
    number: 10,
    region: "us-east-1",
    resource: roleArn("demo-migration"),
    resourceType: "AWS::IAM::Role",
    createdDaysAgo: 170,
    unused: { type: "UnusedIAMRole", usedDaysAgo: 240 },
  },
  {
    kind: "unused",
    number: 11,
    region: "us-east-1",
    resource: `arn:aws:iam::${DEMO_ACCOUNT_ID}:user/grace.osei`,
    resourceType: "AWS::IAM::User",
    createdDaysAgo: 32,
    unused: { type: "UnusedIAMUserAccessKey", accessKeyId: uniqueId("AKIA", "grace.osei") },
  },
  {
    kind: "unused",
    number: 12,
    region: "us-east-1",
    resource: roleArn("demo-search-indexer"),
    resourceType: "AWS::IAM::Role",
    createdDaysAgo: 140,
    unused: {
      type: "UnusedPermission",
      services: [
        { name: "ecr" },
        { name: "s3", actions: ["DeleteBucket", "DeleteObject", "PutBucketPolicy"] },
      ],
    },
  },
];
