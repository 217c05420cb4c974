import type { SuggestedAction, ToolConfig, ToolContext, ToolResult } from "agentflow-mcp/plugin";
import { z } from "zod";
import { refresh } from "../answer/lenient.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import { remediesFor } from "../answer/remedies.ts";
import type { Ok } from "../answer/section.ts";
import type { CallScope } from "../aws/requests.ts";
import { callerIdentity } from "../aws/identity.ts";
import { isPaid, type Service, services } from "../aws/services.ts";
import type { AwsParts } from "../aws-tools.ts";
import { type AccountStatusOutput, accountStatusOutput } from "./output.ts";
import { probe, type ProbedService } from "./probes.ts";
import {
  describeProfiles,
  describeSettings,
  describeSource,
  describeTools,
  type ToolState,
} from "./status.ts";
import { writeText } from "./text.ts";

const accountStatusInput = z.strictObject({
  probe: z
    .boolean()
    .default(false)
    .describe(
      "Also ask each service one small free question, to see which tools will work, and each profile who it is.",
    ),
  paidProbe: z
    .boolean()
    .default(false)
    .describe("With `probe`: Cost Explorer, too, which costs $0.01."),
  refresh,
});

type AccountStatusInput = z.infer<typeof accountStatusInput>;
type Identity = AccountStatusOutput["identity"];
type Services = AccountStatusOutput["services"];

/** Who is asking, what will work and what is missing. */
export function awsAccountStatus(parts: AwsParts, tools: readonly ToolState[]): ToolConfig {
  return readOnlyTool({
    title: "AWS account status",
    description: `Says which account and credentials the other AWS tools use, which of them will work and what is missing, which profiles there are, and what paid requests have cost so far. Free, unless \`paidProbe\` is given. Ask it first when a tool is refused.

- Which account is this? {}
- What permissions are missing? {"probe": true}
- Does Cost Explorer work? {"probe": true, "paidProbe": true}`,
    category: "AWS_SECURITY",
    inputSchema: accountStatusInput,
    outputSchema: published(accountStatusOutput),
    handler: (input: AccountStatusInput, context) => review(parts, tools, input, context),
    config: { toolName: "aws_sts", timeout: 15, retryCount: 1 },
  });
}

function review(
  parts: AwsParts,
  tools: readonly ToolState[],
  input: AccountStatusInput,
  context: ToolContext,
): Promise<ToolResult<AccountStatusOutput>> {
  const { api, answers, config } = parts;
  const about = {
    intentType: "AWS_SECURITY",
    toolsUsed: ["aws_sts"],
    refresh: input.refresh,
  };
  return answers.answer(context, about, async ({ now, scope, settle, meta }) => {
    const [{ identity, services: probed }, profiles] = await Promise.all([
      settle({
        identity: () => identitySection(parts, scope),
        services: () => servicesSection(parts, tools, { input, scope }),
      }),
      describeProfiles(api, scope, input.probe),
    ]);
    const { sinceStart, today, dailyBudget } = api.costs.report();
    const data: AccountStatusOutput = {
      timestamp: now.toISOString(),
      meta: await meta(),
      identity,
      tools: describeTools(tools, {
        problem: identity.status === "error" ? identity.error.code : undefined,
        probed: probed.status === "ok" ? probed.items : undefined,
      }),
      services: probed,
      profiles,
      settings: describeSettings(config, tools),
      costs: {
        sinceStart: { requests: sinceStart.requests, usd: sinceStart.usd },
        today: { requests: today.requests, usd: today.usd },
        ...(dailyBudget !== undefined && {
          dailyBudgetUsd: dailyBudget.usd,
          leftUsd: dailyBudget.leftUsd,
        }),
      },
    };
    return {
      content: writeText(data),
      analysisType: "status",
      data,
      suggestedActions: suggestActions(data, input),
    };
  });
}

async function identitySection({ api }: AwsParts, scope: CallScope): Promise<Ok<Identity>> {
  const { account, arn, partition } = await callerIdentity(api, scope);
  const credentials = describeSource(api.sourceOf(scope.profile));
  return { status: "ok", accountId: account, arn, partition, credentials };
}

async function servicesSection(
  { api, costExplorer }: AwsParts,
  tools: readonly ToolState[],
  { input, scope }: { readonly input: AccountStatusInput; readonly scope: CallScope },
): Promise<Exclude<Services, { status: "error" }>> {
  if (!input.probe) {
    const reason = 'Not probed: {"probe": true} asks each service one small free question.';
    return { status: "skipped", reason };
  }
  const needed = [
    ...new Set(tools.flatMap((tool) => (tool.offBy === undefined ? tool.services : []))),
  ];
  const isAsked = (service: Service): boolean => input.paidProbe || !isPaid(service);
  const asked = needed.filter(isAsked);
  // Without credentials each would say the same.
  await callerIdentity(api, scope);
  const items: ProbedService[] = await Promise.all(
    asked.map((service) => probe(service, { api, costExplorer, scope })),
  );
  const left = needed.filter((service) => !isAsked(service));
  const notProbed = left.map((service) => `${services[service].title} (it costs; paidProbe)`);
  return { status: "ok", items, notProbed };
}

function suggestActions(data: AccountStatusOutput, input: AccountStatusInput): SuggestedAction[] {
  const { identity, services: probed } = data;
  const failed = probed.status === "ok" ? probed.items : [];
  const codes = Object.fromEntries(
    failed.flatMap(({ service, code, message = "" }) =>
      code === undefined
        ? []
        : [[service, { status: "error" as const, error: { code, message, retryable: false } }]],
    ),
  );
  return [
    // This is the tool that other answers send to.
    ...remediesFor({ identity, ...codes }).map(({ title, reason = "" }) => ({ title, reason })),
    ...(identity.status === "ok" && !input.probe
      ? [
          {
            title: "Verify permissions",
            reason: "A small free question to each service says which tools will work.",
            tool: "aws_account_status",
            arguments: { probe: true },
          },
        ]
      : []),
  ];
}
