import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { RawStdio, ERAS } from "../helpers/raw-stdio.ts";
import { tempFile, writeConfig } from "./files.ts";
import {
  bare,
  call,
  codeOf,
  countToolChanges,
  eventually,
  readJournal,
  readPlugin,
  startHost,
  startsIn,
  textOf,
  untilListed,
  type ToolResult,
} from "./host.ts";

const MODERN = fileURLToPath(new URL("../fixtures/upstream/modern-server.mjs", import.meta.url));

const plainTool = (name: string): object => ({ name, inputSchema: { type: "object" } });
const errorOf = (result: ToolResult): unknown => result._meta?.["agentflow/error"];

describe("at the start", () => {
  test("a slow server does not hold the host up, and is announced once when it is there", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ delayMs: 3_000, journal }) }, { settle: false });
    expect(host.plugin("bare").state).toBe("loading");
    expect(readJournal(journal).some((entry) => "initialize" in Object(entry))).toBe(false);
    const client = await host.connect();
    const changes = await countToolChanges(client);
    expect((await client.listTools()).tools).toEqual([]);
    await eventually(() => expect(changes()).toBe(1));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("echo");
    expect(await readPlugin(client, "bare")).toMatchObject({ state: "serving", version: "1.2.3" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(changes()).toBe(1);
  });

  test("a server that is not there has a state, a reason and a code, and harms nobody else", async () => {
    const host = await startHost({
      none: { type: "mcp_server", command: "no-such-command-anywhere" },
      nowhere: { ...bare(), cwd: "/no/such/folder" },
      silent: bare({ delayMs: 60_000 }, { startTimeout: 0.5 }),
      bare: bare({}, { prefix: "b" }),
    });
    expect(host.plugin("none")).toMatchObject({
      state: "unavailable",
      reason: expect.stringContaining("there is no command 'no-such-command-anywhere'") as string,
    });
    expect(host.plugin("nowhere").reason).toContain("working directory /no/such/folder");
    expect(host.plugin("silent").reason).toContain("has not answered yet after 0.5 s");
    const client = await host.connect();
    expect(await readPlugin(client, "none")).toMatchObject({
      state: "unavailable",
      reason: "not_found",
    });
    expect(await readPlugin(client, "silent")).toMatchObject({
      state: "unavailable",
      reason: "starting",
    });
    expect(textOf(await call(client, "b_echo", { say: "here" }))).toBe("here");
  });

  test("a server that is switched off is not started", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ journal }, { enabled: false }) });
    expect(host.plugin("bare").state).toBe("disabled");
    expect(startsIn(journal)).toBe(0);
  });

  test("a server that fails to start is tried again until it does not", async () => {
    const dieOnce = tempFile();
    writeFileSync(dieOnce, "");
    const host = await startHost({ bare: bare({ dieOnce }) });
    expect(host.plugin("bare").state).toBe("serving");
    expect(host.log).toContainEqual(
      expect.objectContaining({
        plugin: "bare",
        msg: expect.stringContaining("ended with code 3") as string,
      }),
    );
  });

  test("an opening that is none is told to the operator in words, not as a dump", async () => {
    const host = await startHost({ bare: bare({ initialize: {} }, { startTimeout: 2 }) });
    expect(host.plugin("bare").reason).toBe(
      "its server could not be spoken to: Invalid result for initialize",
    );
  });

  test("the reason that a server gave on stderr is told to the operator", async () => {
    const script = "console.error('no licence found'); process.exit(4)";
    const server = {
      type: "mcp_server",
      command: process.execPath,
      args: ["-e", script],
      startTimeout: 1,
    };
    const host = await startHost({ broken: server });
    expect(host.plugin("broken").reason).toMatch(
      /ended with code 4; it wrote last: no licence found/u,
    );
  });
});

describe("the revision is found out", () => {
  test("on one connection, where the server bears the question", async () => {
    const journal = tempFile();
    await startHost({ bare: bare({ journal }) });
    expect(startsIn(journal)).toBe(1);
  });

  test("by a second start, where it does not; and it is not asked again", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ onDiscover: "exit", journal }) });
    expect(startsIn(journal)).toBe(2);
    const client = await host.connect();
    await call(client, "exit");
    await eventually(() => expect(host.plugin("bare").state).toBe("serving"));
    expect(startsIn(journal)).toBe(3);
    expect(readJournal(journal).filter((entry) => entry === "discover")).toHaveLength(1);
  });

  test("from silence", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ onDiscover: "ignore", journal }) });
    expect(host.plugin("bare").state).toBe("serving");
    expect(startsIn(journal)).toBe(1);
  });

  test(
    "of a server of 2026-07-28 alone, even one that is slower than the patience with silence",
    { timeout: 60_000 },
    async () => {
      const server = { type: "mcp_server", command: process.execPath, args: [MODERN, "6000"] };
      const host = await startHost({ modern: { ...server, startTimeout: 50 } });
      expect(host.plugin("modern").state).toBe("serving");
      expect(host.log).toContainEqual(
        expect.objectContaining({ msg: "connected to modern 2.0.0, revision 2026-07-28" }),
      );
    },
  );
});

describe("when a server ends in the middle", () => {
  test.each(ERAS)("each of 1,000 calls in flight gets exactly one answer (%s)", async (era) => {
    const concurrency = { slots: 2_000, perPrincipal: 2_000, perPlugin: 2_000 };
    const config = writeConfig({ bare: bare() }, { concurrency });
    await using server = await RawStdio.open(era, config);
    await untilListed(server, "tools/list", "hang");
    const ids = Array.from({ length: 1_000 }, (_, index) => `call-${index}`);
    for (const id of ids) server.callTool(id, "hang");
    server.callTool("end", "exit_later", { ms: 300 });
    await eventually(() => {
      const answered = server.stdout.lines.filter((line) => line.includes('"id":"call-'));
      expect(answered.length).toBeGreaterThanOrEqual(ids.length);
    });
    // Whatever came twice has come by now.
    server.request("last", "tools/list");
    await server.reply("last");
    const answers = server.messages().filter(({ id }) => String(id).startsWith("call-"));
    expect(answers.map(({ id }) => String(id)).toSorted()).toEqual(ids.toSorted());
    const codes = new Set(
      answers.map(({ result }) => JSON.stringify(result?.["_meta"]).match(/"code":"(\w+)"/u)?.[1]),
    );
    expect([...codes]).toEqual(["plugin_restarted"]);
  });

  test("a call says that it may have been carried out, and whether to repeat it", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect();
    const [wrote, read] = await Promise.all([
      call(client, "hang"),
      call(client, "read_slowly"),
      call(client, "exit_later", { ms: 200 }),
    ]);
    expect(errorOf(wrote)).toMatchObject({ code: "plugin_restarted", retryable: false });
    expect(textOf(wrote)).toContain("may or may not have taken effect: check with 'read_once'");
    expect(errorOf(read)).toMatchObject({ code: "plugin_restarted", retryable: true });
    expect(textOf(read)).toContain("It is safe to call again.");
  });

  test("a call that only reads is repeated where the operator allows it, one that writes is not", async () => {
    const flag = tempFile();
    const journal = tempFile();
    const tools = { read_once: { retryCount: 3 }, write_once: { retryCount: 3 } };
    const host = await startHost({ bare: bare({ flag, journal }, { tools }) });
    const client = await host.connect();
    writeFileSync(flag, "");
    expect(textOf(await call(client, "read_once"))).toBe("read done");
    writeFileSync(flag, "");
    expect(codeOf(await call(client, "write_once"))).toBe("plugin_restarted");
    const calls = readJournal(journal).filter((entry) => "call" in Object(entry));
    expect(calls).toEqual([{ call: "read" }, { call: "read" }, { call: "write" }]);
  });

  test("its tools stay listed, and calls are answered at once until it is back", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ journal }) });
    const client = await host.connect();
    const changes = await countToolChanges(client);
    const before = host.tools();
    await call(client, "exit");
    const refused = await call(client, "echo", { say: "?" });
    expect(errorOf(refused)).toMatchObject({
      code: "plugin_unavailable",
      retryable: true,
      retryAfterMs: expect.any(Number) as number,
    });
    expect(await readPlugin(client, "bare")).toMatchObject({
      state: "unavailable",
      reason: "connection_lost",
    });
    expect(host.tools()).toEqual(before);
    await eventually(async () =>
      expect(textOf(await call(client, "echo", { say: "back" }))).toBe("back"),
    );
    expect(startsIn(journal)).toBe(2);
    expect(host.tools()).toEqual(before);
    expect(changes()).toBe(0);
  });

  test("what was never sent is repeated, whatever the tool does", async () => {
    const tools = { destroy: { retryCount: 5 } };
    const host = await startHost({ bare: bare({}, { tools }) });
    const client = await host.connect();
    await call(client, "exit");
    await eventually(() => expect(host.plugin("bare").state).toBe("unavailable"));
    expect(textOf(await call(client, "destroy"))).toBe("destroyed");
  });

  test("clients are told only of what is different after it", async () => {
    const toolsFrom = tempFile();
    writeFileSync(toolsFrom, JSON.stringify([plainTool("old")]));
    const host = await startHost({ bare: bare({ toolsFrom }) });
    const client = await host.connect();
    const changes = await countToolChanges(client);
    expect(host.tools()).toContain("old");
    writeFileSync(toolsFrom, JSON.stringify([plainTool("new")]));
    await call(client, "exit");
    await eventually(() => expect(host.tools()).toContain("new"));
    expect(host.tools()).not.toContain("old");
    await eventually(() => expect(changes()).toBe(1));
  });
});

describe("what a server says", () => {
  test("of its tools is read again when it says that they have changed", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect();
    const changes = await countToolChanges(client);
    await call(client, "change");
    await eventually(() => expect(host.tools()).toContain("added_1"));
    await eventually(() => expect(changes()).toBe(1));
  });

  test("on stdout that is no message is skipped and logged", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect();
    expect(textOf(await call(client, "garbage"))).toBe("still here");
    expect(host.log).toContainEqual(
      expect.objectContaining({ plugin: "bare", stream: "stdout", msg: "Starting up…" }),
    );
  });

  test("in one endless line ends the connection with a reason", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect();
    const result = await call(client, "too_long", { bytes: 17_000_000 });
    expect(codeOf(result)).toBe("plugin_restarted");
    await eventually(() =>
      expect(host.log).toContainEqual(
        expect.objectContaining({
          msg: expect.stringContaining("sent a message longer than 16777216 bytes") as string,
        }),
      ),
    );
    await eventually(() => expect(host.plugin("bare").state).toBe("serving"));
  });

  test("on stderr is logged, but only so much of it", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect();
    await call(client, "chatter", { lines: 5_000 });
    const lines = (): number => host.log.filter(({ stream }) => stream === "stderr").length;
    await eventually(() => expect(lines()).toBeGreaterThan(50));
    expect(lines()).toBeLessThan(500);
    expect(host.log).toContainEqual(expect.objectContaining({ plugin: "bare", msg: "line 0" }));
  });
});

describe("what a server gets", () => {
  test("of the host's environment is what programs need, and what is configured", async () => {
    const env = { HOST_SECRET: "for nobody else", LANG: "C", MY_TOKEN: "from-the-environment" };
    const server = bare({}, { env: { API_TOKEN: "${MY_TOKEN}", MODE: "test" } });
    const host = await startHost({ bare: server }, { env });
    const client = await host.connect();
    const got = JSON.parse(textOf(await call(client, "env"))) as Readonly<Record<string, string>>;
    expect(Object.keys(got).toSorted()).toEqual(["API_TOKEN", "LANG", "MODE", "PATH"]);
  });

  test("and must not tell never reaches a client, a log or a list", async () => {
    const secret = "from-the-environment-1234";
    const server = bare({}, { env: { API_TOKEN: "${MY_TOKEN}" } });
    const host = await startHost({ bare: server }, { env: { MY_TOKEN: secret } });
    const client = await host.connect();
    await call(client, "chatter", { lines: 3 });
    await eventually(() =>
      expect(host.log).toContainEqual(expect.objectContaining({ msg: "line 0 [redacted]" })),
    );
    const shown = [
      await call(client, "env"),
      await call(client, "echo", { say: secret }),
      await readPlugin(client, "bare"),
      host.app.host.catalogue.plugins,
      host.log,
    ];
    expect(JSON.stringify(shown)).not.toContain(secret);
  });

  test("as its working directory is the folder of the configuration, or what is said there", async () => {
    const files = { "data/notes.txt": "" };
    const host = await startHost(
      { here: bare(), there: bare({}, { cwd: "data", prefix: "there" }) },
      { files },
    );
    const client = await host.connect();
    const here = textOf(await call(client, "cwd"));
    expect(existsSync(join(here, "data/notes.txt"))).toBe(true);
    expect(textOf(await call(client, "there_cwd"))).toBe(join(here, "data"));
  });
});
