export {
  AWSPluginConfig,
  BillingConfig,
  configSchema,
  configSlips,
  costMetrics,
} from "./aws-config.ts";
export type { AWSOperationsConfig, CostMetric, SecurityConfig } from "./aws-config.ts";
export { connectionsOf } from "./connection.ts";
