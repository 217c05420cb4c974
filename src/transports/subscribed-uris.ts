import { isBag } from "../base/bag.ts";
import { isRequest } from "./json-rpc-guard.ts";

/** Told the URIs that a client wants to hear of. */
export type OnSubscribed = (uris: readonly string[]) => void;

/** The resources that a message subscribes to, in either era. The SDK answers that of 2026-07-28 without the server. */
export function subscribedUris(message: unknown): readonly string[] {
  if (!isRequest(message)) return [];
  const { params } = message as { readonly params?: unknown };
  if (!isBag(params)) return [];
  if (message.method === "resources/subscribe") return texts([params["uri"]]);
  const { notifications } = params;
  return message.method === "subscriptions/listen" && isBag(notifications)
    ? texts(notifications["resourceSubscriptions"])
    : [];
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
}
