import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openWorld, plugin, worldFolder, type World } from "../isolation/world.ts";

const PASSWORD = "hunter2hunter2";
/** Nobody listens on port 1 of a loopback address that nobody uses. */
const LOST = `postgres://me:${PASSWORD}@127.77.77.77:1/app`;

const TOOLS = `{
  set: tool(async ({ key, value, times = 1 }, { storage }) => {
    for (let time = 0; time < times; time++) await storage.set(times === 1 ? key : key + time, value);
    return "set";
  }),
  get: tool(async ({ key }, { storage }) => ({ data: { value: (await storage.get(key)) ?? "nothing" } })),
  remove: tool(async ({ key }, { storage }) => { await storage.delete(key); return "removed"; }),
  keys: tool(async ({ prefix }, { storage }) => ({ data: { keys: await storage.keys(prefix) } })),
  caught: tool(async (args, { storage }) => {
    try { await storage.get("key"); return "found"; }
    catch ({ name, code, message, retryable }) { return { data: { name, code, message, retryable } }; }
  }),
}`;

describe.each(["inline", "process"])("%s: what a plugin stores", (isolation) => {
  const open = (folder: string, more: object = {}): Promise<World> =>
    openWorld({
      folder,
      plugins: { one: plugin(folder, "one", TOOLS), two: plugin(folder, "two", prefixed(TOOLS)) },
      settings: { one: { isolation }, two: { isolation } },
      ...more,
    });

  test("survives the host, in the data directory, and is no other plugin's", async () => {
    const folder = worldFolder();
    const first = await open(folder);
    expect(existsSync(join(folder, "data", "storage.sqlite"))).toBe(false);
    await first.call("set", { key: "a/1", value: { deep: ["é", null] } });
    await first.call("set", { key: "a/2", value: 2 });
    await first.call("remove", { key: "a/2" });
    await first.call("two_set", { key: "a/1", value: "two's" });
    await first.stop();
    const second = await open(folder);
    expect((await second.call("get", { key: "a/1" })).data).toEqual({
      value: { deep: ["é", null] },
    });
    expect((await second.call("keys", { prefix: "a/" })).data).toEqual({ keys: ["a/1"] });
    expect((await second.call("two_get", { key: "a/1" })).data).toEqual({ value: "two's" });
    expect(existsSync(join(folder, "data", "storage.sqlite"))).toBe(true);
  });

  test("is bounded: a clear error, and what was there stays", async () => {
    const world = await open(worldFolder(), { storage: { maxKeys: 3, maxValueChars: 100 } });
    await world.call("set", { key: "k", value: 1, times: 3 });
    const tooMany = await world.call("set", { key: "fourth", value: 1 });
    expect(tooMany).toMatchObject({ code: "storage_refused", retryable: false });
    expect(tooMany.text).toContain('has 3 keys already. Delete some, or raise "storage.maxKeys"');
    const tooLong = await world.call("set", { key: "k1", value: "x".repeat(100) });
    expect(tooLong).toMatchObject({ code: "storage_refused" });
    expect(tooLong.text).toContain("longer than 100 characters as JSON");
    const noKey = await world.call("set", { key: "", value: 1 });
    expect(noKey.text).toContain("the key has 0 characters, and may have 1 to 512");
    // A key that is there may be set again, and another plugin has a count of its own.
    expect((await world.call("set", { key: "k1", value: 2 })).text).toBe("set");
    expect((await world.call("two_set", { key: "fourth", value: 1 })).text).toBe("set");
    await world.call("remove", { key: "k0" });
    expect((await world.call("set", { key: "fourth", value: 1 })).text).toBe("set");
    expect((await world.call("keys", {})).data).toEqual({ keys: ["fourth", "k1", "k2"] });
  });

  test("more keys than fit on one page of a database are all listed", async () => {
    const world = await open(worldFolder());
    await world.call("set", { key: "k", value: 1, times: 2_001 });
    const { keys } = (await world.call("keys", {})).data as { keys: string[] };
    expect(keys).toHaveLength(2_001);
    expect(keys).toEqual(keys.toSorted());
  });

  test("on a server that is not there: an error that says so and no more, to author and client alike", async () => {
    const world = await open(worldFolder(), {
      storage: { backend: "postgres", url: "${DB}" },
      env: { DB: LOST },
    });
    const failed = await world.call("set", { key: "key", value: 1 });
    expect(failed).toMatchObject({ code: "storage_unavailable", retryable: true });
    expect(failed.text).not.toContain("127.77");
    expect((await world.call("caught")).data).toEqual({
      name: "ToolError",
      code: "storage_unavailable",
      message: "What the plugin has stored cannot be reached.",
      retryable: true,
    });
    const said = world.log.filter(({ msg }) => msg === "storage does not work");
    expect(said).toMatchObject([{ level: "error", code: "unavailable" }]);
    const reason = "Storage postgres (127.77.77.77:1/app): connect ECONNREFUSED 127.77.77.77:1.";
    expect(said[0]?.["reason"]).toContain(reason);
    // The call's own line leads to the cause, too.
    const call = world.log.find(({ msg, tool }) => msg === "call" && tool === "set");
    expect(JSON.stringify(call)).toContain("ECONNREFUSED");
    expect(JSON.stringify(world.log)).not.toContain(PASSWORD);
  });
});

/** The same tools under other names: tools have one name for all plugins. */
function prefixed(tools: string): string {
  return tools.replace(/^ {2}(\w+): tool/gmu, "  two_$1: tool");
}
