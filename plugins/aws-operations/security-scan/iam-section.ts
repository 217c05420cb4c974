import { findingsOf, type OkFindings } from "../security/finding.ts";
import { rootFindings } from "../security/root-findings.ts";
import type { ScanSource } from "./source.ts";

const counted = {
  users: "Users",
  groups: "Groups",
  roles: "Roles",
  policies: "Policies",
  mfaDevicesInUse: "MFADevicesInUse",
} as const;

/** What IAM's summary of the account tells; aws_iam_review looks closer. */
export async function iamSection({ analyzer, query, scope }: ScanSource): Promise<OkFindings> {
  const summary = await analyzer.accountSummary(scope);
  const counts = Object.entries(counted).flatMap(([name, key]) => {
    const count = summary[key];
    return count === undefined ? [] : [[name, count] as const];
  });
  return findingsOf(rootFindings(summary, query.frameworks), {
    counts: Object.fromEntries(counts),
  });
}
