const WINDOW_MS = 300_000;
const MOST = 3;
/** Before the restart after the first crash, the second, … */
const BACKOFF_MS = [0, 1_000];

/** What is to be done about a plugin that has crashed. */
export type Verdict =
  /** It may start again after so long. */
  | { readonly kind: "restart"; readonly afterMs: number }
  /** It has crashed too often; after so long, one call may try. */
  | { readonly kind: "quarantine"; readonly forMs: number };

/** The crashes of the last five minutes, and what follows from them: the third puts the plugin into quarantine. */
export class CrashRecord {
  readonly #now: () => number;
  #crashes: number[] = [];
  #onTrial = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get count(): number {
    return this.#recent().length;
  }

  crashed(): Verdict {
    this.#crashes = [...this.#recent(), this.#now()];
    // Whoever comes out of quarantine has one try.
    if (this.#onTrial || this.#crashes.length >= MOST) {
      this.#onTrial = true;
      return { kind: "quarantine", forMs: WINDOW_MS };
    }
    return { kind: "restart", afterMs: BACKOFF_MS[this.#crashes.length - 1] ?? 0 };
  }

  /** It has answered a call: what was, is forgiven. */
  answered(): void {
    if (!this.#onTrial) return;
    this.#onTrial = false;
    this.#crashes = [];
  }

  #recent(): number[] {
    const since = this.#now() - WINDOW_MS;
    return this.#crashes.filter((at) => at > since);
  }
}
