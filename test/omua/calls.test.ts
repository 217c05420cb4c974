import { describe, expect, test, vi } from "vitest";
import { PluginCallError } from "../../dist/src/index.js";
import { MODES, openFiles, type Mode, type System } from "./system.ts";

type Agent = Awaited<ReturnType<System["manager"]["createAgentInstance"]>>;
type Llm = Awaited<ReturnType<System["manager"]["createLlmBackendInstance"]>>;

/** An agent with this `execute` (or whatever else), and the log of its host. */
async function agentWith(
  mode: Mode,
  members: string,
): Promise<{ readonly agent: Agent; readonly log: System["log"] }> {
  const { manager, log } = await openFiles(mode, {
    "one.mjs": `
import { setTimeout } from "node:timers/promises";
export class One {
  name = "one"; version = "1.0.0"; type = "agent";
  ${members}
  ${members.includes("plan(") ? "" : "plan() { return []; }"}
  ${members.includes("execute(") ? "" : "execute() { return { status: 'completed' }; }"}
}`,
  });
  return { agent: await manager.createAgentInstance("one"), log };
}

async function llmWith(mode: Mode, members: string): Promise<Llm> {
  const { manager } = await openFiles(mode, {
    "one.mjs": `
import { setTimeout } from "node:timers/promises";
export class One {
  name = "one"; version = "1.0.0"; type = "llm_backend";
  ${members}
  ${members.includes("chat(") ? "" : "chat() { return ''; }"}
}`,
  });
  return manager.createLlmBackendInstance("one");
}

/** Resolves with what the call was rejected with. */
async function rejection(work: Promise<unknown>): Promise<PluginCallError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PluginCallError);
  return error as PluginCallError;
}

const TASK = { id: "t1" };

describe.each(MODES)("an agent, %s", (mode) => {
  test("reads and gives both spellings", async () => {
    const { agent } = await agentWith(
      mode,
      `plan(context) {
        return [{ id: context.campaign_id, agent_type: context.campaignId, parameters: { ...context } }];
      }
      execute(task, context) {
        return {
          task_id: task.id, status: "COMPLETED", error: null, extra: 1,
          result: [task.agent_type, task.agentType, context.user_id],
          metadata: { execution_time: 2, cost: 3 },
        };
      }`,
    );
    const snake = { campaign_id: "c1", user_id: "u1" } as object;
    expect(await agent.plan(snake)).toMatchObject([
      { id: "c1", agentType: "c1", parameters: { campaignId: "c1", userId: "u1", metadata: {} } },
    ]);
    const task = { id: "t1", agent_type: "other", name: "T" };
    expect(await agent.execute(task, snake)).toEqual({
      taskId: "t1",
      status: "completed",
      extra: 1,
      result: ["other", "other", "u1"],
      metadata: { executionTime: 2, cost: 3 },
    });
  });

  test("has its time measured where it does not say it, and its error as text", async () => {
    const { agent } = await agentWith(
      mode,
      `async execute() { await setTimeout(20); return { status: "failed", error: new Error("no contacts") }; }`,
    );
    const { error, status, metadata } = await agent.execute(TASK);
    expect({ error, status }).toEqual({ error: "no contacts", status: "failed" });
    expect(metadata.executionTime).toBeGreaterThanOrEqual(0.015);
  });

  test.each([
    ["plan() { return 'a'; }", 'the result is "a", not a list of TaskSpecs'],
    ["plan() { return [{}]; }", "/0/id is nothing, not text"],
    ["plan() { return [{ id: 'a', dependencies: 'b' }]; }", '/0/dependencies is "b", not a list'],
    ["plan() { return [{ id: 'a', parameters: [] }]; }", "/0/parameters is a list, not an object"],
    ["plan() { return [{ id: 'a', parameters: { n: NaN } }]; }", "/0/parameters/n is NaN"],
  ])("whose %s is told what is wrong", async (members, text) => {
    const { agent } = await agentWith(mode, members);
    const error = await rejection(agent.plan());
    expect(error.message).toContain("plugin 'one': what one.plan gave cannot be used: ");
    expect(error.message).toContain(text);
    expect(error.reason).toBe("invalid_result");
  });

  test.each([
    ["return 'done';", 'the result is "done", not a TaskResult { taskId, status,'],
    ["return { result: 1 };", "/status is nothing, not one of pending, running, completed,"],
    ["return { status: 'done' };", '/status is "done", not one of'],
    ["return { status: 'failed', task_id: 'x' };", '/taskId is "x", but the task is "t1"'],
    ["return { status: 'failed', error: { a: 1 } };", "/error is an object, not text"],
    [
      "return { status: 'failed', metadata: { executionTime: 'long' } };",
      '/metadata/executionTime is "long", not a number of seconds',
    ],
  ])("whose execute() says %s is told what is wrong", async (body, text) => {
    const { agent } = await agentWith(mode, `execute() { ${body} }`);
    expect((await rejection(agent.execute(TASK))).message).toContain(text);
  });

  test("is not run with what cannot be a task", async () => {
    const { agent } = await agentWith(mode, "execute() { throw new Error('was run'); }");
    const error = await rejection(agent.execute({} as never));
    expect(error.message).toBe(
      "one.execute: Invalid arguments of one.execute: the task's id must be text, found nothing.",
    );
  });

  test("that throws is named with the reason, and the log has the line", async () => {
    const { agent, log } = await agentWith(mode, "execute() { throw new Error('no luck'); }");
    const error = await rejection(agent.execute(TASK));
    expect(error).toMatchObject({ reason: "tool_error", message: "one.execute: Error: no luck" });
    const line = log.find(({ msg, plugin }) => msg === "call" && plugin === "one");
    expect(String(log.find(({ member }) => member === "one.execute")?.["reason"])).toMatch(
      /one\.mjs:5/u,
    );
    expect(line).toBeDefined();
  });

  test("that throws a ToolError is passed on with its code", async () => {
    const { agent } = await agentWith(
      mode,
      `execute() {
        throw Object.assign(new Error("Try tomorrow."), { name: "ToolError", code: "quota_reached", retryable: true });
      }`,
    );
    const error = await rejection(agent.execute(TASK));
    expect(error.message).toBe("one.execute: Try tomorrow.");
    expect(error).toMatchObject({ reason: "quota_reached", retryable: true });
  });

  test("hears that nobody waits any more, and the call ends at once", async () => {
    const { agent } = await agentWith(
      mode,
      `execute(task, context, { signal }) {
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve({ status: "cancelled" })));
      }`,
    );
    const leaving = new AbortController();
    const work = rejection(agent.execute(TASK, {}, { signal: leaving.signal }));
    setTimeout(() => leaving.abort(), 50);
    expect((await work).reason).toBe("cancelled");
    const late = await rejection(agent.execute(TASK, {}, { timeoutMs: 100 }));
    expect(late.reason).toBe("timeout");
  });
});

describe.each(MODES)("an LLM backend, %s", (mode) => {
  test("streams by an iterator, and the whole comes at the end", async () => {
    const llm = await llmWith(
      mode,
      `async *generate(prompt) {
        yield "Hel"; await setTimeout(5); yield { content: "lo" };
        return { model: "m", finish_reason: "stop", usage: { input_tokens: 2, output_tokens: 3 } };
      }`,
    );
    const chunks: string[] = [];
    const response = await llm.generate("hi", { onChunk: (text) => chunks.push(text) });
    expect(response).toEqual({
      content: "Hello",
      model: "m",
      finishReason: "stop",
      usage: { tokens: 5, inputTokens: 2, outputTokens: 3 },
    });
    expect(chunks).toEqual(["Hel", "lo"]);
    expect(await llm.generate("hi")).toEqual(response);
  });

  test("streams by the function that it is given, which is there only if somebody reads along", async () => {
    const llm = await llmWith(
      mode,
      `generate(prompt, { onChunk, on_chunk }) {
        if (onChunk === undefined) return "nobody";
        onChunk("a"); onChunk("b");
        return { content: "ab" };
      }
      chat() { return "at once"; }`,
    );
    const chunks: string[] = [];
    const onChunk = (text: string): void => void chunks.push(text);
    expect(await llm.generate("hi")).toMatchObject({ content: "nobody" });
    expect(await llm.generate("hi", { onChunk })).toMatchObject({ content: "ab" });
    await llm.chat([{ role: "user", content: "x" }], { onChunk });
    expect(chunks).toEqual(["a", "b", "at once"]);
  });

  test("that streams is stopped when its reader leaves", async () => {
    const llm = await llmWith(
      mode,
      `async *generate() {
        try { for (;;) { yield "x"; await setTimeout(5); } } finally { One.ended = true; }
      }
      get isAvailable() { return One.ended !== true; }`,
    );
    const leaving = new AbortController();
    const work = llm.generate("hi", {
      signal: leaving.signal,
      onChunk: () => leaving.abort(),
    });
    expect((await rejection(work)).reason).toBe("cancelled");
    await vi.waitFor(async () => expect(await llm.isAvailable()).toBe(false), { timeout: 10_000 });
  });

  test("is available as a property or a method, sync or not, in both spellings", async () => {
    for (const member of [
      "get isAvailable() { return false; }",
      "is_available() { return false; }",
      "async isAvailable() { return false; }",
      "is_available = Promise.resolve(false);",
    ]) {
      const llm = await llmWith(mode, `generate() { return ""; } ${member}`);
      expect(await llm.isAvailable(), member).toBe(false);
    }
  });

  test.each([
    ["generate() { return 7; }", "the result is 7, not an LLMResponse { content,"],
    ["generate() { return {}; }", "/content is nothing, not text"],
    ["generate() { return { content: '', usage: { tokens: '7' } }; }", '/usage/tokens is "7", not'],
    ["async *generate() { yield 7; }", "the result is 7, not a piece of an answer"],
  ])("whose %s is told what is wrong", async (members, text) => {
    const llm = await llmWith(mode, members);
    expect((await rejection(llm.generate("hi"))).message).toContain(text);
  });

  test("that says neither true nor false is told so", async () => {
    const llm = await llmWith(mode, "generate() { return ''; } isAvailable() { return 'yes'; }");
    expect((await rejection(llm.isAvailable())).message).toContain('is "yes", not true or false');
  });

  test("is not asked what is no conversation", async () => {
    const llm = await llmWith(mode, "generate() { return ''; }");
    expect((await rejection(llm.chat([{ role: "robot" } as never]))).message).toContain(
      `message 1: 'role' must be system, user or assistant, found "robot"`,
    );
  });
});

test("an instance is there again after its process has crashed", async () => {
  const { manager } = await openFiles("process", {
    "one.mjs": `
export class One {
  name = "one"; version = "1.0.0";
  constructor({ start = 0 } = {}) { this.count = start; }
  plan() { return []; }
  execute(task) {
    if (task.id === "crash") process.exit(3);
    return { status: "completed", result: ++this.count };
  }
}`,
  });
  const agent = await manager.createAgentInstance("One", { start: 10 });
  expect(await agent.execute(TASK)).toMatchObject({ result: 11 });
  expect((await rejection(agent.execute({ id: "crash" }))).reason).toBe("plugin_crashed");
  expect(await agent.execute(TASK)).toMatchObject({ result: 11 });
});
