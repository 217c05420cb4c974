import type { Redactor } from "../base/redact.ts";
import type { Logger } from "../plugin-api/index.ts";
import { createAdmit, type AdmitLimits } from "./admit.ts";
import type { AtWork } from "./at-work.ts";
import { compose, type Next } from "./call.ts";
import { createBudget, type BudgetLimits } from "./budget.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createObserve } from "./observe.ts";
import { createPromote, type Abandon } from "./promote.ts";
import { createRedact } from "./redact.ts";
import type { Results } from "./results.ts";
import { retry } from "./retry.ts";
import type { Tasks } from "./tasks.ts";
import { timeout } from "./timeout.ts";

export interface PipelineOptions {
  readonly log: Logger;
  readonly redactor: Redactor;
  readonly tasks: Tasks;
  readonly atWork: AtWork;
  readonly results: Results;
  readonly limits: AdmitLimits & BudgetLimits;
  readonly abandon: Abandon;
}

/** The way of every call, whatever transport it came by. `run` is one attempt, behind the plugin's port. */
export function createPipeline(options: PipelineOptions, run: Next): Next {
  const { log, redactor, limits, tasks, results, atWork, abandon } = options;
  return compose(
    [
      createHeartbeat(),
      createPromote(tasks, abandon),
      atWork.stage,
      createObserve(log),
      createBudget(limits, results),
      // What is kept must be as clean as what is sent.
      createRedact(redactor),
      createAdmit(limits),
      retry,
      timeout,
    ],
    run,
  );
}
