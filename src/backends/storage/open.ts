import { join } from "node:path";
import type { StorageBackend } from "../../base/storage.ts";
import { GuardedStorage, type GuardOptions } from "./guarded.ts";
import { createMemoryBackend } from "./memory.ts";
import { MongodbBackend } from "./mongodb.ts";
import { PostgresDatabase } from "./postgres.ts";
import { SqlBackend } from "./sql.ts";
import { SqliteDatabase } from "./sqlite.ts";

/** What the operator says of where things are kept. */
export interface StorageSettings {
  readonly backend: "sqlite" | "memory" | "postgres" | "mongodb";
  /** Of SQLite, absolute. Default: `storage.sqlite` in the data directory. */
  readonly file?: string | undefined;
  /** Of a server. */
  readonly url?: string | undefined;
}

/** The storage of a host. Nothing is opened or loaded before it is used. */
export function createStorage(
  { backend, file, url = "" }: StorageSettings,
  dataDirectory: string,
  onChange?: GuardOptions["onChange"],
): GuardedStorage {
  const guarded = (place: string, made: StorageBackend): GuardedStorage =>
    new GuardedStorage(made, {
      name: place === "" ? backend : `${backend} (${place})`,
      ...(onChange && { onChange }),
    });
  switch (backend) {
    case "memory":
      return guarded("", createMemoryBackend());
    case "sqlite": {
      const path = file ?? join(dataDirectory, "storage.sqlite");
      return guarded(path, new SqlBackend(new SqliteDatabase({ file: path })));
    }
    case "postgres":
      return guarded(placeOf(url), new SqlBackend(new PostgresDatabase({ url })));
    case "mongodb":
      return guarded(placeOf(url), new MongodbBackend(url));
  }
}

/** Servers and database of an address, without user, password and parameters: whatever stands before the last `@` is left away. */
function placeOf(url: string): string {
  return url.replace(/^[\w+]+:\/\/(?:.*@)?/su, "").replace(/\?.*$/su, "");
}
