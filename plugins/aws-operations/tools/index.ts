export { AWSCostExplorer } from "./aws-cost-explorer.ts";
export type { AnomalyReport, CallerIdentity, CostExplorerOptions } from "./aws-cost-explorer.ts";
export { awsCostAnalysis } from "./cost-analysis-tool.ts";
