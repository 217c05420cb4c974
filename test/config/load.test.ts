import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultConfig, loadConfig, type LoadedConfig } from "../../src/config/load.ts";
import { CliProcess, runCli } from "../helpers/cli.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

function load(config: unknown, env: Readonly<Record<string, string>> = {}): LoadedConfig {
  const text = typeof config === "string" ? config : JSON.stringify(config, undefined, 2);
  return loadConfig(join(tempFolder({ "mcp.config.json": text }), "mcp.config.json"), env);
}

describe("a configuration file", () => {
  test.each([
    ["one-plugin", "one_plugin"],
    ["one_plugin", "ONE-PLUGIN"],
  ])("with one plugin under '%s' and '%s' is refused by line and key", (first, second) => {
    const config = { plugins: { [first]: { region: "a" }, [second]: { region: "b" } } };
    expect(() => load(config)).toThrow(
      `line 6:5: plugins.${second}: is the same plugin as "${first}". Put both into one`,
    );
  });

  test("with a token written into it is refused, and the token is not repeated", () => {
    const config = { server: { http: { token: TOKEN } } };
    expect(() => load(config)).toThrow(
      'server.http.token: must come from the environment: write "${AGENTFLOW_HTTP_TOKEN}"',
    );
    expect(() => load(config)).not.toThrow(TOKEN);
  });

  test("takes a token from the variable that it names", () => {
    const { config } = load({ server: { http: { token: "${MY_TOKEN}" } } }, { MY_TOKEN: TOKEN });
    expect(config.server.http.token).toBe(TOKEN);
  });

  test.each([
    ["", "the file is empty"],
    [" \n ", "the file is empty"],
    ['{ "a": 1 "b": 2 }', "comma expected"],
    ["{", "close brace expected"],
    ['{ "a" 1 }', "colon expected"],
  ])("that is no JSON is told in words: %j", (text, words) => {
    expect(() => load(text)).toThrow(
      new RegExp(`mcp\\.config\\.json:\\d+:\\d+: not valid JSON: ${words}$`, "u"),
    );
  });
});

describe("the token of the environment", () => {
  const env = { AGENTFLOW_HTTP_TOKEN: TOKEN };

  test("is used where there is no file, and where the file names none", () => {
    expect(defaultConfig(env).config.server.http.token).toBe(TOKEN);
    expect(load({}, env).config.server.http.token).toBe(TOKEN);
  });

  test("gives way to the one that the file names", () => {
    const http = { token: "${MY_TOKEN}" };
    const other = TOKEN.toUpperCase();
    const { config } = load({ server: { http } }, { ...env, MY_TOKEN: other });
    expect(config.server.http.token).toBe(other);
  });

  test("is no token where it is empty", () => {
    expect(defaultConfig({ AGENTFLOW_HTTP_TOKEN: "" }).config.server.http.token).toBeUndefined();
  });

  test("guards a server that was started without any configuration", async () => {
    await using server = new CliProcess(["serve", "--http", "0"], { env });
    const [, url = ""] = await server.stderr.line(/^Serving MCP at (\S+)$/u);
    const post = async (headers: Readonly<Record<string, string>>): Promise<number> => {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...headers,
        },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "initialize",
          params: {
            protocolVersion: "2025-11-25",
            capabilities: {},
            clientInfo: { name: "test", version: "1.0.0" },
          },
        }),
      });
      await response.body?.cancel();
      return response.status;
    };
    expect(await post({})).toBe(401);
    expect(await post({ authorization: `Bearer ${TOKEN}` })).toBe(200);
  });
});

test("an error of the command line carries its code", async () => {
  expect(await runCli(["serve", "--stateless"])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^agentflow: \[USAGE\] --stateless is for --http/u) as string,
  });
  expect((await runCli(["list", "--config", "nowhere.json"])).stderr).toMatch(
    /^agentflow: \[CONFIG_NOT_FOUND\] There is no configuration file/u,
  );
});
