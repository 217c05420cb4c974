import {
  analyzersIn,
  type DemoAccount,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import { LISTINGS } from "./ec2-calls.ts";
import { OPERATION_CALLS, SERVICES_UNDER_TEST } from "./operations.ts";

interface BotocoreCall {
  /** What botocore calls the service. */
  readonly service: string;
  /** Its name in a signature. */
  readonly signingName: string;
  readonly region: string;
  readonly operation: string;
  readonly input: object;
  /** The error that the answer is, where the account has nothing else to say. */
  readonly refusal?: string | undefined;
}

/** What botocore calls each service, and its published model. */
export const botocoreModels: readonly (readonly [boto: string, model: string])[] = [
  ...Object.values(SERVICES_UNDER_TEST).map(({ boto, model }) => [boto, model] as const),
  ["accessanalyzer", "accessanalyzer-2019-11-01"],
  ["ec2", "ec2-2016-11-15"],
  ["iam", "iam-2010-05-08"],
];

/** At least one call of each operation that the account serves, in an order in which all are answered. */
export function botocoreCalls(account: DemoAccount, now: string): readonly BotocoreCall[] {
  const inTable = OPERATION_CALLS.map(({ service, operation, input, refusal }) => {
    const { boto, signingName } = SERVICES_UNDER_TEST[service];
    return {
      service: boto,
      signingName,
      region: "us-east-1",
      operation,
      input: input(now),
      refusal,
    };
  });
  return [...inTable, ...analyzerCalls(account), ...ec2Calls(), ...iamCalls()];
}

function analyzerCalls({ estate }: DemoAccount): BotocoreCall[] {
  return ["us-east-1", "eu-west-1"].flatMap((region) => {
    const call = (operation: string, input: object): BotocoreCall => ({
      service: "accessanalyzer",
      signingName: "access-analyzer",
      region,
      operation,
      input,
    });
    const ofAnalyzers = analyzersIn(estate, region).flatMap(({ summary, findings }) => {
      const analyzerArn = summary.arn;
      return [
        call("ListFindingsV2", { analyzerArn, maxResults: 5 }),
        call("GetFindingsStatistics", { analyzerArn }),
        ...(summary.type === "ACCOUNT" ? [call("ListFindings", { analyzerArn })] : []),
        ...findings.map(({ summary: { id } }) => call("GetFindingV2", { analyzerArn, id })),
      ];
    });
    return [call("ListAnalyzers", {}), ...ofAnalyzers];
  });
}

function ec2Calls(): BotocoreCall[] {
  const ec2 = { service: "ec2", signingName: "ec2" };
  const lists = ["us-east-1", "eu-west-1"].flatMap((region) =>
    LISTINGS.map(([operation]) => ({ ...ec2, region, operation, input: {} })),
  );
  const regions = {
    region: "us-east-1",
    operation: "DescribeRegions",
    input: { AllRegions: true },
  };
  return [...lists, { ...ec2, ...regions }];
}

function iamCalls(): BotocoreCall[] {
  const inputs: readonly (readonly [operation: string, input: object])[] = [
    // The report is ready once it was asked for twice.
    ["GenerateCredentialReport", {}],
    ["GenerateCredentialReport", {}],
    ["GetCredentialReport", {}],
    ["GetAccountSummary", {}],
    ["GetAccountAuthorizationDetails", {}],
    ["GetAccountPasswordPolicy", {}],
    ["GetGroup", { GroupName: "developers" }],
    ["ListUsers", {}],
    ["ListAccessKeys", { UserName: "ci-runner" }],
    ["ListEntitiesForPolicy", { PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }],
  ];
  return inputs.map(([operation, input]) => ({
    service: "iam",
    signingName: "iam",
    region: "us-east-1",
    operation,
    input,
  }));
}
