import { expect, test } from "vitest";
import { jsonPort } from "../loading/json-port.ts";
import { ASKS_USER, errorOf, TaskClient } from "../helpers/task-client.ts";
import {
  openWork,
  SOON,
  turn,
  type ToolPolicy,
  type WorkHostOptions,
} from "../helpers/work-host.ts";
import { ToolError, type InputRequest } from "../../src/plugin-api/index.ts";
import { InlinePort } from "../../src/runtime/inline-port.ts";

const LONG: ToolPolicy = { long: true, longDeadline: 300 };
const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const WHO: InputRequest = {
  kind: "form",
  message: "Who?",
  schema: { type: "object", properties: { name: { type: "string" } } },
};

/** Through a port that makes JSON of all that crosses it, and through one that does not. */
const PORTS: Readonly<Record<string, WorkHostOptions>> = {
  directly: {},
  "through JSON": { openPort: (source) => jsonPort(new InlinePort(source)) },
};

test.each(Object.entries(PORTS))("a task works with a plugin reached %s", async (_way, port) => {
  const tool = { outputSchema: schema };
  const { tasks, runs } = await openWork(LONG, { ...port, tool, capabilities: ASKS_USER });
  const { taskId } = await tasks.start("work", { n: 1 });
  const first = await runs.begun(0);
  expect(first.context.remainingMs()).toBeGreaterThan(200_000);
  first.context.background();
  first.context.progress(1, 3, "first");
  expect(await tasks.get(taskId)).toMatchObject({ statusMessage: "1 of 3: first" });
  first.answer(first.context.inputRequired({ name: WHO }, { at: new Date(0), round: 1 }));
  expect(await tasks.settled(taskId)).toMatchObject({ inputRequests: { name: {} } });
  await tasks.update(taskId, { name: { action: "accept", content: { name: "Ada" } } });
  const second = await runs.begun(1);
  expect(second.args).toEqual({ n: 1 });
  expect(second.context).toMatchObject({
    inputs: { name: { action: "accept", content: { name: "Ada" } } },
    state: { at: "1970-01-01T00:00:00.000Z", round: 1 },
  });
  second.answer({ content: "done", data: { n: 2 }, _meta: { "example.com/own": true } });
  expect(await tasks.settled(taskId)).toMatchObject({
    status: "completed",
    result: {
      content: [{ text: "done" }],
      structuredContent: { n: 2 },
      _meta: { "example.com/own": true },
    },
  });
});

test.each(Object.entries(PORTS))(
  "a task can be cancelled whose plugin is reached %s",
  async (_way, port) => {
    const { tasks, runs } = await openWork(SOON, port);
    const { taskId } = await tasks.start("work");
    const { context, answer } = await runs.begun(0);
    await tasks.cancel(taskId);
    expect(context.signal.aborted).toBe(true);
    context.progress(1);
    context.background();
    answer("late");
    await turn();
    expect((await tasks.get(taskId)).status).toBe("cancelled");
  },
);

test.each(Object.entries(PORTS))(
  "a job that fails says why where its plugin is reached %s",
  async (_way, port) => {
    const { host, runs } = await openWork(LONG, port);
    const plain = TaskClient.inProcess(host, {});
    const id = await plain.startJob("work");
    (await runs.begun(0)).fail(new ToolError("Busy.", { code: "busy", retryAfterMs: 5 }));
    const result = await plain.call("job_result", { job_id: id });
    expect(errorOf(result)).toMatchObject({ code: "busy", retryAfterMs: 5 });
  },
);
