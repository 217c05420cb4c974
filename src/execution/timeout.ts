import pTimeout, { TimeoutError } from "p-timeout";
import { AttemptTimedOutError, linkedController, ShuttingDownError } from "../base/abort.ts";
import { hostFailure, shuttingDown } from "../base/failure.ts";
import { failed, type FailedOutcome, type Outcome } from "../base/port.ts";
import type { Call, Stage } from "./call.ts";

/**
 * Gives an attempt its time: min(timeout, what remains of the deadline). When it is up, or when the caller leaves,
 * the handler's signal fires and the call is answered at once; what the handler still brings is dropped.
 */
export const timeout: Stage = async (call, next) => {
  const { policy, deadline } = call;
  const startedAt = performance.now();
  // Asked anew each time: a call that leaves its request gets another deadline.
  const remainingMs = (): number =>
    Math.max(0, Math.min(startedAt + policy.timeoutMs - performance.now(), deadline.remainingMs()));
  let limitMs = remainingMs();
  if (limitMs === 0) return timedOut(call, policy.deadlineMs);
  if (call.signal.aborted) return cancelled(call);
  call.onAttempt?.(call.attempt);
  const controller = linkedController(call.signal);
  try {
    const attempt = next({ ...call, signal: controller.signal, remainingMs });
    const quick = await withinThisTurn(attempt);
    // Most handlers that only compute are done by now, and there is nothing to wait for.
    if (quick !== undefined) return quick;
    // Nothing is left for a handler that has kept the whole process busy.
    for (let leftMs = remainingMs(); leftMs > 0; leftMs = remainingMs()) {
      limitMs = performance.now() - startedAt + leftMs;
      const outcome = await within(attempt, leftMs, call.signal);
      if (outcome !== undefined) return outcome;
    }
    const outcome = timedOut(call, limitMs);
    controller.abort(new AttemptTimedOutError(outcome.failure.message));
    return outcome;
  } catch (error) {
    if (call.signal.aborted) return cancelled(call);
    throw error;
  } finally {
    controller.release();
  }
};

/** Waits for the attempt; undefined when the time is up. */
async function within<T>(
  attempt: Promise<T>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await pTimeout(attempt, { milliseconds, signal });
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}

/** What settles before the event loop goes on, else undefined. */
async function withinThisTurn<T>(work: Promise<T>): Promise<T | undefined> {
  let immediate: NodeJS.Immediate | undefined;
  const turn = new Promise<undefined>((resolve) => (immediate = setImmediate(resolve, undefined)));
  try {
    return await Promise.race([work, turn]);
  } finally {
    clearImmediate(immediate);
  }
}

function timedOut(call: Call, milliseconds: number): FailedOutcome {
  const seconds = Number((milliseconds / 1_000).toPrecision(2));
  return {
    kind: "failure",
    failure: hostFailure(
      "timeout",
      `The ${call.request.kind} '${call.name}' did not answer within ${seconds} s and was stopped.`,
      { retryable: call.policy.retriesTimeouts, transient: true },
    ),
  };
}

function cancelled(call: Call): Outcome {
  if (call.signal.reason instanceof ShuttingDownError) return failed(shuttingDown());
  return failed(hostFailure("cancelled", `The call of '${call.name}' was cancelled.`));
}
