import { regionsIn } from "../aws/regions-in.ts";
import type { FrameworkId } from "../security/frameworks.ts";
import { frameworksIn } from "../security/compliance.ts";
import type { Severity } from "../security/severity.ts";
import type { SecurityConfig } from "../config/index.ts";
import type { ScanCheck, SecurityScanInput } from "./input.ts";

/** What is asked for, with every default filled in. */
export interface ScanQuery {
  readonly checks: readonly ScanCheck[];
  readonly regions: readonly string[];
  readonly minSeverity: Severity;
  readonly includeArchived: boolean;
  readonly limit: number;
  /** As they are named in the configuration. */
  readonly frameworkNames: readonly string[];
  readonly frameworks: readonly FrameworkId[];
}

const allChecks = ["external_access", "unused_access", "public_exposure", "iam"] as const;

export function toScanQuery(
  input: SecurityScanInput,
  message: string,
  { config, regions }: { readonly config: SecurityConfig; readonly regions: readonly string[] },
): ScanQuery {
  return {
    checks: [...new Set(named(input.checks) ?? named(checksIn(message)) ?? allChecks)],
    regions: named(input.regions) ?? named(regionsIn(message)) ?? regions,
    minSeverity: input.minSeverity ?? severityIn(message) ?? config.vulnerabilitySeverityThreshold,
    includeArchived: input.includeArchived,
    limit: input.limit,
    frameworkNames: config.complianceFrameworks,
    frameworks: frameworksIn(config.complianceFrameworks),
  };
}

/** An empty list names nothing. */
function named<T>(values: readonly T[] | undefined): readonly T[] | undefined {
  return values === undefined || values.length === 0 ? undefined : values;
}

const triggers: readonly (readonly [ScanCheck, RegExp])[] = [
  ["public_exposure", /\bpublic|security groups?|exposed|internet|open (port|to)|\bports?\b/i],
  ["external_access", /\bexternal|cross.?account|outside|third part|shared with/i],
  ["unused_access", /\bunused|not used|never used/i],
  ["iam", /\broot\b/i],
];

/** The checks that a question in words asks for; none if it asks for no one of them. */
export function checksIn(message: string): ScanCheck[] {
  return triggers.flatMap(([check, words]) => (words.test(message) ? [check] : []));
}

function severityIn(message: string): Severity | undefined {
  if (/\bcritical\b/i.test(message)) return "CRITICAL";
  return /\b(most )?(urgent|severe)\b|\bhigh(est)? (severity|risk)/i.test(message)
    ? "HIGH"
    : undefined;
}
