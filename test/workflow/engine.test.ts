import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createStorage } from "../../src/backends/storage/open.ts";
import { deferred } from "../../src/base/deferred.ts";
import { StorageError, type StorageBackend } from "../../src/base/storage.ts";
import type { TaskResult, TaskSpec } from "../../src/plugin-api/index.ts";
import { Engine, type EngineOptions } from "../../src/workflow/engine.ts";
import type { Step, WorkflowRecord } from "../../src/workflow/record.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

function sqlite(folder = tempFolder()): StorageBackend {
  const storage = createStorage({ backend: "sqlite", file: join(folder, "s.sqlite") }, folder);
  open.push(() => storage.close());
  return storage;
}

function task(id: string, dependencies: readonly string[] = [], more: object = {}): TaskSpec {
  return { id, name: id, agentType: "a", description: "", parameters: {}, dependencies, ...more };
}

function done(id: string, result: unknown = id): TaskResult {
  return { taskId: id, status: "completed", result, metadata: { executionTime: 0 } };
}

function loaded(): ReadonlySet<string> {
  return new Set(["a"]);
}

function engineOn(
  storage: StorageBackend,
  execute: EngineOptions["execute"],
  more: Partial<EngineOptions> = {},
): Engine {
  const engine = new Engine({ storage, log: silent, agents: loaded, execute, ...more });
  open.push(() => engine.stop());
  return engine;
}

async function run(engine: Engine, tasks: readonly TaskSpec[], failure: "skip" | "fail" = "skip") {
  const draft = { agent: "a", principal: "p", depth: 0, context: { metadata: {} }, failure, tasks };
  return (await engine.start(draft)).ended;
}

function statuses({ steps }: WorkflowRecord): object {
  return Object.fromEntries(steps.map(({ task: { id }, status }) => [id, status]));
}

const DIAMOND = [
  task("top"),
  task("left", ["top"]),
  task("right", ["top"]),
  task("end", ["left", "right"]),
];

/** One that refuses to write while it is told to. */
function flaky(storage: StorageBackend): { storage: StorageBackend; fails: boolean } {
  const state = { storage, fails: false };
  state.storage = new Proxy(storage, {
    get: (target, key) => {
      const member = Reflect.get(target, key) as unknown;
      if (typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        if (state.fails && (key === "put" || key === "saveWorkflow")) {
          throw new StorageError("unavailable", "it is away");
        }
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
  return state;
}

/** Begins a workflow of which some tasks never end, and forgets it as a killed process does. */
async function dead(folder: string, tasks: readonly TaskSpec[], calls: string[]): Promise<string> {
  const storage = sqlite(folder);
  const stuck = deferred<void>();
  const engine = new Engine({
    storage,
    log: silent,
    agents: loaded,
    silenceMs: 300,
    execute: async ({ task: { id } }) => {
      calls.push(id);
      if (id.startsWith("stuck")) {
        stuck.resolve();
        await new Promise(() => undefined);
      }
      return done(id);
    },
  });
  const draft = {
    agent: "a",
    principal: "p",
    depth: 0,
    context: {},
    failure: "skip",
    tasks,
  } as const;
  const { id } = await engine.start(draft);
  await stuck.promise;
  await vi.waitFor(async () => {
    const found = await engine.find(id, "p");
    expect(found?.steps.filter(({ status }) => status === "completed")).not.toEqual([]);
  });
  // It says nothing any more, and writes nothing.
  await storage.close();
  return id;
}

describe("a workflow", () => {
  test("runs what does not wait side by side, the rest in order, and keeps every result", async () => {
    const log: string[] = [];
    const both = deferred<void>();
    let atWork = 0;
    const engine = engineOn(sqlite(), async ({ task: { id } }) => {
      log.push(`+${id}`);
      atWork += 1;
      if (id === "left" || id === "right") {
        if (atWork === 2) both.resolve();
        await both.promise;
      }
      atWork -= 1;
      log.push(`-${id}`);
      return done(id);
    });
    const end = await run(engine, DIAMOND);
    expect(end.status).toBe("completed");
    expect(log.slice(0, 2)).toEqual(["+top", "-top"]);
    expect(log.slice(-2)).toEqual(["+end", "-end"]);
    expect(await engine.find(end.id, "p")).toEqual(end);
    expect(end.steps.map(({ result }) => result?.result)).toEqual(["top", "left", "right", "end"]);
  });

  test("carries out no more tasks at a time than it may", async () => {
    let atWork = 0;
    let most = 0;
    const execute = async ({ task: { id } }: Step): Promise<TaskResult> => {
      most = Math.max(most, (atWork += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      atWork -= 1;
      return done(id);
    };
    const engine = engineOn(sqlite(), execute, { parallel: 3 });
    const tasks = Array.from({ length: 12 }, (_, index) => task(String(index)));
    expect((await run(engine, tasks)).status).toBe("completed");
    expect(most).toBe(3);
  });

  test.each([
    [
      "skip",
      { top: "completed", left: "failed", right: "completed", end: "skipped", other: "completed" },
    ],
    [
      "fail",
      { top: "completed", left: "failed", right: "completed", end: "skipped", other: "skipped" },
    ],
  ] as const)("whose task fails goes on as was asked: %s", async (failure, expected) => {
    const engine: Engine = engineOn(
      sqlite(),
      async ({ task: { id } }, workflow) => {
        if (id === "left") return { ...done(id), status: "failed", error: "no ink" };
        const leftOf = async (): Promise<unknown> =>
          (await engine.find(workflow.id, "p"))?.steps.find(({ task: one }) => one.id === "left");
        if (id === "right") {
          await vi.waitFor(async () => expect(await leftOf()).toMatchObject({ status: "failed" }));
        }
        return done(id);
      },
      { parallel: 2 },
    );
    const end = await run(engine, [...DIAMOND, task("other", ["right"])], failure);
    expect(end.status).toBe("failed");
    expect(statuses(end)).toEqual(expected);
    expect(end.steps.find(({ task: { id } }) => id === "end")?.reason).toContain("'left'");
  });

  test("that is cancelled ends what is at work and begins nothing more", async () => {
    const begun = deferred<void>();
    const engine = engineOn(sqlite(), async ({ task: { id } }, _workflow, signal) => {
      if (id === "top") return done(id);
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { ...done(id), status: "cancelled" };
    });
    const draft = {
      agent: "a",
      principal: "p",
      depth: 0,
      context: {},
      failure: "skip",
      tasks: DIAMOND,
    } as const;
    const { id, ended } = await engine.start(draft);
    await begun.promise;
    expect(engine.cancel(id)).toBe(true);
    const end = await ended;
    expect(end.status).toBe("cancelled");
    expect(statuses(end)).toEqual({
      top: "completed",
      left: "cancelled",
      right: "cancelled",
      end: expect.stringMatching(/cancelled|skipped/u) as string,
    });
    expect(engine.cancel(id)).toBe(false);
  });

  test("is nobody else's", async () => {
    const engine = engineOn(sqlite(), async ({ task: { id } }) => done(id));
    const { id } = await run(engine, [task("a")]);
    expect(await engine.find(id, "somebody")).toBeUndefined();
    expect(await engine.list("somebody", { limit: 10, offset: 0 })).toEqual([]);
    expect(await engine.list("p", { limit: 10, offset: 0 })).toHaveLength(1);
  });

  test("that failed is tried again from where it failed", async () => {
    let works = false;
    const calls: string[] = [];
    const engine = engineOn(sqlite(), async ({ task: { id } }) => {
      calls.push(id);
      return id !== "left" || works ? done(id) : { ...done(id), status: "failed" };
    });
    const failed = await run(engine, DIAMOND);
    works = true;
    calls.length = 0;
    const again = await (await engine.retry(failed))?.ended;
    expect(again?.status).toBe("completed");
    expect(calls).toEqual(["left", "end"]);
  });
});

describe("a storage that fails", () => {
  test("makes nothing be done twice: the workflow waits until it is back", async () => {
    const calls: string[] = [];
    const state = flaky(sqlite());
    const engine = engineOn(state.storage, async ({ task: { id } }) => {
      calls.push(id);
      if (id === "top") {
        state.fails = true;
        setTimeout(() => (state.fails = false), 150);
      }
      return done(id);
    });
    expect((await run(engine, DIAMOND)).status).toBe("completed");
    expect(calls.toSorted()).toEqual(["end", "left", "right", "top"]);
  });

  test("refuses a workflow at its start, of which nothing is run", async () => {
    const execute = vi.fn(async ({ task: { id } }: Step) => done(id));
    const state = flaky(sqlite());
    const engine = engineOn(state.storage, execute);
    state.fails = true;
    await expect(run(engine, DIAMOND)).rejects.toThrow(StorageError);
    expect(execute).not.toHaveBeenCalled();
  });
});

describe("after a server that has died", () => {
  test("another goes on: what was completed is not done again, what may be repeated is", async () => {
    const folder = tempFolder();
    const calls: string[] = [];
    const id = await dead(
      folder,
      [task("first"), task("stuck", ["first"]), task("end", ["stuck"])],
      calls,
    );
    const engine = engineOn(
      sqlite(folder),
      async ({ task: one }) => {
        calls.push(`again ${one.id}`);
        return done(one.id);
      },
      { silenceMs: 300 },
    );
    await engine.resume();
    await vi.waitFor(
      async () => expect(await engine.find(id, "p")).toMatchObject({ status: "completed" }),
      10_000,
    );
    expect(calls).toEqual(["first", "stuck", "again stuck", "again end"]);
  });

  test("what must not be begun twice is not: it is interrupted, and what waits for it is skipped", async () => {
    const folder = tempFolder();
    const calls: string[] = [];
    const id = await dead(
      folder,
      [task("first"), task("stuck", ["first"], { idempotent: false }), task("end", ["stuck"])],
      calls,
    );
    const engine = engineOn(
      sqlite(folder),
      async ({ task: one }) => {
        calls.push(`again ${one.id}`);
        return done(one.id);
      },
      { silenceMs: 300 },
    );
    await engine.resume();
    await vi.waitFor(
      async () => expect(await engine.find(id, "p")).toMatchObject({ status: "interrupted" }),
      10_000,
    );
    const end = await engine.find(id, "p");
    expect(end && statuses(end)).toEqual({
      first: "completed",
      stuck: "interrupted",
      end: "skipped",
    });
    expect(calls).toEqual(["first", "stuck"]);
  });

  test("of two that find it, one goes on", async () => {
    const folder = tempFolder();
    const id = await dead(folder, [task("first"), task("stuck", ["first"])], []);
    const calls: string[] = [];
    const both = ["one", "other"].map((name) =>
      engineOn(
        sqlite(folder),
        async ({ task: one }) => {
          calls.push(name);
          return done(one.id);
        },
        { silenceMs: 300 },
      ),
    );
    await Promise.all(both.map((engine) => engine.resume()));
    await vi.waitFor(
      async () => expect(await both[0]?.find(id, "p")).toMatchObject({ status: "completed" }),
      10_000,
    );
    expect(calls).toHaveLength(1);
  });

  test("one that stops leaves what is under way to the next start", async () => {
    const storage = sqlite();
    const begun = deferred<void>();
    const engine = engineOn(storage, async ({ task: { id } }, _workflow, signal) => {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { ...done(id), status: "cancelled" };
    });
    const draft = {
      agent: "a",
      principal: "p",
      depth: 0,
      context: {},
      failure: "skip",
      tasks: [task("a")],
    } as const;
    const { id, ended } = await engine.start(draft);
    await begun.promise;
    await engine.stop();
    expect((await ended).status).toBe("running");
    const next = engineOn(storage, async ({ task: one }) => done(one.id));
    await next.resume();
    await vi.waitFor(async () =>
      expect(await next.find(id, "p")).toMatchObject({ status: "completed" }),
    );
  });
});
