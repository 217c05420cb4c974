import { join } from "node:path";
import type { StorageBackend } from "../../base/storage.ts";
import { GuardedStorage, type GuardOptions } from "./guarded.ts";
import { checkFolderOf } from "./writable-folder.ts";

/** What the operator says of where things are kept. */
export interface StorageSettings {
  readonly backend: "sqlite" | "memory" | "postgres" | "mongodb";
  /** Of SQLite, absolute. Default: `storage.sqlite` in the data directory. */
  readonly file?: string | undefined;
  /** Of a server. */
  readonly url?: string | undefined;
}

/** The storage of a host. Nothing is opened, nor any of its code loaded, before it is used. */
export function createStorage(
  { backend, file, url = "" }: StorageSettings,
  dataDirectory: string,
  onChange?: GuardOptions["onChange"],
): GuardedStorage {
  const shared = onChange === undefined ? {} : { onChange };
  switch (backend) {
    case "memory":
      return new GuardedStorage(openMemory, { ...shared, name: backend });
    case "sqlite": {
      const path = file ?? join(dataDirectory, "storage.sqlite");
      const inspect = (): Promise<void> => checkFolderOf(path);
      return new GuardedStorage(() => openSqlite(path), {
        ...shared,
        name: `${backend} (${path})`,
        inspect,
      });
    }
    case "postgres":
    case "mongodb": {
      const open = backend === "postgres" ? openPostgres : openMongodb;
      return new GuardedStorage(() => open(url), {
        ...shared,
        name: `${backend} (${placeOf(url)})`,
      });
    }
  }
}

async function openMemory(): Promise<StorageBackend> {
  const { createMemoryBackend } = await import("./memory.ts");
  return createMemoryBackend();
}

async function openSqlite(file: string): Promise<StorageBackend> {
  const [{ SqlBackend }, { SqliteDatabase }] = await Promise.all([
    import("./sql.ts"),
    import("./sqlite.ts"),
  ]);
  return new SqlBackend(new SqliteDatabase({ file }));
}

async function openPostgres(url: string): Promise<StorageBackend> {
  const [{ SqlBackend }, { PostgresDatabase }] = await Promise.all([
    import("./sql.ts"),
    import("./postgres.ts"),
  ]);
  return new SqlBackend(new PostgresDatabase({ url }));
}

async function openMongodb(url: string): Promise<StorageBackend> {
  const { MongodbBackend } = await import("./mongodb.ts");
  return new MongodbBackend(url);
}

/** Servers and database of an address, without user, password and parameters: whatever stands before the last `@` is left away. */
function placeOf(url: string): string {
  return url.replace(/^[\w+]+:\/\/(?:.*@)?/su, "").replace(/\?.*$/su, "");
}
