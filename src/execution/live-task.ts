import type { InputAnswer, InputRequest, Json } from "../plugin-api/index.ts";
import { hostFailure } from "../base/failure.ts";
import { failed, type ProgressNote } from "../base/port.ts";
import { isOver, type FinalOutcome, type TaskRecord } from "../base/task.ts";

/** What was answered, by the keys under which it was asked. */
export type Answers = Readonly<Record<string, InputAnswer>>;

/** Why a call is aborted whose task was cancelled. */
class TaskCancelledError extends Error {
  constructor() {
    super("the task was cancelled");
    this.name = "TaskCancelledError";
  }
}

export interface LiveTaskOptions {
  readonly record: TaskRecord;
  /** How long it is kept from its end on. */
  readonly retentionMs: number;
  /** Told of each new state. */
  readonly onChange: (record: TaskRecord) => void;
  /** Stops the call behind it. */
  readonly abort: (reason: Error) => void;
}

/** A task at work in this process. Its first end is its only one: what comes later is dropped. */
export class LiveTask {
  readonly #options: LiveTaskOptions;
  readonly #watchers = new Set<() => void>();
  /** Every key that this task has shown: a client may take one that comes again for one that it has answered. */
  readonly #shown = new Set<string>();
  #record: TaskRecord;
  /** The plugin's own keys of this round, by those that are shown. */
  #keys: ReadonlyMap<string, string> = new Map();
  #answers = new Map<string, InputAnswer>();
  #patience: NodeJS.Timeout | undefined;
  #answered: ((answers: Answers | undefined) => void) | undefined;

  constructor(options: LiveTaskOptions) {
    this.#options = options;
    this.#record = options.record;
  }

  get record(): TaskRecord {
    return this.#record;
  }

  /** Told of each new state until it is undone. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  note(progress: ProgressNote): void {
    if (!isOver(this.#record)) this.#change({ progress });
  }

  /**
   * Resolves when everything is answered; with undefined when the task ends before that, as it does when nobody has
   * answered within the time.
   */
  ask(
    requests: Readonly<Record<string, InputRequest>>,
    state: Json | undefined,
    limitMs: number,
  ): Promise<Answers | undefined> {
    if (isOver(this.#record)) return Promise.resolve(undefined);
    const shown = Object.entries(requests).map(
      ([key, request]) => [this.#freshKey(key), key, request] as const,
    );
    this.#keys = new Map(shown.map(([fresh, key]) => [fresh, key]));
    this.#answers = new Map();
    this.#patience = setTimeout(() => this.#giveUp(limitMs), limitMs);
    this.#patience.unref();
    const answered = new Promise<Answers | undefined>((resolve) => (this.#answered = resolve));
    this.#change({
      status: "input_required",
      requests: Object.fromEntries(shown.map(([fresh, , request]) => [fresh, request])),
      ...(state !== undefined && { state }),
    });
    return answered;
  }

  #freshKey(key: string): string {
    let fresh = key;
    for (let round = 2; this.#shown.has(fresh); round++) fresh = `${key}-${round}`;
    this.#shown.add(fresh);
    return fresh;
  }

  /** Takes answers to what was asked; others are passed over. */
  answer(answers: Answers): void {
    const { status, requests = {} } = this.#record;
    if (status !== "input_required") return;
    const open = Object.entries(requests).filter(([key]) => !Object.hasOwn(answers, key));
    for (const [key, answer] of Object.entries(answers)) {
      const asked = Object.hasOwn(requests, key) ? this.#keys.get(key) : undefined;
      if (asked !== undefined) this.#answers.set(asked, answer);
    }
    if (open.length > 0) {
      this.#change({ requests: Object.fromEntries(open) });
      return;
    }
    clearTimeout(this.#patience);
    this.#change({ status: "working" });
    this.#answered?.(Object.fromEntries(this.#answers));
  }

  /** Gives it more time to live, counted from now, unless it is over. */
  keepFor(milliseconds: number): void {
    if (!isOver(this.#record)) this.#change({ ttlMs: this.#ageMs() + milliseconds });
  }

  finish(outcome: FinalOutcome, status: "completed" | "failed" = "completed"): void {
    if (!isOver(this.#record)) this.#end({ status, outcome });
  }

  cancel(): void {
    if (isOver(this.#record)) return;
    const text = `The call of '${this.#record.tool}' was cancelled.`;
    this.#end({ status: "cancelled", outcome: failed(hostFailure("cancelled", text)) });
    this.#options.abort(new TaskCancelledError());
  }

  #giveUp(limitMs: number): void {
    const text = `Nobody answered what '${this.#record.tool}' wanted to know within ${limitMs / 1_000} s.`;
    this.finish(failed(hostFailure("timeout", text)));
  }

  #end(change: Partial<TaskRecord>): void {
    clearTimeout(this.#patience);
    this.#change({ ...change, ttlMs: this.#ageMs() + this.#options.retentionMs });
    this.#answered?.(undefined);
    this.#watchers.clear();
  }

  #ageMs(): number {
    return Math.max(0, Date.now() - this.#record.createdAt);
  }

  #change(change: Partial<TaskRecord>): void {
    const { requests, state, ...rest } = this.#record;
    const waiting = (change.status ?? this.#record.status) === "input_required";
    this.#record = {
      ...rest,
      ...(waiting && requests !== undefined && { requests }),
      ...(waiting && state !== undefined && { state }),
      ...change,
      updatedAt: Date.now(),
    };
    this.#options.onChange(this.#record);
    for (const watcher of this.#watchers) watcher();
  }
}
