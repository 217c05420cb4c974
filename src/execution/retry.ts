import type { FailedOutcome } from "../base/port.ts";
import { BUDGET_SPENT, RetryBudgets } from "../base/retry-budget.ts";
import { withRetries } from "../base/retry.ts";
import type { Stage } from "./call.ts";
import type { Policy } from "./policy.ts";

/** Carries a failed outcome through code that speaks in exceptions. */
class FailedAttempt extends Error {
  readonly outcome: FailedOutcome;

  constructor(outcome: FailedOutcome) {
    super(outcome.failure.code);
    this.outcome = outcome;
  }
}

/** The work was under way when its answer was lost: it may have been done. */
const LOST = new Set(["timeout", "plugin_crashed", "plugin_restarted"]);
/** An attempt with less than this share of its time is not worth beginning. */
const LEAST_SHARE = 0.1;

/** Repeats an attempt that failed in a way that passes by itself, where the tool's policy allows it. */
export function createRetry(budgets = new RetryBudgets()): Stage {
  return async (call, next) => {
    const { policy } = call;
    const upstream = `${call.plugin}\n${call.upstream}`;
    let last: FailedOutcome | undefined;
    let isSpent = false;
    try {
      return await withRetries(
        async (attempt) => {
          const outcome = await next(attempt === 1 ? call : { ...call, attempt });
          if (outcome.kind !== "failure") {
            budgets.succeeded(upstream);
            return outcome;
          }
          last = last === undefined ? outcome : latest(last, outcome);
          throw new FailedAttempt(outcome);
        },
        {
          retries: Math.max(1, policy.retryCount),
          signal: call.signal,
          remainingMs: () => call.deadline.remainingMs(),
          leastMs: leastAttemptMs(policy),
          classify: (error, attempt) =>
            error instanceof FailedAttempt
              ? { ...error.outcome.failure, transient: mayRepeat(policy, error.outcome, attempt) }
              : { transient: false },
          spend: (throttled) => {
            isSpent = !budgets.spend(upstream, throttled);
            return !isSpent;
          },
        },
      );
    } catch (error) {
      if (!(error instanceof FailedAttempt) || last === undefined) throw error;
      return isSpent ? notRepeated(last, BUDGET_SPENT) : last;
    }
  };
}

/** What was not even begun must not hide what came of the attempt before, only say when to come back. */
function latest(before: FailedOutcome, now: FailedOutcome): FailedOutcome {
  const { notStarted, retryAfterMs } = now.failure;
  if (notStarted !== true) return now;
  if (retryAfterMs === undefined) return before;
  return { ...before, failure: { ...before.failure, retryAfterMs } };
}

/** An attempt with less time than this is not begun. */
export function leastAttemptMs({ timeoutMs, deadlineMs }: Policy): number {
  return Math.min(timeoutMs, deadlineMs) * LEAST_SHARE;
}

/** `attempt` is the one that failed. */
function mayRepeat(
  policy: Policy,
  { failure, selfRetried }: FailedOutcome,
  attempt: number,
): boolean {
  const { code, notStarted, transient, bystander, retryAfterMs } = failure;
  if (selfRetried) return false;
  // Neither is the author's to count: nothing of it was done, or another call was to blame. Who knows when it may be worth
  // another try tells the caller.
  const isFree = bystander === true || (notStarted === true && retryAfterMs === undefined);
  if (attempt > (isFree ? Math.max(1, policy.retryCount) : policy.retryCount)) return false;
  if (notStarted) return transient === true;
  if (LOST.has(code)) return policy.retriesTimeouts;
  return transient === true && policy.retriesErrors;
}

function notRepeated(outcome: FailedOutcome, why: string): FailedOutcome {
  return { ...outcome, failure: { ...outcome.failure, notRepeated: why } };
}
