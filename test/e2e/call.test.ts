import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CliProcess, runCli } from "../helpers/cli.ts";

const CONFIG = fileURLToPath(new URL("../fixtures/tasks/mcp.config.json", import.meta.url));

describe.concurrent("agentflow call", () => {
  test("follows a call that takes long, tells how far it is, and prints its answer", async () => {
    const { code, stdout, stderr } = await runCli(["call", "count", "tag=a", "--config", CONFIG]);
    expect(stdout).toBe("counted\n");
    expect(stderr.match(/^… \d\/3 number \d$/gmu)).toEqual([
      "… 1/3 number 1",
      "… 2/3 number 2",
      "… 3/3 number 3",
    ]);
    expect(code).toBe(0);
  });

  test("prints the error of a call that took long, as of any other", async () => {
    const args = ["call", "break_down", "tag=a", "--config", CONFIG];
    const { code, stdout } = await runCli(args);
    expect(stdout).toBe("[cold] The furnace is cold.\n");
    expect(code).toBe(1);
  });

  test("says that a call which wants to ask its user needs a client that can", async () => {
    const { code, stdout, stderr } = await runCli(["call", "name_it", "tag=a", "--config", CONFIG]);
    expect(`${stdout}${stderr}`).toMatch(/an answer of the kind 'form', which this client cannot/u);
    expect(code).toBe(1);
  });

  test.each(["hold_long", "hold", "hold_patiently"])(
    "stops the work at Ctrl+C, whether its call has left its request or not: %s",
    async (tool) => {
      await using cli = new CliProcess(["call", tool, "tag=a", "--config", CONFIG]);
      await cli.stderr.line(/^… 0 at work$/u);
      cli.kill("SIGINT");
      const { code, signal } = await cli.exited;
      expect(cli.stderr.text).toContain("foundry: hold\n");
      expect(cli.stdout.text).toBe(`[cancelled] The call of '${tool}' was cancelled.\n`);
      expect({ code, signal }).toEqual({ code: 1, signal: null });
    },
  );
});
