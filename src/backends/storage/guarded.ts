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
  /** Says what is wrong as far as that can be told without opening anything. Default: it is opened to find out. */
  readonly inspect?: () => Promise<void>;
  /** Told with the reason when it stops working, and without when it works again. */
  readonly onChange?: (problem: StorageError | undefined) => void;
}

/**
 * Stands before every backend: opens it with the first use, and again after it failed; refuses what no backend keeps; and
 * makes every failure a `StorageError` that says where.
 */
export class GuardedStorage implements StorageBackend {
  readonly name: string;
  readonly #load: () => Promise<StorageBackend>;
  readonly #options: GuardOptions;
  #backend: StorageBackend | undefined;
  #opened: Promise<StorageBackend> | undefined;
  #isClosed = false;
  #problem: StorageError | undefined;

  /** What `load` gives is asked for once, with the first use. */
  constructor(load: () => Promise<StorageBackend>, options: GuardOptions) {
    this.#load = load;
    this.#options = options;
    this.name = options.name;
  }

  /** Says what can be said when the host starts. */
  async inspect(): Promise<void> {
    const { inspect } = this.#options;
    return inspect === undefined ? this.initialize() : this.#attempt(inspect);
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
    await this.#opened?.catch(() => undefined);
    const backend = this.#backend;
    if (backend !== undefined) await this.#attempt(() => backend.close());
  }

  async get(namespace: string, key: string): Promise<Entry | undefined> {
    this.#check(namespace, key);
    return this.#use((backend) => backend.get(namespace, key));
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
    return this.#use((backend) => backend.put(namespace, key, value, options), true);
  }

  async delete(
    namespace: string,
    key: string,
    options: { readonly ifVersion?: number } = {},
  ): Promise<boolean> {
    this.#check(namespace, key);
    if (options.ifVersion !== undefined) this.#refuse("ifVersion", notWhole(options.ifVersion));
    return this.#use((backend) => backend.delete(namespace, key, options));
  }

  async keys(namespace: string, query: KeysQuery): Promise<readonly string[]> {
    this.#refuse("the namespace", notName(namespace, MAX_NAMESPACE_CHARS));
    this.#refuse("the prefix", notName(query.prefix ?? "", MAX_KEY_CHARS, 0));
    this.#refuse("after", notName(query.after ?? "", MAX_KEY_CHARS, 0));
    this.#refuse("the limit", notWhole(query.limit));
    return this.#use((backend) => backend.keys(namespace, query));
  }

  async count(namespace: string): Promise<number> {
    this.#refuse("the namespace", notName(namespace, MAX_NAMESPACE_CHARS));
    return this.#use((backend) => backend.count(namespace));
  }

  async saveWorkflow(workflow: Workflow): Promise<void> {
    const { id, status, agent, createdAt, updatedAt } = workflow;
    this.#refuse("the workflow's id", notName(id, MAX_KEY_CHARS));
    this.#refuse("its status", notName(status, MAX_KEY_CHARS));
    this.#refuse("its agent", notName(agent, MAX_KEY_CHARS));
    this.#refuse("its createdAt", notWhole(createdAt));
    this.#refuse("its updatedAt", notWhole(updatedAt));
    this.#refuse("the workflow", notStorable(workflow));
    return this.#use((backend) => backend.saveWorkflow(workflow), true);
  }

  async loadWorkflow(id: string): Promise<Workflow | undefined> {
    this.#refuse("the workflow's id", notName(id, MAX_KEY_CHARS));
    return this.#use((backend) => backend.loadWorkflow(id));
  }

  async listWorkflows(query: WorkflowsQuery): Promise<readonly Workflow[]> {
    this.#refuse("the status", notName(query.status ?? "", MAX_KEY_CHARS, 0));
    this.#refuse("the limit", notWhole(query.limit));
    this.#refuse("the offset", notWhole(query.offset));
    return this.#use((backend) => backend.listWorkflows(query));
  }

  async deleteWorkflow(id: string): Promise<boolean> {
    this.#refuse("the workflow's id", notName(id, MAX_KEY_CHARS));
    return this.#use((backend) => backend.deleteWorkflow(id));
  }

  async saveMetric(metric: Metric): Promise<void> {
    this.#refuse("the metric's name", notName(metric.name, MAX_KEY_CHARS));
    this.#refuse("its time", notWhole(metric.time));
    this.#refuse("the metric", notStorable(metric));
    return this.#use((backend) => backend.saveMetric(metric), true);
  }

  async getMetrics(query: MetricsQuery): Promise<readonly Metric[]> {
    const { name = "", start = 0, end = 0, limit } = query;
    this.#refuse("the name", notName(name, MAX_KEY_CHARS, 0));
    this.#refuse("start", notWhole(start));
    this.#refuse("end", notWhole(end));
    this.#refuse("the limit", notWhole(limit));
    return this.#use((backend) => backend.getMetrics(query));
  }

  async deleteMetrics(query: { readonly before: number }): Promise<void> {
    this.#refuse("before", notWhole(query.before));
    return this.#use((backend) => backend.deleteMetrics(query));
  }

  /** Does something with the backend, which is opened for it. */
  async #use<T>(work: (backend: StorageBackend) => Promise<T>, writes = false): Promise<T> {
    if (this.#isClosed) throw this.#error("unavailable", "it is closed");
    const opened = (this.#opened ??= this.#open());
    const openAgain = (): void => {
      // Others may have met the same failure before, and have it opened again already.
      if (this.#opened === opened) this.#opened = undefined;
    };
    const result = await this.#attempt(async () => {
      const backend = await opened.catch((error: unknown) => {
        openAgain();
        throw error;
      });
      return work(backend).catch((error: unknown) => {
        if (mayNeedOpening(error)) openAgain();
        throw error;
      });
    });
    // What is full can still be read.
    if (this.#problem !== undefined && (writes || this.#problem.code !== "full")) {
      this.#problem = undefined;
      this.#options.onChange?.(undefined);
    }
    return result;
  }

  async #open(): Promise<StorageBackend> {
    this.#backend ??= await this.#load();
    await this.#backend.initialize();
    return this.#backend;
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
        this.#options.onChange?.(error);
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
