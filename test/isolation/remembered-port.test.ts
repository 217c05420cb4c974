import { afterEach, expect, test, vi } from "vitest";
import type { Manifest } from "../../src/base/manifest.ts";
import { RememberedPort } from "../../src/isolation/remembered-port.ts";
import type { AgentPlugin, PluginContext, ToolConfig } from "../../src/plugin-api/index.ts";
import { InlinePort, type PluginSource } from "../../src/runtime/inline-port.ts";
import { createTestHost, type TestHost } from "../../src/testing.ts";

const running: TestHost[] = [];
afterEach(async () => {
  for (const host of running.splice(0)) await host.close();
});

/** What one plugin does over several starts of a host, and what is remembered of it. */
class Life {
  readonly journal: string[] = [];
  remembered: Manifest | undefined;
  names: readonly string[] = ["hello"];
  load: (context: PluginContext) => unknown = () => undefined;
  unload: () => unknown = () => undefined;

  async start(): Promise<TestHost> {
    const create = (): AgentPlugin => {
      this.journal.push("create");
      const tool: ToolConfig = { inputSchema: { type: "object" }, handler: () => "done" };
      return {
        getPluginInfo: () => ({ name: "p", version: "1.0.0" }),
        getToolsConfig: () => Object.fromEntries(this.names.map((name) => [name, tool])),
        getResources: () => ({ "p://one": { text: "1" } }),
        onPluginLoad: (context) => {
          this.journal.push("load");
          return this.load(context) as undefined;
        },
        onPluginUnload: () => {
          this.journal.push("unload");
          return this.unload() as undefined;
        },
      };
    };
    const host = await createTestHost({
      plugins: { p: create },
      allowFailures: true,
      openPort: (source: PluginSource) =>
        new RememberedPort({
          plugin: source.id,
          open: () => new InlinePort(source),
          known: this.remembered,
          onDescribed: (manifest) => (this.remembered = manifest),
        }),
    });
    running.push(host);
    return host;
  }

  /** As after a start that has gone well, a while ago. */
  async known(): Promise<void> {
    const host = await this.start();
    await host.close();
    running.pop();
    this.journal.length = 0;
  }
}

async function say(host: TestHost, name = "hello"): Promise<string> {
  const { content, isError } = await host.client.callTool({ name, arguments: {} });
  const [block] = content as readonly { readonly text: string }[];
  return isError ? `error: ${block?.text}` : (block?.text ?? "");
}

async function toolsOf(host: TestHost): Promise<readonly string[]> {
  return (await host.client.listTools()).tools.map(({ name }) => name);
}

test("a plugin that nobody remembers is loaded at once", async () => {
  const life = new Life();
  const host = await life.start();
  expect(life.journal).toEqual(["create", "load"]);
  expect(await say(host)).toBe("done");
  expect(life.journal).toEqual(["create", "load"]);
  expect(life.remembered?.tools.map(({ name }) => name)).toEqual(["hello"]);
});

test("a plugin that is remembered is listed without being loaded, which its first calls wait for", async () => {
  const life = new Life();
  await life.known();
  const host = await life.start();
  expect(await toolsOf(host)).toContain("hello");
  expect(life.journal).toEqual([]);
  expect(await Promise.all([say(host), say(host)])).toEqual(["done", "done"]);
  expect(life.journal).toEqual(["create", "load"]);
  await host.close();
  expect(life.journal).toEqual(["create", "load", "unload"]);
});

test("a plugin that was never needed has nothing to unload", async () => {
  const life = new Life();
  await life.known();
  await (await life.start()).close();
  expect(life.journal).toEqual([]);
});

test("what it offers now replaces what was remembered", async () => {
  const life = new Life();
  await life.known();
  life.names = ["hello", "more"];
  const host = await life.start();
  expect(await toolsOf(host)).not.toContain("more");
  expect(await say(host)).toBe("done");
  await vi.waitFor(async () => expect(await toolsOf(host)).toContain("more"));
  expect(life.remembered?.tools.map(({ name }) => name)).toEqual(["hello", "more"]);
});

test("a plugin that says of its definitions that they change has them read when it is loaded, at once", async () => {
  const life = new Life();
  await life.known();
  life.remembered = {
    ...(life.remembered as Manifest),
    info: { ...(life.remembered as Manifest).info, dynamic: true },
  };
  await life.start();
  expect(life.journal).toEqual(["create", "load"]);
});

test("a subscription to one of its resources loads it, for only then can it tell of changes", async () => {
  const life = new Life();
  await life.known();
  const updated: string[] = [];
  const told: { context?: PluginContext } = {};
  life.load = (context) => (told.context = context);
  const host = await life.start();
  host.host.onResourceUpdated((uri) => updated.push(uri));
  const [resource] = host.host.catalogue.resources.values();
  if (resource === undefined) throw new Error("no resource");
  const unwatch = host.host.watchResource(resource, "p://one");
  await vi.waitFor(() => expect(told.context).toBeDefined());
  told.context?.resourceUpdated("p://one");
  expect(updated).toEqual(["p://one"]);
  unwatch();
});

test("a plugin that fails to load then says so in each call, cleans up, and serves as soon as it can", async () => {
  const life = new Life();
  await life.known();
  life.load = () => {
    throw new Error("secret of the inside");
  };
  life.unload = () => {
    throw new Error("nothing to clean up");
  };
  const host = await life.start();
  const first = await say(host);
  expect(first).toMatch(/^error: .*'p' failed to load/u);
  expect(first).not.toContain("secret");
  expect(life.journal).toEqual(["create", "load", "unload"]);
  const record = (): unknown => host.host.catalogue.plugins.find(({ id }) => id === "p");
  await vi.waitFor(() =>
    expect(record()).toMatchObject({
      state: "unavailable",
      reason: expect.stringContaining("secret of the inside") as string,
    }),
  );
  expect(host.logs.map(({ msg }) => msg)).toContainEqual(
    expect.stringContaining("onPluginUnload failed: nothing to clean up"),
  );
  life.load = () => undefined;
  expect(await say(host)).toBe("done");
  await vi.waitFor(() => expect(record()).toMatchObject({ state: "serving" }));
});
