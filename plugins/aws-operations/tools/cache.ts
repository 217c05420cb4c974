import { Flight } from "./flight.ts";

export interface CacheOptions {
  /** Milliseconds; only differences count. Default `Date.now`. */
  readonly now?: () => number;
  /** Answers that are kept; the one that was not used for longest goes first. Default 50. */
  readonly maxEntries?: number;
}

/** A whole answer and when it was fetched. */
export interface Cached<T> {
  readonly value: T;
  readonly fetchedAt: number;
}

/**
 * The pages of one logical request: while it is being fetched, they are shared by all who ask for the same, and when
 * it is complete its value is kept. What fails is not kept.
 */
export class CacheEntry<T> {
  readonly startedAt: number;
  /** The last complete answer, for when a new one cannot be had. */
  readonly previous: Cached<T> | undefined;
  complete: Cached<T> | undefined;
  users = 0;
  readonly #pages = new Map<string, unknown>();
  readonly #flights = new Map<string, Flight<unknown>>();

  constructor(startedAt: number, previous: Cached<T> | undefined) {
    this.startedAt = startedAt;
    this.previous = previous;
  }

  /**
   * A page that is there, or is being fetched already, or is fetched now. Pages stay until the last user has left:
   * one who came late may still be reading when the first has finished.
   */
  async page<Page>(
    token: string,
    signal: AbortSignal | undefined,
    fetch: (signal: AbortSignal) => Promise<Page>,
  ): Promise<Page> {
    if (this.#pages.has(token)) return this.#pages.get(token) as Page;
    let flight = this.#flights.get(token) as Flight<Page> | undefined;
    if (flight === undefined || flight.over) {
      flight = new Flight(fetch);
      this.#flights.set(token, flight);
    }
    const page = await flight.join(signal);
    this.#pages.set(token, page);
    return page;
  }

  finish(value: T, fetchedAt: number): void {
    this.complete ??= { value, fetchedAt };
  }

  dropPages(): void {
    this.#pages.clear();
    this.#flights.clear();
  }

  abort(): void {
    for (const flight of this.#flights.values()) flight.abort();
  }
}

/** Answers by the exact request, each for as long as its data stay true. */
export class RequestCache {
  readonly #entries = new Map<string, CacheEntry<unknown>>();
  readonly #now: () => number;
  readonly #maxEntries: number;

  constructor({ now = Date.now, maxEntries = 50 }: CacheOptions = {}) {
    this.#now = now;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  now(): number {
    return this.#now();
  }

  /** The entry to use now; with `refresh`, one whose fetching has not been completed before. */
  open<T>(key: string, ttlMs: number, refresh: boolean): CacheEntry<T> {
    const known = this.#entries.get(key) as CacheEntry<T> | undefined;
    const usable =
      known !== undefined &&
      (known.complete === undefined ||
        (!refresh && this.#now() - known.complete.fetchedAt < ttlMs));
    const entry = usable ? known : this.#start(known);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    this.#evict();
    return entry;
  }

  /** A new start for all users of an entry whose pages no longer belong together; the first to ask makes it. */
  restart<T>(key: string, failed: CacheEntry<T>): CacheEntry<T> {
    const current = this.#entries.get(key) as CacheEntry<T> | undefined;
    const entry = current === undefined || current === failed ? this.#start<T>(failed) : current;
    entry.users += 1;
    this.#entries.set(key, entry);
    this.close(key, failed);
    return entry;
  }

  /** Ends a use. What nobody completed and nobody uses is forgotten, except for the answer before it. */
  close<T>(key: string, entry: CacheEntry<T>): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.dropPages();
    if (entry.complete !== undefined) return;
    if (this.#entries.get(key) !== entry) return;
    if (entry.previous === undefined) {
      this.#entries.delete(key);
    } else {
      const restored = new CacheEntry<unknown>(entry.startedAt, undefined);
      restored.complete = entry.previous;
      this.#entries.set(key, restored);
    }
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.abort();
    this.#entries.clear();
  }

  #start<T>(before: CacheEntry<T> | undefined): CacheEntry<T> {
    return new CacheEntry<T>(this.#now(), before?.complete ?? before?.previous);
  }

  #evict(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries) return;
      if (entry.users === 0) this.#entries.delete(key);
    }
  }
}
