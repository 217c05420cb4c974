import type { Failure } from "../base/failure.ts";
import type { FailedOutcome } from "../base/port.ts";
import { withRetries } from "../base/retry.ts";
import type { Call, Stage } from "./call.ts";

/** Carries a failed outcome through code that speaks in exceptions. */
class FailedAttempt extends Error {
  readonly outcome: FailedOutcome;

  constructor(outcome: FailedOutcome) {
    super(outcome.failure.code);
    this.outcome = outcome;
  }
}

/** Repeats an attempt that failed in a way that passes by itself, where the tool's policy allows it. */
export const retry: Stage = async (call, next) => {
  const { policy } = call;
  if (policy.retryCount === 0) return next(call);
  try {
    return await withRetries(
      async (attempt) => {
        const outcome = await next({ ...call, attempt });
        if (outcome.kind === "failure") throw new FailedAttempt(outcome);
        return outcome;
      },
      {
        retries: policy.retryCount,
        signal: call.signal,
        remainingMs: () => call.deadline.remainingMs(),
        classify: (error) =>
          error instanceof FailedAttempt
            ? { ...error.outcome.failure, transient: mayRepeat(call, error.outcome) }
            : { transient: false },
      },
    );
  } catch (error) {
    if (error instanceof FailedAttempt) return error.outcome;
    throw error;
  }
};

function mayRepeat(call: Call, outcome: FailedOutcome): boolean {
  const { failure } = outcome;
  if (outcome.selfRetried || !failure.transient) return false;
  if (failure.notStarted) return true;
  return isOutcomeUnknown(failure) ? call.policy.retriesTimeouts : call.policy.retriesErrors;
}

/** The work was under way when its answer was lost: it may have been done. */
function isOutcomeUnknown(failure: Failure): boolean {
  return failure.code === "timeout" || failure.code === "plugin_restarted";
}
