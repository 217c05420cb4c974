export { AWSPluginConfig, BillingConfig, configSchema, costMetrics } from "./aws-config.ts";
export type { AWSOperationsConfig, CostMetric, SecurityConfig } from "./aws-config.ts";
