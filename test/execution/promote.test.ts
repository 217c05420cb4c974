import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { until } from "../helpers/bare-server.ts";
import { TaskClient } from "../helpers/task-client.ts";
import { LONG, openWork, outcomes, SOON, turn } from "../helpers/work-host.ts";
import { deferred } from "../../src/base/deferred.ts";
import { ToolError } from "../../src/plugin-api/index.ts";

const busy = (): ToolError => new ToolError("Busy.", { retryable: true, retryAfterMs: 1 });

/** Lets nothing else happen for a while, and then never answers. */
function busyWait(): Promise<never> {
  const end = performance.now() + 100;
  while (performance.now() < end);
  return new Promise(() => undefined);
}

describe("a call that may take long", () => {
  test("of a tool that says so is a task at once", async () => {
    const { tasks, runs } = await openWork(LONG);
    const task = await tasks.start("work");
    expect(task).toEqual({
      resultType: "task",
      taskId: expect.stringMatching(/^[\w-]{32}$/u) as string,
      status: "working",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u) as string,
      lastUpdatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u) as string,
      ttlMs: 1_800_000,
      pollIntervalMs: 1_000,
      _meta: expect.anything() as unknown,
    });
    expect(await tasks.get(task.taskId)).toMatchObject({
      resultType: "complete",
      taskId: task.taskId,
      status: "working",
    });
    (await runs.begun(0)).answer("done");
    expect(await tasks.settled(task.taskId)).toMatchObject({
      status: "completed",
      result: { content: [{ type: "text", text: "done" }] },
    });
  });

  test("is a task when its soft deadline passes", async () => {
    const { tasks, runs } = await openWork(SOON);
    const { taskId } = await tasks.start("work");
    (await runs.begun(0)).answer("done");
    expect(await tasks.settled(taskId)).toMatchObject({
      status: "completed",
      result: { content: [{ type: "text", text: "done" }] },
    });
  });

  test("is answered directly where it is quick", async () => {
    const { tasks } = await openWork(SOON, { tool: { handler: () => "quick" } });
    expect(await tasks.call("work")).toMatchObject({
      resultType: "complete",
      content: [{ text: "quick" }],
    });
  });

  test("stays a request where the operator says that it is not long", async () => {
    const config = { plugins: { p: { tools: { work: { long: false } } } } };
    const { tasks } = await openWork(LONG, { config, tool: { handler: () => "quick" } });
    expect(await tasks.call("work")).toMatchObject({ resultType: "complete" });
  });

  test("is a task where the operator says that it is long", async () => {
    const config = { plugins: { p: { tools: { work: { long: true } } } } };
    const { tasks } = await openWork({}, { config });
    expect(await tasks.start("work")).toMatchObject({ status: "working" });
  });

  test("is no task for a client that does not say that it takes them", async () => {
    const { host } = await openWork(LONG);
    const plain = TaskClient.inProcess(host, {});
    expect(await plain.call("work")).toMatchObject({
      resultType: "complete",
      isError: true,
      _meta: { "agentflow/error": { code: "still_running" } },
    });
  });

  test("of a tool that needs tasks is refused to clients that take none", async () => {
    const { host, tasks, runs } = await openWork({ long: "required" });
    const { error } = await TaskClient.inProcess(host, {}).request("tools/call", { name: "work" });
    expect(error).toMatchObject({
      code: -32_021,
      data: { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } },
    });
    expect(runs.all).toHaveLength(0);
    expect(await tasks.start("work")).toMatchObject({ status: "working" });
  });

  test.each([
    ["that do not fit", { n: "one" }, "invalid_arguments"],
    ["with a forbidden name", JSON.parse('{"a":{"__proto__":1}}') as object, "invalid_arguments"],
    ["that are too large", { a: "x".repeat(5_000) }, "arguments_too_large"],
  ])("is refused at once for arguments %s", async (_what, args, code) => {
    const { host, tasks } = await openWork(LONG, {
      config: { server: { limits: { maxArgumentChars: 1_000 } } },
    });
    for (const client of [tasks, TaskClient.inProcess(host, {})]) {
      expect(await client.call("work", { ...args })).toMatchObject({
        resultType: "complete",
        isError: true,
        _meta: { "agentflow/error": { code } },
      });
    }
  });

  test("of a tool that does not exist is no task", async () => {
    const { tasks } = await openWork(LONG);
    expect(await tasks.request("tools/call", { name: "wrok" })).toMatchObject({
      error: { code: -32_602 },
    });
  });

  test("stays the request that it is where there is no room for another task", async () => {
    const config = { server: { tasks: { max: 1, retention: 0.001 } } };
    const { host, tasks, runs } = await openWork({ ...LONG, longDeadline: 60 }, { config });
    const { taskId } = await tasks.start("work");
    const waiting = tasks.call("work");
    const { context, answer } = await runs.begun(1);
    const direct = tasks.call("work");
    (await runs.begun(2)).answer("no room");
    expect(await direct).toMatchObject({ resultType: "complete", content: [{ text: "no room" }] });
    // One for whom there is no room is not stopped by those who leave after it, either.
    await tasks.cancel(taskId);
    expect(context.signal.aborted).toBe(false);
    answer("still here");
    expect(await waiting).toMatchObject({ content: [{ text: "still here" }] });
    await expect.poll(() => outcomes(host).toSorted()).toEqual(["cancelled", "ok", "ok"]);
  });
});

describe("a task that is cancelled", () => {
  test("stops the work, and stays cancelled whatever the handler still brings", async () => {
    const { host, tasks, runs } = await openWork(LONG);
    const { taskId } = await tasks.start("work");
    const run = await runs.begun(0);
    // Past the turn in which it began: what is answered within that is never waited for.
    await turn();
    expect(await tasks.cancel(taskId)).toMatchObject({ resultType: "complete" });
    expect(run.context.signal.aborted).toBe(true);
    const cancelled = await tasks.get(taskId);
    expect(cancelled.status).toBe("cancelled");
    expect(cancelled).not.toHaveProperty("result");
    expect(cancelled).not.toHaveProperty("error");
    run.answer("late");
    await tasks.cancel(taskId);
    expect(await tasks.get(taskId)).toEqual(cancelled);
    expect(outcomes(host)).toEqual(["cancelled"]);
  });

  test("before its handler has begun never begins it", async () => {
    // A plugin that is still loading holds its calls up.
    const loaded = deferred<void>();
    const { host, tasks, runs } = await openWork(SOON, { onPluginLoad: () => loaded.promise });
    const { taskId } = await tasks.start("work");
    await tasks.cancel(taskId);
    loaded.resolve();
    await host.host.settled();
    await turn();
    expect((await tasks.get(taskId)).status).toBe("cancelled");
    expect(runs.all).toEqual([]);
  });

  test("after its end keeps its answer", async () => {
    const { tasks } = await openWork(LONG, { tool: { handler: () => "done" } });
    const { taskId } = await tasks.start("work");
    const done = await tasks.settled(taskId);
    await tasks.cancel(taskId);
    await tasks.cancel(taskId);
    expect(await tasks.get(taskId)).toEqual(done);
    expect(done.status).toBe("completed");
  });

  test("between two attempts is not attempted again", async () => {
    const { tasks, runs } = await openWork(LONG, {
      tool: { annotations: { readOnlyHint: true }, config: { retryCount: 3 } },
    });
    const { taskId } = await tasks.start("work");
    (await runs.begun(0)).fail(new ToolError("Busy.", { retryable: true, retryAfterMs: 20_000 }));
    await turn();
    await tasks.cancel(taskId);
    expect((await tasks.get(taskId)).status).toBe("cancelled");
    expect(runs.all).toHaveLength(1);
  });
});

describe("a call whose client hangs up", () => {
  test("before it has left its request is stopped", async () => {
    const { tasks, runs } = await openWork({ softDeadline: 25 });
    const leaving = new AbortController();
    const gone = tasks.call("work", {}, { signal: leaving.signal }).catch(() => "gone");
    const { context } = await runs.begun(0);
    leaving.abort();
    await until(() => context.signal.aborted);
    expect(await gone).toBe("gone");
  });

  test("after it has left its request goes on", async () => {
    const { tasks, runs } = await openWork(SOON);
    const leaving = new AbortController();
    const { taskId } = await tasks.start("work", {}, { signal: leaving.signal });
    const { context, answer } = await runs.begun(0);
    leaving.abort();
    await tasks.get(taskId);
    expect(context.signal.aborted).toBe(false);
    answer("done");
    expect((await tasks.settled(taskId)).status).toBe("completed");
  });
});

describe("the time of a call that has left its request", () => {
  const PATIENT = { softDeadline: 0.05, deadline: 0.3, longDeadline: 60 };

  test("is its longDeadline: more than before, and its handler sees it", async () => {
    const { tasks, runs } = await openWork(PATIENT, { tool: { config: { timeout: 60 } } });
    const started = tasks.start("work");
    const { context, answer } = await runs.begun(0);
    expect(context.remainingMs()).toBeLessThanOrEqual(300);
    const { taskId } = await started;
    expect(context.remainingMs()).toBeGreaterThan(1_000);
    // Past the deadline that it had as a request.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(context.signal.aborted).toBe(false);
    answer("late, and in time");
    expect(await tasks.settled(taskId)).toMatchObject({
      result: { content: [{ text: "late, and in time" }] },
    });
  });

  test("ends with its longDeadline", async () => {
    const { tasks, runs } = await openWork({ ...LONG, longDeadline: 0.1 });
    const { taskId } = await tasks.start("work");
    expect(await tasks.settled(taskId)).toMatchObject({
      status: "completed",
      result: {
        isError: true,
        content: [
          { text: expect.stringMatching(/^\[outcome_unknown\] .* within 0\.1\d* s/u) as string },
        ],
      },
    });
    expect(runs.all[0]?.context.signal.aborted).toBe(true);
  });

  test("does not lengthen an attempt: its timeout holds", async () => {
    const { tasks, runs } = await openWork(PATIENT, { tool: { config: { timeout: 0.2 } } });
    const started = tasks.start("work");
    const { context } = await runs.begun(0);
    const { taskId } = await started;
    expect(context.remainingMs()).toBeLessThanOrEqual(200);
    expect(await tasks.settled(taskId)).toMatchObject({
      result: {
        isError: true,
        content: [{ text: expect.stringContaining("[outcome_unknown]") as string }],
      },
    });
    expect(context.signal.aborted).toBe(true);
  });

  test("is all that an attempt has, where its author has set no timeout of its own", async () => {
    const config = { server: { policy: { timeout: 0.3 } } };
    const { tasks, runs } = await openWork({ softDeadline: 0.05 }, { config });
    const started = tasks.start("work");
    const { context, answer } = await runs.begun(0);
    const { taskId } = await started;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(context.remainingMs()).toBeGreaterThan(800_000);
    answer("late, and in time");
    expect(await tasks.settled(taskId)).toMatchObject({
      result: { content: [{ text: "late, and in time" }] },
    });
  });

  test("is enough for the attempts that its retryCount allows", async () => {
    const { tasks, runs } = await openWork(PATIENT, {
      tool: { annotations: { readOnlyHint: true }, config: { timeout: 20, retryCount: 2 } },
    });
    const started = tasks.start("work");
    const first = await runs.begun(0);
    const { taskId } = await started;
    await new Promise((resolve) => setTimeout(resolve, 300));
    first.fail(busy());
    (await runs.begun(1)).fail(busy());
    const third = await runs.begun(2);
    expect(third.context).toMatchObject({
      attempt: 3,
      idempotencyKey: first.context.idempotencyKey,
    });
    third.answer("third time lucky");
    expect(await tasks.settled(taskId)).toMatchObject({
      result: { content: [{ text: "third time lucky" }] },
    });
  });

  test("ends for good: what a handler brings later is dropped", async () => {
    const { host, tasks, runs } = await openWork({ ...LONG, longDeadline: 0.1 });
    const { taskId } = await tasks.start("work");
    const over = await tasks.settled(taskId);
    expect(over).toMatchObject({ status: "completed", result: { isError: true } });
    (await runs.begun(0)).answer("late");
    await tasks.update(taskId, { name: { action: "accept" } });
    await tasks.cancel(taskId);
    expect(await tasks.get(taskId)).toEqual(over);
    expect(outcomes(host)).toEqual(["outcome_unknown"]);
  });

  test("is up also for a handler that keeps the whole process busy", async () => {
    const { tasks } = await openWork(
      {},
      { tool: { handler: busyWait, config: { timeout: 0.05 } } },
    );
    expect(await tasks.call("work")).toMatchObject({
      isError: true,
      _meta: { "agentflow/error": { code: "outcome_unknown" } },
    });
  });
});

describe("context.background()", () => {
  test("in the middle of a handler makes a task of its call", async () => {
    const { tasks, runs } = await openWork({});
    const started = tasks.start("work");
    const { context, answer } = await runs.begun(0);
    context.background();
    context.background();
    const { taskId } = await started;
    answer("done");
    expect((await tasks.settled(taskId)).status).toBe("completed");
    context.background();
  });

  test("is passed over for a client that could not come back", async () => {
    const { host, runs } = await openWork({});
    expect([...host.host.catalogue.tools.keys()]).toEqual(["work"]);
    const result = host.client.callTool({ name: "work", arguments: {} });
    const { context, answer } = await runs.begun(0);
    context.background();
    await turn();
    answer("waited for");
    expect(await result).toMatchObject({ content: [{ text: "waited for" }] });
  });
});

describe("progress of a task", () => {
  test("is its status message, from before it was one", async () => {
    const { tasks, runs } = await openWork(LONG);
    const { taskId } = await tasks.start("work");
    const { context } = await runs.begun(0);
    expect(await tasks.get(taskId)).not.toHaveProperty("statusMessage");
    context.progress(3, 10, "counting");
    expect(await tasks.get(taskId)).toMatchObject({ statusMessage: "3 of 10: counting" });
    context.progress(4);
    expect(await tasks.get(taskId)).toMatchObject({ statusMessage: "4" });
  });

  test("that came before it was one is not lost", async () => {
    const { tasks, runs } = await openWork(SOON);
    const started = tasks.start("work");
    const { context } = await runs.begun(0);
    context.progress(3, 10);
    const { taskId } = await started;
    expect(await tasks.get(taskId)).toMatchObject({ statusMessage: "3 of 10" });
  });

  test("is the newest, a number, and has no secret in it", async () => {
    const secret = `sk-${randomUUID()}`;
    const { host, tasks, runs } = await openWork(LONG, {
      config: { plugins: { p: { apiKey: secret } } },
    });
    const { taskId } = await tasks.start("work");
    const { context } = await runs.begun(0);
    context.progress(5, 10, "fetching");
    // As a second attempt does, which begins anew.
    context.progress(1, 10, `fetching with ${secret}`);
    context.progress(Number.NaN, 10, "nowhere");
    const plain = TaskClient.inProcess(host, {});
    const told = [await tasks.get(taskId), await plain.call("job_status", { job_id: taskId })];
    expect(told).toMatchObject([
      { statusMessage: "1 of 10: fetching with [redacted]" },
      { structuredContent: { data: { progress: { done: 1, total: 10 } } } },
    ]);
    expect(JSON.stringify(told)).not.toContain(secret);
  });
});
