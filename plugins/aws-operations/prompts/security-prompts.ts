import type { PromptDefinition } from "agentflow-mcp/plugin";

export const securityAnalysisPrompt: PromptDefinition = {
  title: "AWS security analysis",
  description: "Assesses a security concern and gives remediation steps.",
  template: `You are an AWS security specialist reviewing potential security issues.

Security Concern: {message}
Security Scan Results: {security_data}
User Permissions: {user_context}

Assess the security situation and provide remediation steps.`,
  arguments: {
    message: { title: "Concern", description: "What the user is worried about." },
    security_data: {
      title: "Security scan results",
      description: "Findings, policies or logs that bear on the concern.",
      whenAbsent:
        "Not given. Ask the user for what bears on the concern: findings of IAM Access Analyzer, the policies in question, or the CloudTrail events. Never ask for keys or passwords.",
    },
    user_context: {
      title: "User permissions",
      description: "What the user may see and change.",
      whenAbsent: "Not given. Ask what the user may change before you recommend commands to run.",
    },
  },
};
