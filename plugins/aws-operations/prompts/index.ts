import type { PromptDefinition } from "agentflow-mcp/plugin";
import { billingAnalysisPrompt, costOptimizationPrompt } from "./billing-prompts.ts";
import { changePlanPrompt } from "./change-plan-prompt.ts";
import { monthlyCostReviewPrompt } from "./monthly-cost-review.ts";
import { incidentReviewPrompt, outageResponsePrompt } from "./outage-prompts.ts";
import { securityAnalysisPrompt } from "./security-prompts.ts";
import type { PromptParts } from "./text-prompt.ts";

export const AWS_PROMPTS: Readonly<Record<string, (parts: PromptParts) => PromptDefinition>> = {
  billing_analysis: billingAnalysisPrompt,
  cost_optimization: costOptimizationPrompt,
  outage_response: outageResponsePrompt,
  security_analysis: securityAnalysisPrompt,
  monthly_cost_review: monthlyCostReviewPrompt,
  incident_review: incidentReviewPrompt,
  aws_change_plan: changePlanPrompt,
};
