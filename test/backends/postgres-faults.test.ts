import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GuardedStorage } from "../../src/backends/storage/guarded.ts";
import { PostgresDatabase, type PostgresOptions } from "../../src/backends/storage/postgres.ts";
import { SqlBackend } from "../../src/backends/storage/sql.ts";
import { postgresPrograms, PostgresServer } from "../helpers/postgres-server.ts";
import { TcpRelay } from "../helpers/tcp-relay.ts";

const PATIENCE = { timeout: 20_000, interval: 50 };
const programs = postgresPrograms();

interface Opened extends AsyncDisposable {
  readonly storage: GuardedStorage;
  /** What the operator was told: `undefined` stands for "works again". */
  readonly told: (string | undefined)[];
}

function open(options: PostgresOptions): Opened {
  const told: (string | undefined)[] = [];
  const storage = new GuardedStorage(async () => new SqlBackend(new PostgresDatabase(options)), {
    name: "postgres (here)",
    onChange: (problem) => told.push(problem?.code),
  });
  return { storage, told, [Symbol.asyncDispose]: () => storage.close() };
}

describe.skipIf(programs === undefined)(
  "PostgreSQL (skipped where none is installed under /usr/lib/postgresql)",
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await PostgresServer.start(programs ?? "");
    });
    afterAll(() => server?.stop("hard"));

    test("a server that is killed and started again: a clear error meanwhile, nothing acknowledged lost, and on it goes by itself", async () => {
      await using opened = open({ url: server.url });
      const { storage, told } = opened;
      for (let round = 0; round < 3; round++) {
        let acknowledged = 0;
        let failed: unknown;
        const writing = (async (): Promise<void> => {
          for (let number = 1; failed === undefined; number++) {
            try {
              await storage.put(`round ${round}`, `key ${number}`, number);
              acknowledged = number;
            } catch (error) {
              failed = error;
            }
          }
        })();
        await vi.waitFor(() => expect(acknowledged).toBeGreaterThan(20), PATIENCE);
        await server.stop("hard");
        await writing;
        expect(failed).toMatchObject({ name: "StorageError", code: "unavailable" });
        expect((failed as Error).message).toMatch(
          /^Storage postgres \(here\): .+\. It is tried again with the next use\.$/u,
        );
        expect(told).toEqual(["unavailable"]);
        await server.start();
        await vi.waitFor(() => storage.put("after", "key", round), PATIENCE);
        expect(told.splice(0)).toEqual(["unavailable", undefined]);
        // The one under way may be there or not.
        expect(await storage.count(`round ${round}`)).toBeGreaterThanOrEqual(acknowledged);
        for (let number = 1; number <= acknowledged; number++) {
          expect((await storage.get(`round ${round}`, `key ${number}`))?.value).toBe(number);
        }
      }
    });

    test("connections that the server ends: nobody notices, and what was put once is there once", async () => {
      await using opened = open({ url: server.url });
      const { storage, told } = opened;
      const ending = new PostgresDatabase({ url: server.url });
      await ending.open();
      let version = 0;
      for (let round = 0; round < 10; round++) {
        const next = await storage.put("ended", "key", round, { ifVersion: version });
        expect(next).toBeDefined();
        version = next ?? 0;
        await ending.run(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()",
          ["agentflow-mcp"],
        );
      }
      expect((await storage.get("ended", "key"))?.value).toBe(9);
      expect(told).toEqual([]);
      await ending.close();
    });

    test("a network that swallows everything: an error after the time, not a hang, and on it goes by itself", async () => {
      await using relay = await TcpRelay.start(Number(new URL(server.url).port));
      const url = `postgres://agentflow@127.0.0.1:${relay.port}/postgres`;
      await using opened = open({ url, statementMs: 500 });
      const { storage, told } = opened;
      await storage.put("silent", "key", 1);
      relay.goSilent();
      await expect(storage.get("silent", "key")).rejects.toMatchObject({ code: "unavailable" });
      await expect(storage.put("silent", "key", 2)).rejects.toMatchObject({ code: "unavailable" });
      relay.recover();
      await vi.waitFor(() => storage.put("silent", "key", 3), PATIENCE);
      expect((await storage.get("silent", "key"))?.value).toBe(3);
      expect(told).toEqual(["unavailable", undefined]);
    });

    test("a server that is not there is said at once, and is used as soon as it is", async () => {
      await server.stop();
      await using opened = open({ url: server.url });
      const { storage, told } = opened;
      await expect(storage.inspect()).rejects.toMatchObject({ code: "unavailable" });
      await expect(storage.get("late", "key")).rejects.toThrow(/ECONNREFUSED/u);
      await server.start();
      await vi.waitFor(() => storage.put("late", "key", 1), PATIENCE);
      expect(told).toEqual(["unavailable", undefined]);
    });

    test.each([
      [
        "a database that does not exist",
        "nowhere",
        {},
        /3D000|does not exist\. Create the database/u,
      ],
      ["a user that does not exist", "postgres", { user: "stranger" }, /See to user and password/u],
    ])(
      "%s: says what to do",
      async (_what, database, { user = "agentflow" }: { user?: string }, advice) => {
        const url = new URL(server.url);
        url.pathname = database;
        url.username = user;
        url.password = "hunter2hunter2";
        await using opened = open({ url: url.href });
        const failure = await opened.storage
          .get("a", "b")
          .catch((error: unknown) => error as Error);
        expect(failure).toMatchObject({ name: "StorageError", code: "unusable" });
        expect((failure as Error).message).toMatch(advice);
        expect((failure as Error).message).not.toContain("hunter2");
      },
    );

    test("a database in another encoding, and tables of a newer version, are refused", async () => {
      const admin = new PostgresDatabase({ url: server.url });
      await admin.open();
      await admin.run(
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
      );
      await using latin = open({ url: server.url.replace(/postgres$/u, "latin") });
      await expect(latin.storage.get("a", "b")).rejects.toThrow(
        /its encoding is LATIN1\. Use a database with the encoding UTF8/u,
      );
      await admin.run("CREATE DATABASE newer");
      const url = server.url.replace(/postgres$/u, "newer");
      const newer = new PostgresDatabase({ url });
      await new SqlBackend(newer).initialize();
      await newer.run("UPDATE agentflow_schema SET form = 99");
      await using opened = open({ url });
      await expect(opened.storage.get("a", "b")).rejects.toThrow(/newer version \(its form is 99/u);
      // Once it is put right, it is used.
      await newer.run("UPDATE agentflow_schema SET form = 1");
      await opened.storage.put("a", "b", 1);
      await newer.close();
      await admin.close();
    });

    test("tables that are taken away are made again, once, by hosts that start at the same time", async () => {
      await using first = open({ url: server.url });
      await first.storage.put("a", "b", 1);
      const admin = new PostgresDatabase({ url: server.url });
      await admin.open();
      await admin.run(
        "DROP TABLE agentflow_entries, agentflow_workflows, agentflow_metrics, agentflow_schema",
      );
      await expect(first.storage.get("a", "b")).rejects.toMatchObject({ code: "unusable" });
      const others = Array.from({ length: 5 }, () => open({ url: server.url }));
      await Promise.all(others.map(({ storage }) => storage.put("a", "b", 2)));
      expect((await first.storage.get("a", "b"))?.value).toBe(2);
      expect(await admin.run("SELECT form FROM agentflow_schema")).toEqual([{ form: "1" }]);
      await Promise.all(others.map(({ storage }) => storage.close()));
      await admin.close();
    });
  },
);
