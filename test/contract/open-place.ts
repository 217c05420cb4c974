import { GuardedStorage } from "../../src/backends/storage/guarded.ts";
import { MongodbBackend } from "../../src/backends/storage/mongodb.ts";
import { PostgresDatabase, type PostgresOptions } from "../../src/backends/storage/postgres.ts";
import { SqlBackend } from "../../src/backends/storage/sql.ts";
import { SqliteDatabase, type SqliteOptions } from "../../src/backends/storage/sqlite.ts";

/** A place that a process can be told of. */
export type Place =
  | { readonly sqlite: SqliteOptions }
  | { readonly postgres: PostgresOptions }
  | { readonly mongodb: string };

/** The storage in a place, given as JSON. */
export function openPlace(text: string): GuardedStorage {
  const place = JSON.parse(text) as Place;
  const backend =
    "mongodb" in place
      ? new MongodbBackend(place.mongodb)
      : new SqlBackend(
          "sqlite" in place
            ? new SqliteDatabase(place.sqlite)
            : new PostgresDatabase(place.postgres),
        );
  return new GuardedStorage(async () => backend, { name: "of a process" });
}
