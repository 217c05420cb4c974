import { describe, expect, test, vi } from "vitest";
import { MODES, openFiles } from "./system.ts";

const AGENT = `{
  name: "planner", version: "1.2.0", description: "Plans.",
  plan: () => [{ id: "a" }],
  execute: (task) => ({ status: "completed", result: task.id }),
}`;
const LLM = `{
  name: () => "echo_llm", version: async () => "1.0.0",
  generate: (prompt) => prompt, chat: (messages) => messages.at(-1).content,
}`;

const WAYS: Readonly<Record<string, string>> = {
  "definePlugin with objects": `
    import { definePlugin } from "agentflow-mcp/plugin";
    export default definePlugin({
      name: "one", version: "1.0.0", agents: [${AGENT}], llmBackends: [${LLM}],
    });`,
  "an object without any import": `
    export default { name: "one", version: "1.0.0", agents: [${AGENT}], llm_backends: [${LLM}] };`,
  "createPlugin with getAgents": `
    export const createPlugin = () => ({
      getPluginInfo: () => ({ name: "one", version: "1.0.0" }),
      getAgents: () => [${AGENT}],
      getLlmBackends: async () => [${LLM}],
    });`,
  "a plugin in snake_case": `
    export class Plugin {
      get_plugin_info() { return { name: "one", version: "1.0.0" }; }
      get_agents() { return [${AGENT}]; }
      get_llm_backends() { return [${LLM}]; }
    }`,
  "classes in getAgents": `
    class Planner {
      get name() { return "planner"; } get version() { return "1.2.0"; } get description() { return "Plans."; }
      plan() { return [{ id: "a" }]; }
      execute(task) { return { status: "completed", result: task.id }; }
    }
    export const createPlugin = () => ({
      getPluginInfo: () => ({ name: "one", version: "1.0.0" }),
      getAgents: () => [Planner],
      getLlmBackends: () => [${LLM}],
    });`,
  "several exported classes with methods instead of properties": `
    export class Planner {
      name() { return "planner"; } async version() { return "1.2.0"; } description() { return "Plans."; }
      async type() { return "agent"; }
      plan() { return [{ id: "a" }]; }
      execute(task) { return { status: "completed", result: task.id }; }
    }
    export class EchoLlm {
      name = "echo_llm"; version = "1.0.0"; type = "llm_backend";
      generate(prompt) { return prompt; }
      chat(messages) { return messages.at(-1).content; }
    }`,
};

const agentNamedSame = (result: string): string => `export class A {
  name = "same"; version = "1.0.0";
  plan() { return []; } execute() { return { status: "completed", result: "${result}" }; }
}`;

describe.each(MODES)("agents and backends, %s", (mode) => {
  test.each(Object.entries(WAYS))("work by %s", async (_way, text) => {
    const { manager, record } = await openFiles(mode, { "one.mjs": text });
    expect(record("one")).toMatchObject({ state: "serving", quarantined: [], warnings: [] });
    const agent = await manager.createAgentInstance("planner");
    expect(agent).toMatchObject({
      name: "planner",
      version: "1.2.0",
      description: "Plans.",
      type: "agent",
    });
    expect(await agent.plan()).toEqual([
      {
        id: "a",
        name: "a",
        agentType: "planner",
        description: "",
        parameters: {},
        dependencies: [],
      },
    ]);
    expect(await agent.execute({ id: "a" })).toMatchObject({ taskId: "a", result: "a" });
    const llm = await manager.createLlmBackendInstance("echo_llm");
    expect(await llm.generate("hi")).toEqual({ content: "hi", usage: { tokens: 0 } });
    expect(await llm.chat([{ role: "user", content: "ho" }])).toMatchObject({ content: "ho" });
    expect(await llm.isAvailable()).toBe(true);
    expect(await llm.validateConnection()).toBe(true);
  });

  test("one file may bring both, and what is wrong with one harms no other", async () => {
    const { manager, record } = await openFiles(mode, {
      "one.mjs": `
        export class Good {
          name = "good"; version = "1.0.0";
          plan() { return []; } execute() { return { status: "completed" }; }
        }
        export class Bad { name = "bad"; version = "1.0.0"; type = "agent"; plan() { return []; } }
        export class Twin extends Good {}`,
    });
    expect(Object.keys(manager.getAgentPlugins())).toEqual(["good"]);
    expect(record("one").quarantined).toEqual([
      {
        kind: "agent",
        name: "Bad",
        reason: "the class Bad has no execute(task, context), which every agent must have",
        problem: { code: "missing_method", at: expect.stringMatching(/one\.mjs:6$/u) },
      },
      {
        kind: "agent",
        name: "Twin",
        reason: "another agent of the plugin has this name",
        problem: { code: "wrong_data", at: expect.stringMatching(/one\.mjs:7$/u) },
      },
    ]);
  });

  test("a base class need not be whole, and a class that only helps is none of them", async () => {
    const { manager, record } = await openFiles(mode, {
      "one.mjs": `
        export class Base { constructor() { if (new.target === Base) throw new Error("abstract"); } initialize() {} }
        export class Whole extends Base {
          name = "whole"; version = "1.0.0";
          plan() { return []; } execute() { return { status: "completed" }; }
        }
        export class Money { get type() { throw new Error("was read"); } }`,
    });
    expect(record("one")).toMatchObject({ state: "serving", quarantined: [] });
    expect(Object.keys(manager.getAgentPlugins())).toEqual(["whole"]);
  });

  test("the first plugin keeps a name", async () => {
    const { manager, record } = await openFiles(mode, {
      "a.mjs": agentNamedSame("first"),
      "b.mjs": agentNamedSame("second"),
    });
    const same = await manager.createAgentInstance("same");
    expect(await same.execute({ id: "t" })).toMatchObject({ result: "first" });
    expect(record("b").quarantined).toEqual([
      {
        kind: "agent",
        name: "same",
        reason:
          "plugin 'b' declares the agent 'same', which plugin 'a' already provides. Give one of them another name",
      },
    ]);
  });

  test("an agent that comes after its plugin was loaded is initialised, and those before stay as they are", async () => {
    const { manager } = await openFiles(mode, {
      "one.mjs": `
        class Counting {
          constructor(name) { this.name = name; this.version = "1.0.0"; this.begun = 0; }
          initialize() { this.begun += 1; }
          plan() { return []; }
          execute() { return { status: "completed", result: this.begun }; }
        }
        const names = ["first"];
        export const createPlugin = () => ({
          getPluginInfo: () => ({ name: "one", version: "1.0.0" }),
          getAgents: () => names.map((name) => new Counting(name)),
          getToolsConfig: () => ({
            grow: { type: "mcp_tool", description: "Grows.", config: {}, inputSchema: { type: "object" }, handler: () => "" },
          }),
          onPluginLoad: ({ definitionsChanged }) => {
            setTimeout(() => { names.push("second"); definitionsChanged(); }, 10);
          },
        });`,
    });
    // In a process of its own, the plugin is loaded with its first call.
    const first = await manager.createAgentInstance("first", {});
    expect(await first.execute({ id: "t" })).toMatchObject({ result: 1 });
    await vi.waitFor(() => expect(manager.getAgentPlugins()).toHaveProperty("second"), {
      timeout: 10_000,
    });
    const second = await manager.createAgentInstance("second");
    expect(await second.execute({ id: "t" })).toMatchObject({ result: 1 });
  });

  test("an object that is no class takes no options", async () => {
    const { manager } = await openFiles(mode, {
      "one.mjs": WAYS["definePlugin with objects"] ?? "",
    });
    await expect(manager.createAgentInstance("planner", { a: 1 })).rejects.toThrow(
      "planner.initialize: 'planner' is one object and no class",
    );
  });
});
