import { COME_BACK_MS, hostFailure } from "../base/failure.ts";
import { failed, type FailedOutcome } from "../base/port.ts";
import type { Call } from "./call.ts";
import { cancelled } from "./cancelled.ts";
import { within } from "./within.ts";

/** Waits for the end of another call that does the same, as long as this one has time. Undefined: it has ended. */
export async function waitFor(
  call: Call,
  end: Promise<unknown>,
): Promise<FailedOutcome | undefined> {
  const ended = end.then(() => true);
  const { signal, deadline } = call;
  for (let leftMs = deadline.remainingMs(); leftMs > 0; leftMs = deadline.remainingMs()) {
    try {
      if (await within(ended, leftMs, signal)) return undefined;
    } catch (error) {
      if (signal.aborted) return cancelled(call, false);
      throw error;
    }
  }
  const text = `The same call of '${call.name}' is under way and did not end in time.`;
  const more = { retryable: true, retryAfterMs: COME_BACK_MS, notStarted: true };
  return failed(hostFailure("timeout", text, more));
}
