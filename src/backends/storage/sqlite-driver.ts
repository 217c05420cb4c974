import { messageOf } from "../../base/errors.ts";
import { StorageError } from "../../base/storage.ts";

/** What Node's own SQLite and its stand-in have in common, as far as it is used. */
export interface SqliteConnection {
  exec(sql: string): void;
  prepare(sql: string): {
    all(parameters: Readonly<Record<string, string | number | null>>): readonly object[];
  };
  close(): void;
}

export interface SqliteDriver {
  readonly DatabaseSync: new (
    file: string,
    options: {
      /** Milliseconds that a statement waits for other connections. */
      readonly timeout: number;
    },
  ) => SqliteConnection;
}

export type SqliteDriverName = "node:sqlite" | "@photostructure/sqlite";

/**
 * Node's own SQLite from Node 22.13 on, else a package with the same interface. SQLite before 3.51.3 can damage a file
 * that two connections write to: where Node brings such a one, the package comes first, too.
 */
export async function loadSqlite(only?: SqliteDriverName): Promise<SqliteDriver> {
  const isFixed = isAtLeast(process.versions["sqlite"] ?? "0", [3, 51, 3]);
  if (only === "node:sqlite" || (only === undefined && isFixed)) {
    const own = loadNodes();
    if (own !== undefined) return own;
  }
  try {
    return await import("@photostructure/sqlite");
  } catch (cause) {
    const own = only === undefined ? loadNodes() : undefined;
    if (own !== undefined) return own;
    throw new StorageError(
      "unusable",
      `there is no SQLite for Node ${process.versions.node}: ${firstLine(messageOf(cause))}. ` +
        "Use Node 22.22 or later, or install @photostructure/sqlite beside agentflow-mcp",
      { cause },
    );
  }
}

/** Without its warning that it is experimental, which stands in every operator's log and tells them nothing to do. */
function loadNodes(): SqliteDriver | undefined {
  const emitWarning: unknown = Reflect.get(process, "emitWarning");
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule("node:sqlite" as "node:fs") as unknown as
      | SqliteDriver
      | undefined;
  } finally {
    Reflect.set(process, "emitWarning", emitWarning);
  }
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  const index = least.findIndex((part, at) => part !== (parts[at] ?? 0));
  return index === -1 || (parts[index] ?? 0) > (least[index] ?? 0);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
