import type { ToolConfig, ToolContext, ToolResult } from "agentflow-mcp/plugin";
import { z } from "zod";
import { textOrFailure } from "../answer/aws-answers.ts";
import { list, refresh } from "../answer/lenient.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import type { AwsParts } from "../aws-tools.ts";
import { addDays, monthOf, monthsAway, toDay } from "../cost-explorer/periods.ts";
import { suggestActions } from "./actions.ts";
import { type CommitmentsOutput, commitmentsOutput } from "./output.ts";
import { type CommitmentQuery, reservable, type Reservable, sectionsOf } from "./sections.ts";
import { writeText } from "./text.ts";

const names = Object.keys(reservable) as [Reservable, ...Reservable[]];

export const commitmentsInput = z.strictObject({
  kind: z
    .enum(["savings_plans", "reservations", "both"])
    .default("both")
    .describe("Which commitments to look at."),
  months: z
    .int()
    .min(1)
    .max(12)
    .default(3)
    .describe("Full months before the current one, which counts up to yesterday."),
  services: list(
    z.enum(names),
    'Reservations of these services: ["EC2", "RDS"] (default). AWS takes one at a time: each costs two requests.',
    ",",
  ),
  recommend: z
    .boolean()
    .default(false)
    .describe("Also what AWS would buy: a Compute Savings Plan, going by the last 30 days."),
  termYears: z
    .union([z.literal(1), z.literal(3)])
    .default(1)
    .describe("Of the recommended plan."),
  upfront: z
    .enum(["none", "partial", "all"])
    .default("none")
    .describe("What of the recommended plan is paid at once."),
  refresh,
});

type CommitmentsInput = z.infer<typeof commitmentsInput>;

/** What is committed to, and whether it pays. */
export function awsCommitments(parts: AwsParts): ToolConfig {
  return readOnlyTool({
    title: "AWS commitments",
    description: `Says how well Savings Plans and reservations are used, how much of the usage that they could cover they do cover, and on request what AWS would buy. All arguments are optional.

- Are our Savings Plans used up? {"kind": "savings_plans"}
- Should we buy Reserved Instances or Savings Plans? {"recommend": true}
- How did coverage develop? {"months": 12}

Read-only: it buys nothing. AWS charges $0.01 per request to Cost Explorer, of which this takes up to 7.`,
    category: "AWS_BILLING",
    inputSchema: commitmentsInput,
    outputSchema: published(commitmentsOutput),
    handler: (input: CommitmentsInput, context) => review(parts, input, context),
    config: { toolName: "aws_cost_explorer", timeout: 30, retryCount: 2 },
  });
}

function review(
  { api, answers, costExplorer, config }: AwsParts,
  input: CommitmentsInput,
  context: ToolContext,
): Promise<ToolResult<CommitmentsOutput>> {
  const { kind, months, services = [], recommend, termYears, upfront } = input;
  const today = toDay(api.clock());
  const query: CommitmentQuery = {
    kinds: new Set(kind === "both" ? (["savings_plans", "reservations"] as const) : [kind]),
    period: { start: monthsAway(today, -months), end: addDays(today, -1) },
    openMonth: monthOf(today),
    services: services.length === 0 ? ["EC2", "RDS"] : [...new Set(services)],
    plan: recommend ? { termYears, upfront } : undefined,
  };
  const about = {
    intentType: "AWS_BILLING",
    toolsUsed: ["aws_cost_explorer"],
    refresh: input.refresh,
  };
  return answers.answer(context, about, async ({ now, scope, settle, meta }) => {
    const sections = await settle(sectionsOf({ api, query, scope }));
    const { recommendation } = sections;
    const told = recommendation?.status === "ok" ? recommendation.currency : undefined;
    const data: CommitmentsOutput = {
      timestamp: now.toISOString(),
      meta: {
        ...(await meta()),
        ...(told === undefined
          ? costExplorer.likelyCurrency(config.billingConfig.currency, scope.profile)
          : { currency: told }),
        ...query.period,
      },
      ...sections,
    };
    return {
      ...textOrFailure(sections, () => writeText(data)),
      analysisType: "commitments",
      data,
      suggestedActions: suggestActions(data),
    };
  });
}
