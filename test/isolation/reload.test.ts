import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { callWith, NO_AWS, start, textOf, type Started } from "../loading/app.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

/** A plugin whose answers say which version of it they come from, and in which process it runs. */
function plugin(version: string, more = ""): string {
  return `
    import { definePlugin } from "agentflow-mcp/plugin";
    import { setTimeout } from "node:timers/promises";
    const inputSchema = { type: "object", properties: { ms: { type: "number" } } };
    export default definePlugin({
      name: "shop", version: "1.0.0",
      tools: {
        which: {
          description: "Says which version answers.", inputSchema,
          handler: async ({ ms = 0 }) => { await setTimeout(ms); return "${version} " + process.pid; },
        },
        ${more}
      },
    });`;
}

const ANOTHER_TOOL = `another: { description: "Another one.", inputSchema: { type: "object" }, handler: () => "another" },`;
const BAD_TOOL = `which: { description: "Bad.", inputSchema: { type: "nothing" }, handler: () => "" },`;

/** `SWAPS=100` for the long way. */
const SWAPS = Number(process.env["SWAPS"] ?? 15);

/** A plugin that adds a number to what it has stored, with each call. */
function stores(number: number): string {
  return plugin("x").replace(
    "which: {",
    `count: { description: "Counts.", inputSchema, handler: async (_, { storage }) => {
       const count = ((await storage.get("count")) ?? 0) + ${number};
       await storage.set("count", count);
       return String(count);
     } },
     which: {`,
  );
}

/** Tells of a change of its resource two seconds after it has been loaded: a process that nobody needs has ended by then. */
function tells(version: string): string {
  return `
    import { definePlugin } from "agentflow-mcp/plugin";
    export default definePlugin({
      name: "shop", version: "1.0.0",
      resources: { "shop://stock": { name: "stock", read: () => "${version}" } },
      onPluginLoad: ({ resourceUpdated }) => {
        setTimeout(() => resourceUpdated("shop://stock"), 2_000).unref();
      },
    });`;
}

interface Shop extends Started {
  readonly write: (text: string) => void;
  readonly folder: string;
}

async function startShop(text: string, server: object = {}, settings: object = {}): Promise<Shop> {
  const folder = tempFolder();
  mkdirSync(join(folder, "plugins"));
  const write = (source: string): void =>
    writeFileSync(join(folder, "plugins", "shop.mjs"), source);
  write(text);
  const config = { server, plugins: { ...NO_AWS, shop: settings } };
  return { ...(await start({ folder, config })), write, folder };
}

async function versionOf(shop: Shop): Promise<string> {
  const [first = ""] = (await shop.call("which")).split(" ");
  return first;
}

describe("a plugin that is loaded anew", () => {
  test("answers new calls, while those at work end where they began", async () => {
    const shop = await startShop(plugin("one"));
    const client = await shop.connect();
    await shop.call("which");
    const slow = callWith(client, "which", { ms: 1_500 });
    await vi.waitFor(() => expect(shop.log.join("")).not.toContain("reloaded"));
    shop.write(plugin("two"));
    expect(await shop.app.host.reload()).toEqual([{ plugin: "shop" }]);
    expect(await versionOf(shop)).toBe("two");
    expect(textOf(await slow)).toMatch(/^one /u);
  });

  test("tells clients once which lists have changed, and only if any have", async () => {
    const shop = await startShop(plugin("one"));
    const changes: number[] = [];
    shop.app.host.onChange((before) => {
      const { tools } = shop.app.host.catalogue;
      if (before.tools.size !== tools.size) changes.push(tools.size - before.tools.size);
    });
    shop.write(plugin("two", ANOTHER_TOOL));
    await shop.app.host.reload();
    await shop.app.host.reload();
    expect(changes).toEqual([1]);
    expect(await shop.call("another")).toBe("another");
  });

  test.each([
    ["cannot be imported", "this is no JavaScript", /shop\.mjs/u],
    ["ends its process", "process.exit(7);", /code 7/u],
    ["would lose a tool that is served", plugin("two", BAD_TOOL), /'which' could not be served/u],
    [
      "cannot be loaded",
      `${plugin("two").replace("export default", "const shop =")}
       export default { ...shop, createPlugin: () => ({ ...shop.createPlugin({ config: {} }), onPluginLoad() { throw new Error("no"); } }) };`,
      /./u,
    ],
  ])("and %s leaves the one before in its place, and says why", async (_what, text, why) => {
    const shop = await startShop(plugin("one"));
    expect(await versionOf(shop)).toBe("one");
    shop.write(text);
    const [reloaded] = await shop.app.host.reload();
    expect(reloaded?.problem).toMatch(why);
    expect(await versionOf(shop)).toBe("one");
    expect(shop.log.join("")).toContain("plugin not reloaded");
    shop.write(plugin("three"));
    await shop.app.host.reload();
    expect(await versionOf(shop)).toBe("three");
  });

  test("serves although the one before had failed", async () => {
    const shop = await startShop("throw new Error('not ready')");
    expect(shop.plugin("shop").state).toBe("failed");
    shop.write(plugin("two"));
    await shop.app.host.reload();
    expect(await versionOf(shop)).toBe("two");
  });

  test("goes on telling of a resource that a client watches, as the one before did", async () => {
    const shop = await startShop(tells("one"), {}, { idleTimeout: 0.2 });
    const { host } = shop.app;
    const resource = host.catalogue.resources.get("shop://stock");
    if (resource === undefined) throw new Error("the plugin offers no resource");
    const told: string[] = [];
    host.onResourceUpdated((uri) => told.push(uri));
    const unwatch = host.watchResource(resource, "shop://stock");
    await vi.waitFor(() => expect(told).toHaveLength(1), 20_000);
    shop.write(tells("two"));
    expect(await host.reload()).toEqual([{ plugin: "shop" }]);
    await vi.waitFor(() => expect(told).toHaveLength(2), 20_000);
    unwatch();
  });

  test("keeps what it has stored", async () => {
    const shop = await startShop(stores(1));
    expect(await shop.call("count")).toBe("1");
    shop.write(stores(10));
    await shop.app.host.reload();
    expect(await shop.call("count")).toBe("11");
  });

  test("again and again under load, loses no call", async () => {
    const shop = await startShop(plugin("0"));
    const client = await shop.connect();
    await shop.call("which");
    const versions = new Set<string>();
    let answered = 0;
    const over = new AbortController();
    const caller = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const result = await callWith(client, "which", { ms: 5 });
        expect(result.isError ?? false, textOf(result)).toBe(false);
        versions.add(textOf(result).split(" ")[0] ?? "");
        answered += 1;
      }
    };
    const callers = Promise.all(Array.from({ length: 8 }, caller));
    for (let swap = 1; swap <= SWAPS; swap++) {
      shop.write(plugin(String(swap)));
      const [reloaded] = await shop.app.host.reload();
      expect(reloaded).toEqual({ plugin: "shop" });
    }
    over.abort();
    await callers;
    expect(await versionOf(shop)).toBe(String(SWAPS));
    expect(versions.size).toBeGreaterThan(SWAPS / 2);
    expect(answered).toBeGreaterThan(5 * SWAPS);
  }, 300_000);
});

describe("with server.watch", () => {
  test("a plugin is loaded anew when its file changes", async () => {
    const shop = await startShop(plugin("one"), { watch: true, http: { port: 0 } });
    await shop.app.serveHttp();
    expect(await versionOf(shop)).toBe("one");
    // Whoever watches has to be watching first.
    await vi.waitFor(
      async () => {
        shop.write(plugin("two"));
        expect(await versionOf(shop)).toBe("two");
      },
      { timeout: 20_000, interval: 1_000 },
    );
  });

  test("so is one in a folder, when a file that it imports changes", async () => {
    const folder = tempFolder();
    const own = join(folder, "plugins", "shop");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "package.json"), '{"name":"shop","type":"module","main":"index.js"}');
    writeFileSync(
      join(own, "index.js"),
      `${plugin("V").replace('"V "', "V")}\nimport { V } from "./v.js";`,
    );
    const write = (text: string): void =>
      writeFileSync(join(own, "v.js"), `export const V = "${text} ";`);
    write("one");
    const config = { server: { watch: true, http: { port: 0 } }, plugins: NO_AWS };
    const started = await start({ folder, config });
    await started.app.serveHttp();
    expect(await started.call("which")).toMatch(/^one/u);
    await vi.waitFor(
      async () => {
        write("two");
        expect(await started.call("which")).toMatch(/^two/u);
      },
      { timeout: 20_000, interval: 1_000 },
    );
    rmSync(own, { recursive: true });
    // Nothing is lost with the files of a plugin that serves.
    expect(await started.call("which")).toMatch(/^two/u);
  });
});

describe("plugins of one group", () => {
  test("move into their new process together", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "plugins"));
    const write = (id: string, text: string): void =>
      writeFileSync(
        join(folder, "plugins", `${id}.mjs`),
        plugin(text).replaceAll("shop", id).replace("which:", `which_${id}:`),
      );
    write("a", "one");
    write("b", "one");
    const plugins = { ...NO_AWS, a: { group: "g" }, b: { group: "g" } };
    const started = await start({ folder, config: { plugins } });
    const where = async (): Promise<readonly string[]> =>
      Promise.all([started.call("which_a"), started.call("which_b")]);
    const [a, b] = await where();
    expect(a).toBe(b);
    write("a", "two");
    await started.app.host.reload(new Set(["a"]));
    const [newA = "", newB = ""] = await where();
    expect(newA).toMatch(/^two/u);
    expect(newB).toMatch(/^one/u);
    expect(newA.split(" ")[1]).toBe(newB.split(" ")[1]);
    expect(newA.split(" ")[1]).not.toBe(a?.split(" ")[1]);
  });
});
