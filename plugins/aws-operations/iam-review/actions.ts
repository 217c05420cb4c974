import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import { type Finding, worstOf } from "../security/finding.ts";
import type { ReviewSections } from "./output.ts";

const maxActions = 5;

/** Next steps that follow from what was found, the most pressing first. */
export function suggestReviewActions(sections: ReviewSections): SuggestedAction[] {
  const worst = worstOf(sections);
  return [
    ...remediesFor(sections),
    ...forRule(worst, /^ROOT_(WITHOUT_MFA|KEY)$/, () => ({
      title: "Secure the root user",
      reason: "It can do everything, and no policy limits it.",
    })),
    ...forRule(worst, /^USER_WITHOUT_MFA$/, (found) => ({
      title: "Have MFA switched on",
      reason: `${found.length} with a password alone.`,
    })),
    ...forRule(worst, /^(ADMIN_|SELF_ADMIN)/, () => ({
      title: "See what the administrators have done lately",
      reason: "Who uses such rights rarely may do without them.",
      tool: "aws_api_activity",
      arguments: { adminOnly: true, days: 30 },
    })),
    ...forRule(worst, /^(OLD|UNUSED)_KEY$/, (found) => ({
      title: "Replace or deactivate keys",
      reason: `${found.length} too old or never used. For the commands, ask for the prompt aws_change_plan.`,
    })),
    ...forRule(worst, /^(FULL_ACCESS_POLICY|SERVICE_WILDCARD)$/, (found) => ({
      title: "Narrow wide policies",
      reason: `${found.length} allow more than is likely needed; Access Analyzer says what is not used.`,
      tool: "aws_security_scan",
      arguments: { checks: ["unused_access"], minSeverity: "LOW" },
    })),
  ].slice(0, maxActions);
}

function forRule(
  worst: readonly Finding[],
  rule: RegExp,
  action: (found: readonly Finding[]) => SuggestedAction,
): SuggestedAction[] {
  const found = worst.filter((one) => rule.test(one.rule));
  return found.length === 0 ? [] : [action(found)];
}
