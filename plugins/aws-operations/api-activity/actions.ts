import type { SuggestedAction } from "agentflow-mcp/plugin";
import { count } from "../answer/markdown.ts";
import { remediesFor } from "../answer/remedies.ts";
import { asSections } from "../ec2/over-regions.ts";
import type { ApiActivityInput } from "./input.ts";
import type { ActivitySections, ApiActivityOutput, CallRow } from "./output.ts";

const maxActions = 5;
const tool = "aws_api_activity";

/** Next steps that follow from what was found, the most pressing first. Names from the events are in none of them. */
export function suggestActivityActions(
  data: ApiActivityOutput,
  input: ApiActivityInput,
): SuggestedAction[] {
  const { timestamp: _, meta, ...sections } = data;
  const { summary, adminActions } = sections;
  const failures = asSections({ summary: summary?.status === "ok" ? summary : undefined });
  const done = itemsOf(adminActions).filter(({ outcome }) => outcome !== "failed");
  return [
    ...remediesFor({ ...sections, ...failures }),
    ...forRoot(sections, input),
    ...forAccess(done),
    ...forExposure(done),
    ...forCut(meta, input),
    ...forDenied(sections, input),
    ...forSignIns(sections, input),
    ...forOthers(sections, meta, input),
  ].slice(0, maxActions);
}

function itemsOf(section: ActivitySections["adminActions"]): readonly CallRow[] {
  return section?.status === "ok" ? section.items : [];
}

function forRoot({ rootUse }: ActivitySections, { user }: ApiActivityInput): SuggestedAction[] {
  if (rootUse?.status !== "ok" || rootUse.count === 0) return [];
  const step: SuggestedAction = {
    title: "Find out who used the root user, and what for",
    reason: `${count(rootUse.count, "call")} by it. Nothing limits it, and no day-to-day work needs it.`,
  };
  if (user === "root")
    return [{ ...step, tool: "aws_iam_review", arguments: { checks: ["root"] } }];
  return [{ ...step, tool, arguments: { user: "root", days: 90, includeReads: true } }];
}

function forAccess(done: readonly CallRow[]): SuggestedAction[] {
  const some = done.filter(({ service }) => service === "iam");
  if (some.length === 0) return [];
  const isKey = some.some(({ event }) => event === "CreateAccessKey");
  const checks = isKey ? ["admins", "access_keys"] : ["admins"];
  return [
    {
      title: "Review what IAM allows since these changes",
      reason: `${some.length} changed who may do what, or how they prove who they are.`,
      tool: "aws_iam_review",
      arguments: { checks },
    },
  ];
}

const exposing =
  /^(AuthorizeSecurityGroupIngress|ModifySecurityGroupRules|Put.*(Acl|Policy|PublicAccessBlock)|Delete.*PublicAccessBlock|Modify.*Attribute|DisableSnapshotBlockPublicAccess)$/;

function forExposure(done: readonly CallRow[]): SuggestedAction[] {
  const some = done.filter(({ service, event }) => service !== "iam" && exposing.test(event));
  if (some.length === 0) return [];
  return [
    {
      title: "See what the internet can reach since these changes",
      reason: `${some.length} may have opened something.`,
      tool: "aws_security_scan",
      arguments: {
        checks: ["public_exposure"],
        regions: [...new Set(some.map(({ region }) => region))],
      },
    },
  ];
}

/** Goes on where the reading ended. */
function forCut({ read }: ApiActivityOutput["meta"], input: ApiActivityInput): SuggestedAction[] {
  const open = read.filter(({ complete }) => !complete);
  const [until] = open
    .map(({ readBackTo }) => readBackTo)
    .toSorted()
    .toReversed();
  if (until === undefined) return [];
  return [
    {
      title: "Read on before that",
      reason: `Not everything was read in ${open.map(({ region }) => region).join(", ")}. A user, a resource or an event would leave less to read.`,
      tool,
      arguments: { ...asGiven(input), until, regions: open.map(({ region }) => region) },
    },
  ];
}

function forDenied({ summary }: ActivitySections, input: ApiActivityInput): SuggestedAction[] {
  if (summary?.status !== "ok" || summary.denied === 0 || input.includeReads) return [];
  return [
    {
      title: "See what else was denied",
      reason: `${summary.denied} denied: whoever looks around mostly reads, and those calls were left out.`,
      tool,
      arguments: { ...asGiven(input), includeReads: true },
    },
  ];
}

function forSignIns({ signIns }: ActivitySections, input: ApiActivityInput): SuggestedAction[] {
  if (signIns?.status !== "ok" || input.event !== undefined) return [];
  const { failed, withoutMfa } = signIns;
  return [
    ...(failed > 0
      ? [
          {
            title: "See all sign-ins of the last 90 days",
            reason: `${failed} failed: has it happened before, and from where?`,
            tool,
            arguments: { event: "ConsoleLogin", days: 90 },
          },
        ]
      : []),
    ...(withoutMfa > 0
      ? [
          {
            title: "Have MFA switched on",
            reason: `${withoutMfa} signed in with a password alone.`,
            tool: "aws_iam_review",
            arguments: { checks: ["mfa", "root"] },
          },
        ]
      : []),
  ];
}

function forOthers(
  { summary }: ActivitySections,
  { regions }: ApiActivityOutput["meta"],
  input: ApiActivityInput,
): SuggestedAction[] {
  if (summary?.status !== "ok" || summary.calls > 0) return [];
  if (input.days < 90) {
    return [
      {
        title: "Look further back",
        reason: "CloudTrail keeps 90 days.",
        tool,
        arguments: { ...asGiven(input), days: 90 },
      },
    ];
  }
  if (input.regions?.includes("all") === true) return [];
  return [
    {
      title: "Look in all regions",
      reason: `Each has its own events; looked at were ${regions.join(", ") || "none"}.`,
      tool,
      arguments: { ...asGiven(input), regions: ["all"] },
    },
  ];
}

/** The arguments of the call, without those that are as they would be anyway. */
function asGiven(input: ApiActivityInput): Readonly<Record<string, unknown>> {
  const { refresh: _, limit, includeReads, adminOnly, ...rest } = input;
  return {
    ...rest,
    ...(limit !== 25 && { limit }),
    ...(includeReads && { includeReads }),
    ...(adminOnly && { adminOnly }),
  };
}
