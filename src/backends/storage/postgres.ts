import type { Pool, PoolClient } from "pg";
import { messageOf } from "../../base/errors.ts";
import { StorageError } from "../../base/storage.ts";
import type { RunSql, SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";

const CONNECTIONS = 8;
const CONNECT_MS = 5_000;
/** No statement here takes long: what does, waits for a server that is lost. */
const DEFAULT_STATEMENT_MS = 10_000;
/** Names the work that one host does at a time; any number that nobody else's program takes. */
const LOCK = 4_170_563_221;

export interface PostgresOptions {
  /** As `postgres://user:password@host:5432/database`. */
  readonly url: string;
  /** Milliseconds after which a statement counts as lost. Default 10,000. */
  readonly statementMs?: number;
}

/** Tables in a PostgreSQL database, for any number of hosts on any number of machines. */
export class PostgresDatabase implements SqlDatabase {
  readonly now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
  readonly text = 'TEXT COLLATE "C"';
  readonly #options: PostgresOptions;
  #pool: Pool | undefined;

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#pool ??= await this.#createPool();
    const [row] = await this.run("SHOW server_encoding");
    if (row?.["server_encoding"] === "UTF8") return;
    const text = `its encoding is ${String(row?.["server_encoding"])}. Use a database with the encoding UTF8`;
    throw new StorageError("unusable", text);
  }

  readonly run = async (
    sql: string,
    parameters: readonly SqlValue[] = [],
  ): Promise<readonly SqlRow[]> => {
    const pool = this.#open();
    for (let stale = 0; ; stale++) {
      try {
        return (await pool.query<SqlRow>(sql, [...parameters])).rows;
      } catch (error) {
        // Connections of a server that has been restarted: each goes as it is found. Whatever became of the statement, it
        // can be repeated.
        if (!isLostConnection(error) || stale >= CONNECTIONS) throw failure(error);
      }
    }
  };

  async alone(work: (run: RunSql) => Promise<void>): Promise<void> {
    let client: PoolClient;
    try {
      client = await this.#open().connect();
    } catch (error) {
      throw failure(error);
    }
    // One that goes while it waits would otherwise end the process.
    client.on("error", ignore);
    const run: RunSql = async (sql, parameters = []) =>
      (await client.query<SqlRow>(sql, [...parameters])).rows;
    let failed: Error | undefined;
    try {
      await run("BEGIN");
      await run("SELECT pg_advisory_xact_lock($1)", [LOCK]);
      await work(run);
      await run("COMMIT");
    } catch (error) {
      failed = failure(error);
      throw failed;
    } finally {
      client.off("error", ignore);
      // A connection with a transaction that has failed is closed, and the transaction with it.
      client.release(failed);
    }
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.end();
  }

  #open(): Pool {
    if (this.#pool === undefined) throw new StorageError("unavailable", "it is closed");
    return this.#pool;
  }

  async #createPool(): Promise<Pool> {
    const { url, statementMs = DEFAULT_STATEMENT_MS } = this.#options;
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({
      connectionString: url,
      application_name: "agentflow-mcp",
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: statementMs,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // Of connections that nobody uses: the next statement gets another one.
    pool.on("error", () => undefined);
    return pool;
  }
}

function ignore(): void {
  // The statement that follows fails, and says it.
}

/** Numbers of PostgreSQL, and what an operator can do. */
const FAILURES: readonly {
  readonly state: RegExp;
  readonly code: StorageError["code"];
  readonly advice: string;
}[] = [
  {
    state: /^53100$/u,
    code: "full",
    advice: "Make room on the server's disk; what was stored is safe, and it goes on by itself",
  },
  { state: /^28/u, code: "unusable", advice: 'See to user and password in "storage.url"' },
  { state: /^3D000$/u, code: "unusable", advice: 'Create the database, or correct "storage.url"' },
  {
    state: /^42501$/u,
    code: "unusable",
    advice: "Give the user the right to create tables in the schema, and to use those that it has",
  },
  { state: /^42/u, code: "unusable", advice: "Something has changed its tables; see the log" },
  { state: /^XX/u, code: "unusable", advice: "See the server's own log" },
];
const PASSING = "It is tried again with the next use";

function failure(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const { code } = cause as { readonly code?: unknown };
  const known = FAILURES.find(({ state }) => typeof code === "string" && state.test(code));
  const text = `${wordsOf(cause)}. ${known?.advice ?? PASSING}`;
  return new StorageError(known?.code ?? "unavailable", text, { cause });
}

/** Where a name has several addresses, the error of each stands inside of one that says nothing. */
function wordsOf(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return messageOf(inner);
}

/** Of a connection that had been there: the server went away, was told to, or ended it. */
function isLostConnection(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return (
    messageOf(error).startsWith("Connection terminated unexpectedly") ||
    ["57P01", "57P02", "ECONNRESET", "EPIPE"].includes(code as string)
  );
}
