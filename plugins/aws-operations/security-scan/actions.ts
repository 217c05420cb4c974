import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import { type Finding, worstOf } from "../security/finding.ts";
import type { ScanSections } from "./output.ts";
import type { ScanQuery } from "./query.ts";

const maxActions = 5;

/** Next steps that follow from what was found and from what was asked, the most pressing first. */
export function suggestScanActions(
  sections: ScanSections,
  { message, query }: { readonly message: string; readonly query: ScanQuery },
): SuggestedAction[] {
  const worst = worstOf(sections);
  return [
    ...remediesFor(sections),
    ...forQuestion(message, query),
    ...forRoot(worst),
    ...forOpenGroups(worst),
    ...forPublic(worst),
    ...forBlindRegions(worst),
    ...forTheRest(sections, query, message),
  ].slice(0, maxActions);
}

/** Questions of the same kind that another tool answers. */
function forQuestion(message: string, { regions }: ScanQuery): SuggestedAction[] {
  if (/\b(api calls?|audit (log|recent)|cloudtrail|who (did|changed|deleted))/i.test(message)) {
    return [
      {
        title: "Audit recent API calls",
        reason: "Who did what is in CloudTrail.",
        tool: "aws_api_activity",
        arguments: {
          days: 7,
          regions,
          ...(/\badmin/i.test(message) && { adminOnly: true }),
        },
      },
    ];
  }
  if (!/\b(iam|admin\w*|polic(y|ies)|mfa|keys?|passwords?)\b/i.test(message)) return [];
  return [
    {
      title: "Review IAM",
      reason: "Administrators, MFA, keys and policies are looked at there.",
      tool: "aws_iam_review",
      arguments: /\badmin/i.test(message) ? { checks: ["admins"] } : {},
    },
  ];
}

function forRoot(worst: readonly Finding[]): SuggestedAction[] {
  if (!worst.some(({ rule }) => rule.startsWith("ROOT_"))) return [];
  return [
    {
      title: "Secure the root user",
      reason: "It can do everything, and no policy limits it.",
      tool: "aws_iam_review",
      arguments: { checks: ["root"] },
    },
  ];
}

function forOpenGroups(worst: readonly Finding[]): SuggestedAction[] {
  const open = worst.filter(({ rule }) => rule === "OPEN_TO_WORLD");
  if (open.length === 0) return [];
  const regions = [...new Set(open.flatMap(({ region }) => region ?? []))];
  return [
    {
      title: "See what is behind the open security groups",
      reason: `${open.length} in ${regions.join(", ")}. To close them, ask for the prompt aws_change_plan.`,
      tool: "aws_resource_inventory",
      arguments: { regions },
    },
    {
      title: "Find out who opened them",
      reason: "CloudTrail has who did it, for 90 days.",
      tool: "aws_api_activity",
      arguments: { event: "AuthorizeSecurityGroupIngress", days: 90, regions },
    },
  ];
}

function forPublic(worst: readonly Finding[]): SuggestedAction[] {
  const open = worst.filter(({ rule, archived }) => rule === "PUBLIC_RESOURCE" && !archived);
  if (open.length === 0) return [];
  return [
    {
      title: "Decide for each public resource whether it is meant to be",
      reason: `${open.length} can be reached by anybody. Archive in Access Analyzer what is intended; for the rest, ask for the prompt aws_change_plan.`,
    },
  ];
}

function forBlindRegions(worst: readonly Finding[]): SuggestedAction[] {
  const blind = worst.filter(({ rule }) => rule === "NO_ANALYZER");
  const [first] = blind;
  if (first === undefined) return [];
  return [
    {
      title: `Create an analyzer in ${blind.flatMap(({ region }) => region ?? []).join(", ")}`,
      reason: `Until then what is shared there is unknown. ${first.remedy ?? ""}`,
    },
  ];
}

function forTheRest(
  sections: ScanSections,
  { checks }: ScanQuery,
  message: string,
): SuggestedAction[] {
  if (sections.iam?.status !== "ok" || !checks.includes("iam") || message !== "") return [];
  return [
    {
      title: "Review IAM",
      reason: "Administrators, MFA, old keys and wide policies are not part of this scan.",
      tool: "aws_iam_review",
      arguments: {},
    },
  ];
}
