import type { ToolConfig } from "agentflow-mcp/plugin";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import { securityScanInput } from "./input.ts";
import { securityAnswerOutput } from "./output.ts";

/** Answered by the handler of its category. */
export const awsSecurityScan: ToolConfig = readOnlyTool({
  title: "AWS security scan",
  description: `Looks for what is exposed in the AWS account: what anybody or another account can reach (IAM Access Analyzer), security groups open to the internet on sensitive ports and what is attached to them, access that nobody uses, the root user. The worst first, each finding with the SOC 2 and ISO 27001 controls that it bears on. All arguments are optional.

- Check for security vulnerabilities: {}
- Is anything public? {"checks": ["public_exposure"]}
- Security group configuration, in two regions: {"checks": ["public_exposure"], "regions": ["us-east-1", "eu-west-1"]}
- Who outside can get at our data? {"checks": ["external_access"], "includeArchived": true}
- Only what is urgent: {"minSeverity": "HIGH"}

Who is an administrator, MFA, old keys and policies: aws_iam_review. Who did what: aws_api_activity. A region without an analyzer is a finding (NO_ANALYZER), since nobody looks there. It does not look for unpatched software. Read-only and free.`,
  category: "AWS_SECURITY",
  inputSchema: securityScanInput,
  outputSchema: published(securityAnswerOutput),
  config: { toolName: "aws_security_analyzer", timeout: 45, retryCount: 1 },
});
