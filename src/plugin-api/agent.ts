import type { ToolContext } from "./context.ts";
import type { RolePlugin } from "./role.ts";

/** Where a task is in its life. */
export const TaskStatus = {
  PENDING: "pending",
  RUNNING: "running",
  COMPLETED: "completed",
  FAILED: "failed",
  CANCELLED: "cancelled",
  SKIPPED: "skipped",
} as const;

export type TaskStatus = (typeof TaskStatus)[keyof typeof TaskStatus];

/** One step of a plan. */
export interface TaskSpec {
  /** Names it within its plan. */
  readonly id: string;
  readonly name: string;
  /** Name of the agent that executes it. */
  readonly agentType: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Ids of the tasks that must be completed before. */
  readonly dependencies: readonly string[];
}

/** A task as `plan` may return it. Defaults: its id as its name, the planning agent as `agentType`, nothing for the rest. */
export type TaskDraft = Pick<TaskSpec, "id"> & Partial<TaskSpec>;

/** What is known of the situation that an agent works in. Further fields pass unchanged. */
export interface ContextData {
  readonly userId?: string;
  readonly sessionId?: string;
  readonly campaignId?: string;
  readonly channel?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** What came of a task. */
export interface TaskResult {
  readonly taskId: string;
  readonly status: TaskStatus;
  /** What JSON can carry. */
  readonly result?: unknown;
  /** Why it failed, in words. */
  readonly error?: string;
  readonly metadata: {
    /** In seconds. */
    readonly executionTime: number;
    readonly [key: string]: unknown;
  };
}

/** A result as `execute` may return it. Defaults: the id of the task, and the time that it took. */
export type TaskAnswer = Pick<TaskResult, "status" | "result"> & {
  readonly taskId?: string;
  readonly error?: string | Error;
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** Plans tasks and executes them. */
export interface Agent extends RolePlugin {
  /** Breaks the work down. It should change nothing. */
  plan(
    context: ContextData,
    call: ToolContext,
  ): readonly TaskDraft[] | Promise<readonly TaskDraft[]>;
  /** Carries out one task. A throw fails it. */
  execute(
    task: TaskSpec,
    context: ContextData,
    call: ToolContext,
  ): TaskAnswer | Promise<TaskAnswer>;
}
