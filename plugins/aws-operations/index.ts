import type { PluginInfo } from "agentflow-mcp/plugin";
import { configSchema } from "./config/index.ts";
import { type AWSOperationsPlugin, createPlugin, info } from "./plugin.ts";

export { AWSOperationsPlugin, createPlugin } from "./plugin.ts";
export type { AWSOperationsOptions } from "./plugin.ts";
export { getAwsCategories } from "./categories.ts";
export { AWSBillingHandler } from "./handlers/index.ts";
export type { BillingHandlerOptions } from "./handlers/index.ts";
export { AWSCostExplorer } from "./tools/index.ts";
export type { AnomalyReport, CallerIdentity, CostExplorerOptions } from "./tools/index.ts";
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
