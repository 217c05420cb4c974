import type { PromptDefinition } from "agentflow-mcp/plugin";

export const outageResponsePrompt: PromptDefinition = {
  title: "AWS outage response",
  description: "Troubleshooting steps and escalation guidance for a service issue.",
  template: `You are an AWS incident response specialist. A user is reporting a service issue.

Issue: {message}
Service Health: {health_data}
User Environment: {user_context}

Provide immediate troubleshooting steps and escalation guidance.`,
  arguments: {
    message: { title: "Issue", description: "What the user reports, in their own words." },
    health_data: {
      title: "Service health",
      description: "Events of the AWS Health Dashboard for the services and regions concerned.",
      whenAbsent:
        "Not given. Ask the user for the open events of their AWS Health Dashboard (https://health.aws.amazon.com/health/home) and for the error messages, times and regions they see. Do not assume that AWS is at fault, nor that it is not.",
    },
    user_context: {
      title: "User environment",
      description: "Accounts, regions, services and recent changes.",
      whenAbsent: "Not given. Ask for regions, services and what changed recently.",
    },
  },
};
