import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { createMemoryBackend } from "../../src/backends/storage/memory.ts";
import { MongodbBackend } from "../../src/backends/storage/mongodb.ts";
import { PostgresDatabase } from "../../src/backends/storage/postgres.ts";
import { SqlBackend } from "../../src/backends/storage/sql.ts";
import { SqliteDatabase } from "../../src/backends/storage/sqlite.ts";
import { describeStorage } from "../contract/storage.ts";
import { postgresPrograms, PostgresServer } from "../helpers/postgres-server.ts";
import { SQLITE_DRIVERS } from "../helpers/sqlite-drivers.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

describe("memory", () => {
  const backend = createMemoryBackend();
  describeStorage({ connect: () => backend, isDurable: false });
});

for (const driver of SQLITE_DRIVERS) {
  describe(`SQLite by ${driver}`, () => {
    const file = join(tempFolder(), "in", "storage.sqlite");
    describeStorage({
      connect: () => new SqlBackend(new SqliteDatabase({ file, driver })),
      place: () => ({ sqlite: { file, driver } }),
    });
  });
}

const programs = postgresPrograms();

describe.skipIf(programs === undefined)(
  "PostgreSQL (skipped where none is installed under /usr/lib/postgresql)",
  () => {
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = await PostgresServer.start(programs ?? "");
    });
    afterAll(() => server?.stop("hard"));
    const url = (): string => server?.url ?? "";
    describeStorage({
      connect: () => new SqlBackend(new PostgresDatabase({ url: url() })),
      place: () => ({ postgres: { url: url() } }),
    });
  },
);

const mongodb = process.env["MONGODB_URL"];

describe.skipIf(mongodb === undefined)("MongoDB (skipped where MONGODB_URL is not set)", () => {
  describeStorage({
    connect: () => new MongodbBackend(mongodb ?? ""),
    place: () => ({ mongodb: mongodb ?? "" }),
  });
});
