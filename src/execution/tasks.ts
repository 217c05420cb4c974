import { randomBytes } from "node:crypto";
import { shuttingDown } from "../base/failure.ts";
import { messageOf } from "../base/errors.ts";
import { failed } from "../base/port.ts";
import { isOver, type TaskRecord, type TaskStore } from "../base/task.ts";
import type { InputAnswer, Logger } from "../plugin-api/index.ts";
import { LiveTask } from "./live-task.ts";

export interface TasksOptions {
  readonly store: TaskStore;
  /** How long a result waits for whoever asked for it. */
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
    const now = Date.now();
    const record: TaskRecord = {
      id: randomBytes(24).toString("base64url"),
      principal,
      tool,
      status: "working",
      createdAt: now,
      updatedAt: now,
      ttlMs: longDeadlineMs + this.#options.retentionMs,
    };
    if (!(await this.#options.store.create(record))) return undefined;
    const onChange = (changed: TaskRecord): void => this.#write(changed);
    const task = new LiveTask({ record, abort, onChange });
    this.#live.set(record.id, task);
    return task;
  }

  /** Gives a task more time, for another round of its call. */
  renew(task: LiveTask, longDeadlineMs: number): void {
    task.keepFor(longDeadlineMs + this.#options.retentionMs);
  }

  /** Forgets a task that its caller never heard of. */
  async drop({ record: { id } }: LiveTask): Promise<void> {
    this.#live.delete(id);
    await this.#writes.get(id);
    await this.#options.store.remove(id);
  }

  /** The task as its principal sees it; undefined for everybody else. */
  async find(id: string, principal: string): Promise<TaskRecord | undefined> {
    const record = this.#live.get(id)?.record ?? (await this.#options.store.load(id));
    return record?.principal === principal ? record : undefined;
  }

  /** Hands on answers to what a task asked. False: there is no such task. */
  async answer(
    id: string,
    principal: string,
    answers: Readonly<Record<string, InputAnswer>>,
  ): Promise<boolean> {
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

  /** Waits until the task is over or wants to know something, as long as the signal lets it. */
  async settled(
    id: string,
    signal: AbortSignal,
    onChange: (record: TaskRecord) => void,
  ): Promise<void> {
    const task = this.#live.get(id);
    if (task === undefined || signal.aborted) return;
    const hasSettled = (): boolean => task.record.status !== "working";
    await new Promise<void>((resolve) => {
      const done = (): void => {
        unwatch();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const unwatch = task.watch(() => {
        onChange(task.record);
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
      const reason = messageOf(error);
      this.#options.log.error("a task could not be kept", { task: record.id, reason });
    }
  }

  #written(record: TaskRecord, write: Promise<void>): void {
    if (this.#writes.get(record.id) !== write) return;
    this.#writes.delete(record.id);
    // From here on the store has all there is to know of it.
    if (isOver(record)) this.#live.delete(record.id);
  }
}
