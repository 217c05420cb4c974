type Listener = () => void;

/** What tells of an abort: an `AbortSignal`, or the cheaper one of a call. */
export interface Aborting {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: Listener, options?: { readonly once: true }): void;
  removeEventListener(type: "abort", listener: Listener): void;
}

/**
 * Tells once that a call is to end. Making an `AbortSignal` takes longer than all that the host does around a short call,
 * so there is one only for those who ask for it.
 */
export class CallSignal implements Aborting {
  #listeners: Set<Listener> | undefined;
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** For everybody who takes nothing else: `fetch`, SDKs, plugins. */
  get real(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener();
  }

  /** Each is told once. */
  addEventListener(_type: "abort", listener: Listener): void {
    if (!this.#aborted) (this.#listeners ??= new Set()).add(listener);
  }

  removeEventListener(_type: "abort", listener: Listener): void {
    this.#listeners?.delete(listener);
  }
}

export function realSignal(signal: Aborting): AbortSignal {
  return signal instanceof CallSignal ? signal.real : (signal as AbortSignal);
}
