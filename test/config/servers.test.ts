import { Ajv } from "ajv";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ownConfig } from "../../src/config/plugin-settings.ts";
import { declaredServers } from "../../src/config/servers.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

function load(server: object, env = {}): ReturnType<typeof loadConfig> {
  const text = JSON.stringify({ plugins: { mine: server } });
  return loadConfig(join(tempFolder({ "mcp.config.json": text }), "mcp.config.json"), env);
}

/** What is said of a configuration that is refused. */
function complaint(server: object, env = {}): string {
  try {
    load(server, env);
  } catch (error) {
    return (error as Error).message.split("\n").slice(1).join("\n");
  }
  throw new Error("It was taken");
}

const TYPE = "mcp_server";

describe("a declared MCP server", () => {
  test("is started in the folder of its configuration, with defaults filled in", () => {
    const { config, file } = load({ type: TYPE, command: "npx", args: ["-y", "some-server"] });
    const [[id, settings] = []] = declaredServers(config);
    expect(id).toBe("mine");
    expect(settings).toEqual({
      type: TYPE,
      command: "npx",
      args: ["-y", "some-server"],
      env: {},
      cwd: join(file ?? "", ".."),
      headers: {},
      startTimeout: 30,
    });
  });

  test("gets secrets from the environment", () => {
    const headers = { Authorization: "Bearer ${TOKEN}" };
    const { config } = load(
      { type: TYPE, url: "https://example.com/mcp", headers },
      { TOKEN: "t" },
    );
    expect(declaredServers(config)[0]?.[1].headers).toEqual({ Authorization: "Bearer t" });
  });

  test.each([
    [{}, 'plugins.mine: has neither "command" nor "url"'],
    [{ command: "x", url: "https://a" }, 'plugins.mine: has both "command" and "url"'],
    [{ command: "x", headers: { A: "b" } }, 'plugins.mine.headers: means nothing beside "command"'],
    [{ url: "https://a", args: ["b"] }, 'plugins.mine.args: means nothing beside "url"'],
    [{ url: "https://a", env: {} }, 'plugins.mine.env: means nothing beside "url"'],
    [
      { command: "x", isolation: "inline" },
      "plugins.mine.isolation: an MCP server always runs outside",
    ],
    [
      { command: "x", comand: "y" },
      'plugins.mine.comand: is not a known key. Did you mean "command"?',
    ],
    [{ command: "x", config: {} }, "plugins.mine.config: is not a known key."],
    [{ command: 7 }, "plugins.mine.command: expected a string, found 7"],
    [{ command: "x", args: "-y" }, 'plugins.mine.args: expected an array, found "-y"'],
    [{ command: "x", args: [1] }, "plugins.mine.args[0]: expected a string, found 1"],
    [{ command: "x", env: { A: 1 } }, "plugins.mine.env.A: expected a string, found 1"],
    [{ command: "x", startTimeout: 0 }, "plugins.mine.startTimeout: expected more than 0, found 0"],
    [
      { url: "ftp://a/mcp" },
      'plugins.mine.url: expected an http: or https: URL, found "ftp://a/mcp"',
    ],
    [{ url: "example.com" }, "plugins.mine.url: expected an http: or https: URL"],
    [
      { url: "https://me:secret-word@example.com/mcp" },
      "plugins.mine.url: expected a URL without user and password",
    ],
    [{ url: "https://a", headers: { "a b": "c" } }, "plugins.mine.headers.a b: "],
    [
      { url: "https://a", headers: { A: "b\nc" } },
      "plugins.mine.headers.A: expected one line of text",
    ],
    [{ command: "x", prefix: "a b" }, "plugins.mine.prefix: "],
    [
      { command: "x", tools: { t: { timeot: 1 } } },
      "plugins.mine.tools.t.timeot: is not a known key",
    ],
  ])("that is not right is refused with the place and what to do: %j", (server, expected) => {
    const text = complaint({ type: TYPE, ...server });
    expect(text).toContain(expected);
    expect(text).not.toContain("secret-word");
    expect(text.split("\n")).toHaveLength(1);
  });

  test("whose variable is not set says so, and nothing else", () => {
    const text = complaint({ type: TYPE, url: "${SERVER_URL}" });
    expect(text).toMatch(/plugins\.mine\.url: needs the environment variable SERVER_URL/u);
    expect(text.split("\n")).toHaveLength(1);
  });

  test.each(["mcp-server", "mcpserver", "MCP_SERVER"])(
    "with the type %s is taken for a slip",
    (type) => {
      expect(complaint({ type, command: "x" })).toContain(
        `plugins.mine.type: found "${type}". Write "mcp_server"`,
      );
    },
  );
});

describe("an ordinary plugin", () => {
  test("may have keys of its own with the names of a server's", () => {
    const own = {
      type: "postgres",
      url: "postgres://db",
      command: ["a"],
      args: 1,
      env: "prod",
      cwd: 0,
    };
    const { config } = load({ ...own, headers: null, startTimeout: "soon" });
    expect(declaredServers(config)).toEqual([]);
    expect(ownConfig(config.plugins["mine"] ?? {})).toEqual({
      ...own,
      headers: null,
      startTimeout: "soon",
    });
  });

  test("is still warned of what is nearly a key of the host", () => {
    expect(complaint({ type: "postgres", prefx: "a" })).toContain("too close to the host's key");
    expect(load({ comand: "its own" }).config.plugins["mine"]).toEqual({ comand: "its own" });
  });

  test("never sees what is meant for a server", () => {
    const { config } = load({ type: TYPE, command: "x", env: { API_TOKEN: "secret" } });
    expect(ownConfig(config.plugins["mine"] ?? {})).toEqual({});
  });
});

describe("the environment of child processes", () => {
  test("is what programs need, and none of the host's own", () => {
    const env = {
      PATH: "/bin",
      HOME: "/home/me",
      LANG: "C",
      TMPDIR: "/tmp",
      AWS_SECRET: "x",
      EMPTY: undefined,
    };
    const { processEnv } = load({ type: TYPE, command: "x" }, env);
    expect(processEnv).toEqual({ PATH: "/bin", HOME: "/home/me", LANG: "C", TMPDIR: "/tmp" });
  });
});

describe("the JSON Schema of the configuration", () => {
  const validate = new Ajv({ strict: false, formats: { uri: true } }).compile(
    configJsonSchema(new Map()),
  );
  const isFine = (server: object): boolean => validate({ plugins: { mine: server } });

  test("knows servers, and leaves plugins their own keys", () => {
    expect(isFine({ type: TYPE, command: "npx", args: ["a"], env: { A: "b" } })).toBe(true);
    expect(isFine({ type: TYPE, url: "https://a", headers: { A: "b" } })).toBe(true);
    expect(isFine({ type: TYPE })).toBe(false);
    expect(isFine({ type: TYPE, command: "a", url: "https://a" })).toBe(false);
    expect(isFine({ type: TYPE, command: "a", comand: "b" })).toBe(false);
    expect(isFine({ type: TYPE, command: ["a"] })).toBe(false);
    expect(isFine({ type: "other", command: ["a"], url: 7, comand: "b" })).toBe(true);
    expect(isFine({ enabled: "yes" })).toBe(false);
  });
});
