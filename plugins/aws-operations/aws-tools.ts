import type { PromptDefinition, ToolConfig } from "agentflow-mcp/plugin";
import type { AwsAnswers } from "./answer/aws-answers.ts";
import type { AwsApi } from "./aws/api.ts";
import type { AWSOperationsConfig } from "./config/index.ts";
import { awsCostAnalysis } from "./cost-analysis/tool.ts";
import type { AWSCostExplorer } from "./cost-explorer/aws-cost-explorer.ts";
import { awsResourceInventory } from "./resource-inventory/tool.ts";
import { AWS_PROMPTS, changePlanPrompt } from "./prompts/index.ts";
import { awsUnusedResources } from "./unused-resources/tool.ts";

/** What the tools work with. */
export interface AwsParts {
  readonly api: AwsApi;
  readonly answers: AwsAnswers;
  readonly costExplorer: AWSCostExplorer;
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
  /** Makes the tool. One without a handler of its own is answered by that of its category. */
  readonly make: (parts: AwsParts) => ToolConfig;
}

const tools: Readonly<Record<string, Entry>> = {
  aws_cost_analysis: { make: () => awsCostAnalysis },
  aws_resource_inventory: { make: () => awsResourceInventory },
  aws_unused_resources: { group: "costOptimization", make: awsUnusedResources },
};

const promptGroups: Readonly<Record<string, Group>> = {
  cost_optimization: "costOptimization",
  outage_response: "health",
  security_analysis: "security",
};

function isOn(group: Group | undefined, config: AWSOperationsConfig): boolean {
  return group === undefined || config[groups[group]];
}

/** The tools of the groups that are switched on. */
export function toolsFor(parts: AwsParts): Readonly<Record<string, ToolConfig>> {
  const on = Object.entries(tools).filter(([, { group }]) => isOn(group, parts.config));
  return Object.fromEntries(on.map(([name, { make }]) => [name, make(parts)]));
}

export function promptsFor(
  config: AWSOperationsConfig,
): Readonly<Record<string, PromptDefinition>> {
  const all = { ...AWS_PROMPTS, aws_change_plan: changePlanPrompt(config) };
  const on = Object.entries(all).filter(([name]) => isOn(promptGroups[name], config));
  return Object.fromEntries(on);
}
