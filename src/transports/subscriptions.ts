import { isBag } from "../base/bag.ts";
import { cancelledId } from "../base/cancelled-id.ts";
import { isRequest } from "./json-rpc-guard.ts";

/** Told the URI that a client wants to hear of. Returns its own undo. */
export type OnSubscribed = (uri: string) => () => void;

/** As many of one client are passed on, so that one does not take the room of all. */
const MAX_PER_CLIENT = 500;

/**
 * The resources that clients want to hear of, from their messages in either era: the SDK answers those of 2026-07-28
 * without the server. Each is held by a session, a connection or a stream, and ends with it.
 */
export class Subscriptions {
  readonly #onSubscribed: OnSubscribed;
  readonly #held = new Map<string, Map<string, () => void>>();

  constructor(onSubscribed: OnSubscribed) {
    this.#onSubscribed = onSubscribed;
  }

  /** Shown each message of a client, or each batch. */
  hear(message: unknown, client: string): void {
    if (Array.isArray(message)) for (const item of message) this.hear(item, client);
    const cancelled = cancelledId(message);
    if (cancelled !== undefined) this.end(streamOf(client, cancelled));
    if (!isRequest(message)) return;
    const { id, method } = message;
    const { params } = message as { readonly params?: unknown };
    if (!isBag(params)) return;
    const { uri, notifications } = params;
    if (method === "resources/subscribe") this.#add(client, uri);
    if (method === "resources/unsubscribe") this.#remove(client, uri);
    if (method !== "subscriptions/listen" || !isBag(notifications)) return;
    const uris = notifications["resourceSubscriptions"];
    if (Array.isArray(uris)) for (const one of uris) this.#add(streamOf(client, id), one);
  }

  /** A client, or a stream of one, is gone. */
  end(holder: string): void {
    const held = this.#held.get(holder);
    this.#held.delete(holder);
    for (const undo of held?.values() ?? []) undo();
  }

  #add(holder: string, uri: unknown): void {
    const held = this.#held.get(holder) ?? new Map<string, () => void>();
    if (typeof uri !== "string" || held.has(uri) || held.size >= MAX_PER_CLIENT) return;
    this.#held.set(holder, held);
    held.set(uri, this.#onSubscribed(uri));
  }

  #remove(holder: string, uri: unknown): void {
    if (typeof uri !== "string") return;
    const held = this.#held.get(holder);
    const undo = held?.get(uri);
    held?.delete(uri);
    undo?.();
  }
}

/** The holder that a client's own stream is. */
export function streamOf(client: string, id: string | number): string {
  return JSON.stringify([client, id]);
}
