import type { FrameworkId } from "./frameworks.ts";
import { type Finding, findingOf } from "./finding.ts";

/** What the account's summary says about the root user. */
export function rootFindings(
  summary: Readonly<Record<string, number>>,
  frameworks: readonly FrameworkId[],
): Finding[] {
  const resource = "root user";
  const findings: Finding[] = [];
  if (summary["AccountMFAEnabled"] === 0) {
    const remedy = "Sign in as root, then Security credentials → Multi-factor authentication.";
    findings.push(findingOf("ROOT_WITHOUT_MFA", { resource, remedy }, frameworks));
  }
  const keys = summary["AccountAccessKeysPresent"] ?? 0;
  if (keys > 0) {
    const remedy = "Find out what uses them, give that a role, then delete them as root.";
    const details = ["AccountAccessKeysPresent is not 0"];
    findings.push(findingOf("ROOT_KEY", { resource, details, remedy }, frameworks));
  }
  return findings;
}
