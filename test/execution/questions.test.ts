import { describe, expect, test } from "vitest";
import type { Run } from "../helpers/runs.ts";
import { ASKS_USER, TaskClient, TAKES_TASKS, type Task } from "../helpers/task-client.ts";
import { LONG, openWork, outcomes, turn, type WorkHost } from "../helpers/work-host.ts";
import type { InputRequest } from "../../src/plugin-api/index.ts";

const form = (message: string): InputRequest => ({
  kind: "form",
  message,
  schema: { type: "object", properties: { name: { type: "string" } } },
});
const accepted = (name: string): object => ({ action: "accept", content: { name } });

function ask(
  { context, answer }: Run,
  requests: Readonly<Record<string, InputRequest>>,
  state?: unknown,
): void {
  answer(context.inputRequired(requests, state));
}

interface Asked extends WorkHost {
  readonly taskId: string;
  readonly task: Task;
}

/** A task whose first run has asked this. */
async function openAsked(
  requests: Readonly<Record<string, InputRequest>>,
  { state, longDeadline = 60 }: { state?: unknown; longDeadline?: number } = {},
): Promise<Asked> {
  const opened = await openWork({ ...LONG, longDeadline }, { capabilities: ASKS_USER });
  const { tasks, runs } = opened;
  const { taskId } = await tasks.start("work", { n: 1 });
  ask(await runs.begun(0), requests, state);
  return { ...opened, taskId, task: await tasks.settled(taskId) };
}

const keysOf = ({ inputRequests = {} }: Task): readonly string[] => Object.keys(inputRequests);

describe("a task that wants to know something", () => {
  test("shows what it asks, and goes on from the top with the answer and its state", async () => {
    const { tasks, runs, taskId, task } = await openAsked(
      { name: form("Who?") },
      { state: { kept: "between the rounds" } },
    );
    expect(task).toMatchObject({
      status: "input_required",
      inputRequests: {
        name: {
          method: "elicitation/create",
          params: { mode: "form", message: "Who?", requestedSchema: { type: "object" } },
        },
      },
    });
    // The state is the plugin's own: no client carries it, or sees it.
    expect(JSON.stringify(task)).not.toContain("between the rounds");
    expect(await tasks.update(taskId, { name: accepted("Ada") })).toMatchObject({
      resultType: "complete",
    });
    const { args, context, answer } = await runs.begun(1);
    expect(args).toEqual({ n: 1 });
    expect(context).toMatchObject({
      attempt: 1,
      inputs: { name: { action: "accept", content: { name: "Ada" } } },
      state: { kept: "between the rounds" },
    });
    expect(await tasks.get(taskId)).toMatchObject({ status: "working" });
    answer("Hello, Ada!");
    expect(await tasks.settled(taskId)).toMatchObject({
      status: "completed",
      result: { content: [{ text: "Hello, Ada!" }] },
    });
  });

  test("waits until everything is answered, and takes no answer to what it did not ask", async () => {
    const { tasks, runs, taskId } = await openAsked({ first: form("1?"), second: form("2?") });
    await tasks.update(taskId, { third: accepted("nobody"), constructor: accepted("nobody") });
    expect(keysOf(await tasks.get(taskId))).toEqual(["first", "second"]);
    await tasks.update(taskId, { second: accepted("two"), third: accepted("nobody") });
    const half = await tasks.get(taskId);
    expect(half.status).toBe("input_required");
    expect(keysOf(half)).toEqual(["first"]);
    // What is answered is answered.
    await tasks.update(taskId, { second: accepted("three") });
    await tasks.update(taskId, {});
    expect(runs.all).toHaveLength(1);
    await tasks.update(taskId, { first: { action: "decline" } });
    const { context } = await runs.begun(1);
    expect(context.inputs).toEqual({ first: { action: "decline" }, second: accepted("two") });
  });

  test.each([
    ["null", { name: null }],
    ["text", { name: "Ada" }],
    ["a list", { name: [accepted("Ada")] }],
    ["an envelope", { name: { result: accepted("Ada") } }],
  ])("does not take %s for an answer", async (_what, answers) => {
    const { tasks, runs, taskId } = await openAsked({ name: form("Who?") });
    await tasks.update(taskId, answers);
    await tasks.result("tasks/update", { taskId });
    await tasks.result("tasks/update", { taskId, inputResponses: [accepted("Ada")] });
    expect(await tasks.get(taskId)).toMatchObject({ status: "input_required" });
    expect(runs.all).toHaveLength(1);
  });

  test("may ask in several rounds, and what it asks never comes under a key of before", async () => {
    const { tasks, runs, taskId, task } = await openAsked({ name: form("Who?") });
    const seen = [...keysOf(task)];
    for (let round = 1; round <= 4; round++) {
      await tasks.update(taskId, { [seen.at(-1) ?? ""]: accepted(`answer ${round}`) });
      const run = await runs.begun(round);
      expect(run.context.inputs).toEqual({ name: accepted(`answer ${round}`) });
      ask(run, { name: form("Who, again?") }, { round });
      const [key = "", ...more] = keysOf(await tasks.settled(taskId));
      expect(more).toEqual([]);
      expect(seen).not.toContain(key);
      seen.push(key);
      // An answer to an earlier round is none to this one.
      await tasks.update(taskId, { [seen[0] ?? ""]: accepted("late") });
      expect(await tasks.get(taskId)).toMatchObject({ status: "input_required" });
    }
    await tasks.update(taskId, { [seen.at(-1) ?? ""]: accepted("last") });
    const { context, answer } = await runs.begun(5);
    expect(context.state).toEqual({ round: 4 });
    answer("done");
    expect((await tasks.settled(taskId)).status).toBe("completed");
  });

  test("tells keys apart that only look as if they were of a later round", async () => {
    const { tasks, runs, taskId } = await openAsked({ name: form("1?"), "name-2": form("2?") });
    await tasks.update(taskId, { name: accepted("1"), "name-2": accepted("2") });
    ask(await runs.begun(1), { name: form("3?"), "name-2": form("4?") });
    const { inputRequests = {} } = await tasks.settled(taskId);
    expect(Object.keys(inputRequests)).not.toContain("name");
    expect(Object.keys(inputRequests)).not.toContain("name-2");
    const answers = Object.entries(inputRequests).map(([key, { params }]) => [
      key,
      accepted(String(params["message"])),
    ]);
    await tasks.update(taskId, Object.fromEntries(answers) as Record<string, object>);
    const { context } = await runs.begun(2);
    expect(context.inputs).toEqual({ name: accepted("3?"), "name-2": accepted("4?") });
  });

  test("has its time anew with each round", async () => {
    const { tasks, runs, taskId, task } = await openAsked(
      { name: form("Who?") },
      { longDeadline: 20 },
    );
    await tasks.update(taskId, { name: accepted("Ada") });
    const { context } = await runs.begun(1);
    expect(context.remainingMs()).toBeGreaterThan(10_000);
    expect((await tasks.get(taskId)).ttlMs).toBeGreaterThanOrEqual(task.ttlMs);
  });

  test("ends when nobody answers within its longDeadline", async () => {
    const { host, tasks, runs, taskId } = await openAsked(
      { name: form("Who?") },
      { longDeadline: 0.1 },
    );
    const over = await tasks.until(taskId, ({ status }) => status === "completed");
    expect(over.result).toMatchObject({
      isError: true,
      content: [
        {
          text: "[timeout] Nobody answered what 'work' wanted to know within 0.1 s.",
        },
      ],
    });
    await tasks.update(taskId, { name: accepted("Ada") });
    expect(await tasks.get(taskId)).toEqual(over);
    expect(runs.all).toHaveLength(1);
    expect(outcomes(host)).toEqual(["input_required"]);
  });

  test("can be cancelled, and is not entered again by an answer", async () => {
    const { tasks, runs, taskId } = await openAsked({ name: form("Who?") });
    await tasks.cancel(taskId);
    const cancelled = await tasks.get(taskId);
    expect(cancelled.status).toBe("cancelled");
    expect(cancelled).not.toHaveProperty("inputRequests");
    await tasks.update(taskId, { name: accepted("Ada") });
    await turn();
    expect(await tasks.get(taskId)).toEqual(cancelled);
    expect(runs.all).toHaveLength(1);
  });

  test.each<[string, InputRequest, string]>([
    ["a form", form("Who?"), "elicitation/create"],
    [
      "a page",
      { kind: "url", message: "Sign in.", url: "https://a.example" },
      "elicitation/create",
    ],
    [
      "a completion",
      {
        kind: "sampling",
        messages: [{ role: "user", content: { type: "text", text: "Hi." } }],
        maxTokens: 5,
      },
      "sampling/createMessage",
    ],
    ["folders", { kind: "roots" }, "roots/list"],
  ])("asks for %s only a client that can give it", async (_what, request, method) => {
    const able = { ...TAKES_TASKS, elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
    const { host, tasks, runs } = await openWork(LONG, { capabilities: able });
    const { taskId } = await tasks.start("work");
    ask(await runs.begun(0), { it: request });
    expect((await tasks.settled(taskId)).inputRequests).toMatchObject({ it: { method } });
    const unable = TaskClient.inProcess(host, TAKES_TASKS);
    const refused = await unable.start("work");
    ask(await runs.begun(1), { it: request });
    const over = await unable.settled(refused.taskId);
    expect(over).toMatchObject({
      status: "failed",
      statusMessage: expect.stringContaining("which this client cannot give") as string,
      error: { code: -32_021, data: { code: "cannot_ask" } },
    });
    expect(over).not.toHaveProperty("result");
    expect(runs.all).toHaveLength(2);
  });

  test("fails where it asks nothing at all, instead of waiting for nobody", async () => {
    const { tasks, runs } = await openWork(LONG, { capabilities: ASKS_USER });
    const { taskId } = await tasks.start("work");
    ask(await runs.begun(0), {}, "a state");
    expect(await tasks.settled(taskId)).toMatchObject({
      status: "failed",
      error: { code: -32_603, data: { code: "invalid_result" } },
    });
  });
});

test("answers to a task that asks nothing are passed over", async () => {
  const { tasks, runs } = await openWork(LONG, { capabilities: ASKS_USER });
  const { taskId } = await tasks.start("work");
  await tasks.update(taskId, { name: accepted("Ada") });
  expect(await tasks.get(taskId)).toMatchObject({ status: "working" });
  const { context, answer } = await runs.begun(0);
  expect(context.inputs).toEqual({});
  answer("done");
  const done = await tasks.settled(taskId);
  await tasks.update(taskId, { name: accepted("Ada") });
  expect(await tasks.get(taskId)).toEqual(done);
});

test("a call may ask first, as a request, and go on in the background when it has its answer", async () => {
  const { tasks, runs } = await openWork({}, { capabilities: ASKS_USER });
  const asking = tasks.call("work", { n: 1 });
  ask(await runs.begun(0), { name: form("Who?") }, { round: 1 });
  const { resultType, inputRequests, requestState } = await asking;
  expect(resultType).toBe("input_required");
  expect(inputRequests).toMatchObject({ name: { method: "elicitation/create" } });
  const retried = tasks.result("tools/call", {
    name: "work",
    arguments: { n: 1 },
    inputResponses: { name: accepted("Ada") },
    requestState,
  });
  const { context, answer } = await runs.begun(1);
  expect(context).toMatchObject({ inputs: { name: accepted("Ada") }, state: { round: 1 } });
  context.background();
  const { taskId } = (await retried) as unknown as Task;
  expect(await tasks.get(taskId)).toMatchObject({ status: "working" });
  answer("Hello, Ada!");
  expect(await tasks.settled(taskId)).toMatchObject({
    result: { content: [{ text: "Hello, Ada!" }] },
  });
});

async function openJob(
  capabilities: object,
): Promise<{ readonly plain: TaskClient; readonly id: string } & WorkHost> {
  const opened = await openWork({ ...LONG, longDeadline: 60 });
  const plain = TaskClient.inProcess(opened.host, { ...capabilities });
  return { ...opened, plain, id: await plain.startJob("work") };
}

describe("a job that wants to know something", () => {
  const able = { elicitation: { form: {} } };

  test("asks through job_result, round after round, and none takes another's answer", async () => {
    const { plain, id, runs } = await openJob(able);
    const result = (inputResponses?: object): Promise<Readonly<Record<string, unknown>>> =>
      plain.result("tools/call", {
        name: "job_result",
        arguments: { job_id: id },
        ...(inputResponses && { inputResponses }),
      });
    ask(await runs.begun(0), { name: form("Who?") }, { round: 1 });
    expect(await result()).toMatchObject({
      resultType: "input_required",
      inputRequests: { name: { method: "elicitation/create" } },
    });
    // Another answer may be on its way at the same time.
    const answered = result({ name: accepted("Ada") });
    const { context, answer } = await runs.begun(1);
    expect(context).toMatchObject({ inputs: { name: accepted("Ada") }, state: { round: 1 } });
    answer(context.inputRequired({ name: form("Who else?") }));
    const { inputRequests } = await answered;
    const [key = ""] = Object.keys(inputRequests as object);
    expect(await result({ name: accepted("Bob") })).toMatchObject({
      resultType: "input_required",
      inputRequests: { [key]: { params: { message: "Who else?" } } },
    });
    const last = result({ [key]: accepted("Eve") });
    const third = await runs.begun(2);
    expect(third.context.inputs).toEqual({ name: accepted("Eve") });
    third.answer("done");
    expect(await last).toMatchObject({ resultType: "complete", content: [{ text: "done" }] });
  });

  test("refuses a client that cannot ask its user, and waits for one that can", async () => {
    const { host, plain, id, runs } = await openJob({});
    ask(await runs.begun(0), { name: form("Who?") });
    const asked = { name: "job_result", arguments: { job_id: id } };
    expect(await plain.request("tools/call", asked)).toMatchObject({ error: { code: -32_021 } });
    const better = TaskClient.inProcess(host, able);
    expect(await better.call("job_result", { job_id: id })).toMatchObject({
      resultType: "input_required",
    });
  });
});
