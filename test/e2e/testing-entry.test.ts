import { createTestHost, type TestHost } from "agentflow-mcp/testing";
import { definePlugin, ToolError, type CreatePlugin } from "agentflow-mcp/plugin";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { PluginPort } from "../../src/base/port.ts";
import { InlinePort } from "../../src/runtime/inline-port.ts";
import { until } from "../helpers/bare-server.ts";

const PROTOCOLS = ["2025-11-25", "2026-07-28"] as const;

const greeter = definePlugin({
  name: "greeter",
  version: "1.0.0",
  configSchema: z.object({ greeting: z.string().default("Hello"), apiKey: z.string().optional() }),
  tools: {
    greet: {
      description: "Greets somebody.",
      inputSchema: z.object({ name: z.string() }),
      handler: ({ name }, { config }) => `${String(config["greeting"])}, ${name}!`,
    },
    fail: {
      inputSchema: z.object({}),
      handler: () => {
        throw new Error("the database is down");
      },
    },
    refuse: {
      inputSchema: z.object({}),
      handler: () => {
        throw new ToolError("Not on Sundays.", { code: "closed" });
      },
    },
    tell_key: {
      inputSchema: z.object({}),
      handler: (_args, { config, log }) => {
        log.info(`the key is ${String(config["apiKey"])}`);
        return `the key is ${String(config["apiKey"])}`;
      },
    },
  },
  prompts: { welcome: "Welcome {name} with `greet`." },
});

const createCounter: CreatePlugin = () => {
  let count = 0;
  return {
    getPluginInfo: () => ({ name: "counter", version: "1.0.0" }),
    getToolsConfig: () => ({
      count: { inputSchema: { type: "object" }, handler: () => String(++count) },
    }),
  };
};

const createBroken: CreatePlugin = () => {
  throw new Error("no licence");
};

let open: TestHost[] = [];
afterEach(async () => {
  await Promise.all(open.map((host) => host.close()));
  open = [];
});

async function hostWith(options: Parameters<typeof createTestHost>[0]): Promise<TestHost> {
  const host = await createTestHost(options);
  open.push(host);
  return host;
}

async function textOf(
  { client }: Pick<TestHost, "client">,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string | undefined> {
  const { content } = await client.callTool({ name, arguments: args });
  const [block] = content;
  return block?.type === "text" ? block.text : undefined;
}

describe.each(PROTOCOLS)("an author's test of a plugin, by a client of %s", (protocol) => {
  test("lists and calls its tools over the real protocol", async () => {
    const host = await hostWith({ plugins: { greeter }, protocol });
    expect(host.client.getNegotiatedProtocolVersion()).toBe(protocol);
    const { tools } = await host.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["fail", "greet", "refuse", "tell_key"]);
    expect(await textOf(host, "greet", { name: "Ada" })).toBe("Hello, Ada!");
    const { messages } = await host.client.getPrompt({
      name: "welcome",
      arguments: { name: "Ada" },
    });
    expect(messages[0]?.content).toEqual({ type: "text", text: "Welcome Ada with `greet`." });
  });

  test("configures it as mcp.config.json would", async () => {
    const config = {
      plugins: { greeter: { greeting: "Hi", prefix: "my", tools: { greet: { rename: "hello" } } } },
    };
    const host = await hostWith({ plugins: { greeter }, config, protocol });
    expect(await textOf(host, "my_hello", { name: "Ada" })).toBe("Hi, Ada!");
  });

  test("sees in the result and in the log what users and operators would", async () => {
    const host = await hostWith({ plugins: { greeter }, protocol });
    const result = await host.client.callTool({ name: "fail", arguments: {} });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain("database");
    const { errorId } = (result._meta ?? {})["agentflow/error"] as { errorId: string };
    expect(host.logs).toContainEqual(
      expect.objectContaining({
        errorId,
        tool: "fail",
        reason: expect.stringContaining("the database is down"),
      }),
    );
    expect(await textOf(host, "refuse")).toContain("Not on Sundays.");
  });

  test("finds no secret of its configuration in results and log", async () => {
    const apiKey = "correct-horse-battery";
    const host = await hostWith({
      plugins: { greeter },
      config: { plugins: { greeter: { apiKey } } },
      protocol,
    });
    expect(await textOf(host, "tell_key")).toBe("the key is [redacted]");
    expect(JSON.stringify(host.logs)).toContain("the key is [redacted]");
    expect(JSON.stringify(host.logs)).not.toContain(apiKey);
  });

  test("can have several clients, who share the plugin's state", async () => {
    const host = await hostWith({ plugins: { counter: createCounter }, protocol });
    const second = await host.connect();
    expect(await textOf(host, "count")).toBe("1");
    expect(await textOf({ client: second }, "count")).toBe("2");
    const other = await hostWith({ plugins: { counter: createCounter }, protocol });
    expect(await textOf(other, "count")).toBe("1");
  });

  test("sees progress, and its signal fire when the caller leaves", async () => {
    const heard: string[] = [];
    const started = new EventTarget();
    const running = event(started);
    const stopped = new EventTarget();
    const end = event(stopped);
    const worker = definePlugin({
      name: "worker",
      version: "1.0.0",
      tools: {
        work: {
          inputSchema: z.object({}),
          handler: async (_args, context) => {
            context.progress(1, 2, "half");
            started.dispatchEvent(new Event("done"));
            await event(context.signal, "abort");
            stopped.dispatchEvent(new Event("done"));
            return "too late";
          },
        },
      },
    });
    const host = await hostWith({ plugins: { worker }, protocol });
    const leaving = new AbortController();
    const call = host.client.callTool(
      { name: "work", arguments: {} },
      { signal: leaving.signal, onprogress: ({ message }) => heard.push(message ?? "") },
    );
    const left = expect(call).rejects.toThrow();
    await running;
    await expect.poll(() => heard).toEqual(["half"]);
    leaving.abort();
    await left;
    // A client of 2025 over stateless HTTP cannot cancel; closing the host ends what still runs.
    if (protocol === "2025-11-25") await host.close();
    await end;
  });

  test("is served beside a plugin that fails, and learns why that one does", async () => {
    const host = await hostWith({
      plugins: { broken: createBroken, greeter },
      allowFailures: true,
      protocol,
    });
    expect(await textOf(host, "greet", { name: "Ada" })).toBe("Hello, Ada!");
    expect(host.host.catalogue.plugins.find(({ id }) => id === "broken")).toMatchObject({
      state: "failed",
      stage: "create",
      reason: expect.stringContaining("no licence"),
    });
    const { contents } = await host.client.readResource({ uri: "agentflow://plugins/broken" });
    const [content] = contents;
    const shown = content !== undefined && "text" in content ? content.text : "";
    expect(JSON.parse(shown)).toEqual(
      expect.objectContaining({ id: "broken", state: "failed", reason: "failed_at_create" }),
    );
    expect(shown).not.toContain("licence");
  });

  test("gets its hooks called: load before the first call, unload at the end, once each", async () => {
    const steps: string[] = [];
    const hooked = {
      getPluginInfo: () => ({ name: "hooked", version: "1.0.0" }),
      getToolsConfig: () => ({
        call: {
          inputSchema: { type: "object" },
          handler: () => {
            steps.push("call");
            return "called";
          },
        },
      }),
      onPluginLoad: async () => {
        await Promise.resolve();
        steps.push("load");
      },
      onPluginUnload: () => void steps.push("unload"),
    };
    const host = await hostWith({ plugins: { hooked }, protocol });
    expect(await textOf(host, "call")).toBe("called");
    await host.close();
    await host.close();
    expect(steps).toEqual(["load", "call", "unload"]);
  });

  test("behaves the same where everything between host and plugin goes through JSON", async () => {
    const host = await hostWith({
      plugins: { greeter, counter: createCounter },
      protocol,
      openPort: (source) => new JsonPort(new InlinePort(source)),
    });
    expect(await textOf(host, "greet", { name: "Ada" })).toBe("Hello, Ada!");
    expect(await textOf(host, "count")).toBe("1");
    expect(await textOf(host, "refuse")).toContain("[closed] Not on Sundays.");
    const wrong = await host.client.callTool({ name: "greet", arguments: { name: 1 } });
    expect(wrong.isError).toBe(true);
  });
});

test("a client of 2026-07-28 hears once of each list that a plugin has changed, and of no other", async () => {
  let version = 1;
  let change: (() => void) | undefined;
  const host = await createTestHost({
    plugins: {
      changing: definePlugin({
        name: "changing",
        version: "1.0.0",
        get prompts() {
          return { report: { description: `version ${version}`, template: "Report." } };
        },
        tools: { one: { handler: () => "one" } },
        onPluginLoad: ({ definitionsChanged }) => {
          change = () => {
            version++;
            definitionsChanged();
          };
        },
      }),
    },
  });
  open.push(host);
  const heard: string[] = [];
  for (const list of ["tools", "prompts", "resources"] as const) {
    host.client.setNotificationHandler(`notifications/${list}/list_changed`, () => {
      heard.push(list);
    });
  }
  await host.client.listen({
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: true,
  });
  for (let times = 1; times <= 3; times++) {
    change?.();
    await until(() => heard.length >= times);
  }
  expect(heard).toEqual(["prompts", "prompts", "prompts"]);
});

test("a plugin that fails is an error of the test, with its reason, and the others are let go", async () => {
  let unloaded = 0;
  const good = {
    getPluginInfo: () => ({ name: "good", version: "1.0.0" }),
    onPluginUnload: () => void (unloaded += 1),
  };
  await expect(createTestHost({ plugins: { broken: createBroken, good } })).rejects.toThrow(
    /^Plugin 'broken' failed: createPlugin threw: no licence$/u,
  );
  expect(unloaded).toBe(1);
});

test("a faulty configuration is refused by the key", async () => {
  const faulty = createTestHost({ plugins: { greeter }, config: { sever: {} } });
  await expect(faulty).rejects.toThrow(/sever: is not a known key\. Did you mean "server"\?/u);
});

function event(target: EventTarget, name = "done"): Promise<unknown> {
  return new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
}

/** A port as it would be across a process: only JSON comes through. */
class JsonPort implements PluginPort {
  readonly #inner: PluginPort;

  constructor(inner: PluginPort) {
    this.#inner = inner;
  }

  async describe(): ReturnType<PluginPort["describe"]> {
    return throughJson(await this.#inner.describe());
  }

  activate(services: Parameters<PluginPort["activate"]>[0]): Promise<void> {
    return this.#inner.activate(services);
  }

  async invoke(
    ...[invocation, signal, services]: Parameters<PluginPort["invoke"]>
  ): ReturnType<PluginPort["invoke"]> {
    return throughJson(await this.#inner.invoke(throughJson(invocation), signal, services));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
