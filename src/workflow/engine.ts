import { randomUUID } from "node:crypto";
import type { StorageBackend } from "../base/storage.ts";
import type { JsonObject, Logger, TaskSpec } from "../plugin-api/index.ts";
import { Ownership } from "./ownership.ts";
import { checkPlan } from "./plan.ts";
import { hasEnded, isOver, type FailureMode, type WorkflowRecord } from "./record.ts";
import { StoredWorkflows, type WorkflowsQuery } from "./stored-workflows.ts";
import { WorkflowRun, type ExecuteTask } from "./workflow-run.ts";

export interface EngineOptions {
  readonly storage: StorageBackend;
  readonly log: Logger;
  /** Names of the agents that are loaded now. */
  readonly agents: () => ReadonlySet<string>;
  readonly execute: ExecuteTask;
  /** Tasks of one workflow that are carried out at a time. Default 8. */
  readonly parallel?: number;
  /** Default 500. */
  readonly maxTasks?: number;
  /** Told after each change of a workflow. */
  readonly onChange?: (workflow: string) => void;
  /** After so many milliseconds of silence a server counts as dead. Default 10,000. */
  readonly silenceMs?: number;
}

/** A plan to be carried out. */
export interface Draft {
  readonly agent: string;
  readonly principal: string;
  readonly depth: number;
  readonly context: JsonObject;
  readonly failure: FailureMode;
  readonly tasks: readonly TaskSpec[];
}

/** How many tasks of a workflow have ended, of how many. */
export interface WorkflowProgress {
  readonly ended: number;
  readonly of: number;
}

type OnProgress = (progress: WorkflowProgress) => void;

/** A workflow that has been begun: it is kept, whatever becomes of this process. */
export interface Begun {
  readonly id: string;
  /** Resolves with what it has come to; still `running` if the server stops first. */
  readonly ended: Promise<WorkflowRecord>;
}

const PARALLEL = 8;
const MAX_TASKS = 500;
const SILENCE_MS = 10_000;
const PAGE = 100;

/** Carries out the plans of agents in this process, and those that a process before it has left behind. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #store: StoredWorkflows;
  readonly #ownership: Ownership;
  readonly #runs = new Map<string, { readonly run: WorkflowRun; readonly begun: Begun }>();
  #begun: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { storage, silenceMs = SILENCE_MS } = options;
    this.#store = new StoredWorkflows(storage);
    this.#ownership = new Ownership(storage, randomUUID(), silenceMs);
  }

  /** Goes on with what others have left behind, now and whenever another server has gone silent. */
  async resume(): Promise<void> {
    await this.#begin();
    await this.#takeOver();
    const { log, silenceMs = SILENCE_MS } = this.#options;
    this.#timer = setInterval(() => {
      this.#takeOver().catch((error: unknown) =>
        log.warn("workflows cannot be looked for", { error }),
      );
    }, silenceMs);
    this.#timer.unref();
  }

  /**
   * Throws a `BadPlanError`, or a `StorageError` if it cannot be kept; then nothing has been run. `onProgress` is told after
   * each change.
   */
  async start({ tasks, ...draft }: Draft, onProgress?: OnProgress): Promise<Begun> {
    const { agents, maxTasks = MAX_TASKS } = this.#options;
    checkPlan(tasks, { agents: agents(), maxTasks });
    await this.#begin();
    const now = Date.now();
    const id = randomUUID();
    const record: WorkflowRecord = {
      ...draft,
      id,
      status: "running",
      steps: tasks.map((task) => ({ task, status: "pending", idempotencyKey: randomUUID() })),
      createdAt: now,
      updatedAt: now,
    };
    await this.#ownership.own(id);
    await this.#store.create(record);
    return this.#carryOut(record, onProgress);
  }

  /** For the principal that it belongs to alone. */
  async find(id: string, principal: string): Promise<WorkflowRecord | undefined> {
    const record = this.#runs.get(id)?.run.record ?? (await this.#store.load(id));
    return record?.principal === principal ? record : undefined;
  }

  /** Those of the principal; the ones created last come first. */
  async list(
    principal: string,
    { limit, offset, status }: WorkflowsQuery,
  ): Promise<readonly WorkflowRecord[]> {
    const found: WorkflowRecord[] = [];
    for (let from = 0; found.length < offset + limit; from += PAGE) {
      const query = { limit: PAGE, offset: from, ...(status !== undefined && { status }) };
      const page = await this.#store.page(query);
      found.push(...page.filter((one) => one.principal === principal));
      if (page.length < PAGE) break;
    }
    const asked = found.slice(offset, offset + limit);
    return Promise.all(
      asked.map(async (one) => this.#runs.get(one.id)?.run.record ?? this.#store.whole(one)),
    );
  }

  /** Ends one that this server carries out; false if it does not. */
  cancel(id: string): boolean {
    const running = this.#runs.get(id);
    running?.run.cancel();
    return running !== undefined;
  }

  /** Begins anew what was not completed; what was stays. Undefined while it is still carried out. */
  async retry(record: WorkflowRecord, onProgress?: OnProgress): Promise<Begun | undefined> {
    if (!isOver(record) || this.#runs.has(record.id)) return undefined;
    await this.#begin();
    const steps = record.steps.map((step) =>
      step.status === "completed"
        ? step
        : { task: step.task, status: "pending" as const, idempotencyKey: randomUUID() },
    );
    const again: WorkflowRecord = { ...record, steps, status: "running", updatedAt: Date.now() };
    await this.#ownership.own(record.id);
    await this.#store.create(again);
    return this.#carryOut(again, onProgress);
  }

  /** Tasks that are at work may end; none is begun any more. */
  pause(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const { run } of this.#runs.values()) run.pause();
  }

  /** Leaves what is under way to the next start. */
  async stop(): Promise<void> {
    this.pause();
    const running = [...this.#runs.values()];
    for (const { run } of running) run.leave();
    await Promise.all(running.map(({ begun }) => begun.ended));
    if (this.#begun !== undefined) await this.#ownership.end();
  }

  /** Before the first workflow: a server without agents writes nothing. */
  async #begin(): Promise<void> {
    this.#begun ??= this.#ownership.begin(() => this.#leaveAll());
    try {
      await this.#begun;
    } catch (error) {
      this.#begun = undefined;
      throw error;
    }
  }

  /** It could not say that it is alive for so long that another server may have taken over. */
  #leaveAll(): void {
    this.#options.log.error("the storage cannot be reached: workflows are left to others");
    for (const { run } of this.#runs.values()) run.leave();
  }

  async #takeOver(): Promise<void> {
    for (let offset = 0; !this.#isStopped; offset += PAGE) {
      const page = await this.#store.page({ status: "running", limit: PAGE, offset });
      for (const begun of page) {
        if (this.#isStopped || this.#runs.has(begun.id)) continue;
        if (!(await this.#ownership.takeOver(begun.id))) continue;
        const record = await this.#store.whole(begun);
        if (this.#runs.has(record.id)) continue;
        const ended = record.steps.filter(hasEnded).length;
        this.#options.log.info("workflow goes on", { workflow: record.id, ended });
        this.#carryOut(record);
      }
      if (page.length < PAGE) return;
    }
  }

  #carryOut(record: WorkflowRecord, onProgress?: OnProgress): Begun {
    const { execute, parallel = PARALLEL, onChange, log } = this.#options;
    const run = new WorkflowRun(record, {
      store: this.#store,
      execute,
      parallel,
      onChange: ({ progress }) => {
        onProgress?.(progress);
        onChange?.(record.id);
      },
    });
    const work = async (): Promise<WorkflowRecord> => {
      const end = await run.carryOut();
      this.#runs.delete(record.id);
      const { status } = end;
      if (isOver(end)) {
        log.info("workflow ended", { workflow: record.id, agent: record.agent, status });
        await this.#ownership.release(record.id).catch(() => undefined);
      }
      return end;
    };
    const begun: Begun = { id: record.id, ended: work() };
    this.#runs.set(record.id, { run, begun });
    return begun;
  }
}
