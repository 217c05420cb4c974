import { describe, expect, test } from "vitest";
import { createMemoryBackend } from "../../src/backends/storage/memory.ts";
import { GuardedStorage } from "../../src/backends/storage/guarded.ts";
import { createStorage } from "../../src/backends/storage/open.ts";
import { StorageError, type StorageBackend } from "../../src/base/storage.ts";

/** A backend that somebody else wrote, with what goes wrong in it. */
function guarded(wrong: Partial<StorageBackend>): {
  readonly storage: GuardedStorage;
  readonly told: (string | undefined)[];
  readonly opened: () => number;
} {
  const told: (string | undefined)[] = [];
  const memory = createMemoryBackend();
  let opened = 0;
  const initialize = async (): Promise<void> => {
    opened += 1;
    await wrong.initialize?.();
  };
  const storage = new GuardedStorage(async () => ({ ...memory, ...wrong, initialize }), {
    name: "theirs",
    onChange: (problem) => told.push(problem?.code),
  });
  return { storage, told, opened: () => opened };
}

describe("a storage backend", () => {
  test("is opened with its first use, once for all who use it at the same time, and not for its end", async () => {
    const { storage, opened } = guarded({});
    const unused = guarded({});
    expect(opened()).toBe(0);
    await Promise.all([storage.get("a", "b"), storage.count("a"), storage.put("a", "b", 1)]);
    expect(opened()).toBe(1);
    for (const one of [storage, unused.storage]) {
      await one.close();
      await one.close();
      await expect(one.get("a", "b")).rejects.toThrow("Storage theirs: it is closed.");
    }
    expect(unused.opened()).toBe(0);
  });

  test("that does not open is opened again with the next use", async () => {
    let isBroken = true;
    const initialize = async (): Promise<void> => {
      if (isBroken) throw new Error("no such host");
    };
    const { storage, told, opened } = guarded({ initialize });
    await expect(storage.get("a", "b")).rejects.toMatchObject({
      name: "StorageError",
      code: "unavailable",
      message: "Storage theirs: no such host.",
    });
    isBroken = false;
    await storage.put("a", "b", 1);
    expect(told).toEqual(["unavailable", undefined]);
    expect(opened()).toBe(2);
  });

  test.each<[StorageError["code"], number]>([
    ["unavailable", 2],
    ["unusable", 2],
    ["full", 1],
    ["refused", 1],
  ])("whose work fails as %s has been opened %i times after the next use", async (code, times) => {
    const put = async (): Promise<never> => {
      throw new StorageError(code, "as said");
    };
    const { storage, told, opened } = guarded({ put });
    await expect(storage.put("a", "b", 1)).rejects.toMatchObject({ code });
    await storage.get("a", "b");
    expect(opened()).toBe(times);
    // What can be read is no sign that there is room again, and whoever is refused has nothing to tell an operator.
    const expected = { refused: [], full: ["full"] }[code as string] ?? [code, undefined];
    expect(told).toEqual(expected);
  });

  test("that gives back something else than it was given does not pass when it is tried out", async () => {
    await expect(guarded({ get: getElse }).storage.tryOut()).rejects.toThrow(
      "Storage theirs: it does not give back what it was given.",
    );
    await guarded({}).storage.tryOut();
  });
});

test("MongoDB's driver, where there is no server: a clear error without the password, in bounded time", async () => {
  const url = "mongodb://me:hunter2hunter2@127.77.77.77:1/app";
  const storage = createStorage({ backend: "mongodb", url }, "");
  const failure = await storage.inspect().catch((error: unknown) => error);
  await storage.close();
  expect(failure).toMatchObject({ name: "StorageError", code: "unavailable" });
  const { message } = failure as Error;
  expect(message).toContain("Storage mongodb (127.77.77.77:1/app): connect ECONNREFUSED");
  expect(message).not.toContain("hunter2");
});

async function getElse(): Promise<{ readonly value: string; readonly version: number }> {
  return { value: "else", version: 1 };
}
