import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { SqlBackend } from "../../src/backends/storage/sql.ts";
import { SqliteDatabase } from "../../src/backends/storage/sqlite.ts";
import { SQLITE_DRIVERS } from "../helpers/sqlite-drivers.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const WRITER = fileURLToPath(new URL("../fixtures/storage/writer.mjs", import.meta.url));
const DIST = fileURLToPath(new URL("../../dist/src/backends/storage/sql.js", import.meta.url));
/** At random points of this many milliseconds after the first acknowledgement, or before it. */
const SPAN_MS = 80;
const ROUNDS = 17;
const WRITERS = 3;

describe.each(SQLITE_DRIVERS)("kill -9 of writers of one SQLite file, by %s", (driver) => {
  test(`at ${ROUNDS * WRITERS} points loses nothing that was acknowledged, and the file opens again`, async () => {
    if (!existsSync(DIST)) throw new Error(`${DIST} is not built. Run: npm run build`);
    const file = join(tempFolder(), "storage.sqlite");
    let acknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const names = Array.from({ length: WRITERS }, (_, index) => `${round} ${index}`);
      // The first of them makes the file, and is killed while it does.
      const lasts = await Promise.all(names.map((name) => killedWriter(file, driver, name)));
      const database = new SqliteDatabase({ file, driver });
      const storage = new SqlBackend(database);
      await storage.initialize();
      expect(await database.run("PRAGMA quick_check")).toEqual([{ quick_check: "ok" }]);
      for (const [index, name] of names.entries()) {
        const last = lasts[index] ?? 0;
        acknowledged += last;
        // What was under way may be there or not.
        const kept = Number((await storage.get(name, "last"))?.value ?? 0);
        expect([last, last + 1]).toContain(kept);
        const keys = new Set(await storage.keys(name, { prefix: "key ", limit: 100_000 }));
        const lost = Array.from({ length: last }, (_, at) => `key ${at + 1}`).filter(
          (key) => !keys.has(key),
        );
        expect(lost).toEqual([]);
        const entry = await storage.get(name, `key ${last}`);
        if (last > 0) {
          const fill = "x".repeat((last % 7) * 1_500);
          expect(entry?.value).toEqual({ number: last, fill });
        }
      }
      await storage.close();
    }
    expect(acknowledged).toBeGreaterThan(ROUNDS);
  }, 180_000);
});

/** Resolves with the last number that it has acknowledged before it was killed. */
function killedWriter(file: string, driver: string, name: string): Promise<number> {
  const writer = spawn(process.execPath, [WRITER, file, driver, name], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let errors = "";
  let timer: NodeJS.Timeout | undefined;
  const killSoon = (): void => {
    timer ??= setTimeout(() => writer.kill("SIGKILL"), Math.random() * SPAN_MS);
  };
  // One in ten does not live to its first put, or hardly.
  if (Math.random() < 0.1) setTimeout(killSoon, 50 + Math.random() * 100);
  writer.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  writer.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    killSoon();
  });
  return new Promise((resolve, reject) => {
    writer.once("error", reject);
    writer.once("close", (_code, signal) => {
      if (signal !== "SIGKILL") reject(new Error(`the writer has ended by itself: ${errors}`));
      // The last line may be cut.
      else resolve(Number(said.split("\n").at(-2) ?? 0));
    });
  });
}
