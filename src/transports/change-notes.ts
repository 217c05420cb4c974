import type { McpServer } from "@modelcontextprotocol/server";
import type { Subscriber } from "./serving.ts";

/** Tells the client of a connected server that the lists have changed. */
export function tellChanged({ server }: McpServer): void {
  send(server.sendToolListChanged());
  send(server.sendPromptListChanged());
  send(server.sendResourceListChanged());
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
