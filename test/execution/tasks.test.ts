import { queryObjects } from "node:v8";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TaskClient, TAKES_TASKS } from "../helpers/task-client.ts";
import { LONG, openWork, turn } from "../helpers/work-host.ts";
import { createMemoryTasks } from "../../src/backends/tasks/memory.ts";
import { deferred } from "../../src/base/deferred.ts";
import { Redactor } from "../../src/base/redact.ts";
import type { FinalOutcome, TaskRecord, TaskStore } from "../../src/base/task.ts";
import { LiveTask } from "../../src/execution/live-task.ts";
import { Tasks, type TaskRequest } from "../../src/execution/tasks.ts";
import { checkConfig } from "../../src/config/load.ts";
import { Host } from "../../src/host/host.ts";
import { definePlugin, type Logger } from "../../src/plugin-api/index.ts";
import type { TestHost } from "../../src/testing.ts";

/** Moves the faked clock. */
function later(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

const METHODS = ["tasks/get", "tasks/update", "tasks/cancel"];

describe("a task", () => {
  test("is there for nobody but the principal whose call it was", async () => {
    const { host, tasks, runs } = await openWork(LONG);
    const { taskId } = await tasks.start("work");
    const stranger = TaskClient.inProcess(host, TAKES_TASKS, "somebody else");
    const unknown = await stranger.request("tasks/get", { taskId: "x".repeat(32) });
    for (const method of METHODS) {
      const { error } = await stranger.request(method, { taskId, inputResponses: {} });
      expect(error).toMatchObject({ code: -32_602, message: `Unknown task: ${taskId}` });
      // And nothing tells it from one that never was.
      expect(error?.code).toBe(unknown.error?.code);
    }
    for (const name of ["job_status", "job_result", "job_cancel"]) {
      expect(await stranger.call(name, { job_id: taskId })).toMatchObject({
        isError: true,
        _meta: { "agentflow/error": { code: "unknown_job" } },
      });
    }
    const { context, answer } = await runs.begun(0);
    expect(context.signal.aborted).toBe(false);
    answer("mine");
    expect(await tasks.settled(taskId)).toMatchObject({ result: { content: [{ text: "mine" }] } });
    expect(await stranger.request("tasks/get", { taskId })).toMatchObject({
      error: { code: -32_602 },
    });
  });

  test("is refused to a client that does not say that it takes tasks, whatever it asks", async () => {
    const { host, tasks } = await openWork(LONG);
    const { taskId } = await tasks.start("work");
    const plain = TaskClient.inProcess(host, {});
    for (const method of METHODS) {
      for (const params of [{ taskId }, { taskId: "nothing" }, {}]) {
        expect((await plain.request(method, params)).error).toMatchObject({
          code: -32_021,
          data: { requiredCapabilities: TAKES_TASKS },
        });
      }
    }
    expect((await tasks.get(taskId)).status).toBe("working");
  });

  test.each([
    ["unknown", { taskId: "x".repeat(32) }],
    ["empty", { taskId: "" }],
    ["the name of a built-in", { taskId: "__proto__" }],
    ["of a wrong type", { taskId: 7 }],
    ["missing", {}],
  ])("whose id is %s is a bad parameter", async (_what, params) => {
    const { tasks } = await openWork(LONG);
    for (const method of METHODS) {
      expect((await tasks.request(method, params)).error).toMatchObject({ code: -32_602 });
    }
  });
});

describe("the answer of a task", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is kept from its end on as long as the operator says, and its ttl says so", async () => {
    const { host, tasks, runs } = await openWork(
      { ...LONG, longDeadline: 100 },
      { config: { server: { tasks: { retention: 50 } } } },
    );
    const { taskId, ttlMs } = await tasks.start("work");
    // It may take so long, and its answer waits after that.
    expect(ttlMs).toBe(150_000);
    later(10_000);
    (await runs.begun(0)).answer("done");
    expect((await tasks.settled(taskId)).ttlMs).toBe(60_000);
    later(49_999);
    expect((await tasks.get(taskId)).status).toBe("completed");
    later(1);
    for (const method of METHODS) {
      expect((await tasks.request(method, { taskId })).error).toMatchObject({ code: -32_602 });
    }
    const plain = TaskClient.inProcess(host, {});
    for (const name of ["job_status", "job_result", "job_cancel"]) {
      expect(await plain.call(name, { job_id: taskId })).toMatchObject({
        _meta: { "agentflow/error": { code: "unknown_job" } },
      });
    }
  });

  test("does not expire before it is there", async () => {
    const { tasks, runs } = await openWork(LONG);
    const { taskId, ttlMs } = await tasks.start("work");
    // The machine's clock may jump; what a call may take is measured by another.
    later(2 * ttlMs);
    expect((await tasks.get(taskId)).status).toBe("working");
    const { answer } = await runs.begun(0);
    answer("done");
    await turn();
  });

  test("is kept from its end on, however long the call took", async () => {
    const { tasks, runs } = await openWork(
      { ...LONG, longDeadline: 100 },
      { config: { server: { tasks: { retention: 50 } } } },
    );
    const { taskId } = await tasks.start("work");
    const { answer } = await runs.begun(0);
    later(1_000_000);
    answer("done");
    expect((await tasks.settled(taskId)).ttlMs).toBe(1_050_000);
    later(49_999);
    expect((await tasks.get(taskId)).status).toBe("completed");
  });
});

/** Clients of one host, each with calls of its own that are over at once or never. */
async function crowd(limits: object): Promise<{
  readonly client: (name: string) => TaskClient;
  readonly start: (client: TaskClient, n: number) => Promise<string>;
  readonly isKept: (client: TaskClient, id: string) => Promise<boolean>;
}> {
  const { host } = await openWork(LONG, {
    config: { server: { tasks: limits } },
    tool: {
      handler: ({ n }, { signal }) =>
        n > 0
          ? "x".repeat(n)
          : new Promise((_resolve, reject) => {
              signal.addEventListener("abort", () => reject(signal.reason as Error));
            }),
    },
  });
  return {
    client: (name) => TaskClient.inProcess(host, TAKES_TASKS, name),
    start: async (client, n) => {
      const result = (await client.call("work", { n })) as { readonly taskId?: string };
      if (result.taskId === undefined) return "none";
      if (n > 0) await client.settled(result.taskId);
      return result.taskId;
    },
    isKept: async (client, id) =>
      (await client.request("tasks/get", { taskId: id })).error === undefined,
  };
}

const NEVER = 0;

describe("where there is no place for another task", () => {
  test("the oldest answer of whoever has most goes", async () => {
    const { client, start, isKept } = await crowd({ max: 3 });
    const [ada, bob, eve] = [client("ada"), client("bob"), client("eve")];
    const bobs = await start(bob, 1);
    const adas = [await start(ada, 1), await start(ada, 1)];
    const eves = await start(eve, 1);
    const kept = [bobs, ...adas, eves].map((id, index) =>
      isKept([bob, ada, ada, eve][index] ?? eve, id),
    );
    expect(await Promise.all(kept)).toEqual([true, false, true, true]);
  });

  test("nobody who has more gets a place of somebody else's", async () => {
    const { client, start, isKept } = await crowd({ max: 3 });
    const [ada, bob] = [client("ada"), client("bob")];
    const bobs = await start(bob, 1);
    await start(ada, NEVER);
    await start(ada, NEVER);
    expect(await ada.call("work", { n: 1 })).toMatchObject({ resultType: "complete" });
    expect(await isKept(bob, bobs)).toBe(true);
    // Its owner may exchange it.
    expect(await start(bob, 1)).not.toBe("none");
    expect(await isKept(bob, bobs)).toBe(false);
  });

  test("a call stays a request while nothing is over", async () => {
    const { client, start } = await crowd({ max: 1 });
    await start(client("ada"), NEVER);
    expect(await client("bob").call("work", { n: 1 })).toMatchObject({ resultType: "complete" });
  });
});

test("answers are kept up to so many characters together; the oldest of whoever has most go first", async () => {
  const { client, start, isKept } = await crowd({ maxKeptChars: 100_000 });
  const [ada, bob] = [client("ada"), client("bob")];
  const bobs = await start(bob, 20_000);
  const adas: string[] = [];
  for (let count = 0; count < 5; count++) adas.push(await start(ada, 30_000));
  expect(await isKept(bob, bobs)).toBe(true);
  const kept = await Promise.all(adas.map((id) => isKept(ada, id)));
  expect(kept).toEqual([false, false, false, true, true]);
});

test("a store that is slow to take a task does not hold back an answer that is ready", async () => {
  const gate = deferred<void>();
  const memory = createMemoryTasks(LIMITS);
  const taskStore = {
    ...memory,
    create: async (record: TaskRecord) => {
      await gate.promise;
      return memory.create(record);
    },
  };
  const tools = {
    work: { inputSchema: { type: "object" }, handler: () => "done", config: { policy: LONG } },
  };
  const plugin = definePlugin({ name: "p", version: "1.0.0", tools });
  const host = await Host.start({
    candidates: [
      {
        id: "p",
        path: "p",
        origin: "program",
        found: { kind: "object", module: { default: plugin } },
        byDefault: true,
      },
    ],
    config: checkConfig({}),
    hostVersion: "1.0.0",
    log: tasksOn(memory).log,
    redactor: new Redactor(),
    taskStore,
  });
  try {
    const tasks = TaskClient.inProcess({ host } as TestHost);
    expect(await tasks.call("work")).toMatchObject({ content: [{ text: "done" }] });
    gate.resolve();
    // The one that came too late takes nobody's place.
    expect(await tasks.call("work")).toMatchObject({ resultType: "task" });
  } finally {
    await host.stop();
  }
});

interface Line {
  readonly message: string;
  readonly fields: unknown;
}

function tasksOn(store: TaskStore): {
  readonly tasks: Tasks;
  readonly lines: readonly Line[];
  readonly log: Logger;
} {
  const lines: Line[] = [];
  const log = (message: string, fields: unknown): void => void lines.push({ message, fields });
  const logger = { debug: log, info: log, warn: log, error: log };
  return { tasks: new Tasks({ store, retentionMs: 1_000, log: logger }), lines, log: logger };
}

const LIMITS = { max: 10, maxChars: 1_000_000 };
const REQUEST: TaskRequest = {
  tool: "work",
  principal: "ada",
  longDeadlineMs: 1_000,
  abort: () => undefined,
};
const DONE: FinalOutcome = {
  kind: "reply",
  reply: { content: [{ type: "text", text: "done" }] },
};

const broken = (): Promise<never> => Promise.reject(new Error("the disk is full"));

describe("the store of tasks", () => {
  test("may be slow: what is read is the newest, and it gets every state in order", async () => {
    const got: TaskRecord["status"][] = [];
    const gate = deferred<void>();
    const memory = createMemoryTasks(LIMITS);
    const { tasks } = tasksOn({
      ...memory,
      update: async (record) => {
        await gate.promise;
        got.push(record.status);
        await memory.update(record);
      },
    });
    const task = await tasks.open(REQUEST);
    if (task === undefined) throw new Error("no room");
    const { id } = task.record;
    task.note({ done: 1 });
    const answers = tasks.ask(task, { name: { kind: "roots" } }, undefined, 1_000);
    await tasks.answer(id, "ada", { name: {} });
    expect(await answers).toEqual({ name: {} });
    task.finish(DONE);
    expect(await tasks.find(id, "ada")).toMatchObject({ status: "completed", outcome: DONE });
    gate.resolve();
    await vi.waitFor(() => expect(got.at(-1)).toBe("completed"));
    expect(got.filter((status, index) => status !== got[index - 1])).toEqual([
      "working",
      "input_required",
      "working",
      "completed",
    ]);
    expect(await tasks.find(id, "ada")).toMatchObject({ status: "completed", outcome: DONE });
  });

  test("may fail: calls stay requests, and the reason is in the log", async () => {
    const { tasks, lines } = tasksOn({ ...createMemoryTasks(LIMITS), create: broken });
    expect(await tasks.open(REQUEST)).toBeUndefined();
    expect(lines).toMatchObject([{ fields: { reason: "the disk is full" } }]);
  });

  test("may fail later: the task goes on, and the reason is in the log", async () => {
    const { tasks, lines } = tasksOn({
      ...createMemoryTasks(LIMITS),
      update: broken,
      remove: broken,
    });
    const task = await tasks.open(REQUEST);
    if (task === undefined) throw new Error("no room");
    task.note({ done: 1 });
    await turn();
    expect(await tasks.find(task.record.id, "ada")).toMatchObject({ progress: { done: 1 } });
    await tasks.drop(task);
    expect(lines).toMatchObject([
      { fields: { task: task.record.id, reason: "the disk is full" } },
      { fields: { task: task.record.id, reason: "the disk is full" } },
    ]);
  });

  test("does not take back what it has let go", async () => {
    const store = createMemoryTasks(LIMITS);
    const { tasks } = tasksOn(store);
    const task = await tasks.open(REQUEST);
    if (task === undefined) throw new Error("no room");
    await tasks.drop(task);
    expect(await tasks.find(task.record.id, "ada")).toBeUndefined();
    task.finish(DONE);
    await turn();
    expect(await store.load(task.record.id)).toBeUndefined();
  });
});

test("10,000 tasks never have the same id, and leave nothing behind when they are over", async () => {
  const MAX = 100;
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const { tasks } = tasksOn(createMemoryTasks({ ...LIMITS, max: MAX }));
    const ids = new Set<string>();
    for (let count = 0; count < 10_000; count++) {
      const task = await tasks.open(REQUEST);
      // Each answer is kept for a second, or until its place is needed.
      later(5);
      if (task === undefined) throw new Error("no room");
      const { id } = task.record;
      ids.add(id);
      if (count % 3 === 0) {
        void tasks.ask(task, { name: { kind: "roots" } }, undefined, 1_000);
        await tasks.answer(id, "ada", { name: {} });
      }
      if (count % 2 === 0) await tasks.cancel(id, "ada");
      else task.finish(DONE);
    }
    expect(ids.size).toBe(10_000);
    await turn();
    const found = await Promise.all([...ids].map((id) => tasks.find(id, "ada")));
    expect(found.filter((record) => record !== undefined).length).toBeLessThanOrEqual(MAX);
    // Nothing but the store knows of them.
    expect(queryObjects(LiveTask, { format: "count" })).toBe(0);
    later(2_000);
    for (const id of ids) expect(await tasks.find(id, "ada")).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});
