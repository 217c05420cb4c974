import type { McpHttpHandler, McpServer } from "@modelcontextprotocol/server";
import type { ListName } from "../base/lists.ts";
import type { Subscriber } from "./serving.ts";

/** Tells the client of a connected server which lists have changed. */
export function tellChanged({ server }: McpServer, lists: ReadonlySet<ListName>): void {
  if (lists.has("tools")) send(server.sendToolListChanged());
  if (lists.has("prompts")) send(server.sendPromptListChanged());
  if (lists.has("resources")) send(server.sendResourceListChanged());
}

/** Tells all that listen in the manner of 2026-07-28 over HTTP which lists have changed. */
export function publishChanged(
  { notify }: Pick<McpHttpHandler, "notify">,
  lists: ReadonlySet<ListName>,
): void {
  if (lists.has("tools")) notify.toolsChanged();
  if (lists.has("prompts")) notify.promptsChanged();
  if (lists.has("resources")) notify.resourcesChanged();
}

/** Tells the client of a connected server that a resource has new contents. */
export function tellUpdated({ server }: McpServer, uri: string): void {
  send(server.sendResourceUpdated({ uri }));
}

export function isSubscribed(server: McpServer & Subscriber, uri: string): boolean {
  return server.isSubscribed?.(uri) === true;
}

/** A note has no answer: a client that has left, or never wanted it, is nobody's failure. */
function send(sent: Promise<void>): void {
  sent.catch(() => undefined);
}
