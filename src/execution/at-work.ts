import { ShuttingDownError, sleep } from "../base/abort.ts";
import { shuttingDown } from "../base/failure.ts";
import { failed } from "../base/port.ts";
import type { Call, Stage } from "./call.ts";

/** The calls that are being carried out, their requests open or not. */
export class AtWork {
  readonly #calls = new Set<Call>();
  #idle: (() => void) | undefined;
  #stopped = false;

  get size(): number {
    return this.#calls.size;
  }

  readonly stage: Stage = async (call, next) => {
    // The next round of a task, whose plugin is being unloaded.
    if (this.#stopped) return failed(shuttingDown());
    this.#calls.add(call);
    try {
      return await next(call);
    } finally {
      this.#calls.delete(call);
      if (this.#calls.size === 0) this.#idle?.();
    }
  };

  /** Lets them finish within the grace, then stops them. */
  async drain(graceMs: number): Promise<void> {
    if (this.#calls.size > 0) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve));
      const grace = new AbortController();
      await Promise.race([idle, sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
    }
    this.#stopped = true;
    for (const call of this.#calls) call.abort(new ShuttingDownError());
  }
}
