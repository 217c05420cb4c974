import type { Aborting } from "./call-signal.ts";

/** The longest that a timer can wait, in seconds. */
export const LONGEST_TIMER_S = 2_147_483;

/** Resolves after the time, or rejects with the signal's reason as soon as it fires. Leaves no timer behind. */
export function sleep(ms: number, signal?: Aborting): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The reason with which an attempt is aborted that took too long. */
export class AttemptTimedOutError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AttemptTimedOutError";
  }
}

/** The reason with which calls are aborted when the host stops. */
export class ShuttingDownError extends Error {
  constructor() {
    super("the server is shutting down");
    this.name = "ShuttingDownError";
  }
}
