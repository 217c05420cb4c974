import type { AwsApi } from "./api.ts";
import { awsError, isToolError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import type { CallScope } from "./requests.ts";

const day = 24 * 3_600_000;

/** Regions that a call names, as far as they can be asked. */
export interface AskableRegions {
  readonly regions: readonly string[];
  /** The account has not opted into them: there can be nothing in them. */
  readonly notOptedIn: readonly string[];
}

/**
 * Which of the regions can be asked. One that AWS does not have is a mistake of the caller; if the list cannot be had, all are
 * taken as they are.
 */
export async function askableRegions(
  api: AwsApi,
  wanted: readonly string[],
  scope?: CallScope,
): Promise<AskableRegions> {
  const all = [...new Set(wanted)];
  const known = await knownRegions(api, scope);
  if (known === undefined) return { regions: all, notOptedIn: [] };
  const unknown = all.find((region) => !known.has(region));
  if (unknown !== undefined) {
    const likely = nearest(unknown, known.keys());
    const hint = likely === undefined ? "" : ` Did you mean ${likely}?`;
    throw awsError("BAD_REQUEST", `There is no region ${unknown}.${hint}`);
  }
  return {
    regions: all.filter((region) => known.get(region) === true),
    notOptedIn: all.filter((region) => known.get(region) === false),
  };
}

/** All regions of the partition, and whether the account has opted into them; undefined if AWS does not say. */
async function knownRegions(
  api: AwsApi,
  scope?: CallScope,
): Promise<ReadonlyMap<string, boolean> | undefined> {
  try {
    const { value } = await api.ask(
      {
        service: "ec2",
        operation: "DescribeRegions",
        input: { AllRegions: true },
        ttlMs: day,
        missing: ({ Regions }) => (Regions === undefined ? "Regions" : undefined),
        read: (pages) =>
          new Map(
            pages
              .flatMap(({ Regions = [] }) => Regions)
              .map(({ RegionName = "", OptInStatus }) => [
                RegionName,
                OptInStatus !== "not-opted-in",
              ]),
          ),
      },
      scope,
    );
    return value.size === 0 ? undefined : value;
  } catch (error) {
    if (isToolError(error) && error.code !== "CANCELLED") return undefined;
    throw error;
  }
}
