import type { PromptDefinition } from "agentflow-mcp/plugin";
import { billingAnalysisPrompt, costOptimizationPrompt } from "./billing-prompts.ts";
import { outageResponsePrompt } from "./outage-prompts.ts";
import { securityAnalysisPrompt } from "./security-prompts.ts";

export const AWS_PROMPTS: Readonly<Record<string, PromptDefinition>> = {
  billing_analysis: billingAnalysisPrompt,
  cost_optimization: costOptimizationPrompt,
  outage_response: outageResponsePrompt,
  security_analysis: securityAnalysisPrompt,
};

export { changePlanPrompt } from "./change-plan-prompt.ts";
