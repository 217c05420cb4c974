import type { ListName } from "../base/lists.ts";

/** A transport at work. */
export interface Serving {
  /** Resolves when the client's side has ended it; a listening server never ends by itself. */
  readonly ended: Promise<void>;
  /** Whether the client has closed its end and only waits for answers, if for anything. */
  leaving(): boolean;
  /** Tells connected clients that these lists have changed. */
  notifyChanged(lists: ReadonlySet<ListName>): void;
  /** Tells the clients that subscribed to a resource that it has changed. */
  notifyResourceUpdated(uri: string): void;
  /** Says to whoever asks that this server is about to go. */
  stopping(): void;
  /** Answers what is in flight and closes. */
  stop(): Promise<void>;
}

/** A server that knows to which resources its client has subscribed. */
export interface Subscriber {
  isSubscribed?(uri: string): boolean;
}
