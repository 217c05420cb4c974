import { DEMO_ACCOUNT_ID } from "../credentials.ts";

export interface LinkedAccount {
  readonly id: string;
  readonly name: string;
}

export const MANAGEMENT: LinkedAccount = { id: DEMO_ACCOUNT_ID, name: "demo-management" };
export const PRODUCTION: LinkedAccount = { id: "444455556666", name: "demo-production" };
export const STAGING: LinkedAccount = { id: "777788889999", name: "demo-staging" };

export const LINKED_ACCOUNTS: readonly LinkedAccount[] = [MANAGEMENT, PRODUCTION, STAGING];

/** What one usage type in one region of one account costs. */
export interface Stream {
  readonly service: string;
  readonly account: string;
  readonly region: string;
  readonly usageType: string;
  readonly operation: string;
  readonly environment: string;
  readonly team: string;
  /** Cost of an ordinary weekday at the reference date, in currency units. */
  readonly dailyCost: number;
  /** Price of one unit of usage, in currency units, and what that unit is. */
  readonly price: number;
  readonly unit: string;
  /** Cost of a weekend day as a share of a weekday. */
  readonly weekendShare: number;
  /** Share of the on-demand cost that promotional credits pay back. */
  readonly creditShare: number;
  /** Weight among the streams that the Savings Plan covers; 0 where it does not apply. */
  readonly savingsPlanWeight: number;
}

type Place = Pick<
  Stream,
  "account" | "region" | "environment" | "weekendShare" | "creditShare" | "savingsPlanWeight"
>;

const place = (
  account: LinkedAccount,
  region: string,
  environment: string,
  weekendShare: number,
): Place => ({
  account: account.id,
  region,
  environment,
  weekendShare,
  creditShare: 0,
  savingsPlanWeight: 0,
});

const virginia = place(PRODUCTION, "us-east-1", "production", 0.84);
const ireland = place(PRODUCTION, "eu-west-1", "production", 0.86);
const edge = place(PRODUCTION, "global", "production", 0.9);
const frankfurt = place(STAGING, "eu-central-1", "staging", 0.4);
// The management account's own resources carry no tags.
const management = place(MANAGEMENT, "us-east-1", "", 0.97);

type Line = readonly [
  usageType: string,
  operation: string,
  team: string,
  dailyCost: number,
  price: number,
  unit: string,
  extra?: Partial<Place>,
];

const streams = (service: string, where: Place, lines: readonly Line[]): Stream[] =>
  lines.map(([usageType, operation, team, dailyCost, price, unit, extra]) => ({
    service,
    ...where,
    usageType,
    operation,
    team,
    dailyCost,
    price,
    unit,
    ...extra,
  }));

export const EC2_COMPUTE = "Amazon Elastic Compute Cloud - Compute";
export const EC2_OTHER = "EC2 - Other";
const S3 = "Amazon Simple Storage Service";
export const RDS = "Amazon Relational Database Service";
const CLOUDWATCH = "AmazonCloudWatch";
const KMS = "AWS Key Management Service";
export const LAMBDA = "AWS Lambda";
export const DYNAMODB = "Amazon DynamoDB";
export const ELASTICACHE = "Amazon ElastiCache";

/** Where the demo account's anomaly happens. */
export const ANOMALY_USAGE_TYPE = "EU-NatGateway-Bytes";

/** Usage that is billed by the day. The Savings Plan fee, support and tax are added by the ledger. */
export const STREAMS: readonly Stream[] = [
  ...streams(EC2_COMPUTE, virginia, [
    [
      "BoxUsage:m6i.xlarge",
      "RunInstances",
      "checkout",
      62,
      0.192,
      "Hrs",
      { creditShare: 0.06, savingsPlanWeight: 2 },
    ],
    ["BoxUsage:c6g.large", "RunInstances", "search", 17, 0.068, "Hrs"],
  ]),
  ...streams(EC2_COMPUTE, ireland, [
    [
      "EU-BoxUsage:m6i.large",
      "RunInstances",
      "checkout",
      31,
      0.107,
      "Hrs",
      { savingsPlanWeight: 1 },
    ],
  ]),
  ...streams(EC2_COMPUTE, frankfurt, [
    ["EUC1-BoxUsage:t3.large", "RunInstances", "platform", 12, 0.096, "Hrs"],
  ]),
  ...streams(EC2_OTHER, virginia, [
    ["EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "checkout", 14, 0.08, "GB-Mo", { weekendShare: 1 }],
    ["NatGateway-Bytes", "NatGateway", "platform", 5, 0.045, "GB"],
    ["DataTransfer-Regional-Bytes", "InterZone-Out", "platform", 4, 0.01, "GB"],
  ]),
  ...streams(EC2_OTHER, ireland, [
    [ANOMALY_USAGE_TYPE, "NatGateway", "platform", 6.5, 0.048, "GB"],
    ["EU-NatGateway-Hours", "NatGateway", "platform", 2.2, 0.048, "Hrs", { weekendShare: 1 }],
    [
      "EU-EBS:VolumeUsage.gp3",
      "CreateVolume-Gp3",
      "checkout",
      6,
      0.088,
      "GB-Mo",
      { weekendShare: 1 },
    ],
  ]),
  ...streams(EC2_OTHER, frankfurt, [
    [
      "EUC1-EBS:VolumeUsage.gp3",
      "CreateVolume-Gp3",
      "platform",
      3,
      0.0952,
      "GB-Mo",
      { weekendShare: 1 },
    ],
  ]),
  ...streams(RDS, virginia, [
    [
      "InstanceUsage:db.r6g.large",
      "CreateDBInstance:0021",
      "checkout",
      38,
      0.225,
      "Hrs",
      { weekendShare: 1 },
    ],
    [
      "RDS:GP3-Storage",
      "CreateDBInstance:0021",
      "checkout",
      6,
      0.115,
      "GB-Mo",
      { weekendShare: 1 },
    ],
  ]),
  ...streams(RDS, ireland, [
    [
      "EU-InstanceUsage:db.t4g.large",
      "CreateDBInstance:0014",
      "search",
      9,
      0.141,
      "Hrs",
      { weekendShare: 1 },
    ],
  ]),
  ...streams(RDS, frankfurt, [
    ["EUC1-InstanceUsage:db.t4g.medium", "CreateDBInstance:0014", "platform", 6, 0.077, "Hrs"],
  ]),
  ...streams(S3, virginia, [
    ["TimedStorage-ByteHrs", "StandardStorage", "data", 13, 0.023, "GB-Mo", { weekendShare: 1 }],
    ["Requests-Tier1", "PutObject", "data", 3, 0.000_005, "Requests"],
  ]),
  ...streams(S3, ireland, [
    ["EU-TimedStorage-ByteHrs", "StandardStorage", "data", 5, 0.023, "GB-Mo", { weekendShare: 1 }],
  ]),
  ...streams(S3, frankfurt, [
    [
      "EUC1-TimedStorage-ByteHrs",
      "StandardStorage",
      "data",
      2,
      0.0245,
      "GB-Mo",
      { weekendShare: 1 },
    ],
  ]),
  ...streams(S3, management, [
    ["TimedStorage-ByteHrs", "StandardStorage", "", 1.8, 0.023, "GB-Mo", { weekendShare: 1 }],
  ]),
  ...streams(CLOUDWATCH, virginia, [
    ["CW:MetricMonitorUsage", "MetricStorage", "platform", 5, 0.3, "Metrics", { weekendShare: 1 }],
    ["DataProcessing-Bytes", "PutLogEvents", "platform", 8, 0.5, "GB", { creditShare: 0.25 }],
  ]),
  ...streams(CLOUDWATCH, frankfurt, [
    ["EUC1-DataProcessing-Bytes", "PutLogEvents", "platform", 1.6, 0.63, "GB"],
  ]),
  ...streams(CLOUDWATCH, management, [
    ["DataProcessing-Bytes", "PutLogEvents", "", 2.4, 0.5, "GB"],
  ]),
  ...streams(LAMBDA, virginia, [
    [
      "Lambda-GB-Second",
      "Invoke",
      "search",
      4.5,
      0.000_016_666_7,
      "Lambda-GB-Second",
      { creditShare: 0.5 },
    ],
  ]),
  ...streams(LAMBDA, frankfurt, [
    ["EUC1-Lambda-GB-Second", "Invoke", "search", 0.7, 0.000_016_666_7, "Lambda-GB-Second"],
  ]),
  ...streams("Amazon CloudFront", edge, [
    ["US-DataTransfer-Out-Bytes", "GET", "checkout", 9, 0.085, "GB"],
  ]),
  ...streams(DYNAMODB, virginia, [
    ["ReadRequestUnits", "GetItem", "checkout", 3.2, 0.000_000_125, "ReadRequestUnits"],
    ["WriteRequestUnits", "PutItem", "checkout", 4.1, 0.000_000_625, "WriteRequestUnits"],
  ]),
  ...streams(ELASTICACHE, virginia, [
    [
      "NodeUsage:cache.r6g.large",
      "CreateCacheCluster:0002",
      "checkout",
      9.5,
      0.206,
      "Hrs",
      { weekendShare: 1 },
    ],
  ]),
  ...streams("Amazon Elastic Load Balancing", virginia, [
    [
      "LoadBalancerUsage",
      "LoadBalancing:Application",
      "checkout",
      3,
      0.0225,
      "Hrs",
      { weekendShare: 1 },
    ],
    ["LCUUsage", "LoadBalancing:Application", "checkout", 2, 0.008, "LCU-Hrs"],
  ]),
  ...streams("Amazon Route 53", edge, [
    ["DNS-Queries", "A", "platform", 0.6, 0.000_000_4, "Queries"],
  ]),
  ...streams(KMS, virginia, [
    ["us-east-1-KMS-Requests", "Decrypt", "platform", 0.9, 0.000_003, "Requests"],
  ]),
  ...streams(KMS, management, [
    ["us-east-1-KMS-Keys", "Unknown", "", 0.4, 1, "Keys", { weekendShare: 1 }],
  ]),
];

export const SAVINGS_PLAN = {
  arn: `arn:aws:savingsplans::${DEMO_ACCOUNT_ID}:savingsplan/5d0e1a6c-0000-4000-8000-00000000de05`,
  service: "Savings Plans for AWS Compute usage",
  usageType: "ComputeSP:1yrNoUpfront",
  /** The commitment, in currency units a day. It does not grow. */
  dailyFee: 30,
  /** What a covered hour costs under the plan, as a share of the on-demand price. */
  rate: 0.7,
} as const;

export const SUPPORT = {
  service: "AWS Support (Business)",
  usageType: "Dollar",
  /** Billed as a whole on the first of each month and on the account's first day, in currency units. */
  monthlyFee: 118,
} as const;

export const TAX = { service: "Tax", rate: 0.05 } as const;

/** A goodwill refund that arrives on this day of each month, in currency units. */
export const REFUND = { dayOfMonth: 9, amount: 18.4, usageType: "Requests-Tier1" } as const;

export const NO_REGION = "NoRegion";
export const NO_USAGE_TYPE = "NoUsageType";
export const NO_OPERATION = "NoOperation";
