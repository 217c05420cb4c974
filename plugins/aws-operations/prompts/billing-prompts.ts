import type { PromptDefinition } from "agentflow-mcp/plugin";

export const billingAnalysisPrompt: PromptDefinition = {
  title: "AWS billing analysis",
  description: "Answers a question about AWS costs from billing data.",
  template: `You are an AWS billing expert helping users understand their cloud costs.

User Question: {original_message}
Billing Data: {billing_data}
Analysis Type: {analysis_type}
User Context: {user_context}

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

Be specific with amounts and percentages, and keep the currency of each amount as \`aws_cost_analysis\` reports it. Compare the full days of the current month with as many days of the previous month, never with the whole of it. If you notice concerning trends (>20% increase, unusual spikes), emphasize them.

Keep the tone professional but friendly. Avoid technical jargon unless necessary.`,
  arguments: {
    original_message: {
      title: "Question",
      description: "The user's question, in their own words.",
    },
    billing_data: {
      title: "Billing data",
      description: "An answer of aws_cost_analysis, if there is one already.",
      whenAbsent:
        "None yet. Call `aws_cost_analysis` with the analysis that fits the question and use its answer; call it again with other arguments where the first answer leaves the question open.",
    },
    analysis_type: {
      title: "Analysis type",
      description: "overview, breakdown, trends, forecast, anomalies or alerts.",
      whenAbsent:
        "the one that fits the question: overview, breakdown, trends, forecast, anomalies or alerts (the `analysis` argument of `aws_cost_analysis`)",
    },
    user_context: {
      title: "User context",
      description: "What is known about the user, their team and their workloads.",
      whenAbsent: "not given",
    },
  },
};

export const costOptimizationPrompt: PromptDefinition = {
  title: "AWS cost optimization",
  description: "Recommends how to spend less, with savings, effort and risk of each step.",
  template: `You are an AWS cost optimization specialist. Review the following cost data and provide optimization recommendations:

Cost Data: {cost_data}
Usage Patterns: {usage_patterns}
Current Architecture: {architecture_info}

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

Derive each estimate from the cost data and say how; where the data do not support an estimate, say what is missing. Focus on the highest-impact, lowest-risk optimizations first.`,
  arguments: {
    cost_data: {
      title: "Cost data",
      description: "Answers of aws_cost_analysis, if there are some already.",
      whenAbsent:
        'None yet. Call `aws_cost_analysis` with {"analysis": "breakdown"}, then with {"analysis": "breakdown", "groupBy": "USAGE_TYPE"} for the largest services, and use the answers.',
    },
    usage_patterns: {
      title: "Usage patterns",
      description: "How the workloads are used: hours, peaks, seasons.",
      whenAbsent:
        'Not given. Call `aws_cost_analysis` with {"analysis": "trends"} to see how costs developed, and ask the user for hours, peaks and seasons of the largest workloads.',
    },
    architecture_info: {
      title: "Current architecture",
      description: "What runs where, and what must not change.",
      whenAbsent:
        "Not given. Ask the user what runs in the most expensive services and what must not change.",
    },
  },
};
