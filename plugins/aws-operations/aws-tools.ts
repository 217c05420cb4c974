import type { PromptDefinition, ToolConfig } from "agentflow-mcp/plugin";
import type { ToolState } from "./account-status/status.ts";
import { awsAccountStatus } from "./account-status/tool.ts";
import { awsApiActivity } from "./api-activity/tool.ts";
import { withProfiles } from "./answer/call-profile.ts";
import type { AwsAnswers } from "./answer/aws-answers.ts";
import type { AwsApi } from "./aws/api.ts";
import type { Service } from "./aws/services.ts";
import type { AWSOperationsConfig } from "./config/index.ts";
import { awsCommitments } from "./commitments/tool.ts";
import { awsCostCompare } from "./cost-compare/tool.ts";
import { awsCostAnalysis } from "./cost-analysis/tool.ts";
import type { AWSCostExplorer } from "./cost-explorer/aws-cost-explorer.ts";
import { awsIamReview } from "./iam-review/tool.ts";
import { AWS_PROMPTS } from "./prompts/index.ts";
import { awsResourceInventory } from "./resource-inventory/tool.ts";
import type { AWSSecurityAnalyzer } from "./security/aws-security-analyzer.ts";
import { awsSecurityScan } from "./security-scan/tool.ts";
import { awsServiceHealth } from "./service-health/tool.ts";
import { awsUnusedResources } from "./unused-resources/tool.ts";

/** What the tools work with. */
export interface AwsParts {
  readonly api: AwsApi;
  readonly answers: AwsAnswers;
  readonly costExplorer: AWSCostExplorer;
  readonly securityAnalyzer: AWSSecurityAnalyzer;
  readonly config: AWSOperationsConfig;
}

/** What an operator can switch off, with the setting that does. */
const groups = {
  costOptimization: "enableCostOptimization",
  security: "enableSecurityScanning",
  health: "enableHealthMonitoring",
} as const satisfies Readonly<Record<string, keyof AWSOperationsConfig>>;

type Group = keyof typeof groups;

interface Entry {
  /** Undefined: always there. */
  readonly group?: Group;
  /** What it asks. */
  readonly services: readonly Service[];
  /** Makes the tool. One without a handler of its own is answered by that of its category. */
  readonly make: (parts: AwsParts, tools: readonly ToolState[]) => ToolConfig;
}

const tools: Readonly<Record<string, Entry>> = {
  aws_cost_analysis: { services: ["ce", "budgets"], make: () => awsCostAnalysis },
  aws_cost_compare: { services: ["ce"], make: awsCostCompare },
  aws_commitments: { group: "costOptimization", services: ["ce"], make: awsCommitments },
  aws_resource_inventory: { services: ["ec2"], make: () => awsResourceInventory },
  aws_unused_resources: {
    group: "costOptimization",
    // And Cost Explorer, for rightsizing, which nobody gets without asking for it.
    services: ["ec2"],
    make: awsUnusedResources,
  },
  aws_security_scan: {
    group: "security",
    services: ["access-analyzer", "ec2", "iam"],
    make: () => awsSecurityScan,
  },
  aws_iam_review: {
    group: "security",
    services: ["iam"],
    make: ({ config, ...parts }) => awsIamReview({ ...parts, config: config.securityConfig }),
  },
  aws_api_activity: {
    group: "security",
    services: ["cloudtrail"],
    make: awsApiActivity,
  },
  aws_service_health: {
    group: "health",
    services: ["health", "ec2", "cloudwatch"],
    make: () => awsServiceHealth,
  },
  aws_account_status: { services: [], make: awsAccountStatus },
};

const promptGroups: Readonly<Record<string, Group>> = {
  cost_optimization: "costOptimization",
  outage_response: "health",
  incident_review: "health",
  security_analysis: "security",
};

function isOn(group: Group | undefined, config: AWSOperationsConfig): boolean {
  return group === undefined || config[groups[group]];
}

/** Whether there is such a tool, and it is switched on. */
export function isOffered(name: string, config: AWSOperationsConfig): boolean {
  const entry = Object.hasOwn(tools, name) ? tools[name] : undefined;
  return entry !== undefined && isOn(entry.group, config);
}

/** All tools, those that are switched off among them. */
function toolStates(config: AWSOperationsConfig): ToolState[] {
  return Object.entries(tools).map(([name, { group, services }]) => ({
    name,
    services,
    ...(group !== undefined && !isOn(group, config) && { offBy: groups[group] }),
  }));
}

/** The tools of the groups that are switched on. */
export function toolsFor(parts: AwsParts): Readonly<Record<string, ToolConfig>> {
  const states = toolStates(parts.config);
  const { profiles } = parts.api;
  const on = Object.entries(tools).filter(([, { group }]) => isOn(group, parts.config));
  return Object.fromEntries(
    on.map(([name, { make }]) => [name, withProfiles(make(parts, states), profiles)]),
  );
}

/** The prompts of the groups that are switched on. They name only tools that are. */
export function promptsFor({
  config,
  api: { clock },
}: Pick<AwsParts, "config" | "api">): Readonly<Record<string, PromptDefinition>> {
  const parts = { config, clock, offers: (tool: string) => isOffered(tool, config) };
  const on = Object.entries(AWS_PROMPTS).filter(([name]) => isOn(promptGroups[name], config));
  return Object.fromEntries(on.map(([name, write]) => [name, write(parts)]));
}
