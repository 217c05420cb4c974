import type { Client } from "@modelcontextprotocol/client";
import { Client as StdioClient } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cliCommand, cliEnv, runCli, type CliResult } from "../helpers/cli.ts";
import { callWith, textOf } from "./app.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/bad-plugins/", import.meta.url));
const PLUGINS = join(FOLDER, "plugins");
const CONFIG = ["--config", join(FOLDER, "mcp.config.json")];

interface Quarantined {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
}

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly stage: string;
  readonly path: string;
  readonly reason?: string;
  readonly warnings: readonly string[];
  readonly quarantined: readonly Quarantined[];
}

interface Listing {
  readonly plugins: readonly Listed[];
  readonly tools: readonly { readonly name: string; readonly plugin: string }[];
  readonly prompts: readonly { readonly name: string; readonly plugin: string }[];
  readonly categories: readonly { readonly name: string }[];
}

let listed: CliResult;
let listing: Listing;
let checked: CliResult;
let client: Client;
let stderr = "";
const greetings: string[] = [];

// The plugins that hang cost their deadline once: list, check and a server go through it at the same time.
beforeAll(async () => {
  const runs = [runCli(["list", "--json", ...CONFIG]), runCli(["check", ...CONFIG])] as const;
  const { command, args } = cliCommand(["serve", ...CONFIG]);
  const transport = new StdioClientTransport({ command, args, env: cliEnv(), stderr: "pipe" });
  transport.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  client = new StdioClient({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  // While others still hang in onPluginLoad.
  greetings.push(textOf(await callWith(client, "greet", { name: "early bird" })));
  [listed, checked] = await Promise.all(runs);
  listing = JSON.parse(listed.stdout) as Listing;
  await vi.waitFor(() => expect(stderr).toContain("hangs-on-load: unloaded"), { timeout: 15_000 });
  greetings.push(textOf(await callWith(client, "greet", { name: "late riser" })));
});

afterAll(async () => {
  await client.close();
});

function plugin(id: string): Listed {
  const found = listing.plugins.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`'${id}' is not listed`);
  return found;
}

async function read(uri: string): Promise<string> {
  const [content] = (await client.readResource({ uri })).contents;
  return content !== undefined && "text" in content ? content.text : "";
}

const INSTALL_HERE = `(in ${PLUGINS})`;
const NAME_RULE = "the name may have letters, digits, '.', '_' and '-', 1 to 128 of them";

/** Plugins that fail: stage and reason. */
const FAILED: Readonly<Record<string, readonly [stage: string, reason: string]>> = {
  "omua-agents": [
    "create",
    "new MyCustomAgent() threw: no luck; " +
      "the class MyCustomLlm has no chat(messages, options), which every LLM backend must have; " +
      "the class MyStorage has no loadWorkflow(id) and no listWorkflows(status, limit, offset) and no saveMetric(metric) " +
      "and no getMetrics(name, start, end, limit), which every storage backend must have",
  ],
  "broken-syntax": [
    "import",
    "has a syntax error (plugins/broken-syntax.mjs:5): Unexpected token ','",
  ],
  "broken-typescript": [
    "import",
    "has a syntax error (plugins/broken-typescript.ts:1): Unexpected token",
  ],
  "config-violated": [
    "create",
    "its configuration (plugins.config-violated) is not valid: port: Invalid input: expected number, received string; " +
      'region: Invalid input: expected string, received undefined; Unrecognized key: "colour"',
  ],
  "create-throws": ["create", "createPlugin threw: options.account is undefined"],
  "getter-throws": ["validate", "getToolsConfig() threw: the tool list is not ready"],
  "hangs-on-create": ["create", "createPlugin did not finish within 10 s"],
  "hangs-on-import": ["import", "its import did not finish within 10 s"],
  "hangs-on-load": ["load", "onPluginLoad did not finish within 10 s"],
  "load-throws": ["load", "onPluginLoad threw: no route to the database at /srv/secret/db.sock"],
  "missing-entry": [
    "discover",
    "its package.json names the entry './dist/index.js', which does not exist. Is it built?",
  ],
  "missing-file": [
    "import",
    "imports './_parts/text', which does not exist. Did you mean './_parts/text.mjs'?",
  ],
  "missing-import": [
    "import",
    `needs the npm package '@nowhere/left-pad', which is not installed. Run: npm install @nowhere/left-pad ${INSTALL_HERE}`,
  ],
  "no-entry": [
    "discover",
    "has no entry: package.json names none, and there is no index.js or plugin.js",
  ],
  "no-version": ["validate", "'version' must be text like \"1.0.0\", found nothing"],
  "outside-entry": [
    "discover",
    "its package.json names the entry '../a-good-one.mjs' outside its folder",
  ],
  "package-not-installed": [
    "import",
    `requires @nowhere/left-pad>=1.3.0, found nothing. Run: npm install "@nowhere/left-pad@>=1.3.0" ${INSTALL_HERE}`,
  ],
  "returns-nothing": ["validate", "what createPlugin() returned has no getPluginInfo()"],
  "throws-null-on-import": ["import", "threw while it was imported: null"],
  "throws-on-import": [
    "import",
    "threw while it was imported (plugins/throws-on-import.mjs:1): the licence file is missing",
  ],
  "tools-as-list": ["validate", "getToolsConfig() must return an object with one entry per name"],
  under_score: [
    "discover",
    `the id 'under_score' is taken by ${join(PLUGINS, "under-score.mjs")}. ` +
      'Rename one of them, or set "agentflow": { "name": … } in its package.json',
  ],
  "wrong-export": [
    "import",
    "imports a name that does not exist (plugins/wrong-export.mjs:1): " +
      "The requested module 'agentflow-mcp/plugin' does not provide an export named 'definePlugins'",
  ],
  "wrong-shape": ["validate", "what createPlugin() returned has no getPluginInfo()"],
};

/** Failed too, with reasons that depend on versions. */
const FAILED_BY_VERSION: Readonly<Record<string, readonly [stage: string, reason: RegExp]>> = {
  "host-too-old": [
    "import",
    /^requires agentflow-mcp>=99, found agentflow-mcp \d+\.\d+\.\d+\S*\. Run: npm install agentflow-mcp@latest$/u,
  ],
  "package-too-old": [
    "import",
    /^requires semver@\^99\.1, found semver \d+\.\d+\.\d+\. Run: npm install "semver@>=99\.1\.0 <100\.0\.0-0" \(in .+\)$/u,
  ],
  "unreadable-package": [
    "discover",
    /^its package\.json cannot be used: Expected double-quoted property name in JSON at position 32/u,
  ],
};

/** Plugins that are served, with what is wrong in them: each definition that is not served and why. */
const QUARANTINED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "bad-schemas": {
    with_date: "'inputSchema' cannot be used: Date cannot be represented in JSON Schema",
    with_custom: "'inputSchema' cannot be used: Custom types cannot be represented in JSON Schema",
    with_map_output: "'outputSchema' cannot be used: Map cannot be represented in JSON Schema",
    unknown_dialect:
      "'inputSchema' names the dialect \"https://example.com/my-schema\"; known are " +
      "https://json-schema.org/draft/2020-12/schema, https://json-schema.org/draft/2019-09/schema, http://json-schema.org/draft-07/schema",
    invalid_schema:
      "'inputSchema' cannot be used: schema is invalid: data/properties/n/type must be equal to one of the allowed values, " +
      "data/properties/n/type must be array, data/properties/n/type must match a schema in anyOf",
    array_root: "'inputSchema' must describe an object (z.object({ … }) or type: \"object\")",
    zod_array_root: "'inputSchema' must describe an object (z.object({ … }) or type: \"object\")",
    untyped_root: "'inputSchema' must describe an object (z.object({ … }) or type: \"object\")",
    unwrapped_shape: "'inputSchema' is a record of schemas; wrap it in z.object({ … })",
    text_schema: "'inputSchema' is string, not a schema",
    circular: "'inputSchema' cannot be used: /x-self/schema is part of a cycle",
  },
  "bad-tool-names": {
    "two words": NAME_RULE,
    "": NAME_RULE,
    grüße: NAME_RULE,
    ["long".repeat(33)]: NAME_RULE,
    ["__proto__"]: "the name is reserved",
  },
  "bad-tools": {
    KNOWN: "is declared twice; the first one stays",
    "#3": "has no name",
    no_handler: "has no 'handler', and the plugin has no getHandlers() to carry it out",
    text_handler: "'handler' is string, not a function",
    not_an_object: "is string, not a tool's configuration",
    unknown_category: "stands for the category 'UNKNOWN', which is not among the plugin's: KNOWN",
    negative_timeout: "'config.timeout' must be a positive number of seconds, found -1",
    text_timeout: "'config.timeout' must be a positive number of seconds, found \"30\"",
    many_retries: "'config.retryCount' must be a whole number from 0 to 10, found 2.5",
  },
  "duplicate-prompt": {
    "bad name": NAME_RULE,
    number: "is number, neither text nor a prompt definition",
    greeting:
      "plugin 'duplicate-prompt' declares the prompt 'greeting', which plugin 'a-good-one' already provides. " +
      'Set "prefix" on one of them: plugins.duplicate-prompt.prefix',
  },
  "taken-tool-name": {
    greet:
      "plugin 'taken-tool-name' declares the tool 'greet', which plugin 'a-good-one' already provides. " +
      'Set "prefix" on one of them: plugins.taken-tool-name.prefix',
  },
  "zod-3-and-4": {
    by_both: "'inputSchema' has a zod 3 schema inside a zod 4 one; make both with the same zod",
  },
};

const WARNED: Readonly<Record<string, readonly string[]>> = {
  "bad-tools": [
    `category 'KNOWN': the pattern "(unclosed" is left out: Invalid regular expression: /(unclosed/i: Unterminated group`,
    "the tool 'good_tool' has no description: a model has only its name to choose it by",
  ],
  "other-name": [
    "calls itself 'somebody-else', but its id is 'other-name': configure it under plugins.other-name",
  ],
  "python-requirement": [
    "requires 'boto3>=1.26.0', which is a Python package and means nothing here",
    "requires 'agentflow>=1.0.0', which is a Python package and means nothing here",
    "requires '???', which is not a package name with a version range",
  ],
  "version-not-semver": ["its version 'v2 final' is not a semantic version like 1.2.3"],
};

const SKIPPED: Readonly<Record<string, string>> = {
  my_agent: "is a Python plugin; this host runs JavaScript and TypeScript. It can be ported",
  py_package: "is a Python plugin; this host runs JavaScript and TypeScript. It can be ported",
  "no-export": "exports no plugin: no createPlugin, no default plugin, no Plugin class",
};

/** In good order, though each looks as if it might not be. */
const GOOD = [
  "a-good-one",
  "common-js",
  "constructor-as-name",
  "prints-to-stdout",
  "unload-throws",
];

/** Two of them have one id. */
const TWINS = ["twin", "twin"];

describe("list --json", () => {
  test("answers with nothing but JSON on stdout, whatever plugins print", () => {
    expect(listed).toMatchObject({ code: 0, signal: null });
    expect(listed.stdout).toMatch(/^\{\n/u);
    for (const printed of ["printed at import", "printed at create", "printed at load"]) {
      expect(listed.stderr).toContain(printed);
      expect(listed.stdout).not.toContain(printed);
    }
  });

  test("names every candidate once and nothing else", () => {
    const expected = [
      ...Object.keys({ ...FAILED, ...FAILED_BY_VERSION, ...QUARANTINED, ...WARNED, ...SKIPPED }),
      ...GOOD,
      ...TWINS,
      "under-score",
      "switched-off",
      "aws-operations",
      "echo",
    ];
    expect(listing.plugins.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
  });

  test.each(Object.entries(FAILED))("%s fails with a reason", (id, [stage, reason]) => {
    expect(plugin(id)).toMatchObject({ state: "failed", stage, reason });
  });

  test.each(Object.entries(FAILED_BY_VERSION))("%s fails with a reason", (id, [stage, reason]) => {
    expect(plugin(id)).toMatchObject({ state: "failed", stage });
    expect(plugin(id).reason).toMatch(reason);
  });

  test.each(Object.entries(QUARANTINED))(
    "%s is served without its bad definitions",
    (id, reasons) => {
      const { state, quarantined } = plugin(id);
      expect(state).toBe("serving");
      expect(quarantined.map(({ name, reason }) => [name, reason])).toEqual(
        expect.arrayContaining(Object.entries(reasons)),
      );
      expect(quarantined).toHaveLength(Object.keys(reasons).length);
    },
  );

  test.each(Object.entries(WARNED))("%s is served with warnings", (id, warnings) => {
    expect(plugin(id)).toMatchObject({ state: "serving", warnings });
  });

  test.each(Object.entries(SKIPPED))("%s is skipped with a reason", (id, reason) => {
    expect(plugin(id)).toMatchObject({ state: "skipped", reason });
  });

  test.each(GOOD)("%s is in good order", (id) => {
    expect(plugin(id)).toMatchObject({ state: "serving", warnings: [], quarantined: [] });
  });

  test("of two plugins with one id, the first is served and the second says where the first is", () => {
    const twins = listing.plugins.filter(({ id }) => id === "twin");
    expect(twins).toMatchObject([
      { state: "serving", path: join(PLUGINS, "twin") },
      {
        state: "failed",
        stage: "discover",
        path: join(PLUGINS, "twin.mjs"),
        reason: `the id 'twin' is taken by ${join(PLUGINS, "twin")}. Rename one of them, or set "agentflow": { "name": … } in its package.json`,
      },
    ]);
  });

  test("what is switched off is not even imported", () => {
    expect(plugin("switched-off")).toMatchObject({
      state: "disabled",
      stage: "discover",
      reason: "is switched off in the configuration",
    });
  });

  test("lists exactly the definitions that are good", () => {
    expect(listing.tools.map(({ name, plugin: owner }) => `${owner}: ${name}`)).toEqual([
      "zod-3-and-4: by_zod_3",
      "zod-3-and-4: by_zod_4",
      "constructor-as-name: constructor",
      "bad-tool-names: dotted_name",
      "twin: first_twin",
      "bad-schemas: good_schema",
      "bad-tools: good_tool",
      "a-good-one: greet",
      "taken-tool-name: greet_politely",
      "constructor-as-name: hasOwnProperty",
      "other-name: other",
      "python-requirement: ported",
      "prints-to-stdout: print",
      "common-js: required",
      "constructor-as-name: toString",
      "unload-throws: unloadable",
      "version-not-semver: versioned",
    ]);
    expect(listing.prompts.map(({ name, plugin: owner }) => `${owner}: ${name}`)).toEqual([
      "constructor-as-name: constructor",
      "duplicate-prompt: farewell",
      "a-good-one: greeting",
    ]);
    expect(listing.categories.map(({ name }) => name)).toEqual(["KNOWN"]);
  });
});

describe("check", () => {
  const bad = [
    ...Object.keys({ ...FAILED, ...FAILED_BY_VERSION, ...QUARANTINED }),
    // The second of the two.
    "twin",
  ];

  test("exits 1 and names what is not in order", () => {
    expect(checked).toMatchObject({ code: 1, signal: null });
    const named = /^Not in order: (?<ids>.+)$/mu.exec(checked.stdout)?.groups?.["ids"];
    expect(named?.split(", ").toSorted()).toEqual(bad.toSorted());
  });

  test("counts what is served", () => {
    expect(checked.stdout).toMatch(
      /^16 of \d+ plugins serving \((?:[\w-]+, ){15}[\w-]+\); 17 tools, 3 prompts, 1 intent categories\.\n/u,
    );
  });

  test("gives every reason", () => {
    for (const [id, [, reason]] of Object.entries(FAILED)) {
      expect(checked.stdout).toContain(`  ${id}: failed: ${reason}\n`);
    }
    for (const [id, reasons] of Object.entries(QUARANTINED)) {
      for (const [name, reason] of Object.entries(reasons)) {
        expect(checked.stdout).toMatch(new RegExp(`^  ${id}: the (tool|prompt|category) '`, "mu"));
        expect(checked.stdout).toContain(`'${name}' is not served: ${reason}\n`);
      }
    }
    for (const [id, warnings] of Object.entries(WARNED)) {
      for (const warning of warnings) {
        expect(checked.stdout).toContain(`  ${id}: warning: ${warning}\n`);
      }
    }
  });
});

describe("a server with these plugins", () => {
  test("answers by the good one while others hang, and after", () => {
    expect(greetings).toEqual(["Hello, early bird!", "Hello, late riser!"]);
  });

  test("lists the same tools, without those of plugins that failed to load", async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(listing.tools.map(({ name }) => name));
    await expect(callWith(client, "removed_tool", { message: "hi" })).rejects.toThrow(
      "Unknown tool: removed_tool",
    );
    await expect(client.getPrompt({ name: "removed_prompt" })).rejects.toThrow(
      "Unknown prompt: removed_prompt",
    );
  });

  test("unloads a plugin whose load threw or hung, and one that could not be read", () => {
    for (const id of ["load-throws", "hangs-on-load", "getter-throws"]) {
      expect(stderr.split(`${id}: unloaded`)).toHaveLength(2);
    }
  });

  test.each([
    ["constructor", { constructor: "bridge" }, "constructed bridge"],
    ["toString", { valueOf: 7 }, "value 7"],
    ["hasOwnProperty", { message: "own" }, "own"],
    ["by_zod_3", { n: 3 }, "three 3"],
    ["by_zod_4", { n: 4 }, "four 4"],
    ["dotted_name", { message: "hi" }, "a name with a dot"],
    ["good_schema", { day: "2026-11-20" }, "2026-11-20"],
    ["good_tool", { message: "hi" }, "fine"],
    ["greet_politely", { message: "hi" }, "Good day!"],
    ["other", { message: "hi" }, "under another name"],
    ["ported", { message: "hi" }, "ported from Python"],
    ["first_twin", { message: "hi" }, "the first twin"],
    ["unloadable", { message: "hi" }, "still here"],
    ["versioned", { message: "hi" }, "some version"],
    ["required", { message: "hi" }, "[cjs_says_no] CommonJS says no"],
    // An inherited member is no argument.
    [
      "constructor",
      {},
      "[invalid_arguments] Invalid arguments: constructor: Invalid input: expected string, received function.",
    ],
    ["toString", {}, "[invalid_arguments] Invalid arguments: valueOf: is required."],
  ])("%s answers %j", async (name, args, text) => {
    const answer = textOf(await callWith(client, name, args));
    expect(answer.replace(/ \(error id \w+\)$/u, "")).toBe(text);
  });

  test("a prompt and its arguments may be named like members of every object", async () => {
    const { messages } = await client.getPrompt({
      name: "constructor",
      arguments: { constructor: "a bridge", toString: "Ann" },
    });
    expect(messages[0]?.content).toEqual({ type: "text", text: "Build a bridge for Ann." });
    await expect(client.getPrompt({ name: "constructor", arguments: {} })).rejects.toThrow(
      "Prompt 'constructor' needs the arguments 'constructor', 'toString'",
    );
  });

  test("what a tool prints goes to stderr, not between the protocol's lines", async () => {
    expect(textOf(await callWith(client, "print", { message: "hi" }))).toBe("printed");
    await expect.poll(() => stderr).toContain("printed in a call\nwritten in a call\n");
  });

  test("gives each plugin a resource of its own, by one URI", async () => {
    const { resources } = await client.listResources();
    const uris = resources.map(({ uri }) => uri);
    expect(new Set(uris).size).toBe(uris.length);
    for (const id of [...Object.keys(FAILED), ...GOOD]) {
      expect(uris).toContain(`agentflow://plugins/${id}`);
    }
    for (const id of [...Object.keys(SKIPPED), "switched-off", "echo"]) {
      expect(uris).not.toContain(`agentflow://plugins/${id}`);
    }
  });

  test.each(Object.entries(FAILED))(
    "the resource of %s carries the coded reason, where it is and what to do alone",
    async (id, [stage, reason]) => {
      const text = await read(`agentflow://plugins/${id}`);
      const roles = { agents: [], llmBackends: [], storageBackends: [] };
      const nothing = { tools: [], prompts: [], categories: [], ...roles, notServed: [] };
      // One that failed to load is known by what it said of itself.
      const info = stage === "load" ? { name: id, version: "1.0.0" } : {};
      const reasonCode = `failed_at_${stage}`;
      const { problem, at, fix, ...rest } = JSON.parse(text) as Readonly<Record<string, unknown>>;
      expect(fix === undefined).toBe(problem === undefined);
      if (at !== undefined) expect(at).toMatch(/^plugins\/[\w./-]+:\d+$/u);
      expect(rest).toEqual({
        id,
        state: "failed",
        reason: reasonCode,
        ...info,
        ...nothing,
      });
      expect(text).not.toContain(PLUGINS);
      expect(text).not.toContain("/srv/secret");
      expect(text).not.toContain(reason);
    },
  );

  test("the resource of a plugin names what is not served, without the reason", async () => {
    const { notServed } = JSON.parse(await read("agentflow://plugins/taken-tool-name")) as {
      notServed: unknown;
    };
    expect(notServed).toEqual([{ kind: "tool", name: "greet" }]);
  });
});
