import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { NO_AWS, start } from "../loading/app.ts";
import { MODES, openFiles, type Mode } from "./system.ts";

const DATA = 'name = "mine"; version = "1.0.0";';
const AGENT = `${DATA} type = "agent"; plan() { return []; }`;
const RUN = 'execute() { return { status: "completed" }; }';

interface Mistake {
  readonly files: Readonly<Record<string, string>>;
  readonly stage: string;
  readonly reason: string;
  readonly problem: string;
  readonly at?: string;
  readonly fix: RegExp;
  /** What of it is seen before anything is called. */
  readonly onlyOnceLoaded?: boolean;
}

/** The document's bullets, each with the file of somebody who has just met it. */
const MISTAKES: Readonly<Record<string, Mistake>> = {
  "a class that implements none of the interfaces": {
    files: { "mine.ts": `\nexport class MyCustomAgent {\n  async initialize() {}\n}\n` },
    stage: "validate",
    reason:
      "the class MyCustomAgent has no 'type' and none of the methods of an agent, an LLM backend or a storage backend",
    problem: "wrong_interface",
    at: "plugins/mine.ts:2",
    fix: /^Implement an agent \(plan, execute\)/u,
  },
  "a class without a required method": {
    files: { "mine.ts": `\n\nexport class MyCustomAgent {\n  ${AGENT} exectue() {}\n}\n` },
    stage: "validate",
    reason:
      "the class MyCustomAgent has no execute(task, context) (did you mean 'exectue'?), which every agent must have",
    problem: "missing_method",
    at: "plugins/mine.ts:3",
    fix: /^Add the method to the class/u,
  },
  "a type that there is not": {
    files: {
      "mine.mjs": `export class MyCustomAgent { ${DATA} type = "agnet"; plan() {} ${RUN} }`,
    },
    stage: "validate",
    reason:
      "the class MyCustomAgent: type says 'agnet', not one of 'agent', 'llm_backend', 'storage_backend'. Did you mean 'agent'?",
    problem: "wrong_type",
    at: "plugins/mine.mjs:1",
    fix: /^Let 'type' be 'agent'/u,
  },
  "a type whose methods it does not have": {
    files: {
      "mine.mjs": `export class MyCustomAgent { ${DATA} type = "llm_backend"; plan() {} ${RUN} }`,
    },
    stage: "validate",
    reason:
      "the class MyCustomAgent: type says 'llm_backend', but its methods are those of an agent. Did you mean 'agent'?",
    problem: "wrong_type",
    at: "plugins/mine.mjs:1",
    fix: /^Let 'type' be 'agent'/u,
  },
  "a package that is not installed": {
    files: { "mine.mjs": `import "no-such-package";\nexport class A { ${AGENT} ${RUN} }` },
    stage: "import",
    reason: "needs the npm package 'no-such-package', which is not installed. Run: npm install",
    problem: "import_error",
    fix: /^Mend the file, or install what it imports/u,
  },
  "an error while it is imported": {
    files: { "mine.mjs": `\nthrow new Error("no luck");` },
    stage: "import",
    reason: "threw while it was imported (plugins/mine.mjs:2): no luck",
    problem: "import_error",
    at: "plugins/mine.mjs:2",
    fix: /^Mend the file/u,
  },
  "a circle of imports": {
    files: {
      "mine.mjs": `import { Base } from "./_base.mjs";\nexport const NAME = "mine";\nexport class A extends Base {}`,
      "_base.mjs": `\nimport { NAME } from "./mine.mjs";\nexport class Base { static known = NAME; ${AGENT} ${RUN} }`,
    },
    stage: "import",
    reason:
      "imports itself in a circle (mine.mjs → _base.mjs → mine.mjs, at plugins/mine.mjs:1): Cannot access 'NAME' before",
    problem: "circular_import",
    at: "plugins/mine.mjs:1",
    fix: /^Move what both files need into a third one/u,
  },
  "a circle of imports in TypeScript": {
    files: {
      "mine.ts": `import { Base } from "./_base.ts";\nexport class Root {}\nexport class A extends Base {}`,
      "_base.ts": `import { Root } from "./mine.ts";\nexport class Base extends Root { ${AGENT} ${RUN} }`,
    },
    stage: "import",
    reason:
      "imports itself in a circle (mine.ts → _base.ts → mine.ts, at plugins/mine.ts:1): Class extends value undefined",
    problem: "circular_import",
    at: "plugins/mine.ts:1",
    fix: /^Move what both files need/u,
  },
  "an error in its constructor": {
    files: {
      "mine.mjs": `export class A {\n  ${AGENT} ${RUN}\n  constructor() { throw new Error("no luck"); }\n}`,
    },
    stage: "create",
    reason: "new A() threw: no luck",
    problem: "unhandled_error",
    at: "plugins/mine.mjs:3",
    fix: /^Catch the error where it can happen/u,
  },
  "an error in initialize": {
    files: {
      "mine.ts": `export class A {\n  ${AGENT} ${RUN}\n  async initialize() {\n    throw new Error("no luck");\n  }\n}`,
    },
    stage: "load",
    reason: "A.initialize threw: no luck",
    problem: "unhandled_error",
    at: "plugins/mine.ts:4",
    fix: /^Catch the error where it can happen/u,
    onlyOnceLoaded: true,
  },
};

function configOf(mode: Mode): object {
  return {
    server: { dataDirectory: tempFolder() },
    plugins: { ...NO_AWS, mine: { isolation: mode } },
  };
}

function folderWith(files: Readonly<Record<string, string>>): string {
  return tempFolder(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`plugins/${name}`, text])),
  );
}

async function resourceOf(client: Client, id: string): Promise<Readonly<Record<string, unknown>>> {
  const { contents } = await client.readResource({ uri: `agentflow://plugins/${id}` });
  const [content] = contents;
  return JSON.parse(content && "text" in content ? content.text : "{}") as Record<string, unknown>;
}

describe.each(MODES)("the troubleshooting of the document, %s", (mode) => {
  test.each(Object.entries(MISTAKES))(
    "%s is told by check, list, the log and the resource, with what to do",
    async (_what, { files, stage, reason, problem, at, fix, onlyOnceLoaded = false }) => {
      const folder = folderWith(files);
      const config = configOf(mode);
      const isSeen = !(onlyOnceLoaded && mode === "process");
      const { plugin, log, connect } = await start({ folder, config });
      const args = ["--config", join(folder, "mcp.config.json")];
      const env = { HOME: tempFolder() };
      const [listed, checked] = await Promise.all([
        runCli(["list", "--json", ...args], { env }),
        runCli(["check", ...args], { env }),
      ]);

      expect(checked.code).toBe(1);
      expect(checked.stdout).toContain(`  mine: failed: ${reason}`);
      expect(checked.stdout).toMatch(/^Not in order: mine$/mu);
      const place = at === undefined ? "" : `${at}: `;
      const advice = checked.stdout
        .split("\n")
        .find((line) => line.startsWith(`    ${place}`) && fix.test(line.slice(4 + place.length)));
      expect(advice, checked.stdout).toBeDefined();
      if (!isSeen) return;

      expect(plugin("mine")).toMatchObject({ state: "failed", stage });
      const { plugins } = JSON.parse(listed.stdout) as { plugins: { id: string }[] };
      expect(plugins.find(({ id }) => id === "mine")).toMatchObject({
        state: "failed",
        reason: expect.stringContaining(reason),
        problem,
        ...(at !== undefined && { at }),
        fix: expect.stringMatching(fix),
      });
      const line = log
        .map((each) => JSON.parse(each) as Readonly<Record<string, unknown>>)
        .find(({ msg }) => msg === "plugin failed");
      expect(line).toMatchObject({
        plugin: "mine",
        reason: expect.stringContaining(reason),
        problem,
        ...(at !== undefined && { at }),
      });
      const resource = await resourceOf(await connect(), "mine");
      expect(resource).toMatchObject({
        state: "failed",
        reason: `failed_at_${stage}`,
        problem,
        ...(at !== undefined && { at }),
        fix: expect.stringMatching(fix),
      });
      expect(JSON.stringify(resource)).not.toContain("no luck");
    },
  );

  test("a class that looks like nothing at all is no plugin, and says which class was meant", async () => {
    const folder = folderWith({ "mine.ts": "export class MyCustomAgent { run() {} }" });
    const { plugin, log } = await start({ folder, config: configOf(mode) });
    expect(plugin("mine")).toMatchObject({
      state: "skipped",
      reason:
        "exports no plugin: no createPlugin, no default plugin, no Plugin class; and the class MyCustomAgent has none of " +
        "the methods of an agent, an LLM backend or a storage backend",
      problem: { code: "wrong_interface", at: "plugins/mine.ts:1" },
    });
    expect(log.find((line) => line.includes("plugin not served"))).toContain("plugins/mine.ts:1");
  });
});

test("an error in initialize of a plugin in a process of its own is told with its first call", async () => {
  const { files } = MISTAKES["an error in initialize"] ?? { files: {} };
  const { manager, log } = await openFiles("process", files);
  await expect(manager.createAgentInstance("mine")).rejects.toThrow(
    "mine.initialize: The plugin 'mine' failed to load. A.initialize threw: no luck",
  );
  const record = (await manager.loadPlugins()).find(({ id }) => id === "mine");
  expect(record).toMatchObject({
    state: "unavailable",
    reason: "A.initialize threw: no luck",
    problem: { code: "unhandled_error", at: expect.stringMatching(/\/mine\.ts:4$/u) },
  });
  expect(log.map(({ reason }) => String(reason)).join("\n")).toContain("A.initialize threw");
});

test("settings of a plugin that lies elsewhere name every directory that was searched, and the nearest file", async () => {
  const folder = folderWith({ "my_agent.mjs": `export class A { ${AGENT} ${RUN} }` });
  const more = tempFolder({ "other.mjs": `export class B { ${DATA} ${RUN} plan() {} }` });
  const home = tempFolder();
  const plugins = { ...NO_AWS, my_agnet: { api_key: "x" }, far_away: {}, mine: { api_key: "x" } };
  const { app, log } = await start({
    folder,
    home,
    plugins: [more],
    config: { plugins, server: { dataDirectory: tempFolder() } },
  });
  const searched = [
    join(folder, "plugins"),
    more,
    join(home, ".agentflow/plugins"),
    join(home, ".omua/plugins"),
  ].join(", ");
  const warnings = [
    `plugins.my_agnet: not found in ${searched}. Did you mean 'my_agent' (${join(folder, "plugins/my_agent.mjs")})?`,
    `plugins.far_away: not found in ${searched}.`,
  ];
  expect(app.host.warnings).toEqual(warnings);
  for (const warning of warnings) {
    expect(log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain(warning);
  }
  writeFileSync(join(folder, "mcp.config.json"), JSON.stringify({ plugins }));
  const args = ["--config", join(folder, "mcp.config.json"), "--plugins", more];
  for (const command of ["list", "check"]) {
    const { stdout } = await runCli([command, ...args], { env: { HOME: home } });
    for (const warning of warnings) expect(stdout).toContain(`  warning: ${warning}`);
  }
});
