import { AttemptTimedOutError } from "../base/abort.ts";
import { CallSignal } from "../base/call-signal.ts";
import { hostFailure } from "../base/failure.ts";
import type { FailedOutcome } from "../base/port.ts";
import type { Call, Stage } from "./call.ts";
import { cancelled } from "./cancelled.ts";
import { within } from "./within.ts";

/**
 * Gives an attempt its time: min(timeout, what remains of the deadline), the timeout from when it reaches its plugin. When
 * it is up, or when the caller leaves, the handler's signal fires and the call is answered at once; what the handler
 * still brings is dropped.
 */
export const timeout: Stage = async (call, next) => {
  const { policy, deadline } = call;
  let startedAt = performance.now();
  let hasBegun = false;
  // Asked anew each time: a call that leaves its request has other limits.
  const remainingMs = (): number => {
    const leftMs = deadline.remainingMs();
    // That its plugin has to be started first is not its own doing.
    if (!hasBegun) return leftMs;
    const attemptMs = deadline.isLong ? policy.longTimeoutMs : policy.timeoutMs;
    return Math.max(0, Math.min(startedAt + attemptMs - performance.now(), leftMs));
  };
  let limitMs = remainingMs();
  if (limitMs === 0) return timedOut(call, policy.deadlineMs, false);
  if (call.signal.aborted) return cancelled(call, false);
  call.onAttempt(call.attempt);
  const own = new CallSignal();
  let tellBegun: (() => void) | undefined;
  const onBegin = (): void => {
    hasBegun = true;
    startedAt = performance.now();
    tellBegun?.();
  };
  let selfRetried = false;
  const onSelfRetry = (): void => {
    selfRetried = true;
  };
  const attempt = next({ ...call, signal: own, remainingMs, onBegin, onSelfRetry });
  try {
    const quick = await withinThisTurn(attempt);
    // Most handlers that only compute are done by now, and there is nothing to wait for.
    if (quick !== undefined) return quick;
    own.follow(call.signal);
    const begun = new Promise<undefined>((resolve) => (tellBegun = () => resolve(undefined)));
    // Nothing is left for a handler that has kept the whole process busy.
    for (let leftMs = remainingMs(); leftMs > 0; leftMs = remainingMs()) {
      limitMs = performance.now() - startedAt + leftMs;
      const news = hasBegun ? attempt : Promise.race([attempt, begun]);
      const outcome = await within(news, leftMs, call.signal);
      if (outcome !== undefined) return outcome;
    }
    const outcome = timedOut(call, limitMs, hasBegun);
    own.abort(new AttemptTimedOutError(outcome.failure.message));
    return selfRetried ? { ...outcome, selfRetried } : outcome;
  } catch (error) {
    if (call.signal.aborted) return cancelled(call, hasBegun);
    throw error;
  } finally {
    own.release();
  }
};

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

function timedOut(call: Call, milliseconds: number, hasBegun: boolean): FailedOutcome {
  const seconds = Number((milliseconds / 1_000).toPrecision(2));
  return {
    kind: "failure",
    failure: hostFailure(
      "timeout",
      `The ${call.request.kind} '${call.name}' did not answer within ${seconds} s and was stopped.`,
      {
        retryable: call.policy.retriesTimeouts || !hasBegun,
        transient: true,
        ...(!hasBegun && { notStarted: true }),
      },
    ),
  };
}
