import type { DedupStore } from "../base/dedup.ts";
import type { RateLimits } from "../base/rate-limits.ts";
import type { Redactor } from "../base/redact.ts";
import type { Logger } from "../plugin-api/index.ts";
import { createAdmit, type AdmitLimits } from "./admit.ts";
import type { AtWork } from "./at-work.ts";
import { Breaker } from "./breaker.ts";
import { createBudget, type BudgetLimits } from "./budget.ts";
import { compose, type Next } from "./call.ts";
import { createDedup } from "./dedup.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createObserve } from "./observe.ts";
import { createOutcomeUnknown, type ReadOnlyTools } from "./outcome-unknown.ts";
import { createPromote, type Abandon } from "./promote.ts";
import { createRate } from "./rate.ts";
import { createRedact } from "./redact.ts";
import type { ReplyCache } from "./reply-cache.ts";
import type { Results } from "./results.ts";
import { createRetry } from "./retry.ts";
import { createSlot, type LimitsOf } from "./slot.ts";
import type { Slots } from "./slots.ts";
import type { Tasks } from "./tasks.ts";
import { timeout } from "./timeout.ts";

export interface PipelineOptions {
  readonly log: Logger;
  readonly redactor: Redactor;
  readonly tasks: Tasks;
  readonly atWork: AtWork;
  readonly results: Results;
  readonly limits: AdmitLimits & BudgetLimits;
  readonly rates: RateLimits;
  readonly cache: ReplyCache;
  readonly dedup: DedupStore;
  /** How long a call with a key of its client's is remembered. */
  readonly dedupKeyMs: number;
  readonly slots: Slots;
  readonly limitsOf: LimitsOf;
  readonly readOnlyTools: ReadOnlyTools;
  readonly abandon: Abandon;
}

/** The way of every call, whatever transport it came by. `run` is one attempt, behind the plugin's port. */
export function createPipeline(options: PipelineOptions, run: Next): Next {
  const { log, redactor, limits, tasks, results, atWork, cache, slots, abandon } = options;
  const breaker = new Breaker();
  return compose(
    [
      createHeartbeat(),
      createPromote(tasks, abandon),
      atWork.stage,
      createObserve(log),
      createBudget(limits, results),
      // What is kept must be as clean as what is sent.
      createRedact(redactor),
      createAdmit(limits, atWork),
      createRate(options.rates),
      cache.stage,
      createDedup(options.dedup, options.dedupKeyMs),
      // Only after the last attempt, and before it is remembered.
      createOutcomeUnknown(options.readOnlyTools),
      createRetry(),
      breaker.refuse,
      // Held by an attempt, not while the next one is waited for.
      createSlot(slots, options.limitsOf),
      breaker.watch,
      timeout,
    ],
    run,
  );
}
