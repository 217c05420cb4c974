import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { GuardedStorage } from "../../src/backends/storage/guarded.ts";
import { SqlBackend } from "../../src/backends/storage/sql.ts";
import { loadSqlite } from "../../src/backends/storage/sqlite-driver.ts";
import { SqliteDatabase, type SqliteOptions } from "../../src/backends/storage/sqlite.ts";
import { checkFolderOf } from "../../src/backends/storage/writable-folder.ts";
import type { StorageError } from "../../src/base/storage.ts";
import { SQLITE_DRIVERS } from "../helpers/sqlite-drivers.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const KIB = "x".repeat(1_000);
const opened: GuardedStorage[] = [];
const unmounts: (() => void)[] = [];

afterAll(async () => {
  await Promise.all(opened.map((storage) => storage.close().catch(() => undefined)));
  for (const unmount of unmounts) unmount();
});

/** With what it has told: `undefined` stands for "works again". */
function open(options: SqliteOptions): {
  readonly storage: GuardedStorage;
  readonly told: (string | undefined)[];
} {
  const told: (string | undefined)[] = [];
  const storage = new GuardedStorage(async () => new SqlBackend(new SqliteDatabase(options)), {
    name: `sqlite (${options.file})`,
    inspect: () => checkFolderOf(options.file),
    onChange: (problem) => told.push(problem?.code),
  });
  opened.push(storage);
  return { storage, told };
}

async function failureOf(work: Promise<unknown>): Promise<StorageError> {
  return work.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as StorageError,
  );
}

/** Puts until it fails. Gives the failure, and how many puts were acknowledged. */
async function fill(
  storage: GuardedStorage,
): Promise<{ readonly failure: StorageError; readonly count: number }> {
  for (let count = 0; count < 100_000; count++) {
    try {
      await storage.put("fill", `key ${count}`, KIB);
    } catch (error) {
      return { failure: error as StorageError, count };
    }
  }
  throw new Error("it never came to be full");
}

async function expectKept(storage: GuardedStorage, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    expect((await storage.get("fill", `key ${at}`))?.value).toBe(KIB);
  }
}

describe.each(SQLITE_DRIVERS)("%s", (driver) => {
  test("a file that may not grow: a clear error, nothing lost, and on it goes when there is room", async () => {
    const file = join(tempFolder(), "storage.sqlite");
    const { storage, told } = open({ file, driver, maxPages: 60 });
    const { failure, count } = await fill(storage);
    expect(failure).toMatchObject({ name: "StorageError", code: "full" });
    expect(failure.message).toMatch(/^Storage sqlite \(.+\): .*full\. Make room/u);
    expect(count).toBeGreaterThan(20);
    await expectKept(storage, count);
    await failureOf(storage.put("fill", "one more", KIB));
    // Once, however often it fails; reading works, and is no sign that writing does.
    expect(told).toEqual(["full"]);
    for (let at = 0; at < count; at += 2) await storage.delete("fill", `key ${at}`);
    await storage.put("fill", "one more", KIB);
    expect(told).toEqual(["full", undefined]);
    expect((await storage.get("fill", "one more"))?.value).toBe(KIB);
    expect(await storage.count("fill")).toBe(Math.floor(count / 2) + 1);
  });

  test("a disk that is full: a clear error, nothing lost, and on it goes when there is room", async (context) => {
    const disk = smallDisk();
    if (disk === undefined) {
      context.skip("a small disk of its own (tmpfs) takes root's rights");
      return;
    }
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(1_000_000));
    const { storage, told } = open({ file: join(disk, "storage.sqlite"), driver });
    const { failure, count } = await fill(storage);
    expect(failure).toMatchObject({ name: "StorageError", code: "full" });
    expect(failure.message).toContain("Make room");
    await expectKept(storage, count);
    // A file that nobody has open yet cannot be opened either, and says why.
    const late = open({ file: join(disk, "late", "storage.sqlite"), driver });
    writeFileSync(join(disk, "rest"), "");
    fillUp(join(disk, "rest"));
    const atOpening = await failureOf(late.storage.put("fill", "first", KIB));
    expect(["full", "unusable", "unavailable"]).toContain(atOpening.code);
    expect(told).toEqual(["full"]);
    rmSync(ballast);
    rmSync(join(disk, "rest"));
    await storage.put("fill", "one more", KIB);
    await late.storage.put("fill", "first", KIB);
    expect(told).toEqual(["full", undefined]);
    await expectKept(storage, count);
    await storage.close();
    const again = open({ file: join(disk, "storage.sqlite"), driver });
    await expectKept(again.storage, count);
    await again.storage.close();
    await late.storage.close();
  });

  test("a file that is damaged, or no database, is refused and left alone; a backup in its place is used", async () => {
    const folder = tempFolder();
    const file = join(folder, "storage.sqlite");
    const first = open({ file, driver });
    await first.storage.put("space", "key", "kept");
    await first.storage.close();
    const backup = readFileSync(file);
    const garbage = Buffer.alloc(backup.length, "no database ");
    writeFileSync(file, garbage);
    const { storage, told } = open({ file, driver });
    for (let times = 0; times < 2; times++) {
      const failure = await failureOf(storage.get("space", "key"));
      expect(failure.code).toBe("unusable");
      expect(failure.message).toContain(file);
      expect(failure.message).toMatch(/damaged, or something else: put a backup in its place/u);
    }
    expect(readFileSync(file).equals(garbage)).toBe(true);
    writeFileSync(file, backup);
    expect((await storage.get("space", "key"))?.value).toBe("kept");
    expect(told).toEqual(["unusable", undefined]);
  });

  test("a file that is damaged inside says so, and does not give what is not there", async () => {
    const file = join(tempFolder(), "storage.sqlite");
    const first = open({ file, driver });
    for (let at = 0; at < 200; at++) await first.storage.put("space", `key ${at}`, KIB);
    await first.storage.close();
    const bytes = readFileSync(file);
    // All but the first page, which says that it is a database.
    bytes.fill(0xff, 4_096);
    writeFileSync(file, bytes);
    const { storage } = open({ file, driver });
    const failure = await failureOf(storage.get("space", "key 7"));
    expect(failure).toMatchObject({ code: "unusable" });
    expect(failure.message).toMatch(/malformed\. The file is damaged/u);
  });

  test("a file of a newer version is refused and left as it is", async () => {
    const file = join(tempFolder(), "storage.sqlite");
    const database = new SqliteDatabase({ file, driver });
    await new SqlBackend(database).initialize();
    await database.run("UPDATE agentflow_schema SET form = 99");
    await database.close();
    const before = readFileSync(file);
    const failure = await failureOf(open({ file, driver }).storage.put("space", "key", 1));
    expect(failure.code).toBe("unusable");
    expect(failure.message).toMatch(
      /newer version \(its form is 99, this version knows \d+\)\. Update agentflow-mcp, or configure another place\.$/u,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("while another process holds the file, others wait without holding up anything, and fail after their time", async () => {
    const file = join(tempFolder(), "storage.sqlite");
    const { storage } = open({ file, driver, busyMs: 300 });
    const patient = open({ file, driver }).storage;
    await storage.put("space", "key", 1);
    await patient.initialize();
    const { DatabaseSync } = await loadSqlite(driver);
    const holder = new DatabaseSync(file, { timeout: 0 });
    holder.exec("BEGIN IMMEDIATE");
    const waits = patient.put("space", "key", 3);
    const failing = failureOf(storage.put("space", "key", 2));
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 1);
    // Who reads need not wait.
    expect((await patient.get("space", "key"))?.value).toBe(1);
    const failure = await failing;
    clearInterval(turning);
    expect(failure.code).toBe("unavailable");
    expect(failure.message).toMatch(/locked\. Another process holds the file for too long/u);
    expect(turns).toBeGreaterThan(3);
    holder.exec("ROLLBACK");
    holder.close();
    await waits;
    expect((await storage.get("space", "key"))?.value).toBe(3);
  });

  test("a folder that takes no files is found before anything is opened", async () => {
    const folder = tempFolder({ "a-file": "" });
    const file = join(folder, "a-file", "below", "storage.sqlite");
    const { storage } = open({ file, driver });
    for (const failure of [
      await failureOf(storage.inspect()),
      await failureOf(storage.get("a", "b")),
    ]) {
      expect(failure.code).toBe("unusable");
      expect(failure.message).toMatch(
        /cannot be written to \(.+\)\. Give this user the right to, or set/u,
      );
    }
    const good = open({ file: join(folder, "new", "below", "storage.sqlite"), driver });
    await good.storage.inspect();
    expect(existsSync(join(folder, "new"))).toBe(false);
  });

  test("the file is its user's alone, and a folder in its place is refused", async () => {
    const folder = tempFolder();
    const file = join(folder, "data", "storage.sqlite");
    const { storage } = open({ file, driver });
    await storage.put("space", "key", 1);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(`${file}-wal`).mode & 0o077).toBe(0);
    await storage.close();
    renameSync(file, join(folder, "kept"));
    mkdirSync(file);
    expect(await failureOf(open({ file, driver }).storage.get("space", "key"))).toMatchObject({
      code: "unusable",
    });
  });
});

test("Node's warning that its SQLite is experimental is not printed, and others are", () => {
  const driver = new URL("../../dist/src/backends/storage/sqlite-driver.js", import.meta.url).href;
  const program = `const { loadSqlite } = await import(${JSON.stringify(driver)});
    await loadSqlite(); process.emitWarning("another one");`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stderr).toContain("another one");
  expect(stderr).not.toContain("SQLite");
});

/** A disk of two megabytes; undefined where this user may not make one. */
function smallDisk(): string | undefined {
  const folder = tempFolder();
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  unmounts.push(() => execFileSync("umount", ["-l", folder]));
  return folder;
}

/** Until not one byte more goes in. */
function fillUp(file: string): void {
  for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    } catch {
      // Then with less.
    }
  }
}
