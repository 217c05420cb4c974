import type { AwsApi } from "../aws/api.ts";
import { isToolError } from "../aws/errors.ts";
import { callerIdentity } from "../aws/identity.ts";
import type { CallScope } from "../aws/requests.ts";
import { type Service, services, statementsOf } from "../aws/services.ts";
import type { AWSCostExplorer } from "../cost-explorer/aws-cost-explorer.ts";
import { addDays, toDay } from "../cost-explorer/periods.ts";

/** Whether a service answers these credentials. */
export interface ProbedService {
  /** As people name it. */
  readonly service: string;
  readonly works: boolean;
  /** What went wrong, and what to do. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** Which statements of the published policy are for it. */
  readonly statements: string[];
}

export interface ProbeParts {
  readonly api: AwsApi;
  readonly costExplorer: AWSCostExplorer;
  readonly scope: CallScope;
}

const minute = 60_000;

/** The smallest question to a service: its first page, of which nothing is read. */
const probes: {
  readonly [S in Service]: (parts: ProbeParts) => Promise<unknown>;
} = {
  sts: ({ api, scope }) => callerIdentity(api, scope),
  ce: ({ costExplorer, scope }) => {
    const yesterday = addDays(toDay(costExplorer.api.clock()), -1);
    const period = { start: yesterday, end: yesterday };
    return costExplorer.getCostsGrouped({ period, granularity: "DAILY" }, [], scope);
  },
  budgets: async ({ api, scope }) => {
    const { account } = await callerIdentity(api, scope);
    const input = { AccountId: account, MaxResults: 1 };
    return api.ask({ service: "budgets", operation: "DescribeBudgets", input, ...small }, scope);
  },
  health: ({ api, scope }) =>
    api.ask(
      { service: "health", operation: "DescribeEvents", input: { maxResults: 10 }, ...small },
      scope,
    ),
  cloudwatch: ({ api, scope }) =>
    api.ask(
      { service: "cloudwatch", operation: "DescribeAlarms", input: { MaxRecords: 1 }, ...small },
      scope,
    ),
  "access-analyzer": ({ api, scope }) =>
    api.ask(
      {
        service: "access-analyzer",
        operation: "ListAnalyzers",
        input: { maxResults: 1 },
        ...small,
      },
      scope,
    ),
  iam: ({ api, scope }) =>
    api.ask({ service: "iam", operation: "GetAccountSummary", input: {}, ...small }, scope),
  ec2: ({ api, scope }) =>
    api.ask({ service: "ec2", operation: "DescribeRegions", input: {}, ...small }, scope),
  cloudtrail: ({ api, scope }) =>
    api.ask(
      { service: "cloudtrail", operation: "LookupEvents", input: { MaxResults: 1 }, ...small },
      scope,
    ),
};

const small = { ttlMs: 5 * minute, maxPages: 1, read: () => true };

/** Asks a service whether it answers. Never rejects. */
export async function probe(service: Service, parts: ProbeParts): Promise<ProbedService> {
  const about = { service: services[service].title, statements: statementsOf(service) };
  try {
    await probes[service](parts);
    return { ...about, works: true };
  } catch (error) {
    if (!isToolError(error)) throw error;
    const isMissing = error.code === "CE_NO_DATA";
    return { ...about, works: isMissing, code: error.code, message: error.message };
  }
}
