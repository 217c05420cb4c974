import type { Json, JsonObject } from "../plugin-api/index.ts";

/** Longest namespace, in UTF-16 units. Namespaces and keys are any text without half characters and U+0000. */
export const MAX_NAMESPACE_CHARS = 256;
/** Longest key, id or name. */
export const MAX_KEY_CHARS = 512;
/** Longest value as JSON, in characters: what every backend can take in one piece. */
export const MAX_VALUE_CHARS = 4_194_304;
/** Deepest nesting of a value. */
export const MAX_VALUE_DEPTH = 100;

/** A stored value. */
export interface Entry {
  readonly value: Json;
  /** Changes with every put, and is never one that the key has had before, not even after it was deleted or had expired. */
  readonly version: number;
  /** Milliseconds since 1970. Undefined: it does not expire. */
  readonly expiresAt?: number;
}

export interface PutOptions {
  /** Put only if the entry has this version; 0: only if there is none. Default: put in any case. */
  readonly ifVersion?: number;
  /** From now on, by the backend's own clock, after so many milliseconds there is no such entry. Default: it stays. */
  readonly ttlMs?: number;
}

export interface KeysQuery {
  /** Only keys that begin with it; every character stands for itself. Default: all. */
  readonly prefix?: string;
  /** Only keys behind this one: the last key of the page before. */
  readonly after?: string;
  /** Most keys that are given. */
  readonly limit: number;
}

/** A graph of tasks that is, or was, at work. Whatever else stands in it is kept as it is. */
export interface Workflow extends JsonObject {
  readonly id: string;
  readonly status: string;
  readonly agent: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface WorkflowsQuery {
  readonly status?: string;
  readonly limit: number;
  readonly offset: number;
}

export interface Metric {
  readonly name: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface MetricsQuery {
  readonly name?: string;
  /** Milliseconds since 1970, itself included. */
  readonly start?: number;
  /** Milliseconds since 1970, itself not included. */
  readonly end?: number;
  readonly limit: number;
}

/**
 * All that the host needs of a place where things are kept. What a promise has resolved for is kept from then on, whatever
 * becomes of this process. Several hosts may use one place at the same time.
 *
 * What is handed over has been checked (`GuardedStorage`): names of the right length, values that JSON carries. Failures
 * are {@link StorageError}s; anything else that is thrown counts as `unavailable`.
 */
export interface StorageBackend {
  /** Opens the place and brings it to this version's form. Called again after it failed, or after `unavailable` or `unusable`. */
  initialize(): Promise<void>;
  close(): Promise<void>;

  get(namespace: string, key: string): Promise<Entry | undefined>;
  /** The new version; undefined: the entry does not have the version that was asked for, and nothing has changed. */
  put(
    namespace: string,
    key: string,
    value: Json,
    options?: PutOptions,
  ): Promise<number | undefined>;
  /** Whether an entry was there, with the version that was asked for, and is gone. */
  delete(
    namespace: string,
    key: string,
    options?: { readonly ifVersion?: number },
  ): Promise<boolean>;
  /** Keys in the order of their characters' code points. */
  keys(namespace: string, query: KeysQuery): Promise<readonly string[]>;
  /** How many entries there are. */
  count(namespace: string): Promise<number>;

  /** Inserts or replaces. */
  saveWorkflow(workflow: Workflow): Promise<void>;
  loadWorkflow(id: string): Promise<Workflow | undefined>;
  /** The ones created last come first. */
  listWorkflows(query: WorkflowsQuery): Promise<readonly Workflow[]>;
  /** Whether it was there. */
  deleteWorkflow(id: string): Promise<boolean>;

  saveMetric(metric: Metric): Promise<void>;
  /** The latest come first. */
  getMetrics(query: MetricsQuery): Promise<readonly Metric[]>;
  /** Removes those from before that time. */
  deleteMetrics(query: { readonly before: number }): Promise<void>;
}

/**
 * - `unavailable`: it cannot be reached now; later it may, without anybody's help.
 * - `full`: there is no room for more; what is there can still be read.
 * - `unusable`: somebody has to do something: a damaged file, a newer form, a missing driver.
 * - `refused`: nobody keeps such a thing: too long, too deep, too many, not JSON.
 */
export type StorageErrorCode = "unavailable" | "full" | "unusable" | "refused";

/** Its message is for the operator: it says where, what, and what to do. It may name paths and hosts, and never a password. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StorageError";
    this.code = code;
  }
}

/**
 * A version that a key has not had before. At random, so that nothing has to be remembered of keys that are gone; and
 * chosen by whoever writes, so that a put whose answer was lost can be repeated and finds itself.
 */
export function newVersion(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low || 1;
}
