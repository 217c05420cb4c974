import type { PromptDefinition } from "agentflow-mcp/plugin";
import { examplesOf } from "../categories.ts";
import { determineAnalysisType } from "../cost-analysis/query.ts";
import { analyses } from "../cost-analysis/tool.ts";
import { listCalls } from "./calls.ts";
import { notSaid, planOnly, sameDays } from "./phrases.ts";
import { dataField, type PromptParts, textPrompt } from "./text-prompt.ts";

export function billingAnalysisPrompt(parts: PromptParts): PromptDefinition {
  return textPrompt({
    title: "AWS billing analysis",
    description: "Answers a question about AWS costs from billing data.",
    arguments: {
      original_message: {
        title: "Question",
        description: "The user's question, in their own words.",
        complete: examplesOf("AWS_BILLING"),
      },
      billing_data: {
        title: "Billing data",
        description: "Answers of the tools about costs, if there are some already.",
        required: false,
      },
      analysis_type: {
        title: "Analysis type",
        description: `${analyses.join(", ")}. Default: what the question asks for.`,
        required: false,
        complete: analyses,
      },
      user_context: {
        title: "User context",
        description: "What is known about the user, their team and their workloads.",
        required: false,
      },
    },
    write: ({ original_message = notSaid, billing_data, analysis_type, user_context }) => {
      const analysis =
        analyses.find((name) => name === analysis_type?.toLowerCase()) ??
        determineAnalysisType(original_message);
      const calls = listCalls(
        [
          {
            tool: "aws_cost_analysis",
            arguments: { analysis },
            for: "what the question asks for first",
          },
          {
            tool: "aws_cost_compare",
            for: "why two months differ; name others as `baseline` and `comparison`",
          },
          {
            tool: "aws_cost_analysis",
            arguments: { analysis: "breakdown", groupBy: "USAGE_TYPE" },
            for: "what a service is made of; name it in `services`",
          },
        ],
        parts,
      );
      return `You are an AWS billing expert helping users understand their cloud costs.

User Question: ${original_message}
${dataField("Billing Data", billing_data, `None yet. Call the first of these and use its answer; go on with the others where it leaves the question open:\n\n${calls}\n`)}
Analysis Type: ${analysis_type ?? `${analysis}, by the words of the question; another one if it fits better: ${analyses.join(", ")}`}
User Context: ${user_context ?? "not given"}

Based on the billing data provided, give a clear, actionable response that:

1. **Directly answers the user's question**
2. **Highlights key cost insights** (increases, decreases, anomalies)
3. **Identifies top cost drivers** (services, regions, usage patterns)
4. **Provides specific recommendations** for cost optimization
5. **Suggests next steps** the user should take

Format your response with:

- **Summary**: 1-2 sentence overview
- **Key Findings**: 3-5 bullet points of important insights
- **Cost Breakdown**: Table or list of major cost components
- **Recommendations**: 3-5 actionable suggestions
- **Next Steps**: What the user should do next

Be specific with dollar amounts and percentages, and keep the currency that each amount has in the data. ${sameDays} If you notice concerning trends (>20% increase, unusual spikes), emphasize them. Say what the data leave open instead of guessing.

Keep the tone professional but friendly. Avoid technical jargon unless necessary.`;
    },
  });
}

export function costOptimizationPrompt(parts: PromptParts): PromptDefinition {
  return textPrompt({
    title: "AWS cost optimization",
    description: "Recommends how to spend less, with savings, effort and risk of each step.",
    arguments: {
      cost_data: {
        title: "Cost data",
        description: "Answers of the tools about costs, if there are some already.",
        required: false,
      },
      usage_patterns: {
        title: "Usage patterns",
        description: "How the workloads are used: hours, peaks, seasons.",
        required: false,
      },
      architecture_info: {
        title: "Current architecture",
        description: "What runs where, and what must not change.",
        required: false,
      },
    },
    write: ({ cost_data, usage_patterns, architecture_info }) => {
      const costCalls = listCalls(
        [
          {
            tool: "aws_cost_analysis",
            arguments: { analysis: "breakdown" },
            for: "what is spent, by service",
          },
          {
            tool: "aws_cost_analysis",
            arguments: { analysis: "breakdown", groupBy: "USAGE_TYPE" },
            for: "what the largest services are made of; name them in `services`",
          },
          {
            tool: "aws_unused_resources",
            arguments: { regions: ["all"], rightsizing: true },
            for: "quick wins and right-sizing: what is paid for and not used, or too large",
          },
          {
            tool: "aws_commitments",
            arguments: { recommend: true },
            for: "how well commitments are used, and what AWS would buy",
          },
        ],
        parts,
      );
      const usageCalls = listCalls(
        [
          {
            tool: "aws_cost_analysis",
            arguments: { analysis: "trends", months: 12 },
            for: "how costs developed",
          },
        ],
        parts,
      );
      const architectureCalls = listCalls(
        [
          {
            tool: "aws_resource_inventory",
            arguments: { types: ["instances", "volumes", "nat_gateways"], regions: ["all"] },
            for: "what runs where, and of what size",
          },
        ],
        parts,
      );
      return `You are an AWS cost optimization specialist. Review the following cost data and provide optimization recommendations:

${dataField("Cost Data", cost_data, `None yet. Call these and use their answers:\n\n${costCalls}\n`)}
${dataField("Usage Patterns", usage_patterns, `Not given. Ask the user for hours, peaks and seasons of the largest workloads, and call:\n\n${usageCalls}\n`)}
${dataField("Current Architecture", architecture_info, `Not given. Ask the user what must not change, and call:\n\n${architectureCalls}\n`)}
Provide recommendations in these categories:

1. **Quick Wins** (immediate savings, low effort)
2. **Reserved Instances/Savings Plans** (commitment-based savings)
3. **Right-sizing** (instance optimization)
4. **Architecture Changes** (longer-term optimizations)

For each recommendation:

- Estimated monthly savings
- Implementation effort (Low/Medium/High)
- Risk level (Low/Medium/High)
- Steps to implement

Derive each estimate from the data and say how; where the data do not support an estimate, say what is missing. Count no saving twice: what is given up needs no commitment. Focus on the highest-impact, lowest-risk optimizations first. ${planOnly}`;
    },
  });
}
