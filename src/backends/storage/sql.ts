import {
  newVersion,
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
import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";
import { migrate } from "./sql-schema.ts";

/** Expired entries are let go at least this often, while new ones come. */
const SWEEP_MS = 60_000;
const SWEPT_AT_ONCE = 1_000;

/**
 * Keeps everything in tables, with the same statements in every database. Each of them is complete in itself and can be
 * repeated when its answer was lost: a put that has been carried out finds its own version.
 */
export class SqlBackend implements StorageBackend {
  readonly #database: SqlDatabase;
  /** Of an entry that has not expired. */
  readonly #isLive: string;
  #sweptAt = 0;

  constructor(database: SqlDatabase) {
    this.#database = database;
    this.#isLive = `(expires_at IS NULL OR expires_at > ${database.now})`;
  }

  async initialize(): Promise<void> {
    await this.#database.open();
    await migrate(this.#database);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async get(namespace: string, key: string): Promise<Entry | undefined> {
    const [row] = await this.#database.run(
      `SELECT value, version, expires_at FROM agentflow_entries
       WHERE namespace = $1 AND key = $2 AND ${this.#isLive}`,
      [namespace, key],
    );
    if (row === undefined) return undefined;
    const { value, version, expires_at: expiresAt } = row;
    return {
      value: fromText(value),
      version: Number(version),
      ...(expiresAt !== null && { expiresAt: Number(expiresAt) }),
    };
  }

  async put(
    namespace: string,
    key: string,
    value: Json,
    { ifVersion, ttlMs }: PutOptions = {},
  ): Promise<number | undefined> {
    this.#sweepNowAndThen();
    const version = newVersion();
    const entry = [namespace, key, JSON.stringify(value), version, ttlMs ?? null];
    const rows =
      ifVersion === undefined || ifVersion === 0
        ? await this.#insert(entry, ifVersion === 0)
        : await this.#replace(entry, ifVersion);
    return rows.length === 0 ? undefined : version;
  }

  #insert(entry: readonly SqlValue[], onlyIfNone: boolean): Promise<readonly SqlRow[]> {
    const condition = onlyIfNone
      ? `WHERE agentflow_entries.version = $4 OR agentflow_entries.expires_at <= ${this.#database.now}`
      : "";
    return this.#database.run(
      `INSERT INTO agentflow_entries (namespace, key, value, version, expires_at)
       VALUES ($1, $2, $3, $4, ${this.#database.now} + $5)
       ON CONFLICT (namespace, key) DO UPDATE
       SET value = excluded.value, version = excluded.version, expires_at = excluded.expires_at
       ${condition} RETURNING version`,
      entry,
    );
  }

  #replace(entry: readonly SqlValue[], ifVersion: number): Promise<readonly SqlRow[]> {
    return this.#database.run(
      `UPDATE agentflow_entries
       SET value = $3, version = $4, expires_at = ${this.#database.now} + $5
       WHERE namespace = $1 AND key = $2 AND version IN ($4, $6) AND ${this.#isLive}
       RETURNING version`,
      [...entry, ifVersion],
    );
  }

  async delete(
    namespace: string,
    key: string,
    { ifVersion }: { readonly ifVersion?: number } = {},
  ): Promise<boolean> {
    const rows = await this.#database.run(
      `DELETE FROM agentflow_entries
       WHERE namespace = $1 AND key = $2 AND ${this.#isLive} ${ifVersion === undefined ? "" : "AND version = $3"}
       RETURNING key`,
      ifVersion === undefined ? [namespace, key] : [namespace, key, ifVersion],
    );
    return rows.length > 0;
  }

  async keys(
    namespace: string,
    { prefix = "", after, limit }: KeysQuery,
  ): Promise<readonly string[]> {
    const end = afterPrefix(prefix);
    const { where, parameters } = conditions([
      ["namespace =", namespace],
      ["key >=", prefix],
      ["key <", end],
      ["key >", after],
    ]);
    const rows = await this.#database.run(
      `SELECT key FROM agentflow_entries WHERE ${where} AND ${this.#isLive}
       ORDER BY key LIMIT $${parameters.length + 1}`,
      [...parameters, limit],
    );
    return rows.map(({ key }) => key as string);
  }

  async count(namespace: string): Promise<number> {
    const [row] = await this.#database.run(
      `SELECT count(*) AS found FROM agentflow_entries WHERE namespace = $1 AND ${this.#isLive}`,
      [namespace],
    );
    return Number(row?.["found"]);
  }

  async saveWorkflow(workflow: Workflow): Promise<void> {
    const { id, status, createdAt } = workflow;
    await this.#database.run(
      `INSERT INTO agentflow_workflows (id, status, created_at, record) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE
       SET status = excluded.status, created_at = excluded.created_at, record = excluded.record`,
      [id, status, createdAt, JSON.stringify(workflow)],
    );
  }

  async loadWorkflow(id: string): Promise<Workflow | undefined> {
    const [row] = await this.#database.run("SELECT record FROM agentflow_workflows WHERE id = $1", [
      id,
    ]);
    return row === undefined ? undefined : (fromText(row["record"]) as Workflow);
  }

  async listWorkflows({ status, limit, offset }: WorkflowsQuery): Promise<readonly Workflow[]> {
    const { where, parameters } = conditions([["status =", status]]);
    const next = parameters.length + 1;
    const rows = await this.#database.run(
      `SELECT record FROM agentflow_workflows WHERE ${where}
       ORDER BY created_at DESC, id DESC LIMIT $${next} OFFSET $${next + 1}`,
      [...parameters, limit, offset],
    );
    return rows.map(({ record }) => fromText(record) as Workflow);
  }

  async deleteWorkflow(id: string): Promise<boolean> {
    const rows = await this.#database.run(
      "DELETE FROM agentflow_workflows WHERE id = $1 RETURNING id",
      [id],
    );
    return rows.length > 0;
  }

  async saveMetric(metric: Metric): Promise<void> {
    const { name, time } = metric;
    await this.#database.run(
      `INSERT INTO agentflow_metrics (id, name, time, record) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO NOTHING`,
      [newVersion(), name, time, JSON.stringify(metric)],
    );
  }

  async getMetrics({ name, start, end, limit }: MetricsQuery): Promise<readonly Metric[]> {
    const { where, parameters } = conditions([
      ["name =", name],
      ["time >=", start],
      ["time <", end],
    ]);
    const rows = await this.#database.run(
      `SELECT record FROM agentflow_metrics WHERE ${where}
       ORDER BY time DESC LIMIT $${parameters.length + 1}`,
      [...parameters, limit],
    );
    return rows.map(({ record }) => fromText(record) as unknown as Metric);
  }

  async deleteMetrics({ before }: { readonly before: number }): Promise<void> {
    await this.#database.run("DELETE FROM agentflow_metrics WHERE time < $1", [before]);
  }

  /** Beside the work of others: what has expired is seen by nobody, whether it is still there or not. */
  #sweepNowAndThen(): void {
    if (Date.now() - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = Date.now();
    // Whoever puts something hears of a failure by their own statement.
    void this.#sweep().catch(() => undefined);
  }

  /** A few at a time: a database in this process holds everything up meanwhile. */
  async #sweep(): Promise<void> {
    let gone: number;
    do {
      const rows = await this.#database.run(
        `DELETE FROM agentflow_entries WHERE (namespace, key) IN
           (SELECT namespace, key FROM agentflow_entries WHERE expires_at <= ${this.#database.now} LIMIT $1)
         RETURNING key`,
        [SWEPT_AT_ONCE],
      );
      gone = rows.length;
    } while (gone === SWEPT_AT_ONCE);
  }
}

/** The conditions that have a value, as one expression. */
function conditions(wanted: readonly (readonly [string, SqlValue | undefined])[]): {
  readonly where: string;
  readonly parameters: readonly SqlValue[];
} {
  const given = wanted.filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
  const where = given.map(([condition], index) => `${condition} $${index + 1}`).join(" AND ");
  return { where: where === "" ? "1 = 1" : where, parameters: given.map(([, value]) => value) };
}

function fromText(text: unknown): Json {
  return JSON.parse(text as string) as Json;
}
