import type { RolePlugin } from "./role.ts";
import type { Json } from "./schema.ts";

/** A workflow as it is kept. Further fields are the host's; keep them all. */
export interface StoredWorkflow {
  readonly id: string;
  readonly status: string;
  /** The agent that planned it. */
  readonly agent: string;
  /** ISO times. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly [key: string]: Json;
}

/** One measured value. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  /** ISO time. */
  readonly time: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A value under a key. */
export interface StoredEntry {
  readonly value: Json;
  /** Changes with every put, and is never one that the key has had before. */
  readonly version: number;
  /** ISO time; default: never. */
  readonly expiresAt?: string;
}

export interface PutOptions {
  /** Only if the entry has this version; 0: only if there is none. */
  readonly ifVersion?: number;
  /** Seconds after which the entry is gone. */
  readonly ttl?: number;
}

export interface KeysQuery {
  /** Default: all. */
  readonly prefix?: string;
  readonly limit: number;
  /** Only keys behind this one: the last of the page before. */
  readonly after?: string;
}

type Maybe<T> = T | Promise<T>;

/**
 * Keeps what the server must not forget. The key-value part (`get`, `put`, `delete`, `keys`) is what `context.storage` needs:
 * all four of its methods, or none.
 */
export interface StorageBackend extends RolePlugin {
  /** As `shutdown`, which comes before it where there are both. */
  close?(): Maybe<void>;
  /** Inserts or replaces. */
  saveWorkflow(workflow: StoredWorkflow): Maybe<void>;
  loadWorkflow(id: string): Maybe<StoredWorkflow | null | undefined>;
  /** Newest first. */
  listWorkflows(
    status: string | undefined,
    limit: number,
    offset: number,
  ): Maybe<readonly StoredWorkflow[]>;
  /** Whether it was there. */
  deleteWorkflow?(id: string): Maybe<boolean>;
  saveMetric(metric: Metric): Maybe<void>;
  /** Removes those from before that ISO time. */
  deleteMetrics?(before: string): Maybe<void>;
  /** The latest come first. `start` and `end` are ISO times, the second not included. */
  getMetrics(
    name: string | undefined,
    start: string | undefined,
    end: string | undefined,
    limit: number,
  ): Maybe<readonly Metric[]>;
  get?(namespace: string, key: string): Maybe<StoredEntry | null | undefined>;
  /** The new version; undefined if `ifVersion` does not fit: somebody else was first. */
  put?(
    namespace: string,
    key: string,
    value: Json,
    options: PutOptions,
  ): Maybe<number | null | undefined>;
  /** Whether something was deleted. */
  delete?(namespace: string, key: string, options: Pick<PutOptions, "ifVersion">): Maybe<boolean>;
  /** In the order of their characters' code points. */
  keys?(namespace: string, query: KeysQuery): Maybe<readonly string[]>;
  /** How many entries there are. */
  count?(namespace: string): Maybe<number>;
}
