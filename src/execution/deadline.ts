/** The one clock of a call. It runs on the monotonic clock, so that a change of the machine's time moves nothing. */
export class Deadline {
  /** Only calls in processes have any. */
  #listeners: Set<() => void> | undefined;
  #at: number;

  #isLong: boolean;

  /** `isLong`: of a call that has left its request. */
  constructor(milliseconds: number, { isLong = false }: { readonly isLong?: boolean } = {}) {
    this.#isLong = isLong;
    this.#at = performance.now() + milliseconds;
  }

  /** Milliseconds left; 0 when the time is up. */
  remainingMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** Whether its call has left its request. */
  get isLong(): boolean {
    return this.#isLong;
  }

  /** The call leaves its request: it has so much from now on. Waits that are under way look again when they end. */
  restart(milliseconds: number): void {
    this.#isLong = true;
    this.#at = performance.now() + milliseconds;
    for (const listener of this.#listeners ?? []) listener();
  }

  /** Told of each restart. Returns its own undo. */
  onRestart(listener: () => void): () => void {
    const listeners = (this.#listeners ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}
