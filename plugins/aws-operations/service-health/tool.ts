import type { ToolConfig } from "agentflow-mcp/plugin";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import { serviceHealthInput } from "./input.ts";
import { serviceHealthOutput } from "./output.ts";

/** Answered by the handler of its category. */
export const awsServiceHealth: ToolConfig = readOnlyTool({
  title: "AWS service health",
  description: `Says whether trouble is AWS's or yours, or that it cannot be told, and why. AWS's side: events of AWS Health (issues, maintenance, notices) with the resources they name. Yours: status checks of EC2 instances, CloudWatch alarms that are in ALARM, and for each service that is named its errors and latency of the last hour beside the day before. All arguments are optional.

- RDS in us-west-2 fails: {"services": ["rds"], "regions": ["us-west-2"]}
- Lambda functions are timing out: {"services": ["lambda"]}
- Is this instance ill, or its host? {"resources": ["i-0123456789abcdef0"], "regions": ["eu-west-1"]}
- Is anything down? {"regions": ["all"]}
- What did AWS break last week? {"status": ["closed"], "sinceDays": 7}

Services with metrics: alb, apigateway, dynamodb, ec2, elb, kinesis, lambda, nlb, rds, s3, sns, sqs, stepfunctions. Without a paid support plan AWS's events are unknown (HEALTH_NEEDS_SUPPORT_PLAN); the rest is answered. Read-only; free but for the metrics, $0.01 per 1,000.`,
  category: "AWS_OUTAGE",
  inputSchema: serviceHealthInput,
  outputSchema: published(serviceHealthOutput),
  config: { toolName: "aws_health_dashboard", timeout: 15, retryCount: 2 },
});
