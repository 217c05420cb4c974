import type { Collection, Db, MongoClient } from "mongodb";
import { messageOf } from "../../base/errors.ts";
import {
  newVersion,
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
import { afterPrefix } from "./code-points.ts";

const FORM = 1;
const SELECT_MS = 5_000;
const SOCKET_MS = 10_000;
const DUPLICATE = 11_000;

/** Values are JSON texts: no name or value of theirs means anything to the database. */
interface StoredEntry {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly expiresAt: Date | null;
}

interface StoredWorkflow {
  readonly _id: string;
  readonly status: string;
  readonly createdAt: number;
  readonly record: string;
}

interface StoredMetric {
  readonly name: string;
  readonly time: number;
  readonly record: string;
}

/** Collections in a MongoDB database. The driver repeats a write once whose answer was lost, and it is carried out once. */
export class MongodbBackend implements StorageBackend {
  readonly #url: string;
  #client: MongoClient | undefined;
  /** What the server's clock is ahead of this one: hosts whose clocks differ agree on what has expired. */
  #aheadMs = 0;

  constructor(url: string) {
    this.#url = url;
  }

  initialize(): Promise<void> {
    return translated(async () => {
      this.#client ??= await createClient(this.#url);
      await this.#client.connect();
      const askedAt = Date.now();
      const { localTime } = await this.#db.admin().command({ hello: 1 });
      this.#aheadMs = (localTime as Date).getTime() - (askedAt + Date.now()) / 2;
      await this.#prepare();
    });
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }

  async #prepare(): Promise<void> {
    const schema = this.#db.collection<{ _id: string; form: number }>("agentflow_schema");
    const found = await schema.findOne({ _id: "form" });
    if (found !== null && found.form > FORM) {
      throw new StorageError(
        "unusable",
        `it was written by a newer version (its form is ${found.form}, this version knows ${FORM}). ` +
          "Update agentflow-mcp, or configure another database",
      );
    }
    await this.#entries.createIndex({ namespace: 1, key: 1 }, { unique: true });
    await this.#entries.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
    await this.#workflows.createIndex({ createdAt: -1, _id: -1 });
    await this.#workflows.createIndex({ status: 1, createdAt: -1, _id: -1 });
    await this.#metrics.createIndex({ name: 1, time: -1 });
    await this.#metrics.createIndex({ time: -1 });
    await schema.updateOne({ _id: "form" }, { $set: { form: FORM } }, { upsert: true });
  }

  get(namespace: string, key: string): Promise<Entry | undefined> {
    return translated(async () => {
      const found = await this.#entries.findOne({ namespace, key, ...this.#live() });
      if (found === null) return undefined;
      const { value, version, expiresAt } = found;
      return {
        value: JSON.parse(value) as Json,
        version,
        ...(expiresAt !== null && { expiresAt: expiresAt.getTime() }),
      };
    });
  }

  put(
    namespace: string,
    key: string,
    value: Json,
    { ifVersion, ttlMs }: PutOptions = {},
  ): Promise<number | undefined> {
    const version = newVersion();
    const expiresAt = ttlMs === undefined ? null : new Date(this.#now() + ttlMs);
    const entry = { namespace, key, value: JSON.stringify(value), version, expiresAt };
    return translated(async () => {
      const isPut =
        ifVersion === undefined
          ? await this.#putAnyway(entry)
          : ifVersion === 0
            ? await this.#putFirst(entry)
            : await this.#replace(entry, ifVersion);
      return isPut ? version : undefined;
    });
  }

  async #putAnyway(entry: StoredEntry): Promise<boolean> {
    const { namespace, key } = entry;
    const put = (): Promise<unknown> =>
      this.#entries.replaceOne({ namespace, key }, entry, { upsert: true });
    // Somebody has put the first entry at the same moment: now there is one to replace.
    await put().catch((error: unknown) => (isDuplicate(error) ? put() : Promise.reject(error)));
    return true;
  }

  /** In place of an expired entry, else as a new one, which the index refuses where there is one. */
  async #putFirst(entry: StoredEntry): Promise<boolean> {
    const { namespace, key } = entry;
    const expired = { $lte: new Date(this.#now()) };
    try {
      await this.#entries.replaceOne({ namespace, key, expiresAt: expired }, entry, {
        upsert: true,
      });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async #replace(entry: StoredEntry, version: number): Promise<boolean> {
    const { namespace, key } = entry;
    const { matchedCount } = await this.#entries.replaceOne(
      { namespace, key, version, ...this.#live() },
      entry,
    );
    return matchedCount > 0;
  }

  delete(
    namespace: string,
    key: string,
    { ifVersion }: { readonly ifVersion?: number } = {},
  ): Promise<boolean> {
    return translated(async () => {
      const { deletedCount } = await this.#entries.deleteOne({
        namespace,
        key,
        ...(ifVersion !== undefined && { version: ifVersion }),
        ...this.#live(),
      });
      return deletedCount > 0;
    });
  }

  keys(namespace: string, { prefix = "", after, limit }: KeysQuery): Promise<readonly string[]> {
    const end = afterPrefix(prefix);
    const range = {
      $gte: prefix,
      ...(end !== undefined && { $lt: end }),
      ...(after !== undefined && { $gt: after }),
    };
    return translated(async () => {
      const found = await listed(limit, () =>
        this.#entries.find({ namespace, key: range, ...this.#live() }).sort({ key: 1 }),
      );
      return found.map(({ key }) => key);
    });
  }

  count(namespace: string): Promise<number> {
    return translated(() => this.#entries.countDocuments({ namespace, ...this.#live() }));
  }

  saveWorkflow(workflow: Workflow): Promise<void> {
    const { id, status, createdAt } = workflow;
    const stored = { status, createdAt, record: JSON.stringify(workflow) };
    return translated(async () => {
      await this.#workflows.updateOne({ _id: id }, { $set: stored }, { upsert: true });
    });
  }

  loadWorkflow(id: string): Promise<Workflow | undefined> {
    return translated(async () => {
      const found = await this.#workflows.findOne({ _id: id });
      return found === null ? undefined : (JSON.parse(found.record) as Workflow);
    });
  }

  listWorkflows({ status, limit, offset }: WorkflowsQuery): Promise<readonly Workflow[]> {
    return translated(async () => {
      const found = await listed(limit, () =>
        this.#workflows
          .find(status === undefined ? {} : { status })
          .sort({ createdAt: -1, _id: -1 })
          .skip(offset),
      );
      return found.map(({ record }) => JSON.parse(record) as Workflow);
    });
  }

  deleteWorkflow(id: string): Promise<boolean> {
    return translated(async () => (await this.#workflows.deleteOne({ _id: id })).deletedCount > 0);
  }

  saveMetric(metric: Metric): Promise<void> {
    const { name, time } = metric;
    return translated(async () => {
      await this.#metrics.insertOne({ name, time, record: JSON.stringify(metric) });
    });
  }

  getMetrics({ name, start, end, limit }: MetricsQuery): Promise<readonly Metric[]> {
    const time = {
      ...(start !== undefined && { $gte: start }),
      ...(end !== undefined && { $lt: end }),
    };
    const filter = {
      ...(name !== undefined && { name }),
      ...(Object.keys(time).length > 0 && { time }),
    };
    return translated(async () => {
      const found = await listed(limit, () => this.#metrics.find(filter).sort({ time: -1 }));
      return found.map(({ record }) => JSON.parse(record) as Metric);
    });
  }

  deleteMetrics({ before }: { readonly before: number }): Promise<void> {
    return translated(async () => {
      await this.#metrics.deleteMany({ time: { $lt: before } });
    });
  }

  get #db(): Db {
    if (this.#client === undefined) throw new StorageError("unavailable", "it is closed");
    return this.#client.db();
  }

  get #entries(): Collection<StoredEntry> {
    return this.#db.collection("agentflow_entries");
  }

  get #workflows(): Collection<StoredWorkflow> {
    return this.#db.collection("agentflow_workflows");
  }

  get #metrics(): Collection<StoredMetric> {
    return this.#db.collection("agentflow_metrics");
  }

  #now(): number {
    return Date.now() + this.#aheadMs;
  }

  #live(): object {
    return { $or: [{ expiresAt: null }, { expiresAt: { $gt: new Date(this.#now()) } }] };
  }
}

async function createClient(url: string): Promise<MongoClient> {
  const { MongoClient: Client } = await import("mongodb").catch((cause: unknown) => {
    const text = `the driver is missing (${messageOf(cause)}). Install it beside agentflow-mcp: npm install mongodb@7`;
    throw new StorageError("unusable", text, { cause });
  });
  return new Client(url, {
    appName: "agentflow-mcp",
    serverSelectionTimeoutMS: SELECT_MS,
    connectTimeoutMS: SELECT_MS,
    socketTimeoutMS: SOCKET_MS,
    writeConcern: { w: "majority", journal: true },
  });
}

interface Cursor<T> {
  limit(count: number): { toArray(): Promise<T[]> };
}

/** The driver takes a limit of 0 for none. */
async function listed<T>(limit: number, find: () => Cursor<T>): Promise<readonly T[]> {
  return limit === 0 ? [] : find().limit(limit).toArray();
}

function isDuplicate(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === DUPLICATE;
}

const FULL = 14_031;
/** Not authenticated, not authorised. */
const NOT_ALLOWED = new Set<unknown>([13, 18, 8_000]);

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StorageError) throw cause;
    const { code } = cause as { readonly code?: unknown };
    const text = messageOf(cause);
    if (code === FULL) {
      const advice =
        "Make room on the server's disk; what was stored is safe, and it goes on by itself";
      throw new StorageError("full", `${text}. ${advice}`, { cause });
    }
    if (NOT_ALLOWED.has(code)) {
      const advice = 'See to user, password and rights in "storage.url"';
      throw new StorageError("unusable", `${text}. ${advice}`, { cause });
    }
    throw new StorageError("unavailable", `${text}. It is tried again with the next use`, {
      cause,
    });
  }
}
