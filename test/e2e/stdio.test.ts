import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FIXTURES } from "../helpers/cli.ts";
import { ENVELOPE, ERAS, RawStdio, type Era } from "../helpers/raw-stdio.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const PLUGINS = join(FIXTURES, "plugins");

/** One `tools/call` as text, for arguments that no JavaScript value stands for. */
function toolCall(era: Era, id: number, name: string, args: string): string {
  const _meta = { ...ENVELOPE, "io.modelcontextprotocol/protocolVersion": era };
  const params = `{"name":"${name}","arguments":${args},"_meta":${JSON.stringify(_meta)}}`;
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
}

/** What a process has used of the processor; 0 where there is no Linux `/proc`. */
function cpuMs(pid: number | undefined): number {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return 0;
  const [user, system] = readFileSync(stat, "utf8").split(") ")[1]?.split(" ").slice(11) ?? [];
  return (Number(user) + Number(system)) * 10;
}

/** A plugin whose call lasts until a file appears: as long as a test wants, on however slow a machine. */
const GATE = `
import { existsSync } from "node:fs";
let log;
export default {
  getPluginInfo: () => ({ name: "gate", version: "1.0.0" }),
  getToolsConfig: () => ({
    pass: {
      description: "Waits for a file.",
      inputSchema: { type: "object", properties: { gate: { type: "string" } } },
      handler: async ({ gate }) => {
        log.info("gate", { event: "waiting" });
        while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 10));
        return "passed";
      },
    },
  }),
  onPluginLoad: (context) => {
    log = context.log;
  },
};
`;

/** A configuration with these server settings, serving the fixture plugins and more. */
function configWith(server: object, more: readonly string[] = []): string {
  const config = {
    server,
    pluginDirectories: [PLUGINS, ...more],
    plugins: { "aws-operations": { enabled: false } },
  };
  return join(tempFolder({ "mcp.config.json": JSON.stringify(config) }), "mcp.config.json");
}

/** The plugins whose onPluginUnload has run, in that order. */
function unloaded(server: RawStdio): readonly unknown[] {
  return server.stderr.all({ msg: "unloaded" }).map((line) => line["plugin"]);
}

describe.concurrent.each(ERAS)("a client of %s on stdio", (era) => {
  test("that closes stdin gets the answers of the calls in flight", async () => {
    await using server = await RawStdio.open(era);
    server.callTool(1, "slow", { tag: "a", ms: 700 });
    server.callTool(2, "slow", { tag: "b", ms: 500 });
    await server.stderr.entry({ tag: "b", event: "started" });
    server.child.stdin.end();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await server.answer(1)).toBe("waited a");
    expect(await server.answer(2)).toBe("waited b");
  });

  test("that closes stdin right after its last requests, without a newline, is answered", async () => {
    await using server = await RawStdio.open(era);
    server.callTool(1, "echo", { text: "last" });
    server.child.stdin.end('{"jsonrpc":"2.0","id":2,"method":"nope"}');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await server.answer(1)).toBe("last");
    expect((await server.reply(2)).error?.code).toBe(-32_601);
    expect(unloaded(server)).toEqual(["workshop", "noisy", "desk"]);
  });

  test("that closes stdin waits no longer than the grace for a call that does not end", async () => {
    await using server = await RawStdio.open(era, configWith({ shutdownGrace: 0.5 }));
    server.callTool(1, "slow", { tag: "a", ms: 100_000 });
    await server.stderr.entry({ tag: "a", event: "started" });
    server.child.stdin.end();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.stderr.find({ tag: "a", event: "stopped" })).toBeDefined();
  });

  test("never gets a line that is no message of the protocol, whatever plugins print", async () => {
    await using server = await RawStdio.open(era);
    for (let id = 1; id <= 5; id++) server.callTool(id, "shout");
    for (let id = 1; id <= 5; id++) expect(await server.answer(id)).toBe("shouted");
    server.child.stdin.end();
    await server.exited;
    expect(server.messages()).toHaveLength(6);
    expect(server.stdout.text).not.toMatch(/noisy (?:import|load|call|late|unload)/u);
    const steps = ["import", "load", "call", "late", "unload"];
    for (const step of steps) {
      for (const way of ["console.log", "console.info", "stdout.write", "buffer"]) {
        expect(server.stderr.text).toContain(`noisy ${step} ${way}\n`);
      }
    }
  });

  test("may send lines that are no messages: each gets an error and harms no other", async () => {
    await using server = await RawStdio.open(era);
    const lines: readonly (readonly [string, number])[] = [
      ["{nope", -32_700],
      ["hello?", -32_700],
      ["\uFFFD{", -32_700],
      ['{"hello":"there"}', -32_600],
      ['{"jsonrpc":"1.0","id":9,"method":"tools/list"}', -32_600],
      ["42", -32_600],
      ["[]", -32_600],
      ["", -32_700],
    ];
    for (const [line] of lines) server.sendLine(line);
    server.callTool(1, "echo", { text: "on" });
    expect(await server.answer(1)).toBe("on");
    const errors = server.messages().filter(({ id }) => id === undefined);
    expect(errors.map(({ error }) => error?.code)).toEqual(lines.map(([, code]) => code));
  });

  test("may send a line that is too long: it gets an error and goes on", async () => {
    await using server = await RawStdio.open(
      era,
      configWith({ limits: { maxMessageBytes: 20_000 } }),
    );
    server.callTool(1, "echo", { text: "x".repeat(10_000) });
    expect(await server.answer(1)).toHaveLength(10_000);
    server.callTool(2, "echo", { text: "x".repeat(20_000) });
    const [refused = ""] = await server.stdout.line(/^.*a message longer than 20000 bytes.*$/u);
    const { error } = JSON.parse(refused) as { readonly error: { readonly code: number } };
    expect(error.code).toBe(-32_600);
    server.callTool(3, "echo", { text: "on" });
    expect(await server.answer(3)).toBe("on");
    expect(server.stdout.find({ id: 2 })).toBeUndefined();
  });

  test("may cut its messages anywhere, within a character too", async () => {
    await using server = await RawStdio.open(era);
    const line = toolCall(era, 1, "echo", '{"text":"größer €100 🙂"}');
    for (const byte of Buffer.from(`${line}\r\n`)) server.child.stdin.write(Buffer.from([byte]));
    expect(await server.answer(1)).toBe("größer €100 🙂");
  });

  test("is refused __proto__ in arguments", async () => {
    await using server = await RawStdio.open(era);
    server.sendLine(toolCall(era, 1, "keys", '{"filter":{"__proto__":{"admin":true}}}'));
    expect(await server.answer(1)).toContain("[invalid_arguments]");
    server.sendLine(toolCall(era, 2, "keys", '{"list":[{"a":[{"__proto__":1}]}]}'));
    expect(await server.answer(2)).toContain("[invalid_arguments]");
    server.sendLine(toolCall(era, 3, "keys", '{"a":1,"__proto__":{"admin":true}}'));
    expect(await server.reply(3)).toMatchObject({ error: { code: -32_602 } });
  });

  test("survives arguments that are absurdly deep", async () => {
    await using server = await RawStdio.open(era);
    const depth = 50_000;
    const args = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    server.sendLine(toolCall(era, 1, "keys", args));
    server.callTool(2, "echo", { text: "on" });
    expect(await server.answer(2)).toBe("on");
    const refused = server.messages().find(({ id }) => id === 1 || id === undefined);
    expect(JSON.stringify(refused)).toMatch(/arguments_too_large|"error"/u);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "gets the answers of calls in flight when the server is told to end by %s",
    async (signal) => {
      await using server = await RawStdio.open(era);
      server.callTool(1, "slow", { tag: "a", ms: 700 });
      await server.stderr.entry({ tag: "a", event: "started" });
      server.kill(signal);
      expect(await server.exited).toEqual({ code: 0, signal: null });
      expect(await server.answer(1)).toBe("waited a");
      expect(unloaded(server)).toEqual(["workshop", "noisy", "desk"]);
    },
  );

  test("is told that the server is shutting down when it calls too late", async () => {
    const folder = tempFolder({ "gate.mjs": GATE });
    const gate = join(folder, "open");
    const config = configWith({ shutdownGrace: 1_000 }, [join(folder, "gate.mjs")]);
    await using server = await RawStdio.open(era, config);
    server.callTool(1, "pass", { gate });
    await server.stderr.entry({ event: "waiting" });
    server.kill("SIGTERM");
    // The signal and the line travel on different ways: until the signal is there, calls are carried out.
    let late = "";
    for (let id = 2; !late.includes("shutting_down"); id++) {
      server.callTool(id, "echo", { text: "late" });
      late = await server.answer(id);
      expect(late).toMatch(/^late$|shutting_down/u);
    }
    // Not before: a server without calls in flight has no reason to stay and answer.
    writeFileSync(gate, "");
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await server.answer(1)).toBe("passed");
  });

  test("ends the server at once with a second signal", async () => {
    await using server = await RawStdio.open(era, configWith({ shutdownGrace: 1_000 }));
    server.callTool(1, "slow", { tag: "a", ms: 1_000_000 });
    await server.stderr.entry({ tag: "a", event: "started" });
    server.kill("SIGTERM");
    let answer = "";
    for (let id = 2; !answer.includes("shutting_down"); id++) {
      server.callTool(id, "echo", { text: "late" });
      answer = await server.answer(id);
    }
    server.kill("SIGTERM");
    expect(await server.exited).toEqual({ code: 1, signal: null });
  });

  test("ends the server by closing its stdout, without a crash", async () => {
    await using server = await RawStdio.open(era);
    server.child.stdout.destroy();
    // Each answer has nowhere to go.
    for (let id = 1; id <= 3; id++) server.callTool(id, "echo", { text: "x".repeat(100_000) });
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.stderr.text).not.toMatch(/EPIPE|^\s+at /mu);
    expect(unloaded(server)).toEqual(["workshop", "noisy", "desk"]);
  });

  test("closes the server's stderr, which costs log lines and nothing else", async () => {
    await using server = await RawStdio.open(era);
    server.child.stderr.destroy();
    for (let id = 1; id <= 3; id++) {
      server.callTool(id, "echo", { text: "still here" });
      expect(await server.answer(id)).toBe("still here");
    }
    // An error that is logged because logging has failed would go round for ever.
    const before = cpuMs(server.child.pid);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(cpuMs(server.child.pid) - before).toBeLessThan(500);
    server.child.stdin.end();
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  test("reads slowly and misses nothing", async () => {
    await using server = await RawStdio.open(era);
    server.child.stdout.pause();
    for (let id = 1; id <= 20; id++) server.callTool(id, "big", { chars: 300_000 });
    await server.stderr.line(/"tool":"big"/u);
    server.child.stdout.resume();
    for (let id = 1; id <= 20; id++) expect(await server.answer(id)).toHaveLength(300_000);
    server.child.stdin.end();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.messages()).toHaveLength(21);
  });
});

test.concurrent("a client that cancels a call gets no answer for it, and the handler is stopped", async () => {
  await using server = await RawStdio.open("2025-11-25");
  server.callTool(1, "slow", { tag: "a", ms: 100_000 });
  await server.stderr.entry({ tag: "a", event: "started" });
  server.send({ method: "notifications/cancelled", params: { requestId: 1 } });
  await server.stderr.entry({ tag: "a", event: "stopped" });
  server.child.stdin.end();
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(server.messages().filter(({ id }) => id === 1)).toEqual([]);
});

test.concurrent.each(["server/discover", "subscriptions/listen"])(
  "a client whose first %s says no revision is told so, and may still speak either",
  async (method) => {
    for (const era of ERAS) {
      await using server = RawStdio.start(era);
      server.send({ id: 1, method, params: {} });
      expect(await server.reply(1)).toMatchObject({ error: { code: -32_602 } });
      await server.opened();
      server.request(2, "tools/list");
      const { result } = await server.reply(2);
      // Of the one revision, and not of the other.
      expect(result?.["resultType"]).toBe(era === "2026-07-28" ? "complete" : undefined);
    }
  },
);

test.concurrent("a request that names a revision that is not served is told which are, at any time", async () => {
  await using server = RawStdio.start("2026-07-28");
  const ask = (id: number, revision: string): void => {
    const _meta = { ...ENVELOPE, "io.modelcontextprotocol/protocolVersion": revision };
    server.send({ id, method: "tools/list", params: { _meta } });
  };
  for (const [id, requested] of ["v999", "2025-11-25"].entries()) {
    ask(id, requested);
    const data = { supported: ["2026-07-28"], requested };
    expect(await server.reply(id)).toMatchObject({ error: { code: -32_022, data } });
  }
  server.request(10, "tools/list");
  expect((await server.reply(10)).result).toBeDefined();
  ask(11, "v999");
  expect(await server.reply(11)).toMatchObject({ error: { code: -32_022 } });
});

test.concurrent("a server that is started and left alone at once ends by itself", async () => {
  await using server = await RawStdio.open("2025-11-25");
  server.child.stdin.destroy();
  server.child.stdout.destroy();
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test.concurrent("a client that only listens for changes does not hold up the end", async () => {
  await using server = await RawStdio.open("2026-07-28", configWith({ shutdownGrace: 1_000 }));
  server.request("listening", "subscriptions/listen", {
    notifications: { toolsListChanged: true },
  });
  await server.stdout.line(/subscriptions\/acknowledged/u);
  server.child.stdin.end();
  expect(await server.exited).toEqual({ code: 0, signal: null });
});
