import type { ToolConfig } from "agentflow-mcp/plugin";
import { costAnalysisInput } from "./cost-analysis-input.ts";
import { costAnalysisOutput } from "./cost-analysis-output.ts";

/** Answered by the handler of its category. */
export const awsCostAnalysis: ToolConfig = {
  type: "mcp_tool",
  title: "AWS cost analysis",
  description: `Answers questions about AWS costs from Cost Explorer and Budgets: what was spent, on what, how it developed, what is expected, what is unusual, which budgets are exceeded. All arguments are optional.

- Why is the bill so high? {"analysis": "overview"}, then {"analysis": "breakdown", "services": ["EC2"], "groupBy": "USAGE_TYPE"} for the service that grew
- Costs of October by team: {"analysis": "breakdown", "start": "2026-10-01", "end": "2026-10-31", "groupBy": "TAG:team"}
- How did costs develop? {"analysis": "trends", "months": 12}
- What will we pay? {"analysis": "forecast"}
- Anything unusual? {"analysis": "anomalies", "minImpact": 50}
- Are we over budget? {"analysis": "alerts"}

Days are UTC and both ends are included. A month that is not over is compared with the same days of the month before. Read-only. AWS charges $0.01 per request to Cost Explorer; repeated questions are answered from a cache, and \`meta.ceRequests\` says what was sent.`,
  category: "AWS_BILLING",
  inputSchema: costAnalysisInput,
  outputSchema: costAnalysisOutput,
  annotations: {
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: true,
  },
  permissions: ["aws:read", "aws:analyze"],
  config: { toolName: "aws_cost_explorer", timeout: 30, retryCount: 3 },
};
