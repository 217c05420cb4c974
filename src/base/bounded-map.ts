export interface Bounds {
  readonly maxEntries: number;
  /** Of all values together, as their owner counts them. */
  readonly maxChars: number;
}

interface Entry<V> {
  readonly value: V;
  readonly chars: number;
  /** On the clock given. */
  readonly until: number;
}

/** No single value takes the place of more than this share of the others. */
const LARGEST_SHARE = 1 / 4;

/** Values that are kept for a time, within bounds: those that were put in first go first. */
export class BoundedMap<V> {
  readonly #bounds: Bounds;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry<V>>();
  #chars = 0;

  constructor(bounds: Bounds, now: () => number = () => Date.now()) {
    this.#bounds = bounds;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get chars(): number {
    return this.#chars;
  }

  /** Whether a value of this length may be put in at all. */
  takes(chars: number): boolean {
    return chars <= this.#bounds.maxChars * LARGEST_SHARE;
  }

  /** Puts a value in, in place of the one under the key. False: it is too long. */
  set(key: string, value: V, chars: number, keepMs: number): boolean {
    this.delete(key);
    if (!this.takes(chars)) return false;
    const { maxEntries, maxChars } = this.#bounds;
    const now = this.#now();
    for (const [oldest, { until }] of this.#entries) {
      const fits = this.#entries.size < maxEntries && this.#chars + chars <= maxChars;
      if (fits && until > now) break;
      this.delete(oldest);
    }
    this.#entries.set(key, { value, chars, until: now + keepMs });
    this.#chars += chars;
    return true;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.until > this.#now()) return entry?.value;
    this.delete(key);
    return undefined;
  }

  delete(key: string): void {
    this.#chars -= this.#entries.get(key)?.chars ?? 0;
    this.#entries.delete(key);
  }

  /** Takes out every value of which this is true. */
  deleteWhere(matches: (value: V) => boolean): void {
    for (const [key, { value }] of this.#entries) if (matches(value)) this.delete(key);
  }
}
