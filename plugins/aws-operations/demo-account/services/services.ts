import { formVersion, jsonTarget, restRoutes } from "../protocol/address.ts";
import type { AddressedService } from "../protocol/route.ts";

/** The services of the account, each loaded by the first request to it: most demos ask few of them. */
export const SERVICES: readonly AddressedService[] = [
  {
    address: jsonTarget("AWSInsightsIndexService"),
    load: async () => (await import("./cost-explorer/cost-explorer.ts")).costExplorer,
  },
  {
    address: jsonTarget("AWSBudgetServiceGateway"),
    load: async () => (await import("./budgets.ts")).budgets,
  },
  {
    address: jsonTarget("AWSHealth_20160804"),
    load: async () => (await import("./health/health.ts")).health,
  },
  {
    address: jsonTarget(
      // The SDK for JavaScript names it short, others as the published model does.
      "CloudTrail_20131101",
      "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    ),
    load: async () => (await import("./cloudtrail/cloudtrail.ts")).cloudTrail,
  },
  {
    address: jsonTarget("GraniteServiceVersion20100801"),
    load: async () => (await import("./cloudwatch/cloudwatch.ts")).cloudWatch,
  },
  {
    address: formVersion("2011-06-15"),
    load: async () => (await import("./sts.ts")).sts,
  },
  {
    address: formVersion("2016-11-15"),
    load: async () => (await import("./ec2/ec2.ts")).ec2,
  },
  {
    address: formVersion("2010-05-08"),
    load: async () => (await import("./iam/iam.ts")).iam,
  },
  {
    address: restRoutes({
      GetFindingV2: "GET /findingv2/{id}",
      GetFindingsStatistics: "POST /analyzer/findings/statistics",
      ListAnalyzers: "GET /analyzer",
      ListFindings: "POST /finding",
      ListFindingsV2: "POST /findingv2",
    }),
    load: async () => (await import("./access-analyzer/access-analyzer.ts")).accessAnalyzer,
  },
];
