import type { OverRegions } from "../ec2/over-regions.ts";
import type { AwsTrail, RegionCalls } from "./aws-trail.ts";
import type { ApiActivityOutput } from "./output.ts";
import { type ActivityQuery, isAsked } from "./query.ts";
import type { TrailCall } from "./trail-call.ts";

interface AskedCalls {
  readonly calls: readonly TrailCall[];
  readonly failures: OverRegions<RegionCalls>["failures"];
}

/** What one answer works with; the events are read once. */
export class ActivitySource {
  readonly query: ActivityQuery;
  readonly regions: readonly string[];
  /** Where the events of global services are. */
  readonly globalRegion: string;
  readonly #trail: AwsTrail;
  #found: Promise<OverRegions<RegionCalls>> | undefined;

  constructor(parts: {
    readonly query: ActivityQuery;
    readonly regions: readonly string[];
    readonly globalRegion: string;
    readonly trail: AwsTrail;
  }) {
    this.query = parts.query;
    this.regions = parts.regions;
    this.globalRegion = parts.globalRegion;
    this.#trail = parts.trail;
  }

  /** By region, as CloudTrail has answered. */
  found(): Promise<OverRegions<RegionCalls>> {
    this.#found ??= this.#trail.callsIn(this.regions, this.query);
    return this.#found;
  }

  /** What was read where; nothing if no region has answered. */
  async read(): Promise<ApiActivityOutput["meta"]["read"]> {
    const { found } = await this.found().catch(() => ({ found: new Map<string, RegionCalls>() }));
    return [...found].map(([region, { calls, complete, stoppedBy }]) => ({
      region,
      events: calls.length,
      readBackTo: complete
        ? this.query.from.toISOString()
        : (calls.at(-1)?.time ?? (this.query.until ?? new Date()).toISOString()),
      complete,
      ...(stoppedBy !== undefined && { stoppedBy }),
    }));
  }

  /** Those that were asked for, of all regions, newest first. */
  async asked(): Promise<AskedCalls> {
    const { found, failures } = await this.found();
    const calls = [...found.values()]
      .flatMap(({ calls: all }) => all.filter((call) => isAsked(call, this.query)))
      .toSorted((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
    return { calls, failures };
  }
}
