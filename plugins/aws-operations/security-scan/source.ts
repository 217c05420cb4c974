import type { FindingSummaryV2 } from "@aws-sdk/client-accessanalyzer";
import { isToolError } from "../aws/errors.ts";
import { inRegions } from "../aws/regions.ts";
import type { CallScope } from "../aws/requests.ts";
import { type AskedRegions, askedRegions } from "../ec2/asked-regions.ts";
import type { AnalyzerIn, AWSSecurityAnalyzer } from "../security/aws-security-analyzer.ts";
import {
  type AskedRegion,
  type Finding,
  findingsOf,
  type OkFindings,
} from "../security/finding.ts";
import type { ScanQuery } from "./query.ts";

/** What was seen in one region. */
export interface Looked {
  readonly findings: readonly Finding[];
  readonly state: Omit<AskedRegion, "region">;
  /** Default true. */
  readonly complete?: boolean;
  readonly warnings?: readonly string[];
}

/** Where more is to be had about a finding. */
export interface FindingPlace {
  readonly analyzer: AnalyzerIn;
  readonly id: string;
}

/** What one scan works with. */
export class ScanSource {
  readonly analyzer: AWSSecurityAnalyzer;
  readonly query: ScanQuery;
  readonly scope: CallScope;
  /** The analyzer's own of the findings. */
  readonly places = new Map<Finding, FindingPlace>();
  #regions: Promise<AskedRegions> | undefined;

  constructor(parts: Pick<ScanSource, "analyzer" | "query" | "scope">) {
    this.analyzer = parts.analyzer;
    this.query = parts.query;
    this.scope = parts.scope;
  }

  /** The regions to look in; fails if there is no such region. */
  regions(): Promise<AskedRegions> {
    const { regions } = this.query;
    this.#regions ??= askedRegions(this.analyzer.api, regions, regions, this.scope);
    return this.#regions;
  }

  /** What the analyzer has found, as it was asked for. */
  async analyzed(analyzer: AnalyzerIn, onlyPublic = false): Promise<Analyzed> {
    const status = { eq: this.query.includeArchived ? ["ACTIVE", "ARCHIVED"] : ["ACTIVE"] };
    const filter = { status, ...(onlyPublic && { isPublic: { eq: ["true"] } }) };
    return this.analyzer.findings(analyzer, filter, this.scope);
  }
}

interface Analyzed {
  readonly findings: readonly FindingSummaryV2[];
  readonly truncated: boolean;
}

/** Looks in each region. One that fails leaves the others; only if all fail, the section does. */
export async function lookInRegions(
  source: ScanSource,
  look: (region: string) => Promise<Looked>,
): Promise<OkFindings & { readonly regions: AskedRegion[] }> {
  const { asked: regions, notEnabled, warnings: unsure } = await source.regions();
  const failures: { readonly region: string; readonly code: string; readonly error: Error }[] = [];
  const looked = await inRegions(regions, async (region): Promise<Looked> => {
    try {
      return await look(region);
    } catch (error) {
      if (!isToolError(error)) throw error;
      failures.push({ region, code: error.code, error });
      return { findings: [], state: { state: "failed", reason: error.code }, complete: false };
    }
  });
  const [first] = failures;
  if (first !== undefined && failures.length === regions.length) throw first.error;
  const all = [...looked.values()];
  const own = all.flatMap((one) => one.warnings ?? []);
  const warnings = [...unsure, ...own, ...failed(failures)];
  return {
    ...findingsOf(
      all.flatMap(({ findings }) => findings),
      {
        ...(warnings.length > 0 && { warnings }),
        complete: all.every(({ complete = true }) => complete),
      },
    ),
    regions: [
      ...[...looked].map(([region, { state }]) => ({ region, ...state })),
      ...notEnabled.map((region) => ({ region, state: "not opted in" })),
    ],
  };
}

/** The regions with the same failure together. */
function failed(
  failures: readonly { readonly region: string; readonly code: string; readonly error: Error }[],
): string[] {
  const reasons = new Map<string, string[]>();
  for (const { region, code, error } of failures) {
    // The id of a request is all that is different in what several regions say.
    const text = error.message.replace(/ \(AWS request [^)]*\)/, "");
    const reason = `not available (${code}). ${text}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), region]);
  }
  return [...reasons].map(([reason, names]) => `${names.join(", ")}: ${reason}`);
}
