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

const TOOLS = `{
  pid: tool(() => String(process.pid)),
  polite: tool((_args, { signal }) => { note("begun polite"); return new Promise((resolve) => signal.addEventListener("abort", () => { note("told polite"); resolve("stopped"); })); }),
  deaf: tool(async () => { note("begun deaf"); await forever(); }, { config: { timeout: 1 } }),
  deaf_long: tool(async () => { note("begun long"); await forever(); }, { config: { timeout: 600 } }),
  loop: tool(() => { note("begun loop"); for (;;); }, { config: { timeout: 1 } }),
  sibling: tool(async () => { note("begun sibling"); await new Promise((resolve) => setTimeout(resolve, 1_500)); return String(process.pid); }),
}`;

async function open(): Promise<World> {
  const folder = worldFolder();
  return openWorld({ folder, plugins: { one: plugin(folder, "one", TOOLS) } });
}

/** Calls a tool and gives it up once it has begun. */
async function giveUp(world: World, name: string): Promise<void> {
  const leaving = new AbortController();
  const call = world.call(name, {}, { signal: leaving.signal });
  await written(world.folder, new RegExp(`^begun ${name}`, "u"));
  leaving.abort();
  await expect(call).rejects.toThrow();
}

describe("a call that is given up", () => {
  test("is told so, and its siblings in the same process go on", async () => {
    const world = await open();
    const { text: pid } = await world.call("pid");
    const sibling = world.call("sibling");
    await written(world.folder, /^begun sibling/u);
    await giveUp(world, "polite");
    await written(world.folder, /^told polite/u);
    expect((await sibling).text).toBe(pid);
    expect((await world.call("pid")).text).toBe(pid);
  });

  test("and does not listen keeps its process until its time is up, and no longer", async () => {
    const world = await open();
    const { text: pid } = await world.call("pid");
    await giveUp(world, "deaf");
    // Whoever cancels must not thereby end the calls of others.
    expect((await world.call("pid")).text).toBe(pid);
    await eventually(() => expect(isAlive(Number(pid))).toBe(false));
    expect((await world.call("pid")).text).not.toBe(pid);
    expect(world.log).toContainEqual(
      expect.objectContaining({
        msg: "plugin was stopped",
        reason: "was ended since the tool 'deaf' went on after its time",
      }),
    );
    // It is the host's doing, and no crash of the plugin's.
    expect(world.log.filter(({ msg }) => msg === "plugin crashed")).toEqual([]);
  });

  test("is not waited for where eight others go on already that do not listen", async () => {
    const world = await open();
    const { text: pid } = await world.call("pid");
    const leaving = new AbortController();
    const calls = Array.from({ length: 9 }, () =>
      world.call("deaf_long", {}, { signal: leaving.signal }).catch(() => "given up"),
    );
    await eventually(() =>
      expect(journal(world.folder).filter((line) => line.startsWith("begun long"))).toHaveLength(9),
    );
    leaving.abort();
    expect(await Promise.all(calls)).toEqual(calls.map(() => "given up"));
    await eventually(() => expect(isAlive(Number(pid))).toBe(false));
  });
});

describe("a call whose time is up", () => {
  test.each(["deaf", "loop"])("ends its process if it does not end itself: %s", async (name) => {
    const world = await open();
    const { text: pid } = await world.call("pid");
    expect(await world.call(name)).toMatchObject({ code: "outcome_unknown" });
    await eventually(() => expect(isAlive(Number(pid))).toBe(false));
    expect((await world.call("pid")).text).not.toBe(pid);
    expect(journal(world.folder).filter((line) => line.startsWith(`begun ${name}`))).toHaveLength(
      1,
    );
  });

  test("is no crash of the plugin: it stays out of quarantine, however often that happens", async () => {
    const world = await open();
    for (let count = 0; count < 4; count++) {
      // In a process that runs: a second is little for one to start.
      expect((await world.call("pid")).code).toBeUndefined();
      expect(await world.call("deaf")).toMatchObject({ code: "outcome_unknown" });
    }
    expect((await world.call("pid")).code).toBeUndefined();
    expect((await world.plugin("one"))["state"]).toBe("serving");
  });
});
