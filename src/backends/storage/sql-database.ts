export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs one statement. Its parameters stand in it as `$1`, `$2` … */
export type RunSql = (sql: string, parameters?: readonly SqlValue[]) => Promise<readonly SqlRow[]>;

/** A database that takes the statements of `SqlBackend`. Its failures are `StorageError`s. */
export interface SqlDatabase {
  /** The database's own clock, in milliseconds since 1970: the one that all hosts agree on. */
  readonly now: string;
  /** Type of a column with text that is compared by code points. */
  readonly text: string;
  /** How one statement is run. What it has changed when it resolves survives this process. */
  readonly run: RunSql;
  /** Opens it, or opens it again. */
  open(): Promise<void>;
  /** Carries out all of the work or nothing, and no other host's meanwhile. */
  alone(work: (run: RunSql) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
