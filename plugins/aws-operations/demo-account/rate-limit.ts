const WINDOW_MS = 1_000;

/** Lets so many requests of a kind pass in any one second. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  /** When the last requests of each kind passed. */
  readonly #passed = new Map<string, number[]>();

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** A request that is not admitted does not count. */
  admits(kind: string): boolean {
    const now = this.#nowMs();
    const recent = (this.#passed.get(kind) ?? []).filter((time) => now - time < WINDOW_MS);
    const isAdmitted = recent.length < this.#perSecond;
    if (isAdmitted) recent.push(now);
    this.#passed.set(kind, recent);
    return isAdmitted;
  }
}
