import type { Concurrency } from "../base/policy-settings.ts";

/** Whoever waits for a slot. */
export interface Waiter {
  readonly principal: string;
}

/** How much the latest run counts in what a run usually takes. */
const WEIGHT = 0.2;

/** Something that only so many calls may use at a time: the server, a plugin, a tool, a principal. */
export class Pool<W extends Waiter = Waiter> {
  readonly key: string;
  limits: Concurrency;
  /** Those that wait here, for each principal in the order in which they came. */
  readonly #waiting = new Map<string, Set<W>>();
  #waitingCount = 0;
  #running = 0;
  #usualMs: number | undefined;

  constructor(key: string, limits: Concurrency) {
    this.key = key;
    this.limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waitingCount;
  }

  get hasSlot(): boolean {
    return this.#running < this.limits.slots;
  }

  get hasRoom(): boolean {
    return this.#waitingCount < this.limits.queue;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#waitingCount === 0;
  }

  begin(): void {
    this.#running += 1;
  }

  end(tookMs: number): void {
    this.#running -= 1;
    const usualMs = this.#usualMs ?? tookMs;
    this.#usualMs = usualMs + WEIGHT * (tookMs - usualMs);
  }

  join(waiter: W): void {
    const own = this.#waiting.get(waiter.principal) ?? new Set();
    this.#waiting.set(waiter.principal, own.add(waiter));
    this.#waitingCount += 1;
  }

  leave(waiter: W): void {
    const own = this.#waiting.get(waiter.principal);
    if (!own?.delete(waiter)) return;
    this.#waitingCount -= 1;
    if (own.size === 0) this.#waiting.delete(waiter.principal);
  }

  /** About how long a newcomer of this principal would wait; undefined before any run has ended. */
  waitMs(principal: string): number | undefined {
    if (this.#usualMs === undefined) return undefined;
    const mine = this.#waiting.get(principal)?.size ?? 0;
    let ahead = mine;
    for (const [other, { size }] of this.#waiting) {
      // Principals take turns: nobody else gets more of them than this one.
      if (other !== principal) ahead += Math.min(size, mine + 1);
    }
    return (this.#usualMs / this.limits.slots) * (ahead + 1);
  }

  /** The last in the longest row, if that row is longer than this principal's would be with one more. */
  displaceable(principal: string): W | undefined {
    let longest = new Set<W>();
    for (const row of this.#waiting.values()) if (row.size > longest.size) longest = row;
    const mine = this.#waiting.get(principal)?.size ?? 0;
    return longest.size > mine + 1 ? [...longest].at(-1) : undefined;
  }
}
