import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { COMBINATIONS, connect } from "../helpers/clients.ts";
import { RawStdio } from "../helpers/raw-stdio.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { NO_AWS, start, type Started } from "./app.ts";

const CONFIG = JSON.stringify({ plugins: NO_AWS });

function plugin(name: string, before = ""): string {
  return `${before}
export default {
  getPluginInfo: () => ({ name: "${name}", version: "1.0.0" }),
  getToolsConfig: () => ({
    ${name}: { description: "Says its name.", inputSchema: { type: "object" }, handler: () => "${name}" },
  }),
};`;
}

describe("a plugin in the host's process that lets a rejection and a timer's error go at its import", () => {
  const CARELESS = `void Promise.reject(new Error("rejected and forgotten"));
setTimeout(() => { throw new Error("thrown from a timer"); }, 0);`;
  const files = {
    "plugins/careless.mjs": plugin("careless", CARELESS),
    "plugins/sibling.mjs": plugin("sibling"),
  };
  const folder = tempFolder({
    "mcp.config.json": JSON.stringify({
      plugins: { ...NO_AWS, careless: { isolation: "inline" } },
    }),
    ...files,
  });
  const config = join(folder, "mcp.config.json");

  test("harms nobody in list", async () => {
    const { code, stdout } = await runCli(["list", "--json", "--config", config]);
    expect(code).toBe(0);
    const { plugins } = JSON.parse(stdout) as { plugins: { id: string; state: string }[] };
    expect(plugins.filter(({ state }) => state === "serving").map(({ id }) => id)).toEqual([
      "careless",
      "sibling",
    ]);
  });

  test("harms nobody in check", async () => {
    const { code, stdout, stderr } = await runCli(["check", "--config", config]);
    expect(stdout).toContain("2 of 2 plugins serving (careless, sibling); 2 tools");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each(["careless", "sibling"])("harms nobody in call: %s", async (tool) => {
    expect(await runCli(["call", tool, "--config", config])).toMatchObject({
      code: 0,
      stdout: `${tool}\n`,
    });
  });

  test("harms itself alone in a process of its own, and the reason says how", async () => {
    const host = await start({ folder: tempFolder(files), config: { plugins: NO_AWS } });
    expect(host.plugin("careless")).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("rejected and forgotten") as string,
    });
    expect(await host.call("sibling")).toBe("sibling");
  });

  test("harms nobody in serve, where the log says what happened", async () => {
    await using server = await RawStdio.open("2025-11-25", config);
    await expect
      .poll(() => server.stderr.entries)
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            level: "error",
            msg: "unhandled rejection",
            reason: expect.stringContaining("rejected and forgotten") as string,
          }),
          expect.objectContaining({
            level: "error",
            msg: "uncaught exception",
            reason: expect.stringContaining("thrown from a timer") as string,
          }),
        ]),
      );
    for (const tool of ["careless", "sibling"]) {
      server.callTool(tool, tool);
      expect(await server.answer(tool)).toBe(tool);
    }
    server.child.stdin.end();
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
});

describe("definitions that a client could not read", () => {
  const ODD = `const inputSchema = { type: "object" };
const handler = () => "never";
const tool = (fields) => ({ description: "Odd.", inputSchema, handler, ...fields });
export default {
  getPluginInfo: () => ({ name: "odd", version: "1.0.0" }),
  getIntentCategories: () => [
    { name: "HALF\\ud800", description: "Half a character in its name." },
    { name: "HALF_SAID", description: "Half a character: \\ud800" },
    { name: "WHOLE", description: "Whole." },
  ],
  getPrompts: () => ({
    half_said: { template: "Say it.", description: "Half a character: \\ud800" },
    whole: "Say it.",
  }),
  getToolsConfig: () => ({
    text_hint: tool({ annotations: { readOnlyHint: "yes" } }),
    number_title: tool({ annotations: { title: 5 } }),
    null_hint: tool({ annotations: { openWorldHint: null } }),
    list_annotations: tool({ annotations: [true] }),
    bigint_hint: tool({ annotations: { idempotentHint: 1n } }),
    bigint_beside: tool({ annotations: { ours: 1n } }),
    text_permissions: tool({ permissions: "net" }),
    mixed_permissions: tool({ permissions: ["net", 5] }),
    half_said: tool({ description: "Half a character: \\ud800" }),
    number_said: tool({ description: 5 }),
    any_output: tool({ outputSchema: { type: "object", properties: { any: true, none: false } } }),
    any_property: tool({ inputSchema: { type: "object", properties: { any: true } } }),
    fine: tool({ annotations: { readOnlyHint: true, title: "Fine" }, permissions: ["net"] }),
  }),
};`;
  const folder = tempFolder({ "mcp.config.json": CONFIG, "plugins/odd.mjs": ODD });

  test("are not served, each with its reason, and the others are", async () => {
    const host = await start({ folder, config: { plugins: NO_AWS } });
    const { state, quarantined } = host.plugin("odd");
    const reasons = Object.fromEntries(quarantined.map(({ name, reason }) => [name, reason]));
    expect(state).toBe("serving");
    expect(reasons).toMatchObject({
      text_hint: "'annotations.readOnlyHint' must be a boolean, found \"yes\"",
      number_title: "'annotations.title' must be a string, found 5",
      null_hint: "'annotations.openWorldHint' must be a boolean, found null",
      list_annotations: "'annotations' is not an object",
      bigint_hint: "'annotations.idempotentHint' must be a boolean, found 1",
      bigint_beside: expect.stringContaining("/annotations/ours") as string,
      text_permissions: "'permissions' must be a list of texts",
      mixed_permissions: "'permissions' must be a list of texts",
      number_said: "'description' must be text, found 5",
      half_said: expect.stringContaining("half a character") as string,
      "HALF\ud800": expect.stringContaining("half a character") as string,
      HALF_SAID: expect.stringContaining("half a character") as string,
    });
    expect(host.tools).toContain("fine");
    expect(host.app.host.catalogue.categories.map(({ manifest }) => manifest.name)).toEqual([
      "WHOLE",
    ]);
  });

  test.each(COMBINATIONS)("leave $client over $transport a whole list", async (combination) => {
    const connection = await connect(combination, join(folder, "mcp.config.json"));
    try {
      const names = (await connection.listTools()).map(({ name }) => name);
      expect(names.filter((name) => !name.startsWith("any_"))).toEqual(["fine"]);
      expect((await connection.listPrompts()).map(({ name }) => name)).toEqual(["whole"]);
      const uris = (await connection.listResources()).map(({ uri }) => uri);
      expect(uris).toContain("agentflow://plugins/odd");
      expect(await connection.readJson("agentflow://plugins/odd")).toMatchObject({ id: "odd" });
    } finally {
      await connection.close();
    }
  });
});

function startBeside(files: Readonly<Record<string, string>>): Promise<Started> {
  const folder = tempFolder({ "plugins/sibling.mjs": plugin("sibling"), ...files });
  return start({ folder, config: { plugins: NO_AWS } });
}

describe("a package.json that cannot be used", () => {
  test.each([
    ['{ "name": 5 }', "'name' must be text"],
    ["null", "it is no object"],
    ["[]", "it is no object"],
    ['{ "main": 5 }', "'main' must be text"],
    ['{ "agentflow": { "name": 5 } }', "'agentflow.name' must be text"],
    ['{ "agentflow": { "entry": ["index.mjs"] } }', "'agentflow.entry' must be text"],
    ['{ "agentflow": null }', "'agentflow' must be an object"],
    ['{ "agentflow": "index.mjs" }', "'agentflow' must be an object"],
  ])("costs its own plugin alone: %s", async (text, reason) => {
    const host = await startBeside({
      "plugins/culprit/package.json": text,
      "plugins/culprit/index.mjs": plugin("culprit"),
    });
    expect(host.plugin("culprit")).toMatchObject({
      state: "failed",
      stage: "discover",
      reason: `its package.json cannot be used: ${reason}`,
    });
    expect(await host.call("sibling")).toBe("sibling");
  });

  test("fails the plugin also where it was named, and where it is an npm package", async () => {
    const culprit = (name: string): Record<string, string> => ({
      [`${name}/package.json`]: '{ "agentflow": { "name": 5 } }',
      [`${name}/index.mjs`]: plugin("culprit"),
    });
    const folder = tempFolder({
      "plugins/sibling.mjs": plugin("sibling"),
      ...culprit("named"),
      ...culprit("node_modules/packed"),
    });
    const host = await start({
      folder,
      config: { plugins: NO_AWS, pluginPackages: ["packed"] },
      plugins: [join(folder, "named")],
    });
    for (const id of ["named", "packed"]) {
      expect(host.plugin(id)).toMatchObject({
        state: "failed",
        reason: "its package.json cannot be used: 'agentflow.name' must be text",
      });
    }
    expect(await host.call("sibling")).toBe("sibling");
  });

  test.skipIf(process.platform === "win32")(
    "is like a link that leads to itself: its own plugin alone fails",
    async () => {
      const folder = tempFolder({ "plugins/sibling.mjs": plugin("sibling") });
      symlinkSync("loop", join(folder, "plugins/loop"));
      const host = await start({ folder, config: { plugins: NO_AWS } });
      expect(host.plugin("loop")).toMatchObject({
        state: "failed",
        stage: "discover",
        reason: expect.stringMatching(/^cannot be read: ELOOP/u) as string,
      });
      expect(await host.call("sibling")).toBe("sibling");
    },
  );
});

describe("plain JSON Schemas", () => {
  test("of 300 tools are read well within the time that a plugin gets", async () => {
    const folder = tempFolder({
      "plugins/many.mjs": `const field = (index) => ({ type: "object", required: ["a"], additionalProperties: false,
  properties: { a: { type: "string", minLength: index % 7 }, b: { enum: ["x", index] }, c: { type: "array", items: { type: "integer" } } } });
export default {
  getPluginInfo: () => ({ name: "many", version: "1.0.0" }),
  getToolsConfig: () => Object.fromEntries(Array.from({ length: 300 }, (_, index) => ["tool_" + index, {
    description: "One of many.", handler: () => "fine",
    inputSchema: { type: "object", properties: { one: field(index), two: field(index + 1) } },
    outputSchema: index % 2 ? undefined : field(index),
  }])),
};`,
    });
    const before = process.cpuUsage();
    const host = await start({ folder, config: { plugins: NO_AWS } });
    const { user, system } = process.cpuUsage(before);
    expect(host.plugin("many")).toMatchObject({ state: "serving", quarantined: [] });
    expect(host.tools).toHaveLength(300);
    // The limit is 10 s. Counted is the work, not how long a busy machine takes to come round to it.
    expect((user + system) / 1_000).toBeLessThan(5_000);
  });

  test("with one $id are each their own, and $async is refused", async () => {
    const folder = tempFolder({
      "plugins/same.mjs": `const handler = () => "fine";
const schema = (type, more) => ({ $id: "https://example.com/arguments", type: "object", properties: { value: { type } }, ...more });
export default {
  getPluginInfo: () => ({ name: "same", version: "1.0.0" }),
  getToolsConfig: () => ({
    takes_text: { description: "Text.", inputSchema: schema("string"), handler },
    takes_number: { description: "A number.", inputSchema: schema("number"), handler },
    later: { description: "Never.", inputSchema: { type: "object", $async: true }, handler },
  }),
};`,
    });
    const host = await start({ folder, config: { plugins: NO_AWS } });
    expect(host.plugin("same").quarantined).toEqual([
      {
        kind: "tool",
        name: "later",
        reason: "'inputSchema' has '$async', which is not a JSON Schema",
      },
    ]);
    expect(await host.call("takes_text", { value: "a" })).toBe("fine");
    expect(await host.call("takes_number", { value: 1 })).toBe("fine");
    expect(await host.call("takes_text", { value: 1 })).toContain("value: must be string");
    expect(await host.call("takes_number", { value: "a" })).toContain("value: must be number");
  });
});
