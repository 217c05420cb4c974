import { z } from "zod";
import { section } from "../answer/section.ts";
import type { FrameworkId } from "./frameworks.ts";
import { type Rule, type RuleId, rules } from "./rules.ts";
import { bySeverity, isAtLeast, severities, type Severity } from "./severity.ts";

const text = z.string();
const number = z.number();

const finding = z
  .object({
    rule: text,
    severity: z.enum(severities),
    title: text,
    resource: text.optional(),
    resourceType: text.optional(),
    region: text.optional(),
    since: text.optional(),
    archived: z.boolean().optional(),
    details: z.array(text).optional(),
    remedy: text.optional(),
    controls: z.array(text).describe("It bears on: SOC2 CC6.1"),
  })
  .meta({ id: "Finding" });

export type Finding = z.infer<typeof finding>;

const askedRegion = z
  .object({
    region: text,
    state: text.describe("checked, no analyzer, not opted in, or failed"),
    reason: text.optional(),
    statistics: z.record(text, number).optional().describe("As Access Analyzer counts"),
  })
  .meta({ id: "AskedRegion" });

export type AskedRegion = z.infer<typeof askedRegion>;

const findingsShape = {
  complete: z.boolean().describe("False: more may be there"),
  total: number.describe("All that was found"),
  bySeverity: z.record(text, number),
  omitted: number.describe("Below minSeverity or beyond limit"),
  findings: z.array(finding),
  regions: z.array(askedRegion).optional(),
  counts: z.record(text, number).optional(),
};

export const findingsSection = section(findingsShape).meta({ id: "Findings" });
export type FindingsSection = z.infer<typeof findingsSection>;
export type OkFindings = Extract<FindingsSection, { readonly status: "ok" }>;

export type Facts = Omit<Finding, "rule" | "severity" | "title" | "controls"> & {
  readonly severity?: Severity;
};

/** What was found, with what its rule says of it. */
export function findingOf(
  id: RuleId,
  { severity, ...facts }: Facts,
  relevant: readonly FrameworkId[],
): Finding {
  const rule: Rule = rules[id];
  const controls = relevant.flatMap((framework) =>
    rule.controls[framework].map((control) => `${framework} ${control}`),
  );
  return {
    rule: id,
    severity: severity ?? rule.severity,
    title: rule.title,
    ...facts,
    controls,
  };
}

/** A section with all that was found: {@link showWorst} leaves out what is not to be shown. */
export function findingsOf(
  findings: readonly Finding[],
  about: Pick<OkFindings, "warnings" | "regions" | "counts"> & { readonly complete?: boolean } = {},
): OkFindings {
  const { complete = true, ...rest } = about;
  const counts = severities
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length])
    .filter(([, count]) => count !== 0)
    .toReversed();
  return {
    status: "ok",
    ...rest,
    complete,
    total: findings.length,
    bySeverity: Object.fromEntries(counts) as Record<string, number>,
    omitted: 0,
    findings: findings.toSorted(bySeverity),
  };
}

/** Of the findings of all sections together, the most urgent. */
export function showWorst<Sections extends Readonly<Record<string, FindingsSection>>>(
  sections: Sections,
  { minSeverity, limit }: { readonly minSeverity: Severity; readonly limit: number },
): Sections {
  const urgent = worstOf(sections).filter(({ severity }) => isAtLeast(severity, minSeverity));
  const shown = new Set(urgent.slice(0, limit));
  const trimmed = Object.entries(sections).map(([name, one]) => {
    if (one.status !== "ok") return [name, one];
    const findings = one.findings.filter((each) => shown.has(each));
    return [name, { ...one, findings, omitted: one.total - findings.length }];
  });
  return Object.fromEntries(trimmed) as Sections;
}

/** The findings of all sections, the most urgent first. */
export function worstOf(
  sections: Readonly<Record<string, FindingsSection | undefined>>,
): Finding[] {
  return Object.values(sections)
    .flatMap((one) => (one?.status === "ok" ? one.findings : []))
    .toSorted(bySeverity);
}
