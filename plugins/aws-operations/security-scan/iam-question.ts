import { type IamReviewInput, iamReviewInput, type ReviewCheck } from "../iam-review/input.ts";
import type { SecurityScanInput } from "./input.ts";
import { checksIn } from "./query.ts";

const topics: readonly (readonly [RegExp, readonly ReviewCheck[]])[] = [
  [/\badmin/i, ["admins"]],
  [/\bmfa\b|\b(two|second|multi).?factor/i, ["mfa", "root"]],
  [/\baccess keys?\b|\b(old|rotate) keys?\b/i, ["access_keys"]],
  [/\bpasswords?\b/i, ["password_policy", "mfa"]],
  [/\biam (polic(y|ies)|permissions?)\b/i, ["wildcard_policies", "admins"]],
];

/** The review that answers a question which is about IAM alone; undefined for one that a scan answers. */
export function iamQuestion(input: SecurityScanInput, message: string): IamReviewInput | undefined {
  const { checks, regions, minSeverity, includeArchived, limit, refresh } = input;
  const isScan =
    checks !== undefined || regions !== undefined || minSeverity !== undefined || includeArchived;
  if (isScan || checksIn(message).length > 0) return undefined;
  const asked = topics.flatMap(([words, about]) => (words.test(message) ? about : []));
  return asked.length === 0
    ? undefined
    : iamReviewInput.parse({ checks: [...new Set(asked)], limit, refresh });
}
