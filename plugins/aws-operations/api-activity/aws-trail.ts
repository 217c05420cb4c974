import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";
import { overRegions, type OverRegions } from "../ec2/over-regions.ts";
import type { ActivityQuery } from "./query.ts";
import { callOf, type TrailCall } from "./trail-call.ts";

/** Of fifty events each, read in half a minute at two a second. */
const maxPages = 60;
const pageSize = 50;
const ttlMs = 60_000;

/** What a region's event history has, newest first. */
export interface RegionCalls {
  readonly calls: readonly TrailCall[];
  /** False if there are older ones that were not read. */
  readonly complete: boolean;
  /** Why not: the code of what came in between. Undefined if there were only too many. */
  readonly stoppedBy?: string;
}

/** Reads the event history of CloudTrail. */
export class AwsTrail {
  readonly #api: AwsApi;
  readonly #scope: CallScope;

  constructor(api: AwsApi, scope: CallScope) {
    this.#api = api;
    this.#scope = scope;
  }

  callsIn(regions: readonly string[], query: ActivityQuery): Promise<OverRegions<RegionCalls>> {
    return overRegions(regions, (region) => this.#lookUp(region, query));
  }

  async #lookUp(region: string, { lookup, from, until }: ActivityQuery): Promise<RegionCalls> {
    const { value, truncated, stoppedBy } = await this.#api.ask(
      {
        service: "cloudtrail",
        operation: "LookupEvents",
        input: {
          StartTime: from,
          ...(until !== undefined && { EndTime: until }),
          ...(lookup !== undefined && { LookupAttributes: [lookup] }),
          MaxResults: pageSize,
        },
        region,
        ttlMs,
        maxPages,
        isOfUseInPart: true,
        missing: ({ Events }) => (Events === undefined ? "Events" : undefined),
        read: (pages) =>
          pages.flatMap(({ Events = [] }) => Events).map((event) => callOf(event, region)),
      },
      this.#scope,
    );
    return {
      calls: value,
      complete: !truncated,
      ...(stoppedBy !== undefined && { stoppedBy }),
    };
  }
}
