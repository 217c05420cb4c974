export { AWSPluginConfig, BillingConfig, configSchema, costMetrics } from "./aws-config.ts";
export type { AWSOperationsConfig, CostMetric } from "./aws-config.ts";
