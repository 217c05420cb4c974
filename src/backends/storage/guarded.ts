import { messageOf } from "../../base/errors.ts";
import {
  MAX_KEY_CHARS,
  MAX_NAMESPACE_CHARS,
  StorageError,
  type Entry,
  type KeysQuery,
  type Metric,
  type MetricsQuery,
  type PutOptions,
  type StorageBackend,
  type Workflow,
  type WorkflowsQuery,
} from "../../base/storage.ts";
import type { Json } from "../../plugin-api/index.ts";
import { notName, notStorable } from "./storable.ts";

export interface GuardOptions {
  /** What it is called in errors: `sqlite (/data/storage.sqlite)`. No secrets. */
  readonly name: string;
  /** Told with the reason when it stops working, and without when it works again. */
  readonly onChange?: (problem: StorageError | undefined) => void;
}

/**
 * Stands before every backend: opens it with the first use, and again after it failed; refuses what no backend keeps; and
 * makes every failure a `StorageError` that says where.
 */
export class GuardedStorage implements StorageBackend {
  readonly name: string;
  readonly #backend: StorageBackend;
  readonly #onChange: (problem: StorageError | undefined) => void;
  #opened: Promise<void> | undefined;
  #isClosed = false;
  #problem: StorageError | undefined;

  constructor(backend: StorageBackend, { name, onChange = () => undefined }: GuardOptions) {
    this.#backend = backend;
    this.name = name;
    this.#onChange = onChange;
  }

  /** Says what can be said when the host starts. */
  async inspect(): Promise<void> {
    if (this.#backend.inspect === undefined) return this.initialize();
    return this.#attempt(() => this.#backend.inspect?.() ?? Promise.resolve());
  }

  /** Opens it if it is not open. */
  initialize(): Promise<void> {
    return this.#use(async () => undefined);
  }

  /** Tries it out as far as it goes: something is stored, read and removed. */
  async tryOut(): Promise<void> {
    const [namespace, key] = ["agentflow:check", crypto.randomUUID()];
    const version = await this.put(namespace, key, key, { ttlMs: 60_000 });
    const found = await this.get(namespace, key);
    await this.delete(namespace, key);
    if (found?.value !== key || found.version !== version) {
      throw this.#error("unusable", "it does not give back what it was given");
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#opened === undefined) return;
    await this.#opened.catch(() => undefined);
    await this.#attempt(() => this.#backend.close());
  }

  async get(namespace: string, key: string): Promise<Entry | undefined> {
    this.#check(namespace, key);
    return this.#use(() => this.#backend.get(namespace, key));
  }

  async put(
    namespace: string,
    key: string,
    value: Json,
    options: PutOptions = {},
  ): Promise<number | undefined> {
    this.#check(namespace, key);
    this.#refuse("the value", notStorable(value));
    const { ttlMs, ifVersion } = options;
    if (ttlMs !== undefined) this.#refuse("ttlMs", notWhole(ttlMs, 1));
    if (ifVersion !== undefined) this.#refuse("ifVersion", notWhole(ifVersion));
    return this.#use(() => this.#backend.put(namespace, key, value, options), true);
  }

  async delete(
    namespace: string,
    key: string,
    options: { readonly ifVersion?: number } = {},
  ): Promise<boolean> {
    this.#check(namespace, key);
    if (options.ifVersion !== undefined) this.#refuse("ifVersion", notWhole(options.ifVersion));
    return this.#use(() => this.#backend.delete(namespace, key, options));
  }

  async keys(namespace: string, query: KeysQuery): Promise<readonly string[]> {
    this.#refuse("the namespace", notName(namespace, MAX_NAMESPACE_CHARS));
    this.#refuse("the prefix", notName(query.prefix ?? "", MAX_KEY_CHARS, 0));
    this.#refuse("after", notName(query.after ?? "", MAX_KEY_CHARS, 0));
    this.#refuse("the limit", notWhole(query.limit));
    return this.#use(() => this.#backend.keys(namespace, query));
  }

  async count(namespace: string): Promise<number> {
    this.#refuse("the namespace", notName(namespace, MAX_NAMESPACE_CHARS));
    return this.#use(() => this.#backend.count(namespace));
  }

  async saveWorkflow(workflow: Workflow): Promise<void> {
    const { id, status, agent, createdAt, updatedAt } = workflow;
    this.#refuse("the workflow's id", notName(id, MAX_KEY_CHARS));
    this.#refuse("its status", notName(status, MAX_KEY_CHARS));
    this.#refuse("its agent", notName(agent, MAX_KEY_CHARS));
    this.#refuse("its createdAt", notWhole(createdAt));
    this.#refuse("its updatedAt", notWhole(updatedAt));
    this.#refuse("the workflow", notStorable(workflow));
    return this.#use(() => this.#backend.saveWorkflow(workflow), true);
  }

  async loadWorkflow(id: string): Promise<Workflow | undefined> {
    this.#refuse("the workflow's id", notName(id, MAX_KEY_CHARS));
    return this.#use(() => this.#backend.loadWorkflow(id));
  }

  async listWorkflows(query: WorkflowsQuery): Promise<readonly Workflow[]> {
    this.#refuse("the status", notName(query.status ?? "", MAX_KEY_CHARS, 0));
    this.#refuse("the limit", notWhole(query.limit));
    this.#refuse("the offset", notWhole(query.offset));
    return this.#use(() => this.#backend.listWorkflows(query));
  }

  async deleteWorkflow(id: string): Promise<boolean> {
    this.#refuse("the workflow's id", notName(id, MAX_KEY_CHARS));
    return this.#use(() => this.#backend.deleteWorkflow(id));
  }

  async saveMetric(metric: Metric): Promise<void> {
    this.#refuse("the metric's name", notName(metric.name, MAX_KEY_CHARS));
    this.#refuse("its time", notWhole(metric.time));
    this.#refuse("the metric", notStorable(metric));
    return this.#use(() => this.#backend.saveMetric(metric), true);
  }

  async getMetrics(query: MetricsQuery): Promise<readonly Metric[]> {
    const { name = "", start = 0, end = 0, limit } = query;
    this.#refuse("the name", notName(name, MAX_KEY_CHARS, 0));
    this.#refuse("start", notWhole(start));
    this.#refuse("end", notWhole(end));
    this.#refuse("the limit", notWhole(limit));
    return this.#use(() => this.#backend.getMetrics(query));
  }

  async deleteMetrics(query: { readonly before: number }): Promise<void> {
    this.#refuse("before", notWhole(query.before));
    return this.#use(() => this.#backend.deleteMetrics(query));
  }

  /** Does something with the backend, which is opened for it. */
  async #use<T>(work: () => Promise<T>, writes = false): Promise<T> {
    if (this.#isClosed) throw this.#error("unavailable", "it is closed");
    const opened = (this.#opened ??= this.#backend.initialize());
    const openAgain = (): void => {
      // Others may have met the same failure before, and have it opened again already.
      if (this.#opened === opened) this.#opened = undefined;
    };
    const result = await this.#attempt(async () => {
      await opened.catch((error: unknown) => {
        openAgain();
        throw error;
      });
      return work().catch((error: unknown) => {
        if (mayNeedOpening(error)) openAgain();
        throw error;
      });
    });
    // What is full can still be read.
    if (this.#problem !== undefined && (writes || this.#problem.code !== "full")) {
      this.#problem = undefined;
      this.#onChange(undefined);
    }
    return result;
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const error =
        cause instanceof StorageError
          ? this.#error(cause.code, cause.message, cause.cause)
          : this.#error("unavailable", messageOf(cause), cause);
      if (this.#problem?.code !== error.code && error.code !== "refused") {
        this.#problem = error;
        this.#onChange(error);
      }
      throw error;
    }
  }

  #check(namespace: string, key: string): void {
    this.#refuse("the namespace", notName(namespace, MAX_NAMESPACE_CHARS));
    this.#refuse("the key", notName(key, MAX_KEY_CHARS));
  }

  #refuse(what: string, problem: string | undefined): void {
    if (problem !== undefined) throw new StorageError("refused", `${what} ${problem}.`);
  }

  #error(code: StorageError["code"], text: string, cause?: unknown): StorageError {
    const message = `Storage ${this.name}: ${text.replace(/\.$/u, "")}.`;
    return new StorageError(code, message, cause === undefined ? {} : { cause });
  }
}

function mayNeedOpening(error: unknown): boolean {
  return !(error instanceof StorageError) || ["unavailable", "unusable"].includes(error.code);
}

function notWhole(value: number, least = 0): string | undefined {
  return Number.isSafeInteger(value) && value >= least
    ? undefined
    : `is ${String(value)}, and must be a whole number from ${least} on`;
}
