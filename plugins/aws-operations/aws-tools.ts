import type { PromptDefinition, ToolConfig } from "agentflow-mcp/plugin";
import type { AwsAnswers } from "./answer/aws-answers.ts";
import type { AwsApi } from "./aws/api.ts";
import type { AWSOperationsConfig } from "./config/index.ts";
import { awsCostAnalysis } from "./cost-analysis/tool.ts";
import type { AWSCostExplorer } from "./cost-explorer/aws-cost-explorer.ts";
import { awsIamReview } from "./iam-review/tool.ts";
import { AWS_PROMPTS } from "./prompts/index.ts";
import type { AWSSecurityAnalyzer } from "./security/aws-security-analyzer.ts";
import { awsSecurityScan } from "./security-scan/tool.ts";

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
  /** Makes the tool. One without a handler of its own is answered by that of its category. */
  readonly make: (parts: AwsParts) => ToolConfig;
}

const tools: Readonly<Record<string, Entry>> = {
  aws_cost_analysis: { make: () => awsCostAnalysis },
  aws_iam_review: {
    group: "security",
    make: ({ config, ...parts }) => awsIamReview({ ...parts, config: config.securityConfig }),
  },
  aws_security_scan: { group: "security", make: () => awsSecurityScan },
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
  const on = Object.entries(AWS_PROMPTS).filter(([name]) => isOn(promptGroups[name], config));
  return Object.fromEntries(on);
}
