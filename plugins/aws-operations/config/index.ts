export {
  AWSPluginConfig,
  BillingConfig,
  configSchema,
  costMetrics,
  regionName,
} from "./aws-config.ts";
export type { AWSOperationsConfig, CostMetric } from "./aws-config.ts";
