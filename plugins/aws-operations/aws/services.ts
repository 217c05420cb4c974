/** Where the actions of the published policy stand, one statement for each kind of question. */
type Statement =
  | "Cost"
  | "Commitments"
  | "Budgets"
  | "Health"
  | "Metrics"
  | "Security"
  | "Iam"
  | "Resources"
  | "Activity";

export interface ServiceInfo {
  /** As people name it. */
  readonly title: string;
  /** The service in an IAM action. */
  readonly prefix: string;
  /** One endpoint for the whole partition, whatever the region. */
  readonly isGlobal: boolean;
  /** What each request costs, in hundredths of a US dollar. Default: nothing. */
  readonly priceInCents?: number;
  /** Requests that it takes in a second, in each region. Default: more than anybody asks. */
  readonly perSecond?: number;
  /** Everything that may be sent, and the statement that allows it; undefined where everybody may. */
  readonly operations: Readonly<Record<string, Statement | undefined>>;
}

/**
 * The allow-list: what the plugin can ask AWS. All of it only reads, and nothing else is sent; GenerateCredentialReport has IAM
 * write a report about the account, and changes nothing in it. Where a profile has a role, the SDK's credential provider sends
 * `sts:AssumeRole` to become it, as it signs in by SSO: that is how requests get their keys, and no question of the plugin's.
 */
export const services = {
  ce: {
    title: "Cost Explorer",
    prefix: "ce",
    isGlobal: true,
    priceInCents: 1,
    operations: {
      GetCostAndUsage: "Cost",
      GetCostForecast: "Cost",
      GetAnomalies: "Cost",
      GetAnomalyMonitors: "Cost",
      GetCostAndUsageComparisons: "Cost",
      GetCostComparisonDrivers: "Cost",
      GetSavingsPlansCoverage: "Commitments",
      GetSavingsPlansUtilization: "Commitments",
      GetReservationCoverage: "Commitments",
      GetReservationUtilization: "Commitments",
      GetSavingsPlansPurchaseRecommendation: "Commitments",
      GetRightsizingRecommendation: "Commitments",
    },
  },
  budgets: {
    title: "Budgets",
    prefix: "budgets",
    isGlobal: true,
    operations: { DescribeBudgets: "Budgets", DescribeBudgetNotificationsForAccount: "Budgets" },
  },
  sts: {
    title: "STS",
    prefix: "sts",
    isGlobal: false,
    operations: { GetCallerIdentity: undefined },
  },
  health: {
    title: "Health",
    prefix: "health",
    isGlobal: true,
    operations: {
      DescribeEvents: "Health",
      DescribeEventDetails: "Health",
      DescribeAffectedEntities: "Health",
    },
  },
  cloudwatch: {
    title: "CloudWatch",
    prefix: "cloudwatch",
    isGlobal: false,
    operations: { DescribeAlarms: "Metrics", GetMetricData: "Metrics", ListMetrics: "Metrics" },
  },
  "access-analyzer": {
    title: "Access Analyzer",
    prefix: "access-analyzer",
    isGlobal: false,
    operations: {
      ListAnalyzers: "Security",
      ListFindingsV2: "Security",
      GetFindingV2: "Security",
      GetFindingsStatistics: "Security",
    },
  },
  iam: {
    title: "IAM",
    prefix: "iam",
    isGlobal: true,
    operations: {
      GetAccountSummary: "Iam",
      GenerateCredentialReport: "Iam",
      GetCredentialReport: "Iam",
      GetAccountPasswordPolicy: "Iam",
      ListEntitiesForPolicy: "Iam",
      GetGroup: "Iam",
      GetAccountAuthorizationDetails: "Iam",
    },
  },
  ec2: {
    title: "EC2",
    prefix: "ec2",
    isGlobal: false,
    operations: {
      DescribeRegions: "Resources",
      DescribeInstances: "Resources",
      DescribeInstanceStatus: "Resources",
      DescribeVolumes: "Resources",
      DescribeAddresses: "Resources",
      DescribeSnapshots: "Resources",
      DescribeNatGateways: "Resources",
      DescribeSecurityGroups: "Resources",
      DescribeNetworkInterfaces: "Resources",
      DescribeVpcs: "Resources",
      DescribeSubnets: "Resources",
      DescribeRouteTables: "Resources",
      DescribeInternetGateways: "Resources",
    },
  },
  cloudtrail: {
    title: "CloudTrail",
    prefix: "cloudtrail",
    isGlobal: false,
    perSecond: 2,
    operations: { LookupEvents: "Activity" },
  },
} as const satisfies Readonly<Record<string, ServiceInfo>>;

export type Service = keyof typeof services;
export type OperationOf<S extends Service> = keyof (typeof services)[S]["operations"] & string;

/** Actions whose name is not that of the operation. */
const namedOtherwise: Readonly<Record<string, string>> = {
  "budgets:DescribeBudgets": "budgets:ViewBudget",
  "budgets:DescribeBudgetNotificationsForAccount": "budgets:ViewBudget",
  "access-analyzer:ListFindingsV2": "access-analyzer:ListFindings",
  "access-analyzer:GetFindingV2": "access-analyzer:GetFinding",
};

/** The IAM action that an operation needs: `ce:GetCostAndUsage`. */
export function actionOf(service: Service, operation: string): string {
  const action = `${services[service].prefix}:${operation}`;
  return namedOtherwise[action] ?? action;
}

/** CloudWatch charges $0.01 for a thousand metrics of GetMetricData. */
const metricPriceInCents = 0.001;

/** What a request costs, in hundredths of a US dollar. */
export function priceInCents(service: Service, operation: string, input: unknown): number {
  if (operation === "GetMetricData") {
    const { MetricDataQueries = [] } = input as { readonly MetricDataQueries?: readonly unknown[] };
    return MetricDataQueries.length * metricPriceInCents;
  }
  const { priceInCents: price = 0 }: ServiceInfo = services[service];
  return price;
}

/** Whether the service charges for each request. */
export function isPaid(service: Service): boolean {
  const { priceInCents: price }: ServiceInfo = services[service];
  return price !== undefined;
}

/** Whether it is on the allow-list. Callers without types, and types that were worked around, end here. */
export function isAllowed(service: string, operation: string): boolean {
  return (
    Object.hasOwn(services, service) &&
    Object.hasOwn(services[service as Service].operations, operation)
  );
}

/** The statements of the policy that are for a service; none where everybody may ask it. */
export function statementsOf(service: Service): string[] {
  const { operations }: ServiceInfo = services[service];
  return [...new Set(Object.values(operations))].filter((name) => name !== undefined);
}

/** An IAM policy that allows what the plugin asks, and nothing more. */
export function leastPrivilegePolicy(): object {
  const actions = new Map<Statement, Set<string>>();
  for (const [service, { operations }] of Object.entries(services)) {
    for (const [operation, statement] of Object.entries<Statement | undefined>(operations)) {
      if (statement === undefined) continue;
      const known = actions.get(statement) ?? new Set();
      actions.set(statement, known.add(actionOf(service as Service, operation)));
    }
  }
  return {
    Version: "2012-10-17",
    Statement: [...actions].map(([Sid, names]) => ({
      Sid,
      Effect: "Allow",
      Action: [...names],
      Resource: "*",
    })),
  };
}
