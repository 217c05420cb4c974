import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../base/errors.ts";
import { StorageError, type StorageErrorCode } from "../../base/storage.ts";
import type { RunSql, SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";
import { loadSqlite, type SqliteConnection, type SqliteDriverName } from "./sqlite-driver.ts";
import { notWritable } from "./writable-folder.ts";

/** How long a statement holds up this process for another one: between its attempts, everybody else goes on. */
const HOLD_UP_MS = 10;
/** How long it is tried before the file counts as locked. */
const DEFAULT_BUSY_MS = 5_000;
const LONGEST_PAUSE_MS = 50;

export interface SqliteOptions {
  readonly file: string;
  /** Default: what this Node has. */
  readonly driver?: SqliteDriverName;
  /** Milliseconds for which a statement waits for other processes. Default 5,000. */
  readonly busyMs?: number;
  /** The file grows to no more than so many pages of 4 KiB. Default: as far as the disk goes. */
  readonly maxPages?: number;
}

/**
 * One file for any number of processes of one machine. It is written ahead (WAL): what was acknowledged survives the end
 * of every process. The disk is not waited for with each write, since everything here would wait with it: when the power goes,
 * the last moments may be missing, and the file is whole.
 */
export class SqliteDatabase implements SqlDatabase {
  readonly now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
  readonly text = "TEXT";
  readonly #options: SqliteOptions;
  #connection: SqliteConnection | undefined;
  readonly #statements = new Map<string, ReturnType<SqliteConnection["prepare"]>>();

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    await this.close();
    const { file, driver, maxPages } = this.#options;
    const { DatabaseSync } = await loadSqlite(driver);
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      // A new file is for nobody else; of one that is there its owner has decided.
      await appendFile(file, "", { mode: 0o600 });
    } catch (cause) {
      throw notWritable(file, cause);
    }
    try {
      this.#connection = new DatabaseSync(file, { timeout: HOLD_UP_MS });
    } catch (cause) {
      throw failure(cause);
    }
    await this.run("PRAGMA journal_mode = WAL");
    await this.run("PRAGMA synchronous = NORMAL");
    if (maxPages !== undefined) await this.run(`PRAGMA max_page_count = ${maxPages}`);
  }

  readonly run = async (
    sql: string,
    parameters: readonly SqlValue[] = [],
  ): Promise<readonly SqlRow[]> => {
    const bag = Object.fromEntries(parameters.map((value, index) => [`$${index + 1}`, value]));
    const giveUpAt = performance.now() + (this.#options.busyMs ?? DEFAULT_BUSY_MS);
    let pauseMs = 1;
    for (;;) {
      try {
        return this.#statement(sql).all(bag) as readonly SqlRow[];
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUpAt) throw failure(error);
      }
      await sleep(pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  };

  async alone(work: (run: RunSql) => Promise<void>): Promise<void> {
    await this.run("BEGIN IMMEDIATE");
    try {
      await work(this.run);
      await this.run("COMMIT");
    } catch (error) {
      await this.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#statements.clear();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    try {
      // So that the file alone is whole, for whoever copies it.
      connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // Others use it, or it is damaged: what is missing in it stands beside it.
    }
    connection.close();
  }

  #statement(sql: string): ReturnType<SqliteConnection["prepare"]> {
    if (this.#connection === undefined) throw new StorageError("unavailable", "it is closed");
    const statement = this.#statements.get(sql) ?? this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** SQLite's own numbers; where a driver leaves them away, its message has SQLite's words. */
const FAILURES: readonly {
  readonly number: number;
  readonly words: RegExp;
  readonly code: StorageErrorCode;
  readonly advice: string;
}[] = [
  {
    number: 5,
    words: /database (?:table )?is locked/u,
    code: "unavailable",
    advice: "Another process holds the file for too long",
  },
  {
    number: 8,
    words: /readonly database/u,
    code: "unusable",
    advice: "Give this user the right to write the file and its folder",
  },
  {
    number: 10,
    words: /disk I\/O error/u,
    code: "unavailable",
    advice: "See to the disk; it is tried again with the next use",
  },
  {
    number: 11,
    words: /malformed/u,
    code: "unusable",
    advice: "The file is damaged: put a backup in its place, or move it away to begin anew",
  },
  {
    number: 13,
    words: /disk is full/u,
    code: "full",
    advice: "Make room; what was stored is safe, and it goes on by itself",
  },
  {
    number: 14,
    words: /unable to open/u,
    code: "unusable",
    advice: "See that it is a file, and that this user may read and write it and its folder",
  },
  {
    number: 26,
    words: /not a database/u,
    code: "unusable",
    advice:
      "The file is damaged, or something else: put a backup in its place, or move it away to begin anew",
  },
];
const BUSY = 5;

function knownFailure(error: unknown): (typeof FAILURES)[number] | undefined {
  const { errcode } = error as { readonly errcode?: unknown };
  const message = messageOf(error);
  // The lower byte; above it stand the details.
  return typeof errcode === "number"
    ? FAILURES.find(({ number }) => number === errcode % 256)
    : FAILURES.find(({ words }) => words.test(message));
}

function isBusy(error: unknown): boolean {
  return knownFailure(error)?.number === BUSY;
}

function failure(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const known = knownFailure(cause);
  const text = messageOf(cause);
  if (known === undefined) return new StorageError("unavailable", text, { cause });
  return new StorageError(known.code, `${text}. ${known.advice}`, { cause });
}
