import { nearest } from "../aws/nearest.ts";
import type { AwsApi } from "../aws/api.ts";
import { awsError, isToolError } from "../aws/errors.ts";
import { partitionOf } from "../aws/partition.ts";
import type { CallScope } from "../aws/requests.ts";

/** Where an answer looks, and where it does not. */
export interface AskedRegions {
  readonly asked: readonly string[];
  /** Regions that the account has not opted into: AWS refuses its keys there. */
  readonly notEnabled: readonly string[];
  /** What could not be made sure of. */
  readonly warnings: readonly string[];
}

interface KnownRegion {
  readonly name: string;
  readonly isEnabled: boolean;
}

const ttlMs = 3_600_000;

/** How long the list of regions is waited for; whoever names regions can be answered without it. */
const patienceMs = 5000;

/** Of the regions of the settings, those of the partition that the credentials are for; else the credentials' own. */
export function usualRegions(
  api: AwsApi,
  configured: readonly string[],
  profile: string | undefined,
): readonly string[] {
  const own = api.regionOf(profile);
  const there = configured.filter((name) => partitionOf(name) === partitionOf(own));
  return there.length > 0 ? there : [own];
}

/**
 * The regions to ask: those that are wanted, without those that the account has not opted into. `all` are all that it
 * has enabled; none wanted are the configured ones. A name that is none of AWS's is a BAD_REQUEST.
 */
export async function askedRegions(
  api: AwsApi,
  wanted: readonly string[],
  configured: readonly string[],
  scope: CallScope,
): Promise<AskedRegions> {
  const isAll = wanted.includes("all");
  const isNamed = wanted.length > 0 && !isAll;
  const named = isNamed ? wanted : usualRegions(api, configured, scope.profile);
  const known = await knownRegions(api, scope);
  if (isToolError(known)) {
    const warning = isAll
      ? `The account's regions could not be listed (${known.code}): only ${named.join(", ")} was looked at.`
      : `Which regions are enabled could not be checked (${known.code}).`;
    return { asked: [...new Set(named)], notEnabled: [], warnings: [warning] };
  }
  if (isAll) {
    return {
      asked: known.filter(({ isEnabled }) => isEnabled).map(({ name }) => name),
      notEnabled: known.filter(({ isEnabled }) => !isEnabled).map(({ name }) => name),
      warnings: [],
    };
  }
  const isEnabled = new Map(known.map((region) => [region.name, region.isEnabled]));
  for (const name of named) if (!isEnabled.has(name)) throw noSuchRegion(name, isEnabled.keys());
  const names = [...new Set(named)];
  return {
    asked: names.filter((name) => isEnabled.get(name) === true),
    notEnabled: names.filter((name) => isEnabled.get(name) === false),
    warnings: [],
  };
}

async function knownRegions(
  api: AwsApi,
  scope: CallScope,
): Promise<readonly KnownRegion[] | ReturnType<typeof awsError>> {
  const patience = AbortSignal.timeout(patienceMs);
  const signal = scope.signal === undefined ? patience : AbortSignal.any([scope.signal, patience]);
  try {
    const { value } = await api.ask(
      {
        service: "ec2",
        operation: "DescribeRegions",
        input: { AllRegions: true },
        ttlMs,
        missing: ({ Regions = [] }) => (Regions.length === 0 ? "a list" : undefined),
        read: (pages) =>
          pages
            .flatMap(({ Regions = [] }) => Regions)
            .map(({ RegionName: name = "", OptInStatus }) => ({
              name,
              isEnabled: OptInStatus !== "not-opted-in",
            }))
            .toSorted((left, right) => left.name.localeCompare(right.name)),
      },
      { ...scope, signal },
    );
    return value;
  } catch (error) {
    if (scope.signal?.aborted === true) throw error;
    if (patience.aborted) return awsError("TIMEOUT", "DescribeRegions did not answer in time.");
    if (!isToolError(error)) throw error;
    return error;
  }
}

function noSuchRegion(name: string, known: Iterable<string>): Error {
  const near = nearest(name, known);
  const advice =
    near === undefined ? 'Give ["all"] for all that there are.' : `Did you mean ${near}?`;
  return awsError("BAD_REQUEST", `There is no region ${name}. ${advice}`);
}
