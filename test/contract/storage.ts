import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GuardedStorage } from "../../src/backends/storage/guarded.ts";
import {
  MAX_KEY_CHARS,
  MAX_NAMESPACE_CHARS,
  MAX_VALUE_CHARS,
  MAX_VALUE_DEPTH,
  type StorageBackend,
  type Workflow,
} from "../../src/base/storage.ts";
import type { Json } from "../../src/plugin-api/index.ts";
import type { Place } from "./open-place.ts";

export interface StorageContract {
  /** Another connection to the same place, of which each test has namespaces of its own. */
  readonly connect: () => StorageBackend;
  /** What a process of its own needs to open the place with `test/contract/open-place.ts`. Default: only one process can. */
  readonly place?: () => Place;
  /** Whether what is kept outlives its connections. Default true. */
  readonly isDurable?: boolean;
}

const PROCESSES = 3;
const COUNTS = 40;
const PATIENCE = { timeout: 20_000, interval: 10 };

/** What every backend promises, whatever it is made of. To be called inside of a `describe` of the backend. */
export function describeStorage({ connect, place, isDurable = true }: StorageContract): void {
  let storage: GuardedStorage;
  let other: GuardedStorage;
  let namespaces = 0;
  const run = crypto.randomUUID();
  const fresh = (): string => `test ${run} ${++namespaces}`;
  const workflow = (id: string, createdAt: number, status = "running"): Workflow =>
    createWorkflow(`${run} ${id}`, createdAt, `${status} ${run}`);
  const open = (): GuardedStorage => new GuardedStorage(async () => connect(), { name: "tested" });

  beforeAll(async () => {
    storage = open();
    other = open();
    // At the same time: only one of them can make the tables.
    await Promise.all([storage.initialize(), other.initialize()]);
  });
  afterAll(async () => {
    await storage.close();
    await other.close();
  });

  describe("values", () => {
    test("are there for every connection once the put has resolved, and until they are deleted", async () => {
      const space = fresh();
      expect(await storage.get(space, "key")).toBeUndefined();
      const version = await storage.put(space, "key", { a: [1, "two", null] });
      expect(await other.get(space, "key")).toEqual({ value: { a: [1, "two", null] }, version });
      expect(await storage.delete(space, "key")).toBe(true);
      expect(await other.get(space, "key")).toBeUndefined();
      expect(await other.delete(space, "key")).toBe(false);
    });

    test.each<[string, Json]>([
      ["null", null],
      ["false", false],
      ["an empty text", ""],
      ["an empty list", []],
      ["an empty object", {}],
      ["the largest numbers", [Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE, 5e-324, 0.1 + 0.2]],
      ["text of all planes", "é ẞ 漢字 👩‍👩‍👧 \u{10FFFF} \uFFFD e\u0301"],
      ["control characters, U+0000 among them", "\0\u0001\n\u2028\u007F"],
      [
        "what databases could take for their own",
        { $set: { "a.b": "$now" }, "": "'; --", "%": "_" },
      ],
      ["names in the order they were given in", { b: 1, a: 2, 10: 3 }],
      ["names of JavaScript's own", { constructor: 1, toString: 2, hasOwnProperty: 3 }],
      ["text that looks like a date or JSON", ["2024-01-01T00:00:00Z", '{"a":1}', "null"]],
    ])("come back as they were: %s", async (_what, value) => {
      const space = fresh();
      await storage.put(space, "key", value);
      const entry = await other.get(space, "key");
      expect(entry?.value).toEqual(value);
      expect(JSON.stringify(entry?.value)).toBe(JSON.stringify(value));
    });

    test("are copies: nobody changes what is kept by changing what they gave or got", async () => {
      const space = fresh();
      const given = { list: [1] };
      await storage.put(space, "key", given);
      given.list.push(2);
      const got = (await storage.get(space, "key"))?.value as { list: number[] };
      got.list.push(3);
      expect((await storage.get(space, "key"))?.value).toEqual({ list: [1] });
    });

    test("may be as long and as deep as is promised", async () => {
      const space = fresh();
      // Three bytes each: what is counted are characters, and databases count bytes.
      const long = "漢".repeat(MAX_VALUE_CHARS / 8);
      let deep: Json = "bottom";
      for (let level = 0; level < MAX_VALUE_DEPTH; level++) deep = level % 2 ? [deep] : { deep };
      await storage.put(space, "long", long);
      await storage.put(space, "deep", deep);
      expect((await other.get(space, "long"))?.value).toBe(long);
      expect((await other.get(space, "deep"))?.value).toEqual(deep);
    });

    test("that JSON cannot carry are refused, and change nothing", async () => {
      const space = fresh();
      await storage.put(space, "key", "before");
      const cycle: unknown[] = [];
      cycle.push(cycle);
      let deep: unknown = 0;
      for (let level = 0; level <= MAX_VALUE_DEPTH; level++) deep = [deep];
      const bad: readonly [unknown, RegExp][] = [
        [undefined, /type undefined/u],
        [[undefined], /type undefined/u],
        // oxlint-disable-next-line no-sparse-arrays
        [[1, , 2], /type undefined/u],
        [{ a: Number.NaN }, /NaN/u],
        [-Infinity, /-Infinity/u],
        [1n, /type bigint/u],
        [() => 1, /type function/u],
        [Symbol("s"), /type symbol/u],
        [new Date(0), /neither an object nor an array/u],
        [new Map([[1, 2]]), /neither an object nor an array/u],
        [{ toJSON: () => 1 }, /neither an object nor an array/u],
        ["\uD800", /half a character/u],
        [{ "\uDC00": 1 }, /half a character/u],
        [JSON.parse('{"a":{"__proto__":1}}'), /__proto__/u],
        [cycle, /deeper than|longer than/u],
        [deep, /deeper than 100 levels/u],
        ["x".repeat(MAX_VALUE_CHARS), /longer than/u],
      ];
      for (const [value, reason] of bad) {
        await expect(storage.put(space, "key", value as Json)).rejects.toMatchObject({
          name: "StorageError",
          code: "refused",
          message: expect.stringMatching(reason) as string,
        });
      }
      expect((await storage.get(space, "key"))?.value).toBe("before");
    });
  });

  describe("versions", () => {
    test("change with each put, and a put or delete for another one does nothing", async () => {
      const space = fresh();
      const first = await storage.put(space, "key", 1, { ifVersion: 0 });
      expect(await other.put(space, "key", 2, { ifVersion: 0 })).toBeUndefined();
      const second = await other.put(space, "key", 3, { ifVersion: first ?? 0 });
      expect(second).not.toBe(first);
      expect(await storage.put(space, "key", 4, { ifVersion: first ?? 0 })).toBeUndefined();
      expect(await storage.delete(space, "key", { ifVersion: first ?? 0 })).toBe(false);
      expect(await storage.get(space, "key")).toEqual({ value: 3, version: second });
      expect(await storage.delete(space, "key", { ifVersion: second ?? 0 })).toBe(true);
      expect(await storage.put(space, "key", 5, { ifVersion: second ?? 0 })).toBeUndefined();
      expect(await storage.get(space, "key")).toBeUndefined();
    });

    test("are none that the key has had: who knew it before it was deleted does not find it unchanged", async () => {
      const space = fresh();
      const seen = new Set<number | undefined>();
      for (let round = 0; round < 20; round++) {
        seen.add(await storage.put(space, "key", round, { ifVersion: 0 }));
        await storage.delete(space, "key");
      }
      expect(seen.size).toBe(20);
      expect(seen.has(undefined)).toBe(false);
      for (const version of seen) expect(Number.isSafeInteger(version)).toBe(true);
    });

    test("let exactly one of many take a key that is free", async () => {
      const space = fresh();
      const takers = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? storage : other).put(space, "lease", index, { ifVersion: 0 }),
      );
      const taken = (await Promise.all(takers)).filter((version) => version !== undefined);
      expect(taken).toHaveLength(1);
      expect((await storage.get(space, "lease"))?.version).toBe(taken[0]);
    });

    test("lose no count between two connections that count at the same time", async () => {
      const space = fresh();
      const count = async (connection: GuardedStorage): Promise<void> => {
        for (let done = 0; done < COUNTS;) {
          const { value, version } = (await connection.get(space, "n")) ?? { value: 0, version: 0 };
          const put = await connection.put(space, "n", Number(value) + 1, { ifVersion: version });
          if (put !== undefined) done += 1;
        }
      };
      await Promise.all([count(storage), count(other), count(storage)]);
      expect((await storage.get(space, "n"))?.value).toBe(3 * COUNTS);
    });

    test.skipIf(place === undefined)(
      "lose no count between processes, and no put of theirs",
      async () => {
        const space = fresh();
        const ends = Array.from({ length: PROCESSES }, (_, index) =>
          counter(JSON.stringify(place?.()), space, String(index)),
        );
        expect(await Promise.all(ends)).toEqual(Array.from({ length: PROCESSES }, () => 0));
        expect((await storage.get(space, "n"))?.value).toBe(PROCESSES * COUNTS);
        expect(await storage.count(space)).toBe(1 + PROCESSES * COUNTS);
      },
      60_000,
    );
  });

  describe("time to live", () => {
    test("ends an entry for every connection: it is not read, listed, counted or deleted any more", async () => {
      const space = fresh();
      const before = Date.now();
      const version = await storage.put(space, "short", 1, { ttlMs: 200 });
      await storage.put(space, "long", 1, { ttlMs: 3_600_000 });
      // Of the backend's own clock, and whoever tests may share a slow machine.
      expect((await other.get(space, "long"))?.expiresAt).toBeGreaterThan(before + 3_500_000);
      expect((await other.get(space, "long"))?.expiresAt).toBeLessThan(Date.now() + 3_700_000);
      await vi.waitFor(
        async () => expect(await other.get(space, "short")).toBeUndefined(),
        PATIENCE,
      );
      expect(await storage.keys(space, { limit: 10 })).toEqual(["long"]);
      expect(await storage.count(space)).toBe(1);
      expect(await storage.delete(space, "short")).toBe(false);
      expect(await storage.put(space, "short", 2, { ifVersion: version ?? 0 })).toBeUndefined();
      const again = await storage.put(space, "short", 2, { ifVersion: 0 });
      expect(again).not.toBe(version);
      expect(await other.get(space, "short")).toEqual({ value: 2, version: again });
    });

    test("begins anew with each put, and ends with one that says nothing of it", async () => {
      const space = fresh();
      const first = await storage.put(space, "lease", "mine", { ifVersion: 0, ttlMs: 60_000 });
      const renewed = await storage.put(space, "lease", "mine", {
        ifVersion: first ?? 0,
        ttlMs: 3_600_000,
      });
      const entry = await other.get(space, "lease");
      expect(entry?.version).toBe(renewed);
      expect(entry?.expiresAt).toBeGreaterThan(Date.now() + 1_800_000);
      await storage.put(space, "lease", "for good");
      expect(await other.get(space, "lease")).not.toHaveProperty("expiresAt");
    });

    test("lets exactly one of many take over a lease that has expired", async () => {
      const space = fresh();
      await storage.put(space, "lease", "lost", { ttlMs: 1 });
      await vi.waitFor(
        async () => expect(await storage.get(space, "lease")).toBeUndefined(),
        PATIENCE,
      );
      const takers = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? storage : other).put(space, "lease", index, {
          ifVersion: 0,
          ttlMs: 3_600_000,
        }),
      );
      const taken = (await Promise.all(takers)).filter((version) => version !== undefined);
      expect(taken).toHaveLength(1);
    });
  });

  describe("keys", () => {
    /** In the order of their code points, which is not the order of their UTF-16 units. */
    const ORDERED = [
      " ",
      "%",
      "A",
      "Z",
      "\\",
      "_",
      "a",
      "a%",
      "a%b",
      "a*",
      "a_b",
      "aXb",
      "z",
      "é",
      "漢",
      "\uFFFD",
      "👍",
      "👍🏽",
      "\u{10FFFF}",
      "\u{10FFFF}a",
    ].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

    test("come in the order of their code points, page by page", async () => {
      const space = fresh();
      for (const key of ORDERED.toReversed()) await storage.put(space, key, key);
      expect(await other.keys(space, { limit: 1_000 })).toEqual(ORDERED);
      const paged: string[] = [];
      for (;;) {
        const after = paged.at(-1);
        const page = await other.keys(space, { limit: 3, ...(after !== undefined && { after }) });
        paged.push(...page);
        if (page.length < 3) break;
      }
      expect(paged).toEqual(ORDERED);
      expect(await other.keys(space, { limit: 0 })).toEqual([]);
    });

    test.each(["a%", "a_", "a*", "_", "%", "\\", "A", "👍", "\u{10FFFF}", "\uD7FF", "", "nothing"])(
      "begin with a prefix, in which every character stands for itself: %j",
      async (prefix) => {
        const space = fresh();
        const all = [...ORDERED, "\uD7FFx"];
        for (const key of all) await storage.put(space, key, key);
        const expected = all
          .filter((key) => key.startsWith(prefix))
          .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(await other.keys(space, { prefix, limit: 1_000 })).toEqual(expected);
        const after = expected[0] ?? "";
        expect(await other.keys(space, { prefix, after, limit: 1_000 })).toEqual(expected.slice(1));
      },
    );

    test.each([
      "__proto__",
      "constructor",
      "toString",
      "'; DROP TABLE agentflow_entries; --",
      "../../etc/passwd",
      "$where",
      "a.b.$c",
      "-0",
      "null",
      "e\u0301",
      "\u0001\u001F\u007F\u2028",
      "k".repeat(MAX_KEY_CHARS),
      "漢".repeat(MAX_KEY_CHARS),
    ])("and namespaces may be anything: %j", async (name) => {
      const namespace = `${run.slice(0, 8)}${name}`.slice(0, MAX_NAMESPACE_CHARS);
      for (const [space, value] of [
        [name.slice(0, MAX_NAMESPACE_CHARS), 1],
        [namespace, 2],
      ] as const) {
        await storage.put(space, name, value);
        expect((await other.get(space, name))?.value).toBe(value);
        expect(await other.keys(space, { prefix: name, limit: 10 })).toEqual([name]);
        expect(await storage.delete(space, name)).toBe(true);
      }
      expect(await storage.get("Object", name)).toBeUndefined();
    });

    test("of one namespace are none of another, whatever their names have in common", async () => {
      const space = fresh();
      const spaces = [space, `${space}:`, `${space}:a`, space.toUpperCase(), `${space}%`];
      for (const [index, one] of spaces.entries()) await storage.put(one, "a", index);
      for (const [index, one] of spaces.entries()) {
        expect((await other.get(one, "a"))?.value).toBe(index);
        expect(await other.keys(one, { limit: 10 })).toEqual(["a"]);
        expect(await other.count(one)).toBe(1);
      }
    });

    test("é in one and in two characters are two keys", async () => {
      const space = fresh();
      await storage.put(space, "\u00E9", 1);
      await storage.put(space, "e\u0301", 2);
      expect(await other.count(space)).toBe(2);
      expect((await other.get(space, "\u00E9"))?.value).toBe(1);
    });

    test("that nobody can keep are refused", async () => {
      const space = fresh();
      const refused = { name: "StorageError", code: "refused" };
      for (const bad of ["", "\0", "a\0b", "\uD800", "k".repeat(MAX_KEY_CHARS + 1), 1, undefined]) {
        const key = bad as string;
        await expect(storage.put(space, key, 1)).rejects.toMatchObject(refused);
        await expect(storage.get(space, key)).rejects.toMatchObject(refused);
        await expect(storage.delete(space, key)).rejects.toMatchObject(refused);
        await expect(storage.put(key, "key", 1)).rejects.toMatchObject(refused);
      }
      await expect(storage.keys(space, { limit: 0.5 })).rejects.toMatchObject(refused);
      await expect(storage.put(space, "key", 1, { ttlMs: 0 })).rejects.toMatchObject(refused);
      await expect(storage.put(space, "key", 1, { ifVersion: -1 })).rejects.toMatchObject(refused);
      expect(await storage.count(space)).toBe(0);
    });

    test("are counted", async () => {
      const space = fresh();
      expect(await storage.count(space)).toBe(0);
      await Promise.all(
        Array.from({ length: 120 }, (_, index) => storage.put(space, `key ${index}`, index)),
      );
      expect(await other.count(space)).toBe(120);
    });
  });

  describe("workflows", () => {
    test("are saved whole, replaced, loaded and deleted", async () => {
      const one = workflow("one", 1);
      await storage.saveWorkflow(one);
      expect(await other.loadWorkflow(one.id)).toEqual(one);
      const later = { ...one, status: "completed", more: null };
      await other.saveWorkflow(later);
      expect(await storage.loadWorkflow(one.id)).toEqual(later);
      expect(await storage.deleteWorkflow(one.id)).toBe(true);
      expect(await other.deleteWorkflow(one.id)).toBe(false);
      expect(await other.loadWorkflow(one.id)).toBeUndefined();
    });

    test("are listed with the newest first, by status, page by page", async () => {
      const all = [5, 3, 3, 9, 1, 7].map((time, index) =>
        workflow(`list ${index}`, time, index % 2 === 0 ? "even" : "odd"),
      );
      await Promise.all(all.map((one) => storage.saveWorkflow(one)));
      const list = async (status: string, limit: number, offset: number): Promise<string[]> => {
        const found = await other.listWorkflows({ status: `${status} ${run}`, limit, offset });
        return found.map(({ id }) => id.slice(run.length + 1));
      };
      expect(await list("even", 10, 0)).toEqual(["list 0", "list 2", "list 4"]);
      expect(await list("odd", 2, 0)).toEqual(["list 3", "list 5"]);
      expect(await list("odd", 2, 2)).toEqual(["list 1"]);
      expect(await list("odd", 0, 0)).toEqual([]);
      expect(await list("none", 10, 0)).toEqual([]);
      const everything = await other.listWorkflows({ limit: 1_000, offset: 0 });
      expect(
        everything.filter(({ id }) => id.startsWith(run)).map(({ createdAt }) => createdAt),
      ).toEqual([9, 7, 5, 3, 3, 1]);
    });

    test("that are none are refused", async () => {
      const one = workflow("bad", 1);
      for (const bad of [{ id: "" }, { status: 1 }, { createdAt: 0.5 }, { more: Number.NaN }]) {
        await expect(storage.saveWorkflow({ ...one, ...bad } as Workflow)).rejects.toMatchObject({
          code: "refused",
        });
      }
      expect(await storage.loadWorkflow(one.id)).toBeUndefined();
    });
  });

  describe("metrics", () => {
    test("are found by name and time, the latest first, and removed by age", async () => {
      const name = `duration ${run}`;
      for (const time of [30, 10, 20]) {
        await storage.saveMetric({ name, value: time / 4, time, labels: { plugin: "p" } });
      }
      // Twice the same is two.
      await storage.saveMetric({ name: `other ${run}`, value: 1, time: 15 });
      await storage.saveMetric({ name: `other ${run}`, value: 1, time: 15 });
      const times = async (query: object): Promise<number[]> =>
        (await other.getMetrics({ name, limit: 10, ...query })).map(({ time }) => time);
      expect(await other.getMetrics({ name, limit: 1 })).toEqual([
        { name, value: 7.5, time: 30, labels: { plugin: "p" } },
      ]);
      expect(await times({})).toEqual([30, 20, 10]);
      expect(await times({ start: 20 })).toEqual([30, 20]);
      expect(await times({ end: 20 })).toEqual([10]);
      expect(await times({ start: 10, end: 11 })).toEqual([10]);
      expect(await times({ limit: 0 })).toEqual([]);
      expect(await times({ name: `other ${run}` })).toEqual([15, 15]);
      await storage.deleteMetrics({ before: 20 });
      expect(await times({})).toEqual([30, 20]);
      expect(await times({ name: `other ${run}` })).toEqual([]);
    });
  });

  test.skipIf(!isDurable)("what was put is there for whoever opens the place later", async () => {
    const space = fresh();
    const first = open();
    const version = await first.put(space, "key", "kept");
    await first.close();
    await expect(first.get(space, "key")).rejects.toMatchObject({ code: "unavailable" });
    const second = open();
    expect(await second.get(space, "key")).toEqual({ value: "kept", version });
    await second.close();
  });
}

function createWorkflow(id: string, createdAt: number, status: string): Workflow {
  const tasks = [{ id: "a", result: { text: "é\0" } }];
  return { id, status, agent: "planner", createdAt, updatedAt: createdAt + 1, tasks };
}

/** A process that counts, and puts a value with each count. Resolves with its exit code. */
function counter(place: string, namespace: string, name: string): Promise<number | null> {
  const program = fileURLToPath(new URL("count.ts", import.meta.url));
  const child = fork(program, [place, namespace, name, String(COUNTS)], {
    execArgv: ["--import", "jiti/register"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
}
