import { awsError } from "./errors.ts";

/** Settles like the promise, or rejects as soon as the signal fires; the work itself goes on. */
export async function raceAbort<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  let leave: (() => void) | undefined;
  const left = new Promise<never>((_resolve, reject) => {
    leave = () => reject(abortReason(signal));
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([promise, left]);
  } finally {
    if (leave !== undefined) signal.removeEventListener("abort", leave);
    // Without a listener the loser's rejection would end the process.
    promise.catch(ignore);
    left.catch(ignore);
  }
}

function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : awsError("CANCELLED", "The call was cancelled.");
}

function ignore(): void {}

/**
 * One request that several callers wait for. It is aborted when the last of them has left, never because one has:
 * the request is paid for, and the others still want it.
 */
export class Flight<T> {
  readonly #controller = new AbortController();
  readonly #promise: Promise<T>;
  readonly #watchers: (() => void)[] = [];
  #sent = false;
  #waiting = 0;
  #settled = false;

  /** `start` says through its second argument when it has really sent the request. */
  constructor(start: (signal: AbortSignal, sent: () => void) => Promise<T>) {
    const sent = (): void => {
      this.#sent = true;
      for (const watcher of this.#watchers.splice(0)) watcher();
    };
    this.#promise = start(this.#controller.signal, sent).finally(() => {
      this.#settled = true;
    });
    this.#promise.catch(ignore);
  }

  /** True once nobody can join any more. */
  get over(): boolean {
    return this.#settled || this.#controller.signal.aborted;
  }

  /** `onSend` is called once the request has been sent, at once if it has been already. */
  async join(signal: AbortSignal | undefined, onSend: () => void = ignore): Promise<T> {
    this.#waiting += 1;
    if (this.#sent) onSend();
    else this.#watchers.push(onSend);
    try {
      return await raceAbort(this.#promise, signal);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0 && !this.#settled) this.abort();
    }
  }

  abort(): void {
    this.#controller.abort(awsError("CANCELLED", "The request was cancelled."));
  }
}

/** Lets one at a time pass, in order of arrival. Who is aborted while waiting gives up the place. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#last;
    let open: () => void = ignore;
    const done = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#last = Promise.all([before, done]);
    try {
      await raceAbort(before, signal);
      return await work();
    } finally {
      open();
    }
  }
}
