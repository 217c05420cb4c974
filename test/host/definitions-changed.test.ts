import { afterEach, expect, test } from "vitest";
import { turn } from "../helpers/work-host.ts";
import { deferred } from "../../src/base/deferred.ts";
import type { AgentPlugin, PluginContext, ToolConfig } from "../../src/plugin-api/index.ts";
import { InlinePort } from "../../src/runtime/inline-port.ts";
import { createTestHost, type TestHost, type TestHostOptions } from "../../src/testing.ts";

let running: TestHost | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

interface Changing {
  readonly plugin: AgentPlugin;
  /** Offers something else from now on, and says so. */
  readonly offer: (...names: readonly string[]) => void;
}

function changing(onPluginLoad: (offer: Changing["offer"]) => void = () => undefined): Changing {
  let names: readonly string[] = ["first"];
  let context: PluginContext | undefined;
  const tool: ToolConfig = { inputSchema: { type: "object" }, handler: () => "done" };
  const offer = (...now: readonly string[]): void => {
    names = now;
    context?.definitionsChanged();
  };
  return {
    offer,
    plugin: {
      getPluginInfo: () => ({ name: "p", version: "1.0.0" }),
      getToolsConfig: () => Object.fromEntries(names.map((name) => [name, tool])),
      onPluginLoad: (given) => {
        context = given;
        onPluginLoad(offer);
      },
    },
  };
}

async function open(plugin: AgentPlugin, more: Partial<TestHostOptions> = {}): Promise<TestHost> {
  running = await createTestHost({ plugins: { p: plugin }, ...more });
  return running;
}

const served = async ({ client }: TestHost): Promise<readonly string[]> =>
  (await client.listTools()).tools.map(({ name }) => name);

test("what a plugin offers from its onPluginLoad on is served", async () => {
  const { plugin } = changing((offer) => offer("first", "second"));
  expect(await served(await open(plugin))).toEqual(["first", "second"]);
});

test("of two changes the later is served, however long the reading of the earlier takes", async () => {
  const gate = deferred<void>();
  let readings = 0;
  const { plugin, offer } = changing();
  const host = await open(plugin, {
    openPort: (source) => {
      const port = new InlinePort(source);
      const describe = port.describe.bind(port);
      port.describe = async () => {
        const manifest = await describe();
        readings += 1;
        if (readings === 2) await gate.promise;
        return manifest;
      };
      return port;
    },
  });
  offer("older");
  await expect.poll(() => readings).toBe(2);
  offer("newer");
  for (let turns = 0; turns < 5; turns++) await turn();
  gate.resolve();
  for (let turns = 0; turns < 5; turns++) await turn();
  await expect.poll(() => served(host)).toEqual(["newer"]);
});

test("of many changes at once the last is served, and not every one is read", async () => {
  let readings = 0;
  const { plugin, offer } = changing();
  const getToolsConfig = plugin.getToolsConfig?.bind(plugin);
  const counted = {
    ...plugin,
    getToolsConfig: () => {
      readings += 1;
      return getToolsConfig?.() ?? {};
    },
  };
  const host = await open(counted);
  for (let count = 0; count <= 100; count++) offer(`tool_${count}`);
  await expect.poll(() => served(host)).toEqual(["tool_100"]);
  expect(readings).toBeLessThan(10);
});
