import type { SqliteDriverName } from "../../src/backends/storage/sqlite-driver.ts";

/** The drivers that this Node can load. */
export const SQLITE_DRIVERS: readonly SqliteDriverName[] = [
  ...(process.versions["sqlite"] === undefined ? [] : (["node:sqlite"] as const)),
  "@photostructure/sqlite",
];
