/** So much may come at once; after that, so much a second. */
export class Allowance {
  readonly #most: number;
  readonly #perSecond: number;
  #left: number;
  #filledAt: number | undefined;

  constructor(most: number, perSecond: number) {
    this.#most = most;
    this.#perSecond = perSecond;
    this.#left = most;
  }

  /** Takes one; false if there is none. */
  take(): boolean {
    const now = performance.now();
    const passedMs = now - (this.#filledAt ?? now);
    this.#left = Math.min(this.#most, this.#left + (passedMs / 1_000) * this.#perSecond);
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
