import type { Json, JsonObject, TaskResult, TaskSpec } from "../plugin-api/index.ts";

/**
 * Where a workflow is in its life. `interrupted`: the server ended while a task was under way that must not be begun twice,
 * and nobody knows what came of it.
 */
export type WorkflowStatus = "running" | "completed" | "failed" | "cancelled" | "interrupted";

/** What becomes of the other tasks when one has failed: those that wait for it are skipped, or all that have not begun are. */
export type FailureMode = "skip" | "fail";

/** Where a task is: as in its result, and `interrupted` as in {@link WorkflowStatus}. */
export type StepStatus = TaskResult["status"] | "interrupted";

/** A task of a workflow. */
export interface Step {
  readonly task: TaskSpec;
  readonly status: StepStatus;
  /** Of a task that has ended by itself. */
  readonly result?: TaskResult;
  /** Why it has not: in words. */
  readonly reason?: string;
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** The same for every attempt, also after a restart of the server. */
  readonly idempotencyKey: string;
}

/** An agent's plan that is, or was, carried out. Plain JSON. */
export interface WorkflowRecord {
  readonly id: string;
  /** Name of the agent that has planned it. */
  readonly agent: string;
  /** Whose it is; for everybody else it does not exist. */
  readonly principal: string;
  /** How many tools had called one another up to the call that began it. */
  readonly depth: number;
  readonly status: WorkflowStatus;
  readonly failure: FailureMode;
  /** What it was planned for; every task gets it. */
  readonly context: JsonObject;
  /** In the order of the plan. */
  readonly steps: readonly Step[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function isOver({ status }: Pick<WorkflowRecord, "status">): boolean {
  return status !== "running";
}

/** Whether a task will not be begun any more. */
export function hasEnded({ status }: Step): boolean {
  return status !== "pending" && status !== "running";
}

/** A task that does not say `idempotent: false` may be begun again by whoever does not know what came of it. */
export function mayRepeat(task: TaskSpec): boolean {
  return (task as TaskSpec & { readonly idempotent?: Json }).idempotent !== false;
}

/** What a workflow has come to, from the ends of its steps. */
export function statusOf(steps: readonly Step[], wasCancelled: boolean): WorkflowStatus {
  if (!steps.every(hasEnded)) return "running";
  if (steps.some(({ status }) => status === "interrupted")) return "interrupted";
  if (wasCancelled && steps.some(({ status }) => status === "cancelled")) return "cancelled";
  return steps.every(({ status }) => status === "completed") ? "completed" : "failed";
}
