import type { AnalyzerSummary, FindingsStatistics } from "@aws-sdk/client-accessanalyzer";
import { isToolError } from "../aws/errors.ts";
import type { AnalyzerIn } from "../security/aws-security-analyzer.ts";
import { type Finding, findingOf, findingsOf, type OkFindings } from "../security/finding.ts";
import { lookInRegions, type Looked, type ScanSource } from "./source.ts";

/** What somebody outside can reach; with `onlyPublic`, what anybody can. */
export async function externalSection(
  source: ScanSource,
  { onlyPublic }: { readonly onlyPublic: boolean },
): Promise<OkFindings> {
  const { findings, complete, warnings, regions } = await lookInRegions(source, (region) =>
    lookIn(source, region, onlyPublic),
  );
  return findingsOf(eachOnce(findings), {
    complete,
    regions,
    ...(warnings !== undefined && { warnings }),
  });
}

async function lookIn(source: ScanSource, region: string, onlyPublic: boolean): Promise<Looked> {
  const all = await source.analyzer.analyzers(region, source.scope);
  const external = all.filter(({ type }) => type === "ACCOUNT" || type === "ORGANIZATION");
  const active = external.filter(({ status }) => status === "ACTIVE");
  if (active.length === 0) return noAnalyzer(source, region, external);
  const each = await Promise.all(
    active.map(({ arn = "" }) => readAnalyzer(source, { region, arn }, onlyPublic)),
  );
  return {
    findings: each.flatMap(({ findings }) => findings),
    complete: each.every(({ complete }) => complete),
    warnings: each.flatMap(({ warnings }) => warnings),
    state: { state: "checked", ...statisticsOf(each.flatMap(({ statistics }) => statistics)) },
  };
}

/** That nobody looks is something to know, not an empty list. */
function noAnalyzer(source: ScanSource, region: string, found: readonly AnalyzerSummary[]): Looked {
  const reason = statesOf(found);
  const create = `aws accessanalyzer create-analyzer --type ACCOUNT --analyzer-name default --region ${region}`;
  const remedy =
    found.length === 0
      ? `Create one for external access, which is free: ${create}`
      : "Wait until it is active; if it has failed or is disabled, see its reason.";
  const facts = {
    resource: `Access Analyzer in ${region}`,
    region,
    ...(found.length > 0 && { details: [reason] }),
    remedy,
  };
  return {
    findings: [findingOf("NO_ANALYZER", facts, source.query.frameworks)],
    state: { state: "no analyzer", reason },
    complete: false,
  };
}

export function statesOf(analyzers: readonly AnalyzerSummary[]): string {
  if (analyzers.length === 0) return "There is none.";
  const each = analyzers.map(({ name, status, statusReason }) =>
    [`${name}: ${status}`, statusReason?.code].filter(Boolean).join(", "),
  );
  return `Found: ${each.join("; ")}.`;
}

async function readAnalyzer(source: ScanSource, analyzer: AnalyzerIn, onlyPublic: boolean) {
  const [open, all, statistics] = await Promise.all([
    unlessFailed(source.analyzed(analyzer, true)),
    source.analyzed(analyzer),
    unlessFailed(source.analyzer.statistics(analyzer, source.scope)),
  ]);
  const warnings: string[] = [];
  const publicIds = open.value && new Set(open.value.findings.map(({ id }) => id));
  if (publicIds === undefined) {
    warnings.push(
      `${analyzer.region}: Access Analyzer did not say which findings are public (${open.code}); those that may be are marked.`,
    );
  }
  const publicTypes = openTypes(statistics.value ?? []);
  const findings = all.findings.flatMap((found) => {
    const { id = "", resource = "", resourceType = "", error } = found;
    const isPublic =
      publicIds?.has(id) ?? (publicTypes === undefined || publicTypes.has(resourceType));
    if (onlyPublic && !isPublic) return [];
    const facts = {
      resource,
      resourceType,
      region: analyzer.region,
      ...(found.createdAt !== undefined && { since: new Date(found.createdAt).toISOString() }),
      ...(found.status === "ARCHIVED" && { archived: true }),
    };
    const finding = make(source, { facts, isPublic, isSure: publicIds !== undefined, error });
    source.places.set(finding, { analyzer, id });
    return [finding];
  });
  const truncated = all.truncated || open.value?.truncated === true;
  if (truncated) warnings.push(`${analyzer.region}: AWS had more findings than are read.`);
  return {
    findings,
    warnings,
    complete: !truncated && publicIds !== undefined,
    statistics: statistics.value ?? [],
  };
}

/** Public access to these is access to what they guard. */
const guards = /^AWS::(IAM|KMS|SecretsManager|RDS|EC2)::/;

interface Seen {
  readonly facts: Omit<Parameters<typeof findingOf>[1], "severity">;
  readonly isPublic: boolean;
  /** False if it may be public. */
  readonly isSure: boolean;
  readonly error: string | undefined;
}

function make(source: ScanSource, { facts, isPublic, isSure, error }: Seen): Finding {
  const { frameworks } = source.query;
  if (error !== undefined) {
    return findingOf("ANALYZER_BLIND", { ...facts, details: [`error: ${error}`] }, frameworks);
  }
  if (!isPublic) return findingOf("SHARED_OUTSIDE", facts, frameworks);
  if (!isSure) {
    const details = ["may be public"];
    return findingOf("SHARED_OUTSIDE", { ...facts, severity: "HIGH", details }, frameworks);
  }
  const severity = guards.test(facts.resourceType ?? "") ? "CRITICAL" : "HIGH";
  return findingOf("PUBLIC_RESOURCE", { ...facts, severity }, frameworks);
}

/** The kinds of resources of which some are public; undefined if nobody has counted. */
function openTypes(statistics: readonly FindingsStatistics[]): ReadonlySet<string> | undefined {
  const counted = statistics.flatMap(
    ({ externalAccessFindingsStatistics: one }) => one?.resourceTypeStatistics ?? [],
  );
  if (counted.length === 0) return undefined;
  return new Set(
    counted.flatMap((byType) =>
      Object.entries(byType).flatMap(([type, { totalActivePublic = 0 }]) =>
        totalActivePublic > 0 ? [type] : [],
      ),
    ),
  );
}

function statisticsOf(all: readonly FindingsStatistics[]): {
  readonly statistics?: Record<string, number>;
} {
  const counts = { active: 0, archived: 0, public: 0, crossAccount: 0, errors: 0 };
  let isCounted = false;
  for (const { externalAccessFindingsStatistics: one } of all) {
    if (one === undefined) continue;
    isCounted = true;
    counts.active += one.totalActiveFindings ?? 0;
    counts.archived += one.totalArchivedFindings ?? 0;
    for (const type of Object.values(one.resourceTypeStatistics ?? {})) {
      counts.public += type.totalActivePublic ?? 0;
      counts.crossAccount += type.totalActiveCrossAccount ?? 0;
      counts.errors += type.totalActiveErrors ?? 0;
    }
  }
  return isCounted ? { statistics: counts } : {};
}

/** What belongs to no region is found by the analyzer of each. */
function eachOnce(findings: readonly Finding[]): Finding[] {
  const seenIn = new Map<string, string | undefined>();
  return findings.filter(({ resource = "", region }) => {
    if (!/^arn:[\w-]+:iam:/.test(resource)) return true;
    if (!seenIn.has(resource)) seenIn.set(resource, region);
    return seenIn.get(resource) === region;
  });
}

async function unlessFailed<T>(
  promise: Promise<T>,
): Promise<{ readonly value?: T; readonly code?: string }> {
  try {
    return { value: await promise };
  } catch (error) {
    if (!isToolError(error) || error.code === "CANCELLED") throw error;
    return { code: error.code };
  }
}
