import type { McpSubscription, SubscriptionFilter } from "@modelcontextprotocol/client";
import { sleep } from "../base/abort.ts";
import { deferred } from "../base/deferred.ts";
import type { Connection } from "./connection.ts";

/** Before a stream is opened anew, so that several changes make one. */
const SETTLE_MS = 200;
/** How long the lists wait for the first stream. */
const OPEN_MS = 2_000;
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 300_000;

/** Has a server tell of changes over one connection: of its lists, and of the resources that clients have subscribed to. */
export class ResourceWatch {
  readonly #connection: Connection;
  readonly #uris: ReadonlySet<string>;
  readonly #onMissed: () => void;
  /** Fires when the connection has ended. */
  readonly #over = new AbortController();
  /** Resolves with whether the first stream could be had. */
  readonly #tried = deferred<boolean>();
  #stream: McpSubscription | undefined;
  #isUpdating = false;
  #isStale = false;
  #hasTried = false;
  #hasMissed = false;

  /** `uris` may change, and `add` and `remove` tell of it. `onMissed` is told when changes may have gone by unnoticed. */
  constructor(connection: Connection, uris: ReadonlySet<string>, onMissed: () => void) {
    this.#connection = connection;
    this.#uris = uris;
    this.#onMissed = onMissed;
    void connection.ended.then(() => this.#over.abort());
  }

  /** To be called before the lists are read. Resolves when changes are heard of, or will be made up for later. */
  async start(): Promise<void> {
    if (!this.#connection.isModern) {
      for (const uri of this.#uris) this.add(uri);
      return;
    }
    this.#renew();
    const limit = this.#pause(OPEN_MS).then(() => false);
    const isOpen = await Promise.race([this.#tried.promise, limit]);
    if (!isOpen) this.#hasMissed = true;
  }

  add(uri: string): void {
    if (!this.#canSubscribe) return;
    if (this.#connection.isModern) this.#renew();
    // Whether a server knows of changes of one resource is its own affair.
    else void this.#connection.client.subscribeResource({ uri }).catch(() => undefined);
  }

  remove(uri: string): void {
    if (!this.#canSubscribe) return;
    if (this.#connection.isModern) this.#renew();
    else void this.#connection.client.unsubscribeResource({ uri }).catch(() => undefined);
  }

  get #canSubscribe(): boolean {
    const { client, isOpen } = this.#connection;
    return isOpen && client.getServerCapabilities()?.resources?.subscribe === true;
  }

  /** In 2026-07-28 one stream brings all, and what it is to bring is said when it is opened. */
  #renew(): void {
    this.#isStale = true;
    if (!this.#isUpdating) void this.#update();
  }

  /** One at a time: of two streams that are opened at once, one would stay open unseen. */
  async #update(): Promise<void> {
    this.#isUpdating = true;
    let retryMs = RETRY_MS;
    while (this.#isStale && this.#connection.isOpen) {
      // The first one is waited for.
      if (this.#hasTried) await this.#pause(SETTLE_MS);
      this.#isStale = false;
      try {
        await this.#open();
        this.#tried.resolve(true);
      } catch {
        this.#tried.resolve(false);
        // It may only have been short of breath.
        await this.#pause(retryMs);
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
        this.#isStale = true;
      }
      this.#hasTried = true;
    }
    this.#isUpdating = false;
  }

  /** Ends early with the connection. */
  #pause(ms: number): Promise<void> {
    return sleep(ms, this.#over.signal).catch(() => undefined);
  }

  async #open(): Promise<void> {
    const filter = this.#filter();
    const before = this.#stream;
    if (Object.keys(filter).length === 0) {
      this.#stream = undefined;
      await before?.close();
      return;
    }
    const stream = await this.#connection.client.listen(filter);
    this.#stream = stream;
    void stream.closed.then((how) => this.#onClosed(stream, how));
    await before?.close();
    if (this.#hasMissed) this.#onMissed();
    this.#hasMissed = false;
  }

  #onClosed(stream: McpSubscription, how: "local" | "graceful" | "remote"): void {
    if (how === "local" || stream !== this.#stream || !this.#connection.isOpen) return;
    this.#stream = undefined;
    this.#hasMissed = true;
    this.#renew();
  }

  #filter(): SubscriptionFilter {
    const { tools, prompts, resources } = this.#connection.client.getServerCapabilities() ?? {};
    const uris = this.#canSubscribe ? [...this.#uris] : [];
    return {
      ...(tools?.listChanged && { toolsListChanged: true }),
      ...(prompts?.listChanged && { promptsListChanged: true }),
      ...(resources?.listChanged && { resourcesListChanged: true }),
      ...(uris.length > 0 && { resourceSubscriptions: uris }),
    };
  }
}
