import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import { changePlanAction } from "../change-plan/action.ts";
import { asSections } from "../ec2/over-regions.ts";
import type { InventoryOutput, Listed } from "./output.ts";
import type { InventoryQuery } from "./query.ts";
import type { Resource } from "./resource-type.ts";

const maxActions = 4;

/** Next steps that follow from what was found, the most pressing first. */
export function suggestActions(data: InventoryOutput, query: InventoryQuery): SuggestedAction[] {
  const { timestamp: _, meta, ...sections } = data;
  const all = Object.values(sections).filter((one) => one !== undefined);
  return [
    ...(query.wish === "change" ? [changePlanAction] : []),
    ...remediesFor({ ...sections, ...asSections(sections) }),
    ...forSavings(sections, query),
    ...forOpenGroups(sections.security_groups, query),
    ...forRoutes(sections.route_tables),
    ...forNothing(all, query, meta.regions),
  ].slice(0, maxActions);
}

function itemsOf(one: Listed | undefined): readonly Resource[] {
  return one?.status === "ok" ? one.items : [];
}

function forSavings(sections: Partial<InventoryOutput>, query: InventoryQuery): SuggestedAction[] {
  const reasons = [
    [itemsOf(sections.instances), "stopped", "stopped instance(s)"],
    [itemsOf(sections.volumes), "available", "volume(s) attached to nothing"],
    [itemsOf(sections.addresses), "unassociated", "unused address(es)"],
  ] as const;
  const found = reasons.flatMap(([items, state, text]) => {
    const number = items.filter((item) => item.state === state).length;
    return number > 0 ? [`${number} ${text}`] : [];
  });
  if (found.length === 0 && query.wish !== "savings") return [];
  return [
    {
      title: "Find out what is paid for and not used",
      reason: found.length > 0 ? `${found.join(", ")}.` : "It also estimates what it costs.",
      tool: "aws_unused_resources",
      arguments: placeOf(query),
    },
  ];
}

function forOpenGroups(groups: Listed | undefined, query: InventoryQuery): SuggestedAction[] {
  const open = itemsOf(groups).filter(({ details }) =>
    [details["inbound"]].flat().some((rule) => /\banywhere\b/.test(`${rule}`)),
  );
  if (open.length === 0) return [];
  return [
    {
      title: "Check what the internet can reach",
      reason: `${open.length} security group(s) let in anybody.`,
      tool: "aws_security_scan",
      arguments: { checks: ["public_exposure"], ...placeOf(query) },
    },
  ];
}

/** Where the question looked, as another tool's arguments. */
function placeOf({ regions }: InventoryQuery): { readonly regions?: readonly string[] } {
  return regions.length > 0 ? { regions } : {};
}

function forRoutes(tables: Listed | undefined): SuggestedAction[] {
  const broken = itemsOf(tables).filter(({ details }) =>
    [details["routes"]].flat().some((route) => `${route}`.includes("leads nowhere")),
  );
  if (broken.length === 0) return [];
  return [
    {
      title: "Mend or remove routes that lead nowhere",
      reason: `${broken.map(({ id }) => id).join(", ")}: what is sent there is dropped. The prompt aws_change_plan helps to plan it.`,
    },
  ];
}

function forNothing(
  all: readonly Listed[],
  query: InventoryQuery,
  regions: readonly string[],
): SuggestedAction[] {
  const isEmpty = all.length > 0 && all.every((one) => one.status === "ok" && one.count === 0);
  if (!isEmpty || query.regions.includes("all")) return [];
  return [
    {
      title: "Look in all regions",
      reason: `Nothing of this in ${regions.join(", ")}.`,
      tool: "aws_resource_inventory",
      arguments: {
        types: query.types,
        ...(query.states.length > 0 && { state: query.states }),
        ...(Object.keys(query.tags).length > 0 && { tags: query.tags }),
        regions: ["all"],
      },
    },
  ];
}
