import type {
  AnalyzerSummary,
  Criterion,
  FindingDetails,
  FindingSummaryV2,
  FindingsStatistics,
} from "@aws-sdk/client-accessanalyzer";
import type { NetworkInterface, SecurityGroup } from "@aws-sdk/client-ec2";
import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";

const minutes = 60_000;
const ttlMs = 5 * minutes;

/** An analyzer and where it is. */
export interface AnalyzerIn {
  readonly region: string;
  readonly arn: string;
}

/** The most ids that one filter of EC2 takes. */
const filterValues = 200;

/** Reads what AWS knows of who can reach the account: Access Analyzer, security groups, the summary of IAM. */
export class AWSSecurityAnalyzer {
  readonly api: AwsApi;

  constructor({ api }: { readonly api: AwsApi }) {
    this.api = api;
  }

  async analyzers(region: string, scope?: CallScope): Promise<readonly AnalyzerSummary[]> {
    const { value } = await this.api.ask(
      {
        service: "access-analyzer",
        operation: "ListAnalyzers",
        region,
        input: {},
        ttlMs,
        missing: ({ analyzers }) => (analyzers === undefined ? "analyzers" : undefined),
        read: (pages) => pages.flatMap(({ analyzers = [] }) => analyzers),
      },
      scope,
    );
    return value;
  }

  async findings(
    { region, arn }: AnalyzerIn,
    filter: Readonly<Record<string, Criterion>>,
    scope?: CallScope,
  ): Promise<{ readonly findings: readonly FindingSummaryV2[]; readonly truncated: boolean }> {
    const { value, truncated } = await this.api.ask(
      {
        service: "access-analyzer",
        operation: "ListFindingsV2",
        region,
        input: { analyzerArn: arn, filter },
        ttlMs,
        missing: ({ findings }) => (findings === undefined ? "findings" : undefined),
        read: (pages) => pages.flatMap(({ findings = [] }) => findings),
      },
      scope,
    );
    return { findings: value, truncated };
  }

  /** What the analyzer itself has counted. */
  async statistics(
    { region, arn }: AnalyzerIn,
    scope?: CallScope,
  ): Promise<readonly FindingsStatistics[]> {
    const { value } = await this.api.ask(
      {
        service: "access-analyzer",
        operation: "GetFindingsStatistics",
        region,
        input: { analyzerArn: arn },
        ttlMs,
        missing: ({ findingsStatistics }) =>
          findingsStatistics === undefined ? "findingsStatistics" : undefined,
        read: (pages) => pages.flatMap(({ findingsStatistics = [] }) => findingsStatistics),
      },
      scope,
    );
    return value;
  }

  async details(
    { region, arn }: AnalyzerIn,
    id: string,
    scope?: CallScope,
  ): Promise<readonly FindingDetails[]> {
    const { value } = await this.api.ask(
      {
        service: "access-analyzer",
        operation: "GetFindingV2",
        region,
        input: { analyzerArn: arn, id },
        ttlMs,
        missing: ({ findingDetails }) =>
          findingDetails === undefined ? "findingDetails" : undefined,
        read: (pages) => pages.flatMap(({ findingDetails = [] }) => findingDetails),
      },
      scope,
    );
    return value;
  }

  async securityGroups(
    region: string,
    scope?: CallScope,
  ): Promise<{ readonly groups: readonly SecurityGroup[]; readonly truncated: boolean }> {
    const { value, truncated } = await this.api.ask(
      {
        service: "ec2",
        operation: "DescribeSecurityGroups",
        region,
        input: { MaxResults: 1000 },
        ttlMs,
        missing: ({ SecurityGroups }) =>
          SecurityGroups === undefined ? "SecurityGroups" : undefined,
        read: (pages) => pages.flatMap(({ SecurityGroups = [] }) => SecurityGroups),
      },
      scope,
    );
    return { groups: value, truncated };
  }

  /** The network interfaces that any of the groups is attached to. */
  async interfacesOf(
    groupIds: readonly string[],
    region: string,
    scope?: CallScope,
  ): Promise<readonly NetworkInterface[]> {
    const found: NetworkInterface[] = [];
    for (let at = 0; at < groupIds.length; at += filterValues) {
      const Values = groupIds.slice(at, at + filterValues);
      const { value } = await this.api.ask(
        {
          service: "ec2",
          operation: "DescribeNetworkInterfaces",
          region,
          input: { Filters: [{ Name: "group-id", Values }], MaxResults: 1000 },
          ttlMs,
          missing: ({ NetworkInterfaces }) =>
            NetworkInterfaces === undefined ? "NetworkInterfaces" : undefined,
          read: (pages) => pages.flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces),
        },
        scope,
      );
      found.push(...value);
    }
    return found;
  }

  /** What IAM counts: `Users`, `AccountMFAEnabled`. */
  async accountSummary(scope?: CallScope): Promise<Readonly<Record<string, number>>> {
    const { value } = await this.api.ask(
      {
        service: "iam",
        operation: "GetAccountSummary",
        input: {},
        ttlMs,
        missing: ({ SummaryMap = {} }) =>
          SummaryMap.AccountMFAEnabled === undefined ? "AccountMFAEnabled" : undefined,
        read: ([page]) => page?.SummaryMap ?? {},
      },
      scope,
    );
    return value;
  }
}
