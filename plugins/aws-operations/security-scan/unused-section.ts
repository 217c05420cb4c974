import type { FindingSummaryV2 } from "@aws-sdk/client-accessanalyzer";
import type { SkippedSection } from "../answer/section.ts";
import { findingOf, type OkFindings } from "../security/finding.ts";
import type { RuleId } from "../security/rules.ts";
import { statesOf } from "./external-section.ts";
import { lookInRegions, type Looked, type ScanSource } from "./source.ts";

const ruleOf: Readonly<Record<string, RuleId>> = {
  UnusedIAMRole: "UNUSED_ROLE",
  UnusedIAMUserAccessKey: "UNUSED_KEY",
  UnusedIAMUserPassword: "UNUSED_PASSWORD",
  UnusedPermission: "UNUSED_PERMISSION",
};

/** What may be done and nobody does. One analyzer of unused access, in any region, sees the whole account. */
export async function unusedSection(source: ScanSource): Promise<OkFindings | SkippedSection> {
  const section = await lookInRegions(source, (region) => lookIn(source, region));
  const { regions } = section;
  if (regions.some(({ state }) => state === "checked" || state === "failed")) {
    const isSeen = regions.some(({ state }) => state === "checked");
    return { ...section, complete: section.complete && isSeen };
  }
  const where = regions.map(({ region, reason }) => `${region} (${reason ?? "not opted in"})`);
  return {
    status: "skipped",
    reason: `No active analyzer of unused access (NO_ANALYZER) in ${where.join(", ")}: what nobody uses is unknown, not nothing. AWS charges for such an analyzer by role and user; aws_iam_review finds unused keys without one.`,
  };
}

async function lookIn(source: ScanSource, region: string): Promise<Looked> {
  const all = await source.analyzer.analyzers(region, source.scope);
  const unused = all.filter(({ type }) => type?.endsWith("_UNUSED_ACCESS"));
  const active = unused.filter(({ status }) => status === "ACTIVE");
  if (active.length === 0) {
    return { findings: [], state: { state: "no analyzer", reason: statesOf(unused) } };
  }
  const each = await Promise.all(
    active.map(async ({ arn = "" }) => {
      const analyzer = { region, arn };
      const { findings, truncated } = await source.analyzed(analyzer);
      return { findings: findings.map((found) => toFinding(source, analyzer, found)), truncated };
    }),
  );
  const truncated = each.some((one) => one.truncated);
  return {
    findings: each.flatMap(({ findings }) => findings),
    state: { state: "checked" },
    complete: !truncated,
    warnings: truncated ? [`${region}: AWS had more findings than are read.`] : [],
  };
}

function toFinding(
  source: ScanSource,
  analyzer: { readonly region: string; readonly arn: string },
  { id = "", findingType, resource, resourceType, createdAt, status }: FindingSummaryV2,
) {
  const rule = findingType === undefined ? undefined : ruleOf[findingType];
  const facts = {
    resource: resource ?? "",
    ...(resourceType !== undefined && { resourceType }),
    ...(createdAt !== undefined && { since: new Date(createdAt).toISOString() }),
    ...(status === "ARCHIVED" && { archived: true }),
    ...(rule === undefined && { details: [findingType ?? "of an unknown kind"] }),
  };
  const finding = findingOf(rule ?? "UNUSED_PERMISSION", facts, source.query.frameworks);
  source.places.set(finding, { analyzer, id });
  return finding;
}
