type Listener = () => void;

/** What tells of an abort: an `AbortSignal`, or the cheaper one of a call. */
export interface Aborting {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: Listener, options?: { readonly once: true }): void;
  removeEventListener(type: "abort", listener: Listener): void;
}

/**
 * Tells once that a call is to end. Making an `AbortSignal`, or listening to one, takes longer than all that the host does
 * around a short call, so that is done only for those who ask for it.
 */
export class CallSignal implements Aborting {
  readonly #onAbort = (): void => this.abort(this.#source?.reason);
  /** What it follows. */
  #source: Aborting | undefined;
  #isListening = false;
  #listeners: Set<Listener> | undefined;
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted || this.#source?.aborted === true;
  }

  get reason(): unknown {
    return this.#aborted ? this.#reason : this.#source?.reason;
  }

  /** For everybody who takes nothing else: `fetch`, SDKs, plugins. */
  get real(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort(this.reason);
      else this.#listen();
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.release();
    this.#controller?.abort(reason);
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener();
  }

  /** From now on it aborts when the source does. */
  follow(source: Aborting): void {
    this.#source = source;
    if (source.aborted) this.#onAbort();
    else if (this.#controller !== undefined || this.#listeners !== undefined) this.#listen();
  }

  /** From now on it does not follow its source any more. */
  release(): void {
    if (this.#source?.aborted === true) this.#onAbort();
    if (this.#isListening) this.#source?.removeEventListener("abort", this.#onAbort);
    this.#isListening = false;
    this.#source = undefined;
  }

  /** Each is told once. */
  addEventListener(_type: "abort", listener: Listener): void {
    if (this.aborted) return;
    (this.#listeners ??= new Set()).add(listener);
    this.#listen();
  }

  removeEventListener(_type: "abort", listener: Listener): void {
    this.#listeners?.delete(listener);
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = this.#source !== undefined;
    this.#source?.addEventListener("abort", this.#onAbort, { once: true });
  }
}

export function realSignal(signal: Aborting): AbortSignal {
  return signal instanceof CallSignal ? signal.real : (signal as AbortSignal);
}
