import type { Connection } from "./connection.ts";
import { ResourceWatch } from "./resource-watch.ts";

/** Most resources that a server is asked to tell about. */
const MAX_WATCHED = 5_000;

/** The resources of a server that clients have subscribed to. They outlive connections. */
export class WatchedResources {
  readonly #uris = new Set<string>();
  readonly #onFull: (most: number) => void;
  #watch: ResourceWatch | undefined;
  #isFull = false;

  /** `onFull` is told once when there is no more room: what is watched then stays watched. */
  constructor(onFull: (most: number) => void) {
    this.#onFull = onFull;
  }

  add(uri: string): void {
    if (this.#uris.has(uri)) return;
    if (this.#uris.size >= MAX_WATCHED) {
      if (!this.#isFull) this.#onFull(MAX_WATCHED);
      this.#isFull = true;
      return;
    }
    this.#uris.add(uri);
    this.#watch?.add(uri);
  }

  remove(uri: string): void {
    this.#isFull = false;
    if (this.#uris.delete(uri)) this.#watch?.remove(uri);
  }

  /** Has the server tell of changes over a new connection; as {@link ResourceWatch.start}. */
  async followOver(connection: Connection, onMissed: () => void): Promise<void> {
    this.#watch = new ResourceWatch(connection, this.#uris, onMissed);
    await this.#watch.start();
  }
}
