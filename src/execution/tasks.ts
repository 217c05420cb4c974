import type { Aborting } from "../base/call-signal.ts";
import { randomBytes } from "node:crypto";
import { shuttingDown } from "../base/failure.ts";
import { messageOf } from "../base/errors.ts";
import { failed, type ProgressNote } from "../base/port.ts";
import { isOver, type TaskRecord, type TaskStore } from "../base/task.ts";
import type { InputRequest, Json, Logger } from "../plugin-api/index.ts";
import { LiveTask, type Answers } from "./live-task.ts";

export interface TasksOptions {
  readonly store: TaskStore;
  /** How long a result waits for whoever asked for it, from its end on. */
  readonly retentionMs: number;
  readonly log: Logger;
}

/** Which call becomes a task. */
export interface TaskRequest {
  readonly tool: string;
  readonly principal: string;
  /** How long the call may take. */
  readonly longDeadlineMs: number;
  readonly abort: (reason: Error) => void;
}

/** Calls that have outlived their requests: at work here, or over and kept for whoever asked. */
export class Tasks {
  readonly #options: TasksOptions;
  readonly #live = new Map<string, LiveTask>();
  /** The last write of each, so that they reach the store in order. */
  readonly #writes = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(options: TasksOptions) {
    this.#options = options;
  }

  /** Makes a call a task that can be found from now on; undefined where there is no room for one. */
  async open({
    tool,
    principal,
    longDeadlineMs,
    abort,
  }: TaskRequest): Promise<LiveTask | undefined> {
    if (this.#stopped) return undefined;
    const { retentionMs } = this.#options;
    const now = Date.now();
    const record: TaskRecord = {
      id: randomBytes(24).toString("base64url"),
      principal,
      tool,
      status: "working",
      createdAt: now,
      updatedAt: now,
      // As long as it may take; its end sets the time that is left.
      ttlMs: longDeadlineMs + retentionMs,
    };
    if (!(await this.#create(record))) return undefined;
    const onChange = (changed: TaskRecord): void => this.#write(changed);
    const task = new LiveTask({ record, retentionMs, abort, onChange });
    this.#live.set(record.id, task);
    return task;
  }

  /** The answers to what a task asks, once all are there; undefined when it has ended before. */
  async ask(
    task: LiveTask,
    requests: Readonly<Record<string, InputRequest>>,
    state: Json | undefined,
    longDeadlineMs: number,
  ): Promise<Answers | undefined> {
    // Nobody would come in time.
    if (this.#stopped) task.finish(failed(shuttingDown()), "failed");
    const lifetimeMs = longDeadlineMs + this.#options.retentionMs;
    task.keepFor(lifetimeMs);
    const answers = await task.ask(requests, state, longDeadlineMs);
    task.keepFor(lifetimeMs);
    return answers;
  }

  /** Forgets a task that its caller never heard of. */
  async drop({ record: { id } }: LiveTask): Promise<void> {
    this.#live.delete(id);
    await this.#writes.get(id);
    try {
      await this.#options.store.remove(id);
    } catch (error) {
      this.#complain("a task could not be forgotten", id, error);
    }
  }

  /** The task as its principal sees it; undefined for everybody else. */
  async find(id: string, principal: string): Promise<TaskRecord | undefined> {
    const record = this.#live.get(id)?.record ?? (await this.#options.store.load(id));
    return record?.principal === principal ? record : undefined;
  }

  /** Hands on answers to what a task asked. False: there is no such task. */
  async answer(id: string, principal: string, answers: Answers): Promise<boolean> {
    if ((await this.find(id, principal)) === undefined) return false;
    this.#live.get(id)?.answer(answers);
    return true;
  }

  /** Stops a task that is not over. False: there is no such task. */
  async cancel(id: string, principal: string): Promise<boolean> {
    if ((await this.find(id, principal)) === undefined) return false;
    this.#live.get(id)?.cancel();
    return true;
  }

  /** Waits until the task is over or wants to know something, as long as the signal lets it; told of new notes till then. */
  async settled(
    id: string,
    signal: Aborting,
    onProgress: (note: ProgressNote) => void,
  ): Promise<void> {
    const task = this.#live.get(id);
    if (task === undefined || signal.aborted) return;
    const hasSettled = (): boolean => task.record.status !== "working";
    let told = task.record.progress;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        unwatch();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const unwatch = task.watch(() => {
        const { progress } = task.record;
        if (progress !== undefined && progress !== told) onProgress(progress);
        told = progress;
        if (hasSettled()) done();
      });
      signal.addEventListener("abort", done, { once: true });
      if (hasSettled()) done();
    });
  }

  /** Ends what still waits for somebody. What is at work ends with its call. */
  stop(): void {
    this.#stopped = true;
    for (const task of this.#live.values()) {
      if (task.record.status === "input_required") task.finish(failed(shuttingDown()), "failed");
    }
  }

  /** Where a task cannot be kept, its call stays a request. */
  async #create(record: TaskRecord): Promise<boolean> {
    try {
      return await this.#options.store.create(record);
    } catch (error) {
      this.#complain("a task could not be kept", record.id, error);
      return false;
    }
  }

  #write(record: TaskRecord): void {
    const { id } = record;
    const write: Promise<void> = this.#store(record, this.#writes.get(id));
    this.#writes.set(id, write);
    void write.then(() => this.#written(record, write));
  }

  async #store(record: TaskRecord, before: Promise<void> | undefined): Promise<void> {
    await before;
    try {
      await this.#options.store.update(record);
    } catch (error) {
      this.#complain("a task could not be kept", record.id, error);
    }
  }

  #complain(what: string, task: string, error: unknown): void {
    this.#options.log.error(what, { task, reason: messageOf(error) });
  }

  #written(record: TaskRecord, write: Promise<void>): void {
    if (this.#writes.get(record.id) !== write) return;
    this.#writes.delete(record.id);
    // From here on the store has all there is to know of it.
    if (isOver(record)) this.#live.delete(record.id);
  }
}
