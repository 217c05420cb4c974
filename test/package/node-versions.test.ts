import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test, type TestContext } from "vitest";
import { tempFolder } from "../helpers/temp-folder.ts";
import { run, runWell, type Ended } from "./run.ts";

const DIST = new URL("../../dist/src/", import.meta.url);
const CLI = fileURLToPath(new URL("cli/main.js", DIST));

const PLUGIN = `import { definePlugin } from "agentflow-mcp/plugin";
import { z } from "zod";
export default definePlugin({
  name: "NAME",
  version: "1.0.0",
  tools: { NAME: { description: "Says it back.", inputSchema: z.object({ text: z.string() }), handler: ({ text }) => text + " NAME" } },
});
`;
const COMMON = PLUGIN.replace(/^import (.+) from (.+);$/gmu, "const $1 = require($2);").replace(
  "export default",
  "module.exports =",
);

const named = (source: string, name: string): string => source.replaceAll("NAME", name);

/** One of each kind, each after its own way to reach the host's modules. */
const PLUGINS = {
  "module.mjs": named(PLUGIN, "module"),
  "detected.js": named(PLUGIN, "detected"),
  "common.cjs": named(COMMON, "common"),
  "typed.ts": named(PLUGIN, "typed").replace("({ text }) =>", "({ text }: { text: string }) =>"),
  "v4.ts": named(PLUGIN, "v4").replace('from "zod"', 'from "zod/v4"'),
};

const KINDS = ["common", "detected", "module", "typed", "v4"];

describe.each([20, 22, 24])("Node %i", (major) => {
  let node: string;
  let version: string;
  let missing: string | undefined;

  // Outside of any project, whose node_modules/.bin might hold a Node of its own.
  const folder = tempFolder(PLUGINS);
  const env = { HOME: folder, USERPROFILE: folder };

  beforeAll(async () => {
    const current = Number(process.versions.node.split(".")[0]) === major;
    const found: Ended = current
      ? { code: 0, stdout: process.execPath, stderr: "" }
      : await run("npx", ["-y", `node@${major}`, "-p", "process.execPath"], {
          cwd: tempFolder(),
          timeout: 110_000,
        });
    if (found.code === 0) {
      node = found.stdout.trim();
      version = (await runWell(node, ["--version"], { cwd: folder })).trim();
    } else
      missing = `Node ${major} cannot be had here: ${found.stderr.trim().split("\n")[0] ?? ""}`;
  }, 120_000);

  function needNode(context: TestContext): void {
    if (missing === undefined) return;
    // In CI, a version that could not be tried is a failure.
    if (process.env["CI"] === "true") throw new Error(missing);
    context.skip(missing);
  }

  test("imports the three entries", async (context) => {
    needNode(context);
    expect(version).toMatch(new RegExp(`^v${major}\\.`, "u"));
    const entries = ["index.js", "plugin-api/index.js", "testing.js"].map(
      (entry) => new URL(entry, DIST).href,
    );
    const script = `
      const names = [];
      for (const entry of ${JSON.stringify(entries)}) names.push(...Object.keys(await import(entry)));
      console.log(process.version, names.toSorted().join(" "));`;
    const out = await runWell(node, ["--input-type=module", "-e", script], { cwd: folder, env });
    expect(out).toBe(
      `${version} AgentFlowApp BaseHandler HostError PluginCallError PluginError PluginManager TaskStatus ToolError createTestHost defaultConfig definePlugin loadConfig setupPluginSystem\n`,
    );
  });

  test("lists plugins of every kind", async (context) => {
    needNode(context);
    const out = await runWell(node, [CLI, "list", "--json", "--plugins", folder], {
      cwd: folder,
      env,
    });
    const { plugins } = JSON.parse(out) as { plugins: object[] };
    expect(plugins.slice(2)).toMatchObject(
      KINDS.map((id) => ({
        id,
        state: "serving",
        warnings: [],
        quarantined: [],
      })),
    );
  });

  test.for(KINDS)("runs %s", async (name, context) => {
    needNode(context);
    const args = [CLI, "call", name, "text=from", "--plugins", folder];
    expect(await run(node, args, { cwd: folder, env })).toMatchObject({
      code: 0,
      stdout: `from ${name}\n`,
    });
  });

  test("says where a syntax error is", async (context) => {
    needNode(context);
    const broken = tempFolder({ "broken.mjs": "const a = 1;\nconst b = ;\n" });
    const { code, stdout } = await run(node, [CLI, "check", "--plugins", broken], {
      cwd: folder,
      env,
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/has a syntax error \([^)]+\/broken\.mjs:2\): Unexpected token/u);
  });
});
