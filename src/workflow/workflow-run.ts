import { sleep } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
import { StorageError } from "../base/storage.ts";
import type { TaskResult } from "../plugin-api/index.ts";
import { GraphRun } from "./graph-run.ts";
import { hasEnded, mayRepeat, statusOf, type Step, type WorkflowRecord } from "./record.ts";
import type { StoredWorkflows } from "./stored-workflows.ts";

/** What carries out one task. `unknown`: nobody can tell what came of it. It never rejects. */
export type ExecuteTask = (
  step: Step,
  workflow: WorkflowRecord,
  signal: AbortSignal,
) => Promise<TaskResult | "unknown">;

export interface RunParts {
  readonly store: StoredWorkflows;
  readonly execute: ExecuteTask;
  /** Tasks of the workflow that are carried out at a time. */
  readonly parallel: number;
  /** Told after each change. */
  readonly onChange: (run: WorkflowRun) => void;
}

/** Waits between attempts to write down what has happened, in milliseconds: the last one again and again. */
const WRITE_AGAIN_MS = [100, 300, 1_000, 3_000, 10_000];

/** One workflow while it is carried out. What a step has come to is written down before anything follows from it. */
export class WorkflowRun {
  readonly #record: WorkflowRecord;
  readonly #parts: RunParts;
  readonly #graph: GraphRun;
  readonly #steps: Map<string, Step>;
  /** Ends the tasks: the workflow is cancelled. */
  readonly #cancelled = new AbortController();
  /** Leaves everything as it is: the server stops, or another one has taken over. */
  readonly #left = new AbortController();
  readonly #paused = new AbortController();
  #status: WorkflowRecord["status"] = "running";
  #updatedAt: number;

  constructor(record: WorkflowRecord, parts: RunParts) {
    this.#record = record;
    this.#parts = parts;
    this.#updatedAt = record.updatedAt;
    this.#steps = new Map(record.steps.map((step) => [step.task.id, step]));
    const done = record.steps.filter(({ status }) => status === "completed");
    this.#graph = new GraphRun(
      record.steps.map(({ task }) => task),
      new Set(done.map(({ task }) => task.id)),
    );
  }

  get id(): string {
    return this.#record.id;
  }

  /** As it is now. */
  get record(): WorkflowRecord {
    return {
      ...this.#record,
      steps: [...this.#steps.values()],
      status: this.#status,
      updatedAt: this.#updatedAt,
    };
  }

  /** How many of its tasks have ended, of how many. */
  get progress(): { readonly ended: number; readonly of: number } {
    let ended = 0;
    for (const step of this.#steps.values()) if (hasEnded(step)) ended += 1;
    return { ended, of: this.#steps.size };
  }

  cancel(): void {
    this.#cancelled.abort(new Error("the workflow was cancelled"));
  }

  /** Tasks that are at work may end; none is begun any more. */
  pause(): void {
    this.#paused.abort();
  }

  /** It goes on elsewhere, or after the next start. */
  leave(): void {
    this.#left.abort(new Error("the server is stopping"));
  }

  /** Carries it out to its end, or until it is left. */
  async carryOut(): Promise<WorkflowRecord> {
    try {
      await this.#resume();
      await this.#work();
      if ([...this.#steps.values()].every(hasEnded)) await this.#finish();
    } catch (error) {
      // Whatever is written down is tried until it succeeds, or nobody is to write any more.
      if (!this.#left.signal.aborted) throw error;
    }
    return this.record;
  }

  /** What a server before this one has left behind. */
  async #resume(): Promise<void> {
    for (const step of this.#record.steps) {
      const { task, status } = step;
      if (status === "running") await this.#close(interruptedStep(step));
      else if (hasEnded(step) && status !== "completed") await this.#lose(task.id);
    }
  }

  async #work(): Promise<void> {
    const ends = new Set<Promise<void>>();
    const stop = AbortSignal.any([this.#cancelled.signal, this.#paused.signal, this.#left.signal]);
    const stopped = new Promise<void>((resolve) => {
      stop.addEventListener("abort", () => resolve(), { once: true });
    });
    for (;;) {
      while (ends.size < this.#parts.parallel && !stop.aborted) {
        const id = this.#graph.take();
        if (id === undefined) break;
        if (hasEnded(this.#step(id))) continue;
        const end = this.#run(this.#step(id)).finally(() => ends.delete(end));
        ends.add(end);
      }
      if (this.#cancelled.signal.aborted)
        await this.#end(this.#graph.stop(), "cancelled", "it was cancelled");
      if (ends.size === 0 || this.#left.signal.aborted) break;
      await Promise.race(stop.aborted ? ends : [...ends, stopped]);
    }
    // What was begun is heard, unless the server cannot wait for it.
    await Promise.allSettled(ends);
  }

  async #run(given: Step): Promise<void> {
    const step: Step = { ...given, status: "running", startedAt: Date.now() };
    // Who finds it running after a crash must know that it may have been carried out.
    if (!mayRepeat(step.task)) await this.#write(() => this.#parts.store.saveStep(this.id, step));
    this.#change(step);
    const signal = AbortSignal.any([this.#cancelled.signal, this.#left.signal]);
    const result = await this.#parts.execute(step, this.#record, signal);
    if (this.#left.signal.aborted && (result === "unknown" || result.status === "cancelled"))
      return;
    await this.#close(result === "unknown" ? lostStep(step) : endedStep(step, result));
  }

  /** A task has come to its end, and so may others. */
  async #close(step: Step): Promise<void> {
    const { id } = step.task;
    await this.#settle(step);
    if (this.#step(id).status === "completed") this.#graph.completed(id);
    else await this.#lose(id);
  }

  /** What follows from a task that was not completed. */
  async #lose(id: string): Promise<void> {
    const { failure } = this.#record;
    const reason = `it waits for '${id}', which was not completed`;
    await this.#end(this.#graph.failed(id), "skipped", reason);
    if (failure === "fail") {
      await this.#end(this.#graph.stop(), "skipped", `'${id}' was not completed`);
    }
  }

  async #end(
    ids: readonly string[],
    status: "skipped" | "cancelled",
    reason: string,
  ): Promise<void> {
    for (const id of ids) {
      const step = this.#step(id);
      if (!hasEnded(step)) await this.#settle({ ...step, status, reason, endedAt: Date.now() });
    }
  }

  async #settle(step: Step): Promise<void> {
    const { store } = this.#parts;
    try {
      await this.#write(() => store.saveStep(this.id, step));
      this.#change(step);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      // Nobody keeps such a thing, however often it is tried.
      const { result: _result, ...rest } = step;
      const lost = failedStep(rest, `its result cannot be kept: ${messageOf(error)}`);
      await this.#write(() => store.saveStep(this.id, lost));
      this.#change(lost);
    }
  }

  async #finish(): Promise<void> {
    const status = statusOf([...this.#steps.values()], this.#cancelled.signal.aborted);
    const record = { ...this.record, status, updatedAt: Date.now() };
    await this.#write(() => this.#parts.store.finish(record));
    this.#status = status;
    this.#updatedAt = record.updatedAt;
    this.#parts.onChange(this);
  }

  /** Until it succeeds: a storage that is full or away must not make anything be done twice. */
  async #write(write: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      this.#left.signal.throwIfAborted();
      try {
        await write();
        return;
      } catch (error) {
        if (error instanceof StorageError && error.code === "refused") throw error;
        const waitMs = WRITE_AGAIN_MS[Math.min(attempt, WRITE_AGAIN_MS.length - 1)] ?? 0;
        await sleep(waitMs, this.#left.signal);
      }
    }
  }

  #change(step: Step): void {
    this.#steps.set(step.task.id, step);
    this.#updatedAt = Date.now();
    this.#parts.onChange(this);
  }

  #step(id: string): Step {
    const step = this.#steps.get(id);
    if (step === undefined) throw new Error(`no task '${id}'`);
    return step;
  }
}

/** By what it says itself. */
function endedStep(step: Step, result: TaskResult): Step {
  const { status } = result;
  return status === "pending" || status === "running"
    ? { ...failedStep(step, `it ended, and said that it is ${status}`), result }
    : { ...step, status, result, endedAt: Date.now() };
}

/** Nobody knows what came of it. */
function lostStep(step: Step): Step {
  return mayRepeat(step.task)
    ? failedStep(step, "nobody knows what came of it")
    : interruptedStep(step);
}

function interruptedStep(step: Step): Step {
  const reason = "it may have been carried out, and must not be begun twice: check what came of it";
  return { ...step, status: "interrupted", reason, endedAt: Date.now() };
}

function failedStep(step: Step, reason: string): Step {
  return { ...step, status: "failed", reason, endedAt: Date.now() };
}
