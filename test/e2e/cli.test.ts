import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import {
  cliCommand,
  cliEnv,
  CliProcess,
  FIXTURE_CONFIG,
  runCli,
  type CliResult,
} from "../helpers/cli.ts";
import { Journal } from "../helpers/journal.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

/** A command on the fixture plugins, of which one prints at every step. */
function run(...args: readonly string[]): Promise<CliResult> {
  const [command = "", ...rest] = args;
  return runCli([command, "--config", FIXTURE_CONFIG, ...rest]);
}

const GREETER = `export default {
  getPluginInfo: () => ({ name: "greeter", version: "1.0.0" }),
  getToolsConfig: () => ({
    greet: { description: "Greets.", inputSchema: { type: "object" }, handler: () => "hello" },
  }),
};`;

describe.concurrent("agentflow", () => {
  test.each([["--help"], ["help"], ["call", "--help"]])(
    "%s %s explains itself",
    async (...args) => {
      const result = await runCli(args.filter((word) => word !== undefined));
      expect(result.code).toBe(0);
      expect(result.stdout).toMatch(/^Usage: agentflow/u);
      expect(result.stderr).toBe("");
    },
  );

  test("--version prints the version and nothing else", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(await runCli(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test.each([
    [["lst"], "There is no command 'lst'. Did you mean 'list'?"],
    [["frobnicate"], "There is no command 'frobnicate'. See: agentflow --help"],
    [["serve", "--htpp"], "unknown option '--htpp'"],
    [["list", "too", "many"], "too many arguments"],
    [["call"], "missing required argument 'tool'"],
    [["serve", "--http", "eighty"], "--http takes [host:]port, found 'eighty'"],
    [["serve", "--http", "70000"], "--http takes [host:]port, found '70000'"],
    [["list", "--config", "nowhere.json"], "There is no configuration file"],
  ])("refuses %j with exit code 2 and a sentence", async (args, text) => {
    const result = await runCli(args);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(text);
    expect(result.stderr).not.toMatch(/^\s+at /mu);
    expect(result.stdout).toBe("");
  });
});

describe.concurrent("agentflow list", () => {
  test("shows what is served, and why the rest is not", async () => {
    const { code, stdout } = await run("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^desk +0\.1\.0 +serving +serve +\S+desk\.mjs$/mu);
    expect(stdout).toMatch(/^stuck +workshop +0\.2 s +0 +Ignores its signal\.$/mu);
    expect(stdout).toMatch(/^report +workshop +subject, audience, figures$/mu);
    expect(stdout).toMatch(/^REFUNDS +desk +refund$/mu);
    expect(stdout).toContain("workshop: the tool 'bad name' is not served: the name may have");
    expect(stdout).toMatch(/aws-operations: disabled: is switched off in the configuration/u);
    expect(stdout).not.toContain("noisy import");
  });

  test("--json prints JSON alone, whatever the plugins print", async () => {
    const { code, stdout, stderr } = await run("list", "--json");
    expect(code).toBe(0);
    expect(stderr).toContain("noisy import console.log");
    const listed = JSON.parse(stdout) as Record<string, readonly Record<string, unknown>[]>;
    expect(listed["plugins"]?.map((plugin) => [plugin["id"], plugin["state"]])).toEqual([
      ["aws-operations", "disabled"],
      ["echo", "disabled"],
      ["desk", "serving"],
      ["noisy", "serving"],
      ["workshop", "serving"],
    ]);
    expect(listed["tools"]).toContainEqual({
      name: "stuck",
      plugin: "workshop",
      description: "Ignores its signal.",
      timeoutSeconds: 0.2,
      deadlineSeconds: 5.2,
      retryCount: 0,
    });
    expect(listed["prompts"]?.map((prompt) => prompt["name"])).toEqual(["plain", "report"]);
    expect(listed["categories"]).toContainEqual({
      name: "REFUNDS",
      plugin: "desk",
      description: "Money back.",
      tools: ["refund"],
    });
  });

  test("--tag shows the plugins that carry it, with what they offer", async () => {
    const { code, stdout } = await run("list", "--json", "--tag", "testing");
    expect(code).toBe(0);
    const listed = JSON.parse(stdout) as Record<string, readonly { id: string; plugin: string }[]>;
    expect(listed["plugins"]?.map(({ id }) => id)).toEqual(["desk", "workshop"]);
    expect(new Set(listed["tools"]?.map(({ plugin }) => plugin))).toEqual(
      new Set(["desk", "workshop"]),
    );
    const none = JSON.parse((await run("list", "--json", "--tag", "nobody")).stdout) as object;
    expect(none).toMatchObject({ plugins: [], tools: [], prompts: [], categories: [] });
  });
});

describe.concurrent("agentflow call", () => {
  test("takes key=value, as text where the schema wants text", async () => {
    const result = await run("call", "echo", "text=5", "times=2");
    expect(result).toMatchObject({ code: 0, stdout: "5 5\n" });
    const equals = await run("call", "echo", "text=a=b");
    expect(equals.stdout).toBe("a=b\n");
  });

  test("takes --json, and key=value beside it", async () => {
    const result = await run("call", "echo", "times=2", "--json", '{"text":"a","times":9}');
    expect(result).toMatchObject({ code: 0, stdout: "a a\n" });
  });

  test("--raw prints the whole result as JSON, whatever the plugins print", async () => {
    const { code, stdout } = await run("call", "--raw", "cost", "month=3");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      structuredContent: { month: 3, amount: 12.5 },
      _meta: { "agentflow/result": { confidence: 0.9 } },
    });
    expect((await run("call", "shout")).stdout).toBe("shouted\n");
  });

  test.each([
    [["refuse"], "[bad_month] The month 13 does not exist."],
    [["echo", "times=many"], "[invalid_arguments]"],
    [["crash"], "[tool_error] The tool failed."],
    [["answer_error"], "There is no budget."],
    [["stuck", "tag=a"], "[outcome_unknown]"],
  ])("%j exits 1 with the tool's error", async (args, text) => {
    const result = await run("call", ...args);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain(text);
  });

  test.each([
    [["ecoh", "text=a"], "There is no tool 'ecoh'. Did you mean 'echo'?"],
    [["completely_different"], "There is no tool 'completely_different'. See: agentflow list"],
    [["echo", "text"], "Arguments are key=value, found 'text'."],
    [["echo", "--json", "[1]"], "--json must be a JSON object"],
    [["echo", "--json", "{"], "--json must be a JSON object"],
  ])("%j exits 2 with a hint", async (args, text) => {
    const result = await run("call", ...args);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(text);
    expect(result.stdout).toBe("");
  });

  test.each([
    [["crash"], /^why: Error: cannot reach postgres.+\n\s+at .+workshop\.mjs/mu],
    [["odd", "kind=undefined"], /^why: the result is undefined: the handler returned nothing$/mu],
    [["odd", "kind=bigint"], /^why: \/data\/amount is of type bigint/mu],
    [["refuse"], /^why: The month 13 does not exist\./mu],
  ])("%j says on stderr why it failed, to whoever has the terminal", async (args, why) => {
    const { code, stdout, stderr } = await run("call", ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
    expect(stdout).not.toContain("why:");
  });

  test("names the plugins that failed where it does not know the tool", async () => {
    const folder = tempFolder({ "broken.mjs": 'throw new Error("no licence");' });
    const { code, stderr } = await runCli(["call", "work", "--plugins", folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/There is no tool 'work'\..* Plugin 'broken' failed: .*no licence/u);
  });

  test("brings what is printed whole, however long it is: it could not be read later", async () => {
    const shows = `export default { name: "shows", version: "1.0.0", tools: { show: {
      description: "Shows.", inputSchema: { type: "object" },
      handler: () => [{ type: "image", data: "A".repeat(5_000_000), mimeType: "image/png" }],
    } } };`;
    const folder = tempFolder({ "shows.mjs": shows });
    const args = ["call", "show", "--plugins", join(folder, "shows.mjs")];
    expect(await runCli(args)).toMatchObject({ code: 0, stdout: "[image]\n" });
    const { stdout } = await runCli([...args, "--raw"]);
    expect(stdout).not.toContain("result://");
    expect(stdout.length).toBeGreaterThan(5_000_000);
  });

  test("shows progress beside the answer", async () => {
    const { stdout, stderr } = await run("call", "count", "to=2");
    expect(stdout).toBe("counted to 2\n");
    expect(stderr).toContain("1/2 step 1");
    expect(stderr).toContain("2/2 step 2");
  });

  test("can be interrupted, and lets the tool stop", async () => {
    const args = ["call", "--config", FIXTURE_CONFIG, "shout_and_wait"];
    const folder = tempFolder({
      "waiter.mjs": `export default {
        getPluginInfo: () => ({ name: "waiter", version: "1.0.0" }),
        getToolsConfig: () => ({ shout_and_wait: { inputSchema: { type: "object" }, handler: (_, { signal }) => {
          console.log("waiting");
          return new Promise((resolve) => signal.addEventListener("abort", () => {
            console.log("told to stop");
            resolve("stopped");
          }));
        } } }),
      };`,
    });
    await using cli = new CliProcess([...args, "--plugins", folder]);
    await cli.stderr.line(/^waiting$/u);
    cli.kill("SIGINT");
    expect(await cli.exited).toEqual({ code: 1, signal: null });
    expect(cli.stderr.text).toContain("told to stop");
    expect(cli.stdout.text).toContain("[cancelled]");
  });
});

// A shell's pipe, since only its size is known: the first line fills it to the last byte.
test.skipIf(process.platform === "win32")(
  "agentflow call prints its whole answer to a reader who takes his time",
  async () => {
    const folder = tempFolder({
      "long.mjs": `import { writeFileSync } from "node:fs";
        export default {
          getPluginInfo: () => ({ name: "long", version: "1.0.0" }),
          getToolsConfig: () => ({ long: { inputSchema: { type: "object" }, handler: () => [
            { type: "text", text: "x".repeat(65_535) }, { type: "text", text: "the end" },
          ] } }),
          onPluginUnload: () => writeFileSync("printed", ""),
        };`,
    });
    const { command, args } = cliCommand(["call", "long", "--plugins", join(folder, "long.mjs")]);
    const reader = "while [ ! -e printed ]; do sleep 0.1; done; cat > answer";
    const script = `{ "$0" "$@"; echo $? > code; } | { ${reader}; }`;
    const shell = spawn("sh", ["-c", script, command, ...args], {
      cwd: folder,
      env: cliEnv(),
      stdio: "ignore",
    });
    await once(shell, "close");
    expect(readFileSync(join(folder, "code"), "utf8")).toBe("0\n");
    expect(readFileSync(join(folder, "answer"), "utf8")).toMatch(/^x{65535}\nthe end\n$/u);
  },
);

test.skipIf(process.platform === "win32")(
  "agentflow call ends in peace where its reader has gone",
  async () => {
    const folder = tempFolder({
      "long.mjs": `import { writeFileSync } from "node:fs";
        export default {
          getPluginInfo: () => ({ name: "long", version: "1.0.0" }),
          getToolsConfig: () => ({ long: {
            description: "Long.", inputSchema: { type: "object" }, handler: () => "x".repeat(900_000),
          } }),
          onPluginUnload: async () => {
            await new Promise((resolve) => setTimeout(resolve, 300));
            writeFileSync("unloaded", "");
          },
        };`,
    });
    const { command, args } = cliCommand(["call", "long", "--plugins", join(folder, "long.mjs")]);
    const script = `{ "$0" "$@" 2> errors; echo $? > code; } | true`;
    const shell = spawn("sh", ["-c", script, command, ...args], {
      cwd: folder,
      env: cliEnv(),
      stdio: "ignore",
    });
    await once(shell, "close");
    expect(readFileSync(join(folder, "code"), "utf8")).toBe("0\n");
    expect(readFileSync(join(folder, "errors"), "utf8")).toBe("");
    // What the plugin has to clean up is no business of the reader's.
    expect(existsSync(join(folder, "unloaded"))).toBe(true);
  },
);

const PATIENCE = { timeout: 20_000, interval: 20 };

test("agentflow serve answers on although nobody reads its log", async () => {
  const calls = 3_000;
  const { command, args } = cliCommand(["serve", "--config", FIXTURE_CONFIG]);
  // Its stderr is a pipe that nobody ever empties.
  const child = spawn(command, args, { env: cliEnv(), stdio: ["pipe", "pipe", "pipe"] });
  try {
    const stdout = new Journal();
    stdout.follow(child.stdout);
    const exited = once(child, "exit");
    const send = (message: object): void =>
      void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const clientInfo = { name: "raw", version: "1.0.0" };
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    send({ id: "opening", method: "initialize", params });
    await stdout.entry({ id: "opening" });
    send({ method: "notifications/initialized" });
    for (let id = 1; id <= calls; id++) {
      send({ id, method: "tools/call", params: { name: "echo", arguments: { text: `t${id}` } } });
      // No more at a time than the plugin's queue takes.
      if (id % 500 === 0) await expect.poll(() => stdout.lines.length, PATIENCE).toBe(id + 1);
    }
    const last = stdout.find({ id: calls });
    expect(last).toMatchObject({ result: { content: [{ text: `t${calls}` }] } });
    // It logs each call, and the pipe holds far less than that.
    expect(child.stderr.readableFlowing).toBeNull();
    child.stdin.end();
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

describe.concurrent("agentflow route", () => {
  test("shows to which category a request belongs", async () => {
    const { code, stdout } = await run("route", "a refund please, my money back");
    expect(code).toBe(0);
    const [, best = ""] = stdout.split("\n");
    expect(best).toMatch(/^REFUNDS +desk +0\.\d\d +0\.70 +yes +refund$/u);
  });

  test("exits 1 where nothing fits", async () => {
    const { code, stdout } = await run("route", "sing a song");
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/\byes\b/u);
    expect(stdout).toContain("REFUNDS");
  });
});

describe.concurrent("agentflow check", () => {
  test("exits 1 with the reason where a definition is not served", async () => {
    const { code, stdout } = await run("check");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "3 of 3 plugins serving (desk, noisy, workshop); 29 tools, 2 prompts, 3 intent categories.",
    );
    expect(stdout).toContain("workshop: the tool 'bad name' is not served");
    expect(stdout).toContain("Not in order: workshop");
  });

  test("exits 0 where all is well", async () => {
    const config = join(
      tempFolder({
        "mcp.config.json": '{"plugins":{"aws-operations":{"enabled":false}}}',
        "plugins/greeter.mjs": GREETER,
      }),
      "mcp.config.json",
    );
    const { code, stdout } = await runCli(["check", "--config", config]);
    expect(code).toBe(0);
    expect(stdout).toContain("1 of 1 plugins serving (greeter); 1 tools");
  });

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ["a Python plugin", { "agent.py": "" }, "agent.py", "agent: skipped: is a Python plugin"],
    [
      "a module that exports no plugin",
      { "helper.mjs": "export const help = 1;" },
      "helper.mjs",
      "helper: skipped: exports no plugin",
    ],
    [
      "an empty folder",
      { "empty/.keep": "" },
      "empty",
      "empty: failed: the folder holds no plugin",
    ],
    ["nothing", {}, "nowhere.mjs", "nowhere: failed: there is nothing at /"],
    [
      "a file of another kind",
      { "notes.txt": "…" },
      "notes.txt",
      "notes.txt: failed: is neither JavaScript nor TypeScript",
    ],
  ])("exits 1 where --plugins names %s", async (_what, files, name, text) => {
    const { code, stdout } = await runCli(["check", "--plugins", join(tempFolder(files), name)]);
    expect(code).toBe(1);
    expect(stdout).toContain(text);
    expect(stdout).toMatch(/^Not in order: [\w.]+$/mu);
  });

  test("exits 0 where the same lies in a folder that is only looked into", async () => {
    const files = {
      "agent.py": "",
      "helper.mjs": "export const help = 1;",
      "greeter.mjs": GREETER,
    };
    const { code, stdout } = await runCli(["check", "--plugins", tempFolder(files)]);
    expect(stdout).toContain("2 of 4 plugins serving (aws-operations, greeter);");
    expect(stdout).toContain("helper: skipped: exports no plugin");
    expect(code).toBe(0);
  });

  test("exits 1 with the reason where a plugin does not load", async () => {
    const folder = tempFolder({
      "greeter.mjs": GREETER,
      "broken.mjs": "export default {",
      "slow-start.mjs": `export function createPlugin() { throw new Error("no licence"); }`,
    });
    const { code, stdout } = await run("check", "--plugins", folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(/broken: failed: has a syntax error/u);
    expect(stdout).toMatch(/slow-start: failed: createPlugin threw: no licence/u);
    expect(stdout).toMatch(/Not in order: .*broken, slow-start/u);
  });
});

describe.concurrent("agentflow finds its configuration", () => {
  test("never in the working directory by itself", async () => {
    const cwd = tempFolder({
      "mcp.config.json": '{"server":{"name":"planted"}}',
      "plugins/planted.mjs": GREETER,
      "planted.mjs": GREETER,
    });
    expect(ids(await runCli(["list", "--json"], { cwd }))).toEqual(["aws-operations", "echo"]);
  });

  test("where it is named, where the environment names it, and in the home folder", async () => {
    const folder = tempFolder({ "own.json": "{}", "plugins/greeter.mjs": GREETER });
    const config = join(folder, "own.json");
    const expected = ["aws-operations", "echo", "greeter"];
    expect(ids(await runCli(["list", "--json", "--config", config]))).toEqual(expected);
    const env = { AGENTFLOW_CONFIG: config };
    expect(ids(await runCli(["list", "--json"], { env }))).toEqual(expected);
    const home = tempFolder({
      ".agentflow/mcp.config.json": "{}",
      ".agentflow/plugins/greeter.mjs": GREETER,
      ".omua/plugins/old.mjs": GREETER,
    });
    expect(
      ids(await runCli(["list", "--json"], { env: { HOME: home, USERPROFILE: home } })),
    ).toEqual([...expected, "old"]);
  });

  test("and plugins named on the command line: a folder of them, or one", async () => {
    const folder = tempFolder({ "greeter.mjs": GREETER, "sub/other.mjs": GREETER });
    const both = ["--plugins", join(folder, "greeter.mjs"), "--plugins", join(folder, "sub")];
    expect(ids(await runCli(["list", "--json", ...both]))).toEqual([
      "aws-operations",
      "echo",
      "greeter",
      "other",
    ]);
    const { code, stdout } = await runCli(["check", "--plugins", join(folder, "nowhere")]);
    expect(code).toBe(1);
    expect(stdout).toContain(`nowhere: failed: there is nothing at ${join(folder, "nowhere")}`);
  });
});

describe.concurrent("a faulty configuration", () => {
  test.each([
    [
      "an unknown key",
      '{\n  "server": {\n    "htpp": {}\n  }\n}',
      /line 3:5: server\.htpp: is not a known key\. Did you mean "http"\? Known here: name, /u,
    ],
    [
      "a wrong type",
      '{\n  "server": { "name": "a",\n    "shutdownGrace": "long" }\n}',
      /line 3:5: server\.shutdownGrace: expected a number, found "long"/u,
    ],
    [
      "a value that is not offered",
      '{ "server": { "logLevel": "loud" } }',
      /line 1:15: server\.logLevel: expected "debug" or .* found "loud"/u,
    ],
    [
      "a number out of range",
      '{ "server": { "http": {\n"port": 70000 } } }',
      /line 2:1: server\.http\.port: expected at most 65535, found 70000/u,
    ],
    [
      "a time that is none",
      '{ "plugins": { "workshop": { "tools": { "echo": { "timeout": 0 } } } } }',
      /plugins\.workshop\.tools\.echo\.timeout: expected more than 0, found 0/u,
    ],
    [
      "an environment variable that is not set",
      '{\n"plugins": { "x": {\n "key": "${E2E_MISSING}" } } }',
      /line 3:2: plugins\.x\.key: needs the environment variable E2E_MISSING, which is not set/u,
    ],
    [
      "permissions, which nothing would enforce",
      '{ "plugins": { "x": { "permissions": ["net"] } } }',
      /plugins\.x\.permissions: is not yet supported/u,
    ],
    [
      "a plugin's key that is close to one of the host's",
      '{ "plugins": { "x": { "enabeld": false } } }',
      /plugins\.x\.enabeld: is too close to the host's key "enabled"/u,
    ],
    [
      "a tool's key that is unknown",
      '{ "plugins": { "x": { "tools": { "t": { "retrycount": 1 } } } } }',
      /plugins\.x\.tools\.t\.retrycount: is not a known key\. Did you mean "retryCount"\?/u,
    ],
    [
      "a comma too few",
      '{ "server": {}\n "plugins": {} }',
      /json:2:2: not valid JSON: comma expected/u,
    ],
    ["nothing at all", "", /json:1:1: /u],
  ])("with %s stops the start and says where and what", async (_what, text, message) => {
    const { code, stdout, stderr, file } = await listWith(text);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(`agentflow: [CONFIG_INVALID] ${file}`);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /mu);
  });

  test("with several faults names them all", async () => {
    const { stderr } = await listWith('{ "sever": {}, "plugins": [], "pluginPackages": [1] }');
    expect(stderr).toContain("has 3 faults:");
    expect(stderr).toMatch(/sever: .*Did you mean "server"/u);
    expect(stderr).toContain("plugins: expected a record, found an array");
    expect(stderr).toContain("pluginPackages[0]: expected a string, found 1");
  });

  test("is none where a key of the plugin's own is put under config", async () => {
    const { code } = await listWith(
      '{ "plugins": { "aws-operations": { "enabled": false }, "x": { "config": { "enabeld": 1 } } } }',
    );
    expect(code).toBe(0);
  });

  test("is none where comments, trailing commas and variables with defaults stand in it", async () => {
    const text = `{
      // a comment
      "server": { "name": "\${E2E_NAME:-unnamed}", },
      "plugins": { "aws-operations": { "enabled": false } },
    }`;
    expect((await listWith(text)).code).toBe(0);
    expect((await listWith(text, { E2E_NAME: "x".repeat(65) })).stderr).toContain(
      "server.name: expected",
    );
  });

  test("never has a secret of the environment in its message", async () => {
    const secret = "correct-horse-battery-staple";
    const { code, stderr } = await listWith('{ "server": { "logLevel": "${E2E_SECRET}" } }', {
      E2E_SECRET: secret,
    });
    expect(code).toBe(2);
    expect(stderr).not.toContain(secret);
  });
});

describe.concurrent("agentflow schema", () => {
  test("prints a JSON Schema that accepts the shipped configuration and refuses faults", async () => {
    const { code, stdout } = await runCli(["schema"]);
    expect(code).toBe(0);
    const schema = JSON.parse(stdout) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    const shipped = parse(
      readFileSync(new URL("../../mcp.config.json", import.meta.url), "utf8"),
    ) as Record<string, unknown>;
    validate(shipped);
    expect(validate.errors).toBeNull();
    expect(validate({})).toBe(true);
    expect(validate({ server: { logLevel: "loud" } })).toBe(false);
    expect(validate({ sever: {} })).toBe(false);
    expect(validate({ plugins: { any: { enabled: "no" } } })).toBe(false);
    expect(validate({ plugins: { any: { own: 1, config: { more: 2 } } } })).toBe(true);
  });

  test("includes what plugins say of their own configuration, and writes it to a file", async () => {
    const folder = tempFolder({
      "tuned.mjs": `export const configSchema = { type: "object", properties: { region: { type: "string" } }, required: ["region"] };
        ${GREETER.replace("greeter", "tuned")}`,
    });
    const out = join(folder, "out", "..", "schema.json");
    const config = join(
      tempFolder({ "mcp.config.json": '{"plugins":{"tuned":{"region":"x"}}}' }),
      "mcp.config.json",
    );
    const args = ["schema", "--config", config, "--plugins", join(folder, "tuned.mjs")];
    expect(await runCli([...args, "--out", out])).toMatchObject({ code: 0, stdout: "" });
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(
      JSON.parse(readFileSync(join(folder, "schema.json"), "utf8")) as object,
    );
    expect(validate({ plugins: { tuned: { region: "eu" } } })).toBe(true);
    expect(validate({ plugins: { tuned: { config: { region: "eu" } } } })).toBe(true);
    expect(validate({ plugins: { tuned: { region: 5 } } })).toBe(false);
  });
});

function ids(result: CliResult): readonly string[] {
  const { plugins } = JSON.parse(result.stdout) as { plugins: { id: string }[] };
  return plugins.map(({ id }) => id);
}

/** `agentflow list` with a configuration of this text. */
async function listWith(
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult & { readonly file: string }> {
  const file = join(tempFolder({ "mcp.config.json": text }), "mcp.config.json");
  return { ...(await runCli(["list", "--config", file], { env })), file };
}
