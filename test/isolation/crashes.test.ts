import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  eventually,
  journal,
  openWorld,
  passMinutes,
  plugin,
  worldFolder,
  type World,
} from "./world.ts";
import { isAlive } from "../helpers/is-alive.ts";

const TOOLS = `pid: tool(() => String(process.pid)), die: tool(() => process.exit(3), reading)`;

async function worldWith(tools: string, before = "", more = ""): Promise<World> {
  const folder = worldFolder();
  const sibling = plugin(folder, "sibling", `{ sibling: tool(() => String(process.pid)) }`);
  return openWorld({
    folder,
    plugins: { one: plugin(folder, "one", `{ ${tools} }`, more, before), sibling },
  });
}

/** The plugin answers again, from another process, and its sibling has noticed nothing. */
async function expectContained(world: World, before: string, sibling: string): Promise<void> {
  const after = await world.call("pid");
  expect(after.code).toBeUndefined();
  expect(after.text).not.toBe(before);
  expect((await world.call("sibling")).text).toBe(sibling);
  await eventually(() => expect(isAlive(Number(before))).toBe(false));
}

describe("a plugin whose process crashes in a call", () => {
  test.each([
    ["exits", `process.exit(3)`, /ended with code 3/u],
    ["aborts", `process.abort()`, /was ended by SIGABRT/u],
    ["is killed", `(process.kill(process.pid, "SIGKILL"), forever())`, /was ended by SIGKILL/u],
    [
      "throws where nobody catches",
      `new Promise(() => setTimeout(() => { throw new Error("from a timer"); }))`,
      /code 70 \(uncaught: Error: from a timer/u,
    ],
    [
      "forgets a rejection",
      `new Promise(() => void Promise.reject(new Error("forgotten")))`,
      /code 70 \(uncaught: Error: forgotten/u,
    ],
    ["closes its channel", `(closeSync(3), forever())`, /closed its channel/u],
  ])("since it %s is back at once, and its sibling goes on", async (_how, code, reason) => {
    const tools = `${TOOLS}, fault: tool(() => ${code}, reading)`;
    const world = await worldWith(tools, `import { closeSync } from "node:fs";`);
    const [{ text: pid }, { text: sibling }] = [
      await world.call("pid"),
      await world.call("sibling"),
    ];
    expect(await world.call("fault")).toMatchObject({
      code: "plugin_crashed",
      text: "[plugin_crashed] The plugin crashed while it was carrying out the call.",
    });
    expect(world.log).toContainEqual(
      expect.objectContaining({
        level: "error",
        msg: "plugin crashed",
        plugin: "one",
        reason: expect.stringMatching(reason) as string,
      }),
    );
    await expectContained(world, pid, sibling);
  });

  test("says that nobody knows what was done, where the tool is not only reading", async () => {
    const world = await worldWith(`${TOOLS}, change: tool(() => process.exit(3))`);
    expect(await world.call("change")).toMatchObject({ code: "outcome_unknown", retryable: false });
  });
});

/** Source text of a frame with this value. */
const frame = (value: unknown): string => {
  const text = JSON.stringify(value);
  return `Buffer.concat([Buffer.from([0, 0, 0, ${text.length}]), Buffer.from(${JSON.stringify(text)})])`;
};

describe("a plugin that sends what is no message", () => {
  test.each([
    ["text", `"hello, host\\n"`],
    ["a frame of no JSON", `Buffer.from([0, 0, 0, 2, 123, 123])`],
    ["a frame of 2 GB", `Buffer.from([127, 255, 255, 255])`],
    ["null", frame(null)],
    ["a list", frame([1])],
    ["a message of nothing", frame({})],
    ["an answer that nobody waits for", frame({ id: 12_345, result: 1 })],
    ["an error of no text", frame({ id: 1, error: { message: 5 } })],
    ["a note of no plugin", frame({ method: "log", params: { plugin: "other" } })],
    ["a note without params", frame({ method: "background" })],
    ["an odd note", frame({ method: "odd", params: { plugin: "one" } })],
    ["an odd log line", frame({ method: "log", params: { plugin: "one", level: "loud" } })],
    ["odd progress", frame({ method: "progress", params: { plugin: "one", call: 2, note: {} } })],
    ["an odd message for the client", frame({ method: "clientLog", params: { plugin: "one" } })],
    ["an update of no address", frame({ method: "resourceUpdated", params: { plugin: "one" } })],
    ["a pong of nothing", frame({ method: "pong" })],
    ["a pong of text", frame({ method: "pong", params: { rssBytes: "much" } })],
  ])("is ended, and its sibling and the host go on: %s", async (_what, bytes) => {
    const world = await worldWith(
      `${TOOLS}, fault: tool(() => { writeSync(3, ${bytes}); return forever(); }, reading)`,
    );
    const [{ text: pid }, { text: sibling }] = [
      await world.call("pid"),
      await world.call("sibling"),
    ];
    expect(await world.call("fault")).toMatchObject({ code: "plugin_crashed" });
    expect(world.log).toContainEqual(
      expect.objectContaining({
        msg: "plugin crashed",
        reason: expect.stringContaining("sent") as string,
      }),
    );
    await expectContained(world, pid, sibling);
  });
});

describe("a plugin that takes more memory than it may", () => {
  test.each([
    [
      "outside of the heap",
      `const all = []; setInterval(() => all.push(Buffer.alloc(33_554_432, 1)), 20); return forever();`,
      /took \d+ MiB of memory; 128 are allowed/u,
    ],
    [
      "on the heap",
      `const all = []; for (;;) all.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));`,
      /was ended by SIGABRT \(FATAL ERROR|took \d+ MiB of memory/u,
    ],
  ])("is ended: %s", async (_where, body, reason) => {
    const folder = worldFolder();
    const world = await openWorld({
      folder,
      plugins: {
        one: plugin(folder, "one", `{ ${TOOLS}, hog: tool(() => { ${body} }, reading) }`),
      },
      settings: { one: { memoryLimit: 128 } },
    });
    expect(await world.call("hog")).toMatchObject({ code: "plugin_crashed" });
    expect(world.log).toContainEqual(
      expect.objectContaining({
        msg: "plugin crashed",
        reason: expect.stringMatching(reason) as string,
      }),
    );
    expect((await world.call("pid")).code).toBeUndefined();
  });
});

async function quarantined(more = ""): Promise<World> {
  const world = await worldWith(`${TOOLS}${more}`);
  for (let count = 0; count < 3; count++) {
    expect(await world.call("die")).toMatchObject({ code: "plugin_crashed" });
  }
  return world;
}

describe("a plugin that crashes three times in five minutes", () => {
  test("is left alone, and says so and when to come back", async () => {
    const world = await quarantined();
    const answer = await world.call("pid");
    expect(answer).toMatchObject({ code: "plugin_unavailable", retryable: true });
    expect(answer.retryAfterMs).toBeGreaterThan(200_000);
    expect(answer.retryAfterMs).toBeLessThanOrEqual(300_000);
    expect(answer.text).toMatch(/Try again in \d+ s/u);
    await eventually(async () =>
      expect(await world.plugin("one")).toMatchObject({ state: "unavailable", reason: "crashed" }),
    );
    expect(world.record("one").reason).toMatch(/crashed too often \(it ended with code 3/u);
    // Its tools stay in the lists: they come back.
    expect(await world.tools()).toEqual(expect.arrayContaining(["pid", "die"]));
    expect((await world.call("sibling")).code).toBeUndefined();
  });

  test("is tried again when its time is up, and serves again after a good answer", async () => {
    const world = await quarantined();
    passMinutes(6);
    expect((await world.call("pid")).code).toBeUndefined();
    await eventually(async () =>
      expect(await world.plugin("one")).toMatchObject({ state: "serving" }),
    );
    // What was, is forgiven.
    expect(await world.call("die")).toMatchObject({ code: "plugin_crashed" });
    expect((await world.call("pid")).code).toBeUndefined();
  });

  test("goes back there at once if it crashes on its trial", async () => {
    const world = await quarantined();
    passMinutes(6);
    expect(await world.call("die")).toMatchObject({ code: "plugin_crashed" });
    const answer = await world.call("pid");
    expect(answer.code).toBe("plugin_unavailable");
    expect(answer.retryAfterMs).toBeGreaterThan(200_000);
  });

  test("is tried by one call alone: others are told to come back", async () => {
    const world = await quarantined(
      `, slow: tool(() => { note("trial"); return new Promise((resolve) => setTimeout(resolve, 1_500, "fine")); })`,
    );
    passMinutes(6);
    const trial = world.call("slow");
    await eventually(() => expect(journal(world.folder).join()).toContain("trial"));
    expect(await world.call("pid")).toMatchObject({ code: "plugin_unavailable", retryable: true });
    expect((await trial).text).toBe("fine");
    expect((await world.call("pid")).code).toBeUndefined();
  });
});

describe("a plugin that ends its process", () => {
  test.each([
    ["at its import", "process.exit(5);", ""],
    ["in createPlugin", "export const createPlugin = () => process.exit(5);", ""],
    ["in its get… methods", "", "getPrompts: () => process.exit(5),"],
  ])("%s fails, with the reason, and is not tried again", async (_when, before, more) => {
    const world = await worldWith(TOOLS, before, more);
    expect(await world.plugin("one")).toMatchObject({
      state: "failed",
      reason: "failed_at_import",
    });
    expect(world.record("one").reason).toContain("ended with code 5");
    expect((await world.call("sibling")).code).toBeUndefined();
    expect(world.log.filter(({ msg }) => msg === "plugin crashed")).toHaveLength(1);
  });

  test("in onPluginLoad fails where it is loaded at once, at that stage", async () => {
    const folder = worldFolder();
    const one = plugin(folder, "one", `{ ${TOOLS} }`, "onPluginLoad: () => process.exit(5),");
    const world = await openWorld({ folder, eager: true, plugins: { one } });
    expect(world.record("one")).toMatchObject({
      state: "failed",
      stage: "load",
      reason: expect.stringContaining("ended with code 5") as string,
    });
  });

  test("in onPluginLoad of its first call ends in quarantine", async () => {
    const world = await worldWith(TOOLS, "", "onPluginLoad: () => process.exit(5),");
    expect(await world.plugin("one")).toMatchObject({ state: "serving" });
    for (let count = 0; count < 3; count++) {
      expect(await world.call("pid")).toMatchObject({ code: "plugin_unavailable" });
    }
    await eventually(async () =>
      expect(await world.plugin("one")).toMatchObject({ state: "unavailable" }),
    );
    expect((await world.call("sibling")).code).toBeUndefined();
  });
});

test("a plugin whose onPluginLoad throws says so, is cleaned up, and is loaded by a later call", async () => {
  const folder = worldFolder();
  const more = `onPluginLoad: () => {
      note("try");
      if (!existsSync(${JSON.stringify(join(folder, "database"))})) throw new Error("no database");
    },`;
  const before = `import { existsSync } from "node:fs";`;
  const world = await openWorld({
    folder,
    plugins: { one: plugin(folder, "one", `{ ${TOOLS} }`, more, before) },
  });
  expect(await world.call("pid")).toMatchObject({
    code: "plugin_unavailable",
    text: "[plugin_unavailable] The plugin 'one' failed to load.",
  });
  await eventually(async () =>
    expect(await world.plugin("one")).toMatchObject({ state: "unavailable", reason: "not_loaded" }),
  );
  expect(world.record("one").reason).toContain("no database");
  expect(
    journal(folder)
      .map((line) => line.replace(/ \d+$/u, ""))
      .slice(-2),
  ).toEqual(["try", "unload one"]);
  writeFileSync(join(folder, "database"), "");
  expect((await world.call("pid")).code).toBeUndefined();
  await eventually(async () =>
    expect(await world.plugin("one")).toMatchObject({ state: "serving" }),
  );
});

describe("a plugin that hangs", () => {
  const loop = "for (;;);";
  test("is ended, wherever it hangs, with a reason that says where", async () => {
    const folder = worldFolder();
    const of = (name: string, before: string, more = ""): string =>
      plugin(folder, name, "{}", more, before);
    const world = await openWorld({
      folder,
      plugins: {
        "loops-at-import": of("loops-at-import", loop),
        "waits-at-import": of("waits-at-import", "await forever();"),
        "loops-in-create": of("loops-in-create", `export const createPlugin = () => { ${loop} };`),
        "waits-in-create": of("waits-in-create", "export const createPlugin = forever;"),
        "loops-when-read": of("loops-when-read", "", `getPrompts: () => { ${loop} },`),
        sibling: plugin(folder, "sibling", `{ sibling: tool(() => "fine") }`),
      },
    });
    for (const [id, reason] of [
      ["loops-at-import", /longer than 15 s for being described/u],
      ["waits-at-import", /its import did not finish within 10 s/u],
      ["loops-in-create", /longer than 15 s for being described/u],
      ["waits-in-create", /createPlugin did not finish within 10 s/u],
      ["loops-when-read", /longer than 15 s for being described/u],
    ] as const) {
      const { state, reason: found } = world.record(id);
      expect({ id, state, found }).toEqual({
        id,
        state: "failed",
        found: expect.stringMatching(reason) as string,
      });
    }
    expect((await world.call("sibling")).text).toBe("fine");
    const pids = journal(folder).map((line) => Number(line.split(" ").at(-1)));
    await world.app.stop();
    expect(pids.filter((pid) => isAlive(pid))).toEqual([]);
  }, 60_000);

  test("in onPluginLoad keeps no call longer than its time, and is ended", async () => {
    const world = await worldWith(
      `quick: tool(() => "never", { config: { timeout: 1 } })`,
      "",
      `onPluginLoad: () => { ${loop} },`,
    );
    expect(await world.call("quick")).toMatchObject({ code: "timeout" });
    expect((await world.call("sibling")).code).toBeUndefined();
    await eventually(() =>
      expect(world.log).toContainEqual(
        expect.objectContaining({
          msg: "plugin crashed",
          reason: "took longer than 15 s for being loaded",
        }),
      ),
    );
  }, 60_000);
});
