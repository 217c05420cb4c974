import pRetry from "p-retry";
import { sleep } from "./abort.ts";
import { realSignal, type Aborting } from "./call-signal.ts";

/** What the retry rule needs to know of a failed attempt. */
export interface AttemptFailure {
  readonly transient: boolean;
  readonly throttled?: boolean;
  readonly retryAfterMs?: number | undefined;
}

export interface RetryRule {
  /** Further attempts after the first. */
  readonly retries: number;
  readonly signal: Aborting;
  /** Milliseconds until the deadline. */
  remainingMs(): number;
  /** An attempt that would have less time than this is not begun. Default 0. */
  readonly leastMs?: number;
  /** `attempt` is the one that failed, from 1. */
  classify(error: unknown, attempt: number): AttemptFailure;
  /** Pays for a retry; false if there is not enough for one. Default: there always is. */
  spend?(throttled: boolean): boolean;
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: () => number;
}

const BASE_MS = 50;
const THROTTLED_BASE_MS = 1_000;
const CAP_MS = 20_000;

/**
 * Runs an attempt and repeats it while its error is transient, with full jitter, as long as the upstream's budget lasts. A
 * wait that the upstream asked for (`retryAfterMs`) is honoured if it fits before the deadline; otherwise the error
 * stands at once.
 */
export async function withRetries<T>(
  run: (attempt: number) => Promise<T>,
  rule: RetryRule,
): Promise<T> {
  let last: unknown;
  try {
    // The first attempt runs directly: most calls need nothing more.
    return await run(1);
  } catch (error) {
    if (rule.retries === 0 || !(await waitBeforeNext(error, 1, rule))) throw error;
    last = error;
  }
  try {
    return await pRetry(
      async (attempt) => {
        try {
          return await run(attempt + 1);
        } catch (error) {
          last = error;
          // A carrier of our own: the library treats TypeErrors and non-Errors by rules that are not ours.
          throw new Error("attempt failed", { cause: error });
        }
      },
      {
        retries: rule.retries - 1,
        // The wait happens in `shouldRetry`: the library's own backoff has no full jitter and no Retry-After.
        minTimeout: 0,
        signal: realSignal(rule.signal),
        shouldRetry: ({ attemptNumber }) => waitBeforeNext(last, attemptNumber + 1, rule),
      },
    );
  } catch {
    throw last;
  }
}

/** Waits as long as the failed attempt demands; false if there is to be no next one. */
async function waitBeforeNext(error: unknown, attempt: number, rule: RetryRule): Promise<boolean> {
  const failure = rule.classify(error, attempt);
  if (!failure.transient || rule.signal.aborted) return false;
  const waitMs = failure.retryAfterMs ?? backoffMs(attempt, failure, rule.random);
  if (waitMs + (rule.leastMs ?? 0) >= rule.remainingMs()) return false;
  if (rule.spend?.(failure.throttled ?? false) === false) return false;
  return sleep(waitMs, rule.signal).then(
    () => true,
    () => false,
  );
}

/** The longest that the waits between attempts can take together. */
export function longestBackoffMs(retries: number): number {
  let sum = 0;
  for (let attempt = 1; attempt <= retries; attempt++) sum += ceilingMs(attempt, BASE_MS);
  return sum;
}

function backoffMs(attempt: number, failure: AttemptFailure, random = Math.random): number {
  return random() * ceilingMs(attempt, failure.throttled ? THROTTLED_BASE_MS : BASE_MS);
}

function ceilingMs(attempt: number, baseMs: number): number {
  return Math.min(CAP_MS, baseMs * 2 ** (attempt - 1));
}
