import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";
import { listings } from "../ec2/listings.ts";

type Listings = typeof listings;

/** What a region has, each list asked for when a check wants it. */
export type RegionLists = {
  readonly [Name in keyof Listings]: () => Promise<Awaited<ReturnType<Listings[Name]>>["value"]>;
};

/** Checks that want the same list share one request: the answers are cached. */
export function regionLists(api: AwsApi, region: string, scope: CallScope): RegionLists {
  const entries = Object.entries(listings).map(([name, list]) => [
    name,
    async () => (await list(api, region, scope)).value,
  ]);
  return Object.fromEntries(entries) as RegionLists;
}
