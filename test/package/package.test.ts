import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../helpers/temp-folder.ts";
import { run, runWell } from "./run.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
};

const FILES = {
  "package.json": JSON.stringify({ name: "app", private: true, type: "module" }),
  "mcp.config.json": JSON.stringify({ pluginPackages: ["@acme/greeter"] }),
  "plugins/counter.ts": `import { definePlugin } from "agentflow-mcp/plugin";
import { z } from "zod";
export default definePlugin({
  name: "counter",
  version: "1.0.0",
  tools: {
    count: {
      description: "Counts characters.",
      inputSchema: z.object({ text: z.string() }),
      handler: ({ text }) => ({ data: { length: text.length } }),
    },
  },
});
`,
  "typed.ts": `import { definePlugin, ToolError, type AgentPlugin } from "agentflow-mcp/plugin";
import { AgentFlowApp, loadConfig } from "agentflow-mcp";
import { createTestHost, type TestHost } from "agentflow-mcp/testing";
import { z } from "zod";
export const plugin: AgentPlugin = definePlugin({
  name: "typed",
  version: "1.0.0",
  tools: {
    add: {
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      handler: ({ a, b }, { log }) => {
        if (a < 0) throw new ToolError("No.", { code: "negative" });
        log.info("added", { a });
        // @ts-expect-error -- arguments are typed by the schema
        a.length;
        return \`\${a + b}\`;
      },
    },
  },
});
// @ts-expect-error -- a plugin has a version
definePlugin({ name: "incomplete" });
export const host: Promise<TestHost> = createTestHost({ plugins: { typed: plugin } });
export const app: Promise<AgentFlowApp> = AgentFlowApp.start({ loaded: loadConfig("x", {}) });
`,
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      target: "es2023",
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
      types: [],
    },
    files: ["typed.ts"],
  }),
};

/** A plugin's own package, as npm would have installed it. */
const GREETER = {
  "package.json": JSON.stringify({
    name: "@acme/greeter",
    version: "2.0.0",
    type: "module",
    exports: { ".": "./lib/index.js" },
  }),
  "lib/index.js": `import { definePlugin } from "agentflow-mcp/plugin";
export default definePlugin({
  name: "greeter",
  version: "2.0.0",
  tools: { greet: { description: "Greets.", handler: ({ message }) => "Hello, " + message } },
});
`,
};

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

let packed: readonly string[];
let project: string;
let home: { readonly HOME: string; readonly USERPROFILE: string };

// One installation for all: it is what takes the time. Its path has a space.
beforeAll(async () => {
  const folder = tempFolder();
  home = { HOME: join(folder, "home"), USERPROFILE: join(folder, "home") };
  project = join(folder, "my project");
  write(project, FILES);
  // Without scripts: the build would replace the dist that other tests run on.
  const out = await runWell(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    { cwd: ROOT },
  );
  const [tarball] = JSON.parse(out) as { filename: string; files: { path: string }[] }[];
  if (tarball === undefined) throw new Error("npm pack made nothing");
  packed = tarball.files.map(({ path }) => path);
  await runWell(
    "npm",
    [
      "install",
      join(folder, tarball.filename),
      "--prefer-offline",
      "--ignore-scripts",
      "--omit=dev",
      "--no-audit",
      "--no-fund",
    ],
    { cwd: project, timeout: 170_000 },
  );
  write(join(project, "node_modules/@acme/greeter"), GREETER);
}, 180_000);

function agentflow(...args: string[]): ReturnType<typeof run> {
  return run(join(project, "node_modules/.bin/agentflow"), args, { cwd: project, env: home });
}

describe("what is packed", () => {
  test("is the built host, its plugins and their demo", () => {
    for (const path of [
      "package.json",
      "LICENSE",
      "dist/src/cli/main.js",
      "dist/src/index.d.ts",
      "dist/src/plugin-api/index.js",
      "dist/src/plugin-api/index.d.ts",
      "dist/src/testing.js",
      "dist/src/runtime/resolve-thread.js",
      "dist/plugins/echo/index.js",
      "dist/plugins/aws-operations/index.js",
      "dist/plugins/aws-operations/demo-account/main.js",
    ]) {
      expect(packed).toContain(path);
    }
  });

  test("is nothing else: no tests, sources or settings", () => {
    const strangers = packed.filter(
      (path) =>
        !/^(?:package\.json|LICENSE|README\.md|docs\/.+|dist\/(?:src|plugins)\/.+\.(?:js|d\.ts)|dist\/mcp\.config\.schema\.json|dist\/third-party-licenses\.txt)$/u.test(
          path,
        ) || /(?:^|\/)(?:test|tests|fixtures|bench)\/|\.(?:test|spec)\./u.test(path),
    );
    expect(strangers).toEqual([]);
  });
});

describe("installed, the package", () => {
  test("has its bin", async () => {
    expect(await agentflow("--version")).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test("runs by npx and serves what ships with it", async () => {
    const { code, stdout } = await run("npx", ["--no-install", "agentflow", "list", "--json"], {
      cwd: project,
      env: home,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      plugins: [
        {
          id: "aws-operations",
          state: "serving",
          path: join(project, "node_modules/agentflow-mcp/dist/plugins/aws-operations"),
        },
        { id: "echo", state: "disabled" },
      ],
    });
  });

  test("exports three entries and hides the rest", async () => {
    const script = `
      const names = async (entry) => Object.keys(await import(entry)).toSorted();
      const hidden = await import("agentflow-mcp/dist/src/app.js").catch((error) => error.code);
      console.log(JSON.stringify({
        ".": await names("agentflow-mcp"),
        "./plugin": await names("agentflow-mcp/plugin"),
        "./testing": await names("agentflow-mcp/testing"),
        hidden,
      }));`;
    const out = await runWell(process.execPath, ["--input-type=module", "-e", script], {
      cwd: project,
    });
    expect(JSON.parse(out)).toEqual({
      ".": [
        "AgentFlowApp",
        "HostError",
        "PluginCallError",
        "PluginError",
        "PluginManager",
        "defaultConfig",
        "loadConfig",
        "setupPluginSystem",
      ],
      "./plugin": ["BaseHandler", "TaskStatus", "ToolError", "definePlugin"],
      "./testing": ["createTestHost"],
      hidden: "ERR_PACKAGE_PATH_NOT_EXPORTED",
    });
  });

  test("lets an author test a plugin with a real client", async () => {
    const script = `
      import { definePlugin } from "agentflow-mcp/plugin";
      import { createTestHost } from "agentflow-mcp/testing";
      const tools = { hi: { description: "Says hi.", handler: () => "hi there" } };
      const host = await createTestHost({ plugins: { hi: definePlugin({ name: "hi", version: "1.0.0", tools }) } });
      const result = await host.client.callTool({ name: "hi", arguments: { message: "?" } });
      await host.close();
      console.log(result.content[0].text);`;
    const out = await runWell(process.execPath, ["--input-type=module", "-e", script], {
      cwd: project,
    });
    expect(out).toBe("hi there\n");
  });

  test("brings its types, which know a tool's arguments", async () => {
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    expect(await run(process.execPath, [tsc, "-p", "."], { cwd: project })).toMatchObject({
      code: 0,
      stdout: "",
    });
  });

  test("runs plugins beside the configuration and plugins that are packages", async () => {
    const { code, stdout } = await agentflow("list", "--json", "--config", "mcp.config.json");
    expect(code).toBe(0);
    const { plugins } = JSON.parse(stdout) as { plugins: { id: string }[] };
    expect(plugins.slice(2)).toMatchObject([
      { id: "counter", origin: "directory", state: "serving", warnings: [] },
      { id: "greeter", origin: "package", state: "serving", warnings: [] },
    ]);
    const call = (...args: string[]): ReturnType<typeof run> =>
      agentflow("call", ...args, "--config", "mcp.config.json");
    expect(await call("greet", "message=you")).toMatchObject({ code: 0, stdout: "Hello, you\n" });
    expect(await call("count", "text=four")).toMatchObject({
      code: 0,
      stdout: '{\n  "length": 4\n}\n',
    });
  });

  test("answers from its demo account", async () => {
    const { code, stdout } = await agentflow("call", "aws_cost_analysis", "--demo");
    expect(stdout).toContain("DEMO DATA");
    expect(code).toBe(0);
  });
});
