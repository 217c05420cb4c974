import { describe, expect, test } from "vitest";
import {
  eventually,
  journal,
  openWorld,
  plugin,
  worldFolder,
  written,
  type World,
} from "./world.ts";
import { isAlive } from "../helpers/is-alive.ts";

const SOON = { idleTimeout: 0.2 };
const LATE = { idleTimeout: 60 };

function lines(folder: string, start: string): readonly string[] {
  return journal(folder).filter((line) => line.startsWith(start));
}

async function pidOf(world: World, tool = "pid"): Promise<number> {
  return Number((await world.call(tool)).text);
}

const PID = `pid: tool(() => String(process.pid))`;

describe("a process that nobody needs", () => {
  test("is stopped with its onPluginUnload, and started again by the next call", async () => {
    const folder = worldFolder();
    const plugins = { one: plugin(folder, "one", `{ ${PID} }`) };
    const world = await openWorld({ folder, plugins, settings: { one: SOON } });
    const first = await pidOf(world);
    await written(folder, new RegExp(`^unload one ${first}$`, "u"));
    await eventually(() => expect(isAlive(first)).toBe(false));
    const second = await pidOf(world);
    expect(second).not.toBe(first);
    expect(lines(folder, "load one")).toContain(`load one ${second}`);
    expect(await world.plugin("one")).toMatchObject({ state: "serving" });
    expect(world.log.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
  });

  test("is not stopped while a call is at work there, however long that takes", async () => {
    const folder = worldFolder();
    const tools = `{ ${PID}, slow: tool(() => new Promise((resolve) => setTimeout(resolve, 1_200, String(process.pid)))) }`;
    const world = await openWorld({
      folder,
      plugins: { one: plugin(folder, "one", tools) },
      settings: { one: SOON },
    });
    const pid = await pidOf(world, "slow");
    expect(lines(folder, "unload")).not.toContain(`unload one ${pid}`);
  });

  test("is stopped also when it had only been described", async () => {
    const folder = worldFolder();
    const plugins = { one: plugin(folder, "one", `{ ${PID} }`) };
    await openWorld({ folder, plugins, settings: { one: SOON } });
    const pid = Number((await written(folder, /^import/u)).split(" ")[2]);
    await eventually(() => expect(isAlive(pid)).toBe(false));
    // Nobody has called it: it was never loaded.
    expect(lines(folder, "load")).toEqual([]);
  });

  test("keeps what it has stored", async () => {
    const folder = worldFolder();
    const tools = `{ ${PID},
      keep: tool(async (_args, { storage }) => { await storage.set("it", { kept: [1] }); return "kept"; }),
      kept: tool(async (_args, { storage }) => ({ data: await storage.get("it") })),
      die: tool(() => process.exit(1)) }`;
    const plugins = { one: plugin(folder, "one", tools) };
    const world = await openWorld({ folder, plugins, settings: { one: LATE } });
    await world.call("keep");
    const before = await pidOf(world);
    await world.call("die");
    expect((await world.call("kept")).data).toEqual({ kept: [1] });
    expect(await pidOf(world)).not.toBe(before);
  });

  test("whose onPluginUnload throws is stopped all the same, and the log says so", async () => {
    const folder = worldFolder();
    const more = `onPluginUnload: () => { throw new Error("will not go"); },`;
    const plugins = { one: plugin(folder, "one", `{ ${PID} }`, more) };
    const world = await openWorld({ folder, plugins });
    const pid = await pidOf(world);
    await world.app.stop();
    expect(isAlive(pid)).toBe(false);
    expect(world.log).toContainEqual(
      expect.objectContaining({
        level: "warn",
        plugin: "one",
        msg: expect.stringContaining("will not go") as string,
      }),
    );
  });
});

test("the host's stop unloads every plugin that runs, and leaves no process behind", async () => {
  const folder = worldFolder();
  const one = plugin(folder, "one", `{ ${PID} }`);
  const two = plugin(folder, "two", `{ pid2: tool(() => String(process.pid)) }`);
  const world = await openWorld({ folder, plugins: { one, two } });
  const pids = [await pidOf(world), await pidOf(world, "pid2")];
  await world.app.stop();
  expect(lines(folder, "unload").toSorted()).toEqual([
    `unload one ${pids[0]}`,
    `unload two ${pids[1]}`,
  ]);
  expect(pids.filter((pid) => isAlive(pid))).toEqual([]);
});

test("what a plugin prints goes to the log under its name, and a flood of it is cut", async () => {
  const folder = worldFolder();
  const tools = `{ say: tool(() => { console.log("on stdout"); console.error("on stderr"); return "said"; }),
    flood: tool(() => { for (let line = 0; line < 5_000; line++) console.log("line " + line); return "done"; }) }`;
  const world = await openWorld({ folder, plugins: { one: plugin(folder, "one", tools) } });
  await world.call("say");
  for (const line of ["on stdout", "on stderr"]) {
    await eventually(() =>
      expect(world.log).toContainEqual(
        expect.objectContaining({ msg: "plugin printed", plugin: "one", line }),
      ),
    );
  }
  await world.call("flood");
  await eventually(() =>
    expect(world.log).toContainEqual(
      expect.objectContaining({
        plugin: "one",
        line: expect.stringMatching(/^\(\d+ more lines\)$/u) as string,
      }),
    ),
  );
  expect(world.log.length).toBeLessThan(2_000);
});

test("a plugin's process gets the host's environment, and nothing that is the host's alone", async () => {
  const folder = worldFolder();
  const tools = `{ env: tool(() => ({ data: process.env })) }`;
  const token = "a-token-of-more-than-thirty-two-bytes";
  const stateKey = "a key under which questions are sealed";
  const world = await openWorld({
    folder,
    plugins: { one: plugin(folder, "one", tools) },
    server: { dataDirectory: "data", http: { token: "${MY_TOKEN}" }, stateKey: "${MY_KEY}" },
    env: {
      AGENTFLOW_HTTP_TOKEN: token,
      AGENTFLOW_ANYTHING: "of the host",
      MY_TOKEN: token,
      MY_KEY: stateKey,
      COPY_OF_TOKEN: token,
      AWS_PROFILE: "work",
    },
  });
  const env = (await world.call("env")).data as Record<string, string>;
  expect(env).toMatchObject({ AWS_PROFILE: "work", PATH: process.env["PATH"] });
  expect(Object.keys(env).filter((name) => name.startsWith("AGENTFLOW_"))).toEqual([]);
  expect(JSON.stringify(env)).not.toContain(token);
  expect(JSON.stringify(env)).not.toContain(stateKey);
});

describe("plugins of one group", () => {
  const CALLS = `note("began"); await new Promise((resolve) => setTimeout(resolve, 1_000)); return String(process.pid);`;
  /** \`one\` can crash; \`two\` has a call that may be repeated, and one that may not. */
  async function group(): Promise<{ folder: string; world: World }> {
    const folder = worldFolder();
    const one = plugin(folder, "one", `{ ${PID}, die: tool(() => process.exit(1)) }`);
    const two = plugin(
      folder,
      "two",
      `{ pid2: tool(() => String(process.pid)),
         look: tool(async () => { ${CALLS} }, reading),
         change: tool(async () => { ${CALLS} }) }`,
    );
    const world = await openWorld({
      folder,
      plugins: { one, two },
      settings: { one: { group: "ours" }, two: { group: "ours" } },
    });
    return { folder, world };
  }

  test("share one process, and storage by name", async () => {
    const { world } = await group();
    expect(await pidOf(world)).toBe(await pidOf(world, "pid2"));
  });

  test("go down together: a sibling's call is made again where that is safe", async () => {
    const { folder, world } = await group();
    const before = await pidOf(world);
    const look = world.call("look");
    await written(folder, /^began/u);
    await world.call("die");
    const answer = await look;
    expect(answer.code).toBeUndefined();
    expect(Number(answer.text)).not.toBe(before);
    expect(isAlive(Number(answer.text))).toBe(true);
    expect(lines(folder, "began")).toHaveLength(2);
  });

  test("go down together: a sibling's call that must not be made again says so", async () => {
    const { folder, world } = await group();
    const change = world.call("change");
    await written(folder, /^began/u);
    await world.call("die");
    expect(await change).toMatchObject({
      code: "plugin_restarted",
      retryable: false,
      text: expect.stringContaining("check with 'look'") as string,
    });
    expect(lines(folder, "began")).toHaveLength(1);
  });

  test("end one by one: a plugin that fails leaves the others their process", async () => {
    const folder = worldFolder();
    const broken = plugin(
      folder,
      "broken",
      "{}",
      `onPluginLoad: () => { throw new Error("no"); },`,
    );
    const world = await openWorld({
      folder,
      eager: true,
      plugins: { one: plugin(folder, "one", `{ ${PID} }`), broken },
      settings: { one: { group: "ours" }, broken: { group: "ours" } },
    });
    const pid = await pidOf(world);
    await written(folder, /^unload broken/u);
    expect(await world.plugin("broken")).toMatchObject({ state: "failed" });
    expect(await pidOf(world)).toBe(pid);
    expect(lines(folder, "import")).toEqual(
      expect.arrayContaining([`import one ${pid}`, `import broken ${pid}`]),
    );
  });
});
