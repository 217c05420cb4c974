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

/** What a caller brings along to wait for a page. */
export interface PageUser {
  readonly signal: AbortSignal | undefined;
  /** Called when the page is requested on this caller's behalf, alone or with others. */
  readonly onSend: () => void;
}

/** How long the pages of a question that was not answered are kept: they are paid for. */
export const partialTtlMs = 5 * 60_000;

/**
 * The pages of one logical request: while it is being fetched, they are shared by all who ask for the same, and when
 * it is complete its value is kept.
 */
export class CacheEntry<T> {
  readonly startedAt: number;
  /** The last complete answer, for when a new one cannot be had. */
  readonly previous: Cached<T> | undefined;
  complete: Cached<T> | undefined;
  users = 0;
  /** When the last user left without an answer. */
  leftAt: number | undefined;
  readonly #pages = new Map<string, unknown>();
  readonly #flights = new Map<string, Flight<unknown>>();
  readonly #failures = new Map<string, unknown[]>();

  constructor(startedAt: number, previous: Cached<T> | undefined) {
    this.startedAt = startedAt;
    this.previous = previous;
  }

  get pageCount(): number {
    return this.#pages.size;
  }

  /**
   * A page that is there, or is being fetched already, or is fetched now. Pages stay until the last user has left:
   * one who came late may still be reading when the first has finished.
   */
  async page<Page>(
    token: string,
    { signal, onSend }: PageUser,
    fetch: (signal: AbortSignal, sent: () => void) => Promise<Page>,
  ): Promise<Page> {
    if (this.#pages.has(token)) return this.#pages.get(token) as Page;
    let flight = this.#flights.get(token) as Flight<Page> | undefined;
    if (flight === undefined || flight.over) {
      flight = new Flight(async (flightSignal, sent) => {
        try {
          return await fetch(flightSignal, sent);
        } catch (error) {
          // That its last user has left says nothing to one who waits to try again.
          if (!flightSignal.aborted) {
            this.#failures.set(token, [...this.failuresOf(token), error]);
          }
          throw error;
        }
      });
      this.#flights.set(token, flight);
    }
    const page = await flight.join(signal, onSend);
    this.#pages.set(token, page);
    return page;
  }

  /** What has gone wrong with a page, each request once. */
  failuresOf(token: string): readonly unknown[] {
    return this.#failures.get(token) ?? [];
  }

  finish(value: T, fetchedAt: number): void {
    this.complete ??= { value, fetchedAt };
  }

  /** Forgets what only those who share the fetching need. */
  settle(keepPages: boolean): void {
    this.#flights.clear();
    this.#failures.clear();
    if (!keepPages) this.#pages.clear();
  }

  abort(): void {
    for (const flight of this.#flights.values()) flight.abort();
  }
}

/** Answers by the exact request, each for as long as its data stay true. */
export class RequestCache {
  readonly #entries = new Map<string, CacheEntry<unknown>>();
  /** Entries that nobody uses and that are not complete, but have pages. */
  readonly #partial = new Map<string, CacheEntry<unknown>>();
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
    const entry = usable ? known : (this.#resume<T>(key) ?? this.#start(known));
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
    this.close(key, failed, false);
    return entry;
  }

  /**
   * Ends a use. What nobody completed and nobody uses is forgotten, except for the answer before it and, with
   * `keepPages`, the pages that came: for a while the next to ask goes on after them.
   */
  close<T>(key: string, entry: CacheEntry<T>, keepPages: boolean): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    const keep = keepPages && entry.complete === undefined && entry.pageCount > 0;
    entry.settle(keep);
    if (entry.complete !== undefined || this.#entries.get(key) !== entry) return;
    if (keep) {
      entry.leftAt = this.#now();
      this.#partial.set(key, entry);
    }
    if (entry.previous === undefined) {
      this.#entries.delete(key);
    } else {
      const restored = new CacheEntry<unknown>(entry.startedAt, undefined);
      restored.complete = entry.previous;
      this.#entries.set(key, restored);
    }
    this.#evict();
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.abort();
    this.#entries.clear();
    this.#partial.clear();
  }

  #start<T>(before: CacheEntry<T> | undefined): CacheEntry<T> {
    return new CacheEntry<T>(this.#now(), before?.complete ?? before?.previous);
  }

  #resume<T>(key: string): CacheEntry<T> | undefined {
    const entry = this.#partial.get(key) as CacheEntry<T> | undefined;
    this.#partial.delete(key);
    return entry?.leftAt !== undefined && this.#now() - entry.leftAt < partialTtlMs
      ? entry
      : undefined;
  }

  #evict(): void {
    for (const [key, { leftAt = 0 }] of this.#partial) {
      if (this.#partial.size > this.#maxEntries || this.#now() - leftAt >= partialTtlMs) {
        this.#partial.delete(key);
      }
    }
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries) return;
      if (entry.users === 0) this.#entries.delete(key);
    }
  }
}
