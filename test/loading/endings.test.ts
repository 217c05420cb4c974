import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { NO_AWS, start } from "./app.ts";

/** A plugin that takes its time to clean up and leaves a file when it has. */
function cleaning(folder: string, member: string): string {
  return `import { writeFileSync } from "node:fs";
export default {
  getPluginInfo: () => ({ name: "cleaning", version: "1.0.0" }),
  ${member},
  onPluginUnload: async () => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    writeFileSync(${JSON.stringify(join(folder, "unloaded"))}, "once ", { flag: "a" });
  },
};`;
}

const FAILING = {
  load: 'onPluginLoad: () => { throw new Error("no luck"); }',
  validate: 'getToolsConfig: () => { throw new Error("no luck"); }',
};

test.each(Object.entries(FAILING))(
  "a plugin that failed at %s finishes its clean-up before the process ends",
  async (stage, member) => {
    const folder = tempFolder();
    const file = join(tempFolder({ "cleaning.mjs": cleaning(folder, member) }), "cleaning.mjs");
    const { code, stdout } = await runCli(["check", "--plugins", file]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${stage === "load" ? "onPluginLoad" : "getToolsConfig()"} threw`);
    expect(readFileSync(join(folder, "unloaded"), "utf8")).toBe("once ");
  },
);

test("a plugin that comes back after its import's time is up is never created", async () => {
  const folder = tempFolder({
    "plugins/late.mjs": `await new Promise((resolve) => setTimeout(resolve, 10_600));
globalThis.lateSteps = ["imported"];
export const createPlugin = () => {
  globalThis.lateSteps.push("created");
  return { getPluginInfo: () => ({ name: "late", version: "1.0.0" }) };
};`,
    "plugins/late-create.mjs": `export const createPlugin = async () => {
  await new Promise((resolve) => setTimeout(resolve, 10_600));
  globalThis.lateCreateSteps = ["created"];
  return {
    getPluginInfo: () => globalThis.lateCreateSteps.push("asked"),
    onPluginLoad: () => globalThis.lateCreateSteps.push("loaded"),
    onPluginUnload: () => globalThis.lateCreateSteps.push("unloaded"),
  };
};`,
  });
  const inline = { isolation: "inline" };
  const { plugin } = await start({
    folder,
    config: { plugins: { ...NO_AWS, late: inline, "late-create": inline } },
  });
  expect(plugin("late")).toMatchObject({
    state: "failed",
    reason: "its import did not finish within 10 s",
  });
  expect(plugin("late-create")).toMatchObject({
    state: "failed",
    reason: "createPlugin did not finish within 10 s",
  });
  const steps = globalThis as { lateSteps?: string[]; lateCreateSteps?: string[] };
  await expect.poll(() => steps.lateSteps, { timeout: 5_000 }).toEqual(["imported"]);
  // One that was created after all is let go again, once, and nothing else is asked of it.
  await expect
    .poll(() => steps.lateCreateSteps, { timeout: 5_000 })
    .toEqual(["created", "unloaded"]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(steps.lateSteps).toEqual(["imported"]);
  expect(steps.lateCreateSteps).toEqual(["created", "unloaded"]);
});
