import { isDeepStrictEqual } from "node:util";
import type { ListName } from "../base/lists.ts";
import type { Host } from "../host/host.ts";
import { changedHostResources } from "./host-resources.ts";
import { surfaceOf, type Surface } from "./surface.ts";

/** What clients may want to hear. */
export interface ChangeListener {
  /** These lists have become others to clients. */
  listsChanged(lists: ReadonlySet<ListName>): void;
  /** A resource has new contents. */
  resourceUpdated(uri: string): void;
}

/** Tells of whatever a change of the catalogue changes for clients, and of nothing else. */
export function tellChanges(host: Host, listener: ChangeListener): void {
  host.onChange((before) => {
    const lists = changedLists(surfaceOf(before), surfaceOf(host.catalogue));
    if (lists.size > 0) listener.listsChanged(lists);
    for (const uri of changedHostResources(before, host.catalogue)) listener.resourceUpdated(uri);
  });
  host.onResourceUpdated((uri) => listener.resourceUpdated(uri));
}

/** Deep, but not where the two share what was not read again. */
function changedLists(before: Surface, after: Surface): ReadonlySet<ListName> {
  const lists = new Set<ListName>();
  if (!isDeepStrictEqual(before.tools, after.tools)) lists.add("tools");
  if (!isDeepStrictEqual(before.prompts, after.prompts)) lists.add("prompts");
  if (
    !isDeepStrictEqual(before.resources, after.resources) ||
    !isDeepStrictEqual(before.templates, after.templates)
  ) {
    lists.add("resources");
  }
  return lists;
}
