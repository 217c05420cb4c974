import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { tempFolder } from "../helpers/temp-folder.ts";
import { NO_AWS, start, type Started, type StartOptions } from "./app.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A plugin that needs nothing, with one tool that says where it comes from. */
function source(name: string, tool = name.replaceAll("-", "_"), says = name): string {
  return `export const createPlugin = ({ config, ...options }) => ({
  getPluginInfo: () => ({ name: ${JSON.stringify(name)}, version: "1.0.0" }),
  getPrompts: () => ({ ${tool}_prompt: "Say {what}." }),
  getToolsConfig: () => ({
    ${tool}: {
      description: "Says where it comes from.",
      annotations: { readOnlyHint: true },
      config: { timeout: 5, retryCount: 1 },
      handler: () => ${JSON.stringify(says)} + JSON.stringify(options),
    },
  }),
});
`;
}

function pkg(fields: object): string {
  return JSON.stringify({ type: "module", ...fields });
}

/** Starts without the AWS built-in; `plugins` beside the configuration and so on are in `files`. */
function startWith(
  files: Readonly<Record<string, string>>,
  config: object = {},
  more: (folder: string) => StartOptions = () => ({}),
): Promise<Started> {
  const folder = tempFolder(files);
  const { plugins, ...rest } = config as { plugins?: object };
  return start({
    folder,
    config: { plugins: { ...NO_AWS, ...plugins }, ...rest },
    ...more(folder),
  });
}

/** Id and state of what was found. */
function found({ plugins }: Started): Record<string, string> {
  return Object.fromEntries(plugins.map(({ id, state }) => [id, state]));
}

describe("places", () => {
  test("the folder 'plugins' beside the configuration is looked into", async () => {
    const host = await startWith({ "plugins/one.mjs": source("one") });
    expect(found(host)).toEqual({ one: "serving" });
  });

  test("the working directory is not, with or without a configuration elsewhere", async () => {
    const here = tempFolder({
      "plugins/one.mjs": source("one"),
      "one.mjs": source("one"),
      "mcp.config.json": JSON.stringify({ pluginDirectories: ["plugins"] }),
    });
    vi.spyOn(process, "cwd").mockReturnValue(here);
    expect(found(await startWith({}))).toEqual({});
    const { plugins } = await start();
    expect(plugins.map(({ id }) => id)).toEqual(["aws-operations"]);
  });

  test("the user's own two folders are", async () => {
    const home = tempFolder({
      ".agentflow/plugins/mine.mjs": source("mine"),
      ".omua/plugins/older.mjs": source("older"),
    });
    expect(found(await startWith({}, {}, () => ({ home })))).toEqual({
      mine: "serving",
      older: "serving",
    });
  });

  test("pluginDirectories are relative to the configuration, in their order after --plugins", async () => {
    const host = await startWith(
      {
        "plugins/a.mjs": source("a"),
        "z/z.mjs": source("z"),
        "y/y.mjs": source("y"),
        "named/named.mjs": source("named"),
      },
      { pluginDirectories: ["z", "./y"] },
      (folder) => ({ plugins: [join(folder, "named")] }),
    );
    expect(host.plugins.map(({ id }) => id)).toEqual(["a", "named", "z", "y"]);
  });

  test("a folder that was named and does not exist is a failure that says so", async () => {
    const host = await startWith({}, { pluginDirectories: ["nowhere"] }, (folder) => ({
      plugins: [join(folder, "typo.mjs")],
    }));
    for (const id of ["nowhere", "typo"]) {
      expect(host.plugin(id)).toMatchObject({
        state: "failed",
        stage: "discover",
        reason: expect.stringMatching(new RegExp(`^there is nothing at /.+/${id}`, "u")),
      });
    }
  });

  test("--plugins takes a folder of plugins, the folder of one, or a file", async () => {
    const host = await startWith(
      {
        "many/one.mjs": source("one"),
        "many/two/index.mjs": source("two"),
        "three/index.mjs": source("three"),
        "four/package.json": pkg({ name: "@team/four", main: "lib/four.js" }),
        "four/lib/four.js": source("four"),
        "five/package.json": pkg({ agentflow: { name: "five", entry: "src/main.mjs" } }),
        "five/src/main.mjs": source("five"),
        "six.mjs": source("six"),
      },
      {},
      (folder) => ({
        plugins: ["many", "three", "four", "five", "six.mjs"].map((name) => join(folder, name)),
      }),
    );
    expect(found(host)).toEqual({
      one: "serving",
      two: "serving",
      three: "serving",
      four: "serving",
      five: "serving",
      six: "serving",
    });
  });

  test("--plugins takes relative paths, also for a plugin that requires something", async () => {
    const folder = tempFolder({
      "folder/one.mjs": `export const PLUGIN_INFO = { requires: ["zod>=4"] };\n${source("one")}`,
      "two.ts": source("two"),
    });
    const host = await start({
      config: { plugins: NO_AWS },
      plugins: ["folder", "two.ts"].map((name) => relative(process.cwd(), join(folder, name))),
    });
    expect(host.plugins).toMatchObject([
      { id: "one", state: "serving", path: join(folder, "folder/one.mjs") },
      { id: "two", state: "serving", path: join(folder, "two.ts") },
    ]);
  });

  test("a folder with a package.json of its own may still be a folder of plugins", async () => {
    const host = await startWith({
      // As `npm init` leaves it.
      "plugins/package.json": pkg({ name: "my-plugins", main: "index.js", private: true }),
      "plugins/one.mjs": source("one"),
    });
    expect(found(host)).toEqual({ one: "serving" });
  });

  test("a file that is no module says so when it was named", async () => {
    const host = await startWith({ "notes.txt": "…" }, {}, (folder) => ({
      plugins: [join(folder, "notes.txt")],
    }));
    expect(host.plugin("notes.txt")).toMatchObject({
      state: "failed",
      reason: "is neither JavaScript nor TypeScript",
    });
  });
});

describe("what counts as a plugin", () => {
  test("READMEs, declarations, tests, hidden and private names and node_modules do not", async () => {
    const never = 'throw new Error("must not be imported");';
    const host = await startWith({
      "plugins/good.mjs": source("good"),
      "plugins/readme-writer.mjs": source("readme-writer"),
      ...Object.fromEntries(
        [
          "README.md",
          "readme.js",
          "types.d.ts",
          "types.d.mts",
          "good.test.mjs",
          "good.spec.ts",
          "_shared.mjs",
          ".hidden.mjs",
          "_drafts/index.mjs",
          ".cache/index.mjs",
          "node_modules/dep/index.js",
          "data.json",
          "empty/notes.txt",
        ].map((name) => [`plugins/${name}`, never]),
      ),
    });
    expect(found(host)).toEqual({ good: "serving", "readme-writer": "serving" });
  });

  test.each(
    ["index", "plugin"].flatMap((stem) =>
      [".js", ".mjs", ".cjs", ".ts", ".mts"].map((end) => stem + end),
    ),
  )("a folder with %s does", async (entry) => {
    const text = entry.endsWith(".cjs")
      ? source("thing").replace("export const createPlugin =", "exports.createPlugin =")
      : source("thing");
    const host = await startWith({
      [`plugins/thing/${entry}`]: text,
      "plugins/thing/helper.mjs": "throw new Error('must not be imported');",
    });
    expect(host.plugins).toMatchObject([{ id: "thing", state: "serving" }]);
    expect(await host.call("thing", { message: "hi" })).toBe("thing{}");
  });

  test.each<[string, object, string]>([
    ["agentflow.name", { name: "@team/pkg", agentflow: { name: "named" }, main: "x.js" }, "named"],
    ["the package's name, without its scope", { name: "@team/pkg", main: "./x.js" }, "pkg"],
    ["the folder's name", { main: "x.js" }, "folder"],
    [
      "agentflow.entry before exports",
      { agentflow: { entry: "x.js" }, exports: "./no.js" },
      "folder",
    ],
    [
      "exports before main",
      { exports: { ".": { types: "./x.d.ts", import: "./x.js" } }, main: "no.js" },
      "folder",
    ],
    ["exports as text", { exports: "./x.js" }, "folder"],
    ["exports with conditions alone", { exports: { node: { default: "./x.js" } } }, "folder"],
    ["exports with subpaths", { exports: { ".": "./x.js", "./other": "./no.js" } }, "folder"],
  ])("package.json: %s", async (_what, fields, id) => {
    const host = await startWith({
      "plugins/folder/package.json": pkg(fields),
      "plugins/folder/x.js": source(id, "tool"),
    });
    expect(host.plugins).toMatchObject([{ id, state: "serving", warnings: [] }]);
    expect(await host.call("tool", { message: "hi" })).toBe(`${id}{}`);
  });
});

describe("packages", () => {
  const modules = {
    "node_modules/plain-plugin/package.json": pkg({ name: "plain-plugin", main: "main.js" }),
    "node_modules/plain-plugin/main.js": source("plain-plugin", "plain"),
    "node_modules/@team/scoped-plugin/package.json": pkg({
      name: "@team/scoped-plugin",
      exports: "./index.ts",
    }),
    "node_modules/@team/scoped-plugin/index.ts": source("scoped-plugin", "scoped"),
  };

  test("are resolved from the configuration's folder, scoped and TypeScript ones too", async () => {
    const host = await startWith(modules, {
      pluginPackages: ["plain-plugin", "@team/scoped-plugin"],
    });
    expect(host.plugins).toMatchObject([
      { id: "plain-plugin", origin: "package", state: "serving" },
      { id: "scoped-plugin", origin: "package", state: "serving" },
    ]);
    expect(await host.call("scoped", { message: "hi" })).toBe("scoped-plugin{}");
  });

  test("are found in a parent's node_modules, as imports are", async () => {
    const root = tempFolder({ ...modules, "app/.keep": "" });
    const host = await start({
      folder: join(root, "app"),
      config: { plugins: NO_AWS, pluginPackages: ["plain-plugin"] },
    });
    expect(found(host)).toEqual({ "plain-plugin": "serving" });
  });

  test("that are not installed fail with the command that installs them", async () => {
    const folder = tempFolder();
    const host = await start({
      folder,
      config: { plugins: NO_AWS, pluginPackages: ["@team/not-there"] },
    });
    expect(host.plugin("not-there")).toMatchObject({
      origin: "package",
      state: "failed",
      stage: "discover",
      reason: `the npm package is not installed. Run: npm install @team/not-there (in ${folder})`,
    });
  });
});

describe("once", () => {
  test("the same file is loaded once, whoever names it", async () => {
    const host = await startWith(
      { "plugins/one.mjs": source("one"), "plugins/two/index.mjs": source("two") },
      { pluginDirectories: ["plugins", "./plugins/two"] },
      (folder) => ({
        plugins: [
          join(folder, "plugins/one.mjs"),
          join(folder, "plugins/../plugins/two"),
          join(folder, "plugins/two/index.mjs"),
        ],
      }),
    );
    expect(found(host)).toEqual({ one: "serving", two: "serving" });
    expect(host.plugins).toHaveLength(2);
  });

  test("a link to a plugin is the plugin", async () => {
    const folder = tempFolder({ "real/one/index.mjs": source("one") });
    mkdirSync(join(folder, "plugins"));
    symlinkSync(join(folder, "real/one"), join(folder, "plugins/a-link"));
    const host = await start({
      folder,
      config: { plugins: NO_AWS, pluginDirectories: ["real"] },
    });
    expect(host.plugins).toMatchObject([{ id: "a-link", state: "serving" }]);
  });

  test.each([
    ["its built folder", "dist/plugins/echo"],
    ["its source folder", "plugins/echo"],
    ["its built file", "dist/plugins/echo/index.js"],
    ["its source file", "plugins/echo/index.ts"],
    ["the folder of all built-ins", "dist/plugins"],
  ])("a built-in named by %s is loaded once, as the built-in", async (_what, path) => {
    const host = await startWith({}, {}, () => ({ plugins: [join(ROOT, path)] }));
    expect(host.plugins).toMatchObject([
      { id: "echo", origin: "builtin", state: "serving", path: join(ROOT, "dist/plugins/echo") },
    ]);
  });

  test("a link to a built-in is the built-in", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "plugins"));
    symlinkSync(join(ROOT, "dist/plugins/echo"), join(folder, "plugins/my-echo"));
    const host = await start({ folder, config: { plugins: NO_AWS } });
    expect(host.plugins).toMatchObject([{ id: "echo", origin: "builtin", state: "serving" }]);
  });
});

describe("built-ins", () => {
  test("aws-operations is on and echo is off until somebody names it", async () => {
    const { app, plugins } = await start();
    expect(plugins).toMatchObject([{ id: "aws-operations", origin: "builtin", state: "serving" }]);
    expect(app.host.catalogue.plugins.find(({ id }) => id === "echo")).toMatchObject({
      state: "disabled",
      reason: "ships with the host and is off by default. Switch it on: plugins.echo.enabled",
    });
  });

  test("the configuration switches them on and off, and they come first", async () => {
    const host = await startWith(
      { "plugins/a.mjs": source("a") },
      {
        plugins: {
          aws_operations: { enabled: true },
          "aws-operations": undefined,
          echo: { enabled: true },
        },
      },
    );
    expect(host.plugins.map(({ id }) => id)).toEqual(["aws-operations", "echo", "a"]);
    const off = await startWith({}, { plugins: { echo: { enabled: false } } }, () => ({
      plugins: [join(ROOT, "plugins/echo")],
    }));
    expect(off.tools).toEqual([]);
  });
});

const files = { "plugins/my-plugin.mjs": source("my-plugin") };

async function policyWith(settings: object): Promise<unknown> {
  const host = await startWith(files, {
    plugins: { "my-plugin": { tools: { my_plugin: settings } } },
  });
  return host.app.host.catalogue.tools.get("my_plugin")?.policy;
}

describe("settings", () => {
  test.each(["my-plugin", "my_plugin", "MY_PLUGIN"])(
    "'%s' is the key of my-plugin",
    async (key) => {
      const host = await startWith(files, { plugins: { [key]: { region: "north" } } });
      expect(await host.call("my_plugin", { message: "hi" })).toBe('my-plugin{"region":"north"}');
    },
  );

  test("enabled: false keeps a plugin from being imported", async () => {
    const host = await startWith(
      { "plugins/my-plugin.mjs": 'throw new Error("must not be imported");' },
      { plugins: { my_plugin: { enabled: false } } },
    );
    expect(host.plugin("my-plugin")).toMatchObject({
      state: "disabled",
      stage: "discover",
      reason: "is switched off in the configuration",
    });
  });

  test("prefix stands before tools and prompts, and frees a name that is taken", async () => {
    const host = await startWith(
      {
        "plugins/one.mjs": source("one", "same", "first"),
        "plugins/two.mjs": source("two", "same", "second"),
      },
      { plugins: { two: { prefix: "two" } } },
    );
    expect(host.tools).toEqual(["same", "two_same"]);
    expect([...host.app.host.catalogue.prompts.keys()]).toEqual(["same_prompt", "two_same_prompt"]);
    expect(await host.call("two_same", { message: "hi" })).toBe("second{}");
    expect(host.plugins.flatMap(({ quarantined }) => quarantined)).toEqual([]);
  });

  test("a tool can be renamed, and the new name is the one that is served", async () => {
    const host = await startWith(files, {
      plugins: { "my-plugin": { tools: { my_plugin: { rename: "renamed" } }, prefix: "p" } },
    });
    expect(host.tools).toEqual(["p_renamed"]);
    expect(await host.call("p_renamed", { message: "hi" })).toBe("my-plugin{}");
  });

  test.each(["two words", "", "grüße", "__proto__", "x".repeat(129)])(
    "a tool cannot be renamed to '%s'",
    async (rename) => {
      await expect(
        startWith(files, { plugins: { "my-plugin": { tools: { my_plugin: { rename } } } } }),
      ).rejects.toThrow(
        "plugins.my-plugin.tools.my_plugin.rename: expected letters, digits, '.', '_' and '-', at most 128, found ",
      );
    },
  );

  test("a tool can be switched off, alone", async () => {
    const host = await startWith(files, {
      plugins: { "my-plugin": { tools: { my_plugin: { enabled: false } } } },
    });
    expect(host.tools).toEqual([]);
    expect(host.plugin("my-plugin").state).toBe("serving");
  });

  test("the operator's timeout, retries and deadline win over the author's", async () => {
    expect(await policyWith({})).toMatchObject({ timeoutMs: 5_000, retryCount: 1 });
    expect(await policyWith({ timeout: 0.5, retryCount: 0, deadline: 2 })).toMatchObject({
      timeoutMs: 500,
      retryCount: 0,
      deadlineMs: 2_000,
    });
  });

  test("a tool that the plugin does not have is named in a warning", async () => {
    const host = await startWith(files, {
      plugins: { "my-plugin": { tools: { my_plugn: { timeout: 1 } } } },
    });
    expect(host.plugin("my-plugin").warnings).toEqual([
      "plugins.my-plugin.tools.my_plugn: the plugin has no tool of that name",
    ]);
  });

  test("a long name is a warning that prints the key to use", async () => {
    const long = "a".repeat(60);
    const host = await startWith({ "plugins/one.mjs": source("one", long) });
    expect(host.tools).toEqual([long]);
    expect(host.plugin("one").warnings).toEqual([
      `the tool name '${long}' has 60 characters; some clients refuse more than 48. Give it a shorter one: plugins.one.tools.${long}.rename`,
    ]);
  });

  test("a key of the plugin's own may be under 'config', which wins and is not examined", async () => {
    const host = await startWith(files, {
      plugins: { "my-plugin": { region: "north", config: { region: "south", enable: 1 } } },
    });
    expect(await host.call("my_plugin", { message: "hi" })).toBe(
      'my-plugin{"region":"south","enable":1}',
    );
    await expect(startWith(files, { plugins: { "my-plugin": { enable: 1 } } })).rejects.toThrow(
      'is too close to the host\'s key "enabled". Write "enabled", or put the plugin\'s own key under "config"',
    );
  });

  test("what a schema of the configuration says holds: defaults, both spellings, reasons", async () => {
    const text = `export const configSchema = {
  type: "object",
  properties: {
    awsRegion: { type: "string", default: "us-east-1" },
    retryLimit: { type: "integer" },
    nested: { type: "object", properties: { innerKey: { type: "boolean" } } },
    accounts: { type: "array", items: { type: "object", properties: { roleArn: { type: "string" } } } },
  },
  additionalProperties: false,
};
${source("one")}`;
    const answer = async (own: object): Promise<string> => {
      const host = await startWith({ "plugins/one.mjs": text }, { plugins: { one: own } });
      return host.plugin("one").reason ?? (await host.call("one", { message: "hi" }));
    };
    expect(await answer({})).toBe('one{"awsRegion":"us-east-1"}');
    expect(
      await answer({
        aws_region: "eu",
        retryLimit: 2,
        nested: { inner_key: true },
        accounts: [{ role_arn: "r" }],
      }),
    ).toBe(
      'one{"awsRegion":"eu","retryLimit":2,"nested":{"innerKey":true},"accounts":[{"roleArn":"r"}]}',
    );
    expect(await answer({ aws_region: "snake", awsRegion: "camel" })).toBe(
      'one{"awsRegion":"camel"}',
    );
    expect(await answer({ awsRegion: "camel", aws_region: "snake" })).toBe(
      'one{"awsRegion":"camel"}',
    );
    expect(await answer({ retry_limit: "many", colour: "red" })).toBe(
      "its configuration (plugins.one) is not valid: colour: is not known; retryLimit: must be integer",
    );
  });
});

test("definitions come in one order, whatever order the files are in", async () => {
  const folder = tempFolder();
  for (const name of ["b", "c", "a"]) {
    const file = join(folder, "plugins", `${name}.mjs`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source(name, `tool_${name === "a" ? "z" : name}`));
  }
  const host = await start({ folder, config: { plugins: NO_AWS } });
  expect(host.plugins.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(host.tools).toEqual(["tool_b", "tool_c", "tool_z"]);
});
