import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";
import { overRegions } from "../ec2/over-regions.ts";
import type { InventorySections, Listed } from "./output.ts";
import type { InventoryQuery } from "./query.ts";
import type { Resource, ResourceTypeInfo } from "./resource-type.ts";
import { type ResourceType, resourceTypes } from "./types.ts";

interface Source {
  readonly api: AwsApi;
  readonly query: InventoryQuery;
  readonly regions: readonly string[];
  readonly scope: CallScope;
}

/** A section for each type that is asked for, to be run. */
export function sectionsOf(source: Source): Partial<Record<ResourceType, () => Promise<Listed>>> {
  return Object.fromEntries(
    source.query.types.map((type) => [
      type,
      () => typeSection(resourceTypes[type] as ResourceTypeInfo<unknown>, source),
    ]),
  );
}

async function typeSection(
  info: ResourceTypeInfo<unknown>,
  { api, query, regions, scope }: Source,
): Promise<Listed> {
  const { states, tags } = query;
  if (states.length > 0 && !info.states.some((state) => states.includes(state))) {
    const own = info.states.length > 0 ? `only ${info.states.join(", ")}` : "they have no states";
    return { status: "skipped", reason: `Never ${states.join(" or ")}: ${own}.` };
  }
  if (regions.length === 0) {
    return { status: "skipped", reason: "The account has enabled none of the regions." };
  }
  const { found, failures } = await overRegions(regions, async (region) => {
    const { value } = await info.list(api, region, scope);
    return value.map((item) => info.describe(item, region));
  });
  const all = [...found.values()].flat();
  const items = all.filter(
    (item) => (states.length === 0 || states.includes(item.state ?? "")) && hasTags(item, tags),
  );
  return {
    status: "ok",
    count: items.length,
    byRegion: countBy(items, ({ region }) => region),
    byState: countBy(items, ({ state }) => state),
    items,
    ...(failures.length > 0 && { failures: [...failures] }),
  };
}

function hasTags(item: Resource, wanted: InventoryQuery["tags"]): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(item.tags, key) && (value === "*" || item.tags[key] === value),
  );
}

function countBy(
  items: readonly Resource[],
  keyOf: (item: Resource) => string | undefined,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Keeps at most `limit` resources over all types, as many of each as of the others while they last. */
export function limitItems(sections: InventorySections, limit: number): InventorySections {
  const counts = Object.values(sections).map((one) => (one.status === "ok" ? one.items.length : 0));
  const most = evenShare(counts, limit);
  return Object.fromEntries(
    Object.entries(sections).map(([type, one], index) => [
      type,
      one.status === "ok" ? { ...one, items: one.items.slice(0, most[index]) } : one,
    ]),
  );
}

/** How many of each pile are taken if all together may be `total`: the same of each, and what small piles leave of the others. */
export function evenShare(piles: readonly number[], total: number): number[] {
  const shares = piles.map(() => 0);
  let left = total;
  let open = [...piles.keys()];
  while (left > 0 && open.length > 0) {
    const each = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const more = Math.min(each, (piles[index] ?? 0) - (shares[index] ?? 0), left);
      shares[index] = (shares[index] ?? 0) + more;
      left -= more;
    }
    open = open.filter((index) => (shares[index] ?? 0) < (piles[index] ?? 0));
  }
  return shares;
}
