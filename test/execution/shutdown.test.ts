import { describe, expect, test } from "vitest";
import { ASKS_USER, errorOf, TaskClient } from "../helpers/task-client.ts";
import { LONG, openWork, outcomes, turn } from "../helpers/work-host.ts";
import type { InputRequest } from "../../src/plugin-api/index.ts";

/** Longer than any test waits. */
const LONG_GRACE_MS = 1_000_000;

const QUESTION: Readonly<Record<string, InputRequest>> = {
  name: { kind: "form", message: "Who?", schema: { type: "object", properties: {} } },
};
const STOPPED = {
  status: "failed",
  statusMessage: "The server is shutting down; try again in a moment.",
  error: { code: -32_603, data: { code: "shutting_down" } },
};

describe("when the host stops", () => {
  test("a task gets the grace to finish", async () => {
    const { host, tasks, runs } = await openWork(LONG);
    const { taskId } = await tasks.start("work");
    const { context, answer } = await runs.begun(0);
    const stopped = host.host.stop(LONG_GRACE_MS);
    await turn();
    expect(context.signal.aborted).toBe(false);
    expect(await tasks.get(taskId)).toMatchObject({ status: "working" });
    answer("in time");
    await stopped;
    expect(await tasks.get(taskId)).toMatchObject({
      status: "completed",
      result: { content: [{ text: "in time" }] },
    });
  });

  test("a task that is not done by then is stopped, and says why", async () => {
    const { host, tasks, runs } = await openWork(LONG);
    const { taskId } = await tasks.start("work");
    const { context, answer } = await runs.begun(0);
    await host.host.stop(1);
    expect(context.signal.aborted).toBe(true);
    const over = await tasks.get(taskId);
    expect(over).toMatchObject({
      ...STOPPED,
      statusMessage: expect.stringContaining("may or may not have taken effect") as string,
    });
    answer("late");
    await turn();
    expect(await tasks.get(taskId)).toEqual(over);
    expect(outcomes(host)).toEqual(["shutting_down"]);
  });

  test("a task that waits for an answer holds nothing up", async () => {
    const { host, tasks, runs } = await openWork(LONG, { capabilities: ASKS_USER });
    const { taskId } = await tasks.start("work");
    const { context, answer } = await runs.begun(0);
    answer(context.inputRequired(QUESTION));
    await tasks.settled(taskId);
    await host.host.stop(LONG_GRACE_MS);
    expect(await tasks.get(taskId)).toMatchObject(STOPPED);
    await tasks.update(taskId, { name: { action: "accept" } });
    await turn();
    expect(runs.all).toHaveLength(1);
  });

  test("a task that begins to ask holds nothing up, either", async () => {
    const { host, tasks, runs } = await openWork(LONG, { capabilities: ASKS_USER });
    const { taskId } = await tasks.start("work");
    const { context, answer } = await runs.begun(0);
    const stopped = host.host.stop(LONG_GRACE_MS);
    answer(context.inputRequired(QUESTION));
    await stopped;
    expect(await tasks.get(taskId)).toMatchObject(STOPPED);
  });

  test("a task that has just got its answer does not begin anew in a plugin that is unloaded", async () => {
    const { host, tasks, runs } = await openWork(LONG, { capabilities: ASKS_USER });
    const { taskId } = await tasks.start("work");
    const { context, answer } = await runs.begun(0);
    answer(context.inputRequired(QUESTION));
    await tasks.settled(taskId);
    await host.host.tasks.answer(taskId, "local", { name: { action: "accept" } });
    await host.host.stop(0);
    expect(await tasks.settled(taskId)).toMatchObject(STOPPED);
    expect(runs.all.slice(1).filter((run) => !run.context.signal.aborted)).toEqual([]);
  });

  test("a client that waits for a job is told at once what has become of it", async () => {
    const { host, runs } = await openWork(LONG);
    const plain = TaskClient.inProcess(host, { elicitation: { form: {} } });
    const id = await plain.startJob("work");
    const waiting = plain.call("job_result", { job_id: id });
    const { answer } = await runs.begun(0);
    await turn();
    const stopped = host.host.stop(LONG_GRACE_MS);
    answer("in time");
    expect(await waiting).toMatchObject({ content: [{ text: "in time" }] });
    await stopped;
    expect(errorOf(await plain.call("job_result", { job_id: id })).code).toBe("shutting_down");
  });

  test("a call that passes its soft deadline in the grace stays a request", async () => {
    const { host, tasks, runs } = await openWork({});
    const call = tasks.call("work");
    const { context, answer } = await runs.begun(0);
    const stopped = host.host.stop(LONG_GRACE_MS);
    context.background();
    await turn();
    answer("in time");
    expect(await call).toMatchObject({ resultType: "complete", content: [{ text: "in time" }] });
    await stopped;
  });
});
