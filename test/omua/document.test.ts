import { describe, expect, test } from "vitest";
import { setupPluginSystem } from "../../dist/src/index.js";
import { EXAMPLES, MODES, openSystem, type System } from "./system.ts";

const CONFIG = {
  my_custom_agent: { api_key: "your-api-key-here", custom_setting: "value" },
  my_custom_llm: { model: "gpt-4", temperature: 0.7 },
};

describe.each(MODES)("the document's examples, %s", (mode) => {
  const openExamples = (): Promise<System> =>
    openSystem({ mode, folder: EXAMPLES, plugins: CONFIG });

  test("are all found and served, each with its type and its class", async () => {
    const { manager, record } = await openExamples();
    expect(manager.getAgentPlugins()).toEqual({
      my_custom_agent: {
        name: "my_custom_agent",
        version: "1.0.0",
        type: "agent",
        description: "Custom agent for specialized acquisition tasks",
        className: "MyCustomAgent",
        plugin: "my_agent",
      },
    });
    expect(manager.getLlmBackendPlugins()).toEqual({
      my_custom_llm: expect.objectContaining({ className: "MyCustomLLM", type: "llm_backend" }),
    });
    expect(manager.getStorageBackendPlugins()).toEqual({
      my_custom_storage: expect.objectContaining({ className: "MyCustomStorage" }),
    });
    expect(record("my_agent")).toMatchObject({ state: "serving", warnings: [], quarantined: [] });
  });

  test("the agent plans and executes, and its snake_case data comes out in camelCase", async () => {
    const { manager } = await openExamples();
    const agent = await manager.createAgentInstance("MyCustomAgent", { api_key: "..." });
    const [task, ...others] = await agent.plan({ userId: "u1" });
    expect(others).toEqual([]);
    expect(task).toEqual({
      id: "my_custom_agent_task_1",
      name: "Custom Task",
      agentType: "my_custom_agent",
      description: "Execute custom logic",
      parameters: { custom_param: "value" },
      dependencies: [],
    });
    expect(await agent.execute(task ?? { id: "" })).toEqual({
      taskId: "my_custom_agent_task_1",
      status: "completed",
      result: { custom_result: "success" },
      metadata: { executionTime: 1 },
    });
  });

  test("the LLM backend generates, chats, is available and has a connection", async () => {
    const { manager } = await openExamples();
    const llm = await manager.createLlmBackendInstance("MyCustomLLM", { api_key: "..." });
    expect(await llm.generate("Hello")).toEqual({
      content: "Generated response",
      usage: { tokens: 100 },
    });
    expect(await llm.chat([{ role: "user", content: "Hello" }])).toEqual({
      content: "Chat response",
      usage: { tokens: 50 },
    });
    expect(await llm.isAvailable()).toBe(true);
    expect(await llm.validateConnection()).toBe(true);
  });

  test("the storage backend keeps workflows, metrics and values", async () => {
    const { manager } = await openExamples();
    const storage = await manager.createStorageBackendInstance("my_custom_storage");
    const workflow = {
      id: "w1",
      status: "running",
      agent: "my_custom_agent",
      createdAt: "2026-01-31T08:00:00.000Z",
      updatedAt: "2026-01-31T08:00:01.000Z",
      tasks: [{ id: "t1" }],
    };
    await storage.saveWorkflow(workflow);
    await storage.saveWorkflow({ ...workflow, id: "w2", createdAt: "2026-02-01T08:00:00.000Z" });
    expect(await storage.loadWorkflow("w1")).toEqual(workflow);
    expect(await storage.loadWorkflow("none")).toBeUndefined();
    expect((await storage.listWorkflows("running", 10, 0)).map(({ id }) => id)).toEqual([
      "w2",
      "w1",
    ]);
    expect(await storage.listWorkflows("failed")).toEqual([]);

    const metric = { name: "ms", value: 1.5, time: "2026-01-31T08:00:00.000Z", labels: { a: "b" } };
    await storage.saveMetric(metric);
    expect(await storage.getMetrics("ms", "2026-01-31T00:00:00Z")).toEqual([metric]);
    expect(await storage.getMetrics("ms", undefined, "2026-01-31T00:00:00Z")).toEqual([]);

    await storage.deleteMetrics("2026-02-01T00:00:00Z");
    expect(await storage.getMetrics()).toEqual([]);
    expect(await storage.deleteWorkflow("w2")).toBe(true);
    expect((await storage.listWorkflows()).map(({ id }) => id)).toEqual(["w1"]);

    const version = await storage.put("n", "k", { a: 1 }, { ifVersion: 0 });
    expect(await storage.put("n", "k", { a: 2 }, { ifVersion: 0 })).toBeUndefined();
    expect(await storage.get("n", "k")).toEqual({ value: { a: 1 }, version });
    await storage.put("n", "l", 1, { ttl: 60 });
    expect(await storage.get("n", "l")).toMatchObject({ expiresAt: expect.stringMatching(/Z$/u) });
    expect(await storage.keys("n")).toEqual(["k", "l"]);
    expect(await storage.keys("n", { prefix: "l" })).toEqual(["l"]);
    expect(await storage.count("n")).toBe(2);
    expect(await storage.delete("n", "k")).toBe(true);
    expect(await storage.get("n", "k")).toBeUndefined();
  });
});

test("an unknown name lists the known ones", async () => {
  const { manager } = await openSystem({ mode: "inline", folder: EXAMPLES, plugins: CONFIG });
  await expect(manager.createAgentInstance("MyCustomAgnet")).rejects.toThrow(
    "There is no agent 'MyCustomAgnet'. Did you mean 'MyCustomAgent'? " +
      "There are: my_custom_agent (MyCustomAgent).",
  );
  await expect(manager.createLlmBackendInstance("gpt")).rejects.toThrow(
    "There is no LLM backend 'gpt'. There are: my_custom_llm (MyCustomLLM).",
  );
});

test("nothing can be asked of a system that has not loaded its plugins, or is shut down", async () => {
  const idle = setupPluginSystem();
  expect(() => idle.getAgentPlugins()).toThrow("First: await manager.loadPlugins()");
  await idle.shutdown();
  await expect(idle.loadPlugins()).rejects.toThrow("The manager has been shut down.");
});
