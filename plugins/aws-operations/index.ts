import type { PluginInfo } from "agentflow-mcp/plugin";
import { configSchema } from "./config/index.ts";
import { type AWSOperationsPlugin, createPlugin, info } from "./plugin.ts";

export { AWSOperationsPlugin, createPlugin } from "./plugin.ts";
export type { AWSOperationsOptions } from "./plugin.ts";
export { getAwsCategories } from "./categories.ts";
export { AWSBillingHandler } from "./cost-analysis/billing-handler.ts";
export type { BillingHandlerOptions } from "./cost-analysis/billing-handler.ts";
export { AWSResourceHandler } from "./resource-inventory/resource-handler.ts";
export type { ResourceHandlerOptions } from "./resource-inventory/resource-handler.ts";
export { AWSCostExplorer } from "./cost-explorer/aws-cost-explorer.ts";
export type { AnomalyReport, CostExplorerOptions } from "./cost-explorer/aws-cost-explorer.ts";
export { AWSHealthChecker } from "./service-health/aws-health-checker.ts";
export { AWSOutageHandler } from "./service-health/outage-handler.ts";
export type { OutageHandlerOptions } from "./service-health/outage-handler.ts";
export { AWSSecurityAnalyzer } from "./security/aws-security-analyzer.ts";
export { AWSSecurityHandler } from "./security-scan/security-handler.ts";
export type { SecurityHandlerOptions } from "./security-scan/security-handler.ts";
export type { CallerIdentity } from "./aws/identity.ts";
export { AWSPluginConfig, configSchema } from "./config/index.ts";

/** The plugin's metadata, for those who look before they create it. */
export const PLUGIN_INFO: PluginInfo & {
  readonly entryPoint: (options?: Record<string, unknown>) => AWSOperationsPlugin;
  readonly configSchema: typeof configSchema;
} = {
  ...info,
  categories: ["cloud", "infrastructure", "billing", "security"],
  entryPoint: createPlugin,
  configSchema,
};
