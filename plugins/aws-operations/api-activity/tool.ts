import type { ToolConfig, ToolContext, ToolResult } from "agentflow-mcp/plugin";
import { type AnswerCall, textOrFailure } from "../answer/aws-answers.ts";
import { profileOf } from "../answer/call-profile.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import { withoutKeyIds } from "../aws/errors.ts";
import type { AwsParts } from "../aws-tools.ts";
import { type AskedRegions, askedRegions } from "../ec2/asked-regions.ts";
import { suggestActivityActions } from "./actions.ts";
import { adminActionsAsOf } from "./admin-actions.ts";
import { AwsTrail } from "./aws-trail.ts";
import { apiActivityInput, type ApiActivityInput } from "./input.ts";
import { type ApiActivityOutput, apiActivityOutput } from "./output.ts";
import { type ActivityQuery, globalRegionOf, needsGlobal, toActivityQuery } from "./query.ts";
import { sectionsOf } from "./sections.ts";
import { ActivitySource } from "./source.ts";
import { writeActivity } from "./text.ts";

export function awsApiActivity({ api, answers, config }: AwsParts): ToolConfig {
  return readOnlyTool<ApiActivityInput, ApiActivityOutput>({
    title: "AWS API activity",
    description: `Says who did what in the AWS account, when, and from where (CloudTrail's event history, the last 90 days): administrative actions first, sign-ins that failed or went without MFA, use of the root user, calls that were denied, and how many by whom. All arguments are optional.

- Audit recent API calls: {}
- Who changed permissions, keys, firewalls or trails this month? {"adminOnly": true, "days": 30}
- What did Ben do yesterday? {"user": "ben.ortiz", "days": 1}
- Who stopped this instance? {"resource": "i-0a1b2c3d4e5f60006", "days": 90}
- Who opened security groups, anywhere? {"event": "AuthorizeSecurityGroupIngress", "days": 90, "regions": ["all"]}
- Was the root user used? {"user": "root", "days": 90}
- What changed before the 10th? {"until": "2026-11-10", "days": 3}

Management events only, not reading and writing of data; they arrive up to 15 minutes late. AWS answers two requests a second of fifty events: with one precise filter (resource, user, event) little has to be read, without one a busy account's answer is cut off, and says where. Read-only and free.`,
    category: "AWS_SECURITY",
    inputSchema: apiActivityInput,
    outputSchema: published(apiActivityOutput),
    config: { toolName: "aws_api_activity", timeout: 45, retryCount: 1 },
    handler: (input, context) => activity(input, context, { api, answers, config }),
  });
}

type Parts = Pick<AwsParts, "api" | "answers" | "config">;

function activity(
  input: ApiActivityInput,
  context: ToolContext,
  { api, answers, config }: Parts,
): Promise<ToolResult<ApiActivityOutput>> {
  const about = {
    intentType: "AWS_SECURITY",
    toolsUsed: ["aws_api_activity"],
    refresh: input.refresh,
  };
  const globalRegion = globalRegionOf(api.regionOf(profileOf(context)));
  return answers.answer(context, about, async (call) => {
    const { now, scope, settle } = call;
    const query = toActivityQuery(input, now);
    const asked = await askedRegions(api, input.regions ?? [], config.regions, scope);
    const { regions, notes } = placesOf(asked, query, globalRegion);
    const trail = new AwsTrail(api, scope);
    const source = new ActivitySource({ query, regions, globalRegion, trail });
    const sections = await settle(sectionsOf(source));
    const data: ApiActivityOutput = {
      timestamp: now.toISOString(),
      meta: await metaOf(call, source, { ...asked, warnings: [...notes, ...asked.warnings] }),
      ...sections,
    };
    return {
      ...textOrFailure(sections, () => writeActivity(data, query)),
      analysisType: "api_activity",
      data,
      suggestedActions: suggestActivityActions(data, input),
    };
  });
}

/** Where to look: where it was asked for, and where what is the same for all regions is recorded. */
function placesOf(
  { asked }: AskedRegions,
  query: ActivityQuery,
  globalRegion: string,
): { readonly regions: readonly string[]; readonly notes: readonly string[] } {
  if (asked.includes(globalRegion)) return { regions: asked, notes: [] };
  if (needsGlobal(query)) {
    const note = `IAM, sign-ins of the root user and other global services are recorded in ${globalRegion} only: that was looked at, too.`;
    return { regions: [...asked, globalRegion], notes: [note] };
  }
  // Whoever names a service of another kind, or a resource, has nothing to miss there.
  if (query.service !== undefined) return { regions: asked, notes: [] };
  const note = `Not looked at: ${globalRegion}, where alone IAM, sign-ins of the root user and other global services are recorded. Add it to the regions.`;
  return { regions: asked, notes: [note] };
}

async function metaOf(
  { meta, now }: AnswerCall,
  source: ActivitySource,
  { notEnabled, warnings }: AskedRegions,
): Promise<ApiActivityOutput["meta"]> {
  const { query, regions } = source;
  const { from, until, lookup, user, event, service, resource, adminOnly, includeReads } = query;
  const texts = Object.entries({ user, event, service, resource }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, withoutKeyIds(value)] as const],
  );
  const { notes, ...facts } = await meta();
  return {
    ...facts,
    notes: [...warnings, ...notes],
    from: from.toISOString(),
    to: (until ?? now).toISOString(),
    regions: [...regions],
    notEnabled: [...notEnabled],
    filters: { ...Object.fromEntries(texts), adminOnly, includeReads },
    ...(lookup !== undefined && {
      lookup: withoutKeyIds(`${lookup.AttributeKey} = ${lookup.AttributeValue}`),
    }),
    read: await source.read(),
    adminActionsAsOf,
  };
}
