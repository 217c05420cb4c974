import { describe, expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { writeConfig } from "./files.ts";
import { bare } from "./host.ts";

const SLOW = writeConfig({ bare: bare({ delayMs: 2_500 }) });
const NEVER = writeConfig({ bare: bare({ delayMs: 60_000 }, { startTimeout: 1 }) });

describe("the commands", () => {
  test("wait for a slow server: call", async () => {
    const { code, stdout } = await runCli(["call", "echo", "say=hello", "--config", SLOW]);
    expect(stdout).toBe("hello\n");
    expect(code).toBe(0);
  });

  test("wait for a slow server: list", async () => {
    const { code, stdout } = await runCli(["list", "--json", "--config", SLOW]);
    const { plugins, tools } = JSON.parse(stdout) as {
      readonly plugins: readonly { readonly id: string; readonly state: string }[];
      readonly tools: readonly { readonly name: string }[];
    };
    expect(plugins).toContainEqual(
      expect.objectContaining({ id: "bare", state: "serving", origin: "server" }),
    );
    expect(tools.map(({ name }) => name)).toContain("echo");
    expect(code).toBe(0);
  });

  test("say which server did not start in its time: list, check, call", async () => {
    const why = "bare: unavailable: its server has not answered yet after 1 s";
    const list = await runCli(["list", "--config", NEVER]);
    expect(list.stdout).toContain(why);
    const check = await runCli(["check", "--config", NEVER]);
    expect(check).toMatchObject({ code: 1 });
    expect(check.stdout).toContain(why);
    expect(check.stdout).toContain("Not in order: bare");
    const call = await runCli(["call", "echo", "say=hello", "--config", NEVER]);
    expect(call).toMatchObject({ code: 2 });
    expect(call.stderr).toContain("Plugin 'bare' is unavailable: its server has not answered yet");
  });

  test("do not wait for one that is certainly not there", async () => {
    const config = writeConfig({ none: { type: "mcp_server", command: "no-such-command" } });
    const { code, stdout } = await runCli(["check", "--config", config]);
    expect(stdout).toContain(
      "none: unavailable: its server cannot be started: there is no command",
    );
    expect(code).toBe(1);
  });

  test("show a tool whose question nobody can answer going on without: call", async () => {
    const config = writeConfig({ bare: bare() });
    const { stdout } = await runCli(["call", "ask", "--config", config]);
    expect(stdout).toBe('[{"action":"decline"}]\n');
  });
});
