import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIXTURES } from "../helpers/cli.ts";
import { startHttpServer, type HttpServer } from "../helpers/http-server.ts";
import { JSON_HEADERS, messagesIn, opening, openSession, send } from "../helpers/raw-http.ts";
import { ENVELOPE, ERAS, RawStdio } from "../helpers/raw-stdio.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

/** Inputs of every kind for JSON parsers, which lie beside the repository on machines that have them. */
const SUITE = join(import.meta.dirname, "../../../shared/data/json-test-suite.tar.gz");

function unpackSuite(): readonly (readonly [string, Buffer])[] {
  const folder = tempFolder();
  const { status, stderr } = spawnSync("tar", ["xzf", SUITE, "-C", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tar could not unpack ${SUITE}: ${stderr}`);
  const files = readdirSync(join(folder, "test_parsing")).filter((name) => name.endsWith(".json"));
  return files.map((name) => [name, readFileSync(join(folder, "test_parsing", name))] as const);
}

function count(codes: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[String(code)] = (counts[String(code)] ?? 0) + 1;
  return counts;
}

const SPLIT = { "-32700": 201, "-32600": 117 };

const hasSuite = existsSync(SUITE);
describe.skipIf(!hasSuite)(
  `the 318 files of ${hasSuite ? "the suite" : `${SUITE} (absent)`}`,
  () => {
    let files: readonly (readonly [string, Buffer])[];
    beforeAll(() => {
      files = unpackSuite();
      expect(files).toHaveLength(318);
    });

    test.each([undefined, ...ERAS])(
      "are each refused with the right code over HTTP, in the manner of %s",
      async (era) => {
        await using server = await startHttpServer();
        const headers = { ...JSON_HEADERS, ...(era && (await opening(server.url, era))) };
        const version = era === undefined ? {} : { "mcp-protocol-version": era };
        const codes: unknown[] = [];
        for (const [name, bytes] of files) {
          const answer = await send(server.url, { ...headers, ...version }, bytes);
          expect([name, answer.status]).toEqual([name, 400]);
          const [{ id, error } = {}] = messagesIn(answer);
          expect([name, id]).toEqual([name, era === undefined ? null : undefined]);
          codes.push((error as { readonly code: number }).code);
        }
        expect(count(codes)).toEqual(SPLIT);
        expect((await send(new URL("/healthz", server.url))).status).toBe(200);
      },
    );

    test.each(ERAS)(
      "are each refused with the right code on stdio, in the manner of %s",
      async (era) => {
        await using server = await RawStdio.open(era);
        for (const [, bytes] of files) {
          // A line ends at a newline; a carriage return means the same to JSON, in and out of strings.
          server.child.stdin.write(Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x0d : byte))));
          server.child.stdin.write("\n");
        }
        server.callTool(1, "echo", { text: "on" });
        expect(await server.answer(1)).toBe("on");
        const errors = server.messages().filter(({ error }) => error !== undefined);
        expect(count(errors.map(({ error }) => error?.code))).toEqual(SPLIT);
        expect(errors.every((message) => !("id" in message))).toBe(true);
      },
    );
  },
);

/** What is no message, with the code that it gets. */
const INVALID: readonly (readonly [string, string | Buffer, number])[] = [
  [
    "a broken character",
    Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xe9"}', "latin1"),
    -32_700,
  ],
  ["UTF-16", Buffer.from('\uFEFF{"jsonrpc":"2.0","id":1,"method":"ping"}', "utf16le"), -32_700],
  ["half a message", '{"jsonrpc":"2.0","id":1,', -32_700],
  ["two messages at once", '{"jsonrpc":"2.0","id":1,"method":"a"}{}', -32_700],
  ["brackets without end", "[".repeat(200_000), -32_700],
  ["an absurd nesting", `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`, -32_600],
  ["an absurd nesting of lists", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, -32_600],
  ["an id that is null", '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32_600],
  ["an id that is a fraction", '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32_600],
  ["an id that is an object", '{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', -32_600],
  ["no method", '{"jsonrpc":"2.0","id":1}', -32_600],
  ["an older JSON-RPC", '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32_600],
  ["params in a list", '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', -32_600],
  ["an empty batch", "[]", -32_600],
  ["a batch after batches ended", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32_600],
  ["a batch of 100,000", `[${'{"jsonrpc":"2.0","id":1,"method":"a"},'.repeat(99_999)}{}]`, -32_600],
];

describe.each(ERAS)("in the manner of %s", (era) => {
  const modern = era === "2026-07-28";
  const call = (id: number, args: string): string => {
    const meta = modern ? `,"_meta":${JSON.stringify(ENVELOPE)}` : "";
    const params = `{"name":"keys","arguments":${args}${meta}}`;
    return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;
  };
  const modernHeaders = modern && { "mcp-method": "tools/call", "mcp-name": "keys" };

  describe("over HTTP", () => {
    let server: HttpServer;
    let headers: Record<string, string>;
    beforeAll(async () => {
      server = await startHttpServer();
      headers = {
        ...JSON_HEADERS,
        "mcp-protocol-version": era,
        ...(await opening(server.url, era)),
      };
    });
    afterAll(() => server?.cli.dispose());

    const alive = async (): Promise<void> => {
      const answer = await send(server.url, { ...headers, ...modernHeaders }, call(1, "{}"));
      expect(answer.status).toBe(200);
    };

    test.each(INVALID)("%s is refused", async (_what, input, code) => {
      const answer = await send(server.url, headers, input);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code } });
      expect(JSON.parse(answer.body)).not.toHaveProperty("id");
      await alive();
    });

    test("a byte order mark before a message is skipped", async () => {
      const body = `\uFEFF${call(1, "{}")}`;
      expect((await send(server.url, { ...headers, ...modernHeaders }, body)).status).toBe(200);
    });

    test("__proto__ in arguments is refused at every depth, escaped or not", async () => {
      for (const key of ["__proto__", "\\u005f_proto__"]) {
        for (const args of [
          `{"${key}":{}}`,
          `{"a":{"${key}":1}}`,
          `{"a":[[{"b":{"${key}":1}}]]}`,
        ]) {
          const { body } = await send(server.url, { ...headers, ...modernHeaders }, call(1, args));
          expect(body).toMatch(/-32602|invalid_arguments/u);
        }
      }
    });

    test("arguments that are absurdly deep are refused", async () => {
      const args = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
      const { body } = await send(server.url, { ...headers, ...modernHeaders }, call(1, args));
      expect(body).toMatch(/arguments_too_large|"error"/u);
      await alive();
    });

    test("a body that comes byte by byte is read", async () => {
      const text = call(1, '{"größer":"🙂"}');
      const lines = Object.entries({ ...headers, ...modernHeaders, host: server.url.host }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      const head = [`POST /mcp HTTP/1.1`, ...lines, "connection: close"];
      const socket = connect(Number(server.url.port), server.url.hostname).setNoDelay();
      socket.write(`${head.join("\r\n")}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`);
      for (const byte of Buffer.from(text)) {
        socket.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      let read = "";
      for await (const chunk of socket) read += String(chunk);
      expect(read).toContain("größer");
    });
  });

  describe("on stdio", () => {
    let server: RawStdio;
    beforeAll(async () => {
      server = await RawStdio.open(era);
    });
    afterAll(() => server?.dispose());

    let last = 100;
    const alive = async (): Promise<void> => {
      last++;
      server.callTool(last, "echo", { text: "on" });
      expect(await server.answer(last)).toBe("on");
    };

    test.each(INVALID.filter(([what]) => what !== "UTF-16"))(
      "%s is refused",
      async (_what, input, code) => {
        const before = server.messages().length;
        server.child.stdin.write(input);
        server.child.stdin.write("\n");
        await alive();
        const [refused, ...more] = server.messages().slice(before, -1);
        expect(refused).toMatchObject({ error: { code } });
        expect(refused).not.toHaveProperty("id");
        expect(more).toEqual([]);
      },
    );

    test("a byte order mark before a message is skipped", async () => {
      server.sendLine(`\uFEFF${call(50, "{}")}`);
      expect(await server.answer(50)).toBe("[]");
    });

    test("__proto__ in arguments is refused at every depth, escaped or not", async () => {
      let id = 60;
      for (const key of ["__proto__", "\\u005f_proto__"]) {
        for (const args of [
          `{"${key}":{}}`,
          `{"a":{"${key}":1}}`,
          `{"a":[[{"b":{"${key}":1}}]]}`,
        ]) {
          id++;
          server.sendLine(call(id, args));
          expect(await server.answer(id)).toMatch(/-32602|invalid_arguments/u);
        }
      }
    });

    test("a request with the id of one in flight is refused, and the first is answered", async () => {
      server.callTool(70, "slow", { tag: "first", ms: 500 });
      await server.stderr.entry({ tag: "first", event: "started" });
      server.callTool(70, "echo", { text: "second" });
      const [refused = ""] = await server.stdout.line(/^.*the id 70 is in use.*$/u);
      expect(JSON.parse(refused)).toMatchObject({ error: { code: -32_600 } });
      expect(JSON.parse(refused)).not.toHaveProperty("id");
      expect(await server.answer(70)).toBe("waited first");
      expect(server.messages().filter(({ id }) => id === 70)).toHaveLength(1);
    });

    test("a response that nobody asked for is ignored", async () => {
      const before = server.messages().length;
      server.send({ id: 12_345, result: {} });
      server.send({ id: 12_346, error: { code: 1, message: "no" } });
      await alive();
      expect(server.messages()).toHaveLength(before + 1);
    });

    test("a line of 100 MB is refused as a whole, and does not stay in memory", async () => {
      const chunk = Buffer.alloc(1_048_576, "x");
      const before = residentBytes(server);
      let most = 0;
      for (let sent = 0; sent < 100; sent++) {
        if (!server.child.stdin.write(chunk)) {
          await new Promise((resolve) => server.child.stdin.once("drain", resolve));
        }
        most = Math.max(most, residentBytes(server));
      }
      server.child.stdin.write("\n");
      await server.stdout.line(/longer than 4194304 bytes/u);
      await alive();
      // Buffers that have been read wait for the collector; a kept line would be all of 100 MB.
      if (before > 0) expect(most - before).toBeLessThan(64 * 1_048_576);
    });
  });
});

/** Memory of the process, or 0 where nobody says. */
function residentBytes({ child }: RawStdio): number {
  const file = `/proc/${child.pid}/status`;
  if (!existsSync(file)) return 0;
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(file, "utf8"))?.[1] ?? 0) * 1_024;
}

function ping(id: number): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;
}

function idsOf(answers: readonly Record<string, unknown>[]): readonly number[] {
  return answers.map(({ id }) => Number(id)).toSorted((a, b) => a - b);
}

describe("a batch of 2025-03-26", () => {
  const revision = "2025-03-26";
  const unknown = '{"jsonrpc":"2.0","id":2,"method":"nope"}';
  const note = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
  const batch = `[${[ping(1), unknown, note, ping(3)].join(",")}]`;

  test("over HTTP gets an answer to each request, with and without a session", async () => {
    await using server = await startHttpServer();
    const headers = await openSession(server.url, revision);
    const answers = messagesIn(await send(server.url, headers, batch));
    expect(idsOf(answers)).toEqual([1, 2, 3]);
    expect(answers.find(({ id }) => id === 2)).toMatchObject({ error: { code: -32_601 } });
    expect((await send(server.url, headers, `[${note}]`)).status).toBe(202);

    await using stateless = await startHttpServer({ args: ["--stateless"] });
    const without = messagesIn(await send(stateless.url, JSON_HEADERS, batch));
    expect(idsOf(without)).toEqual([1, 2, 3]);
  });

  test("on stdio gets one line with an answer to each request", async () => {
    await using server = await RawStdio.open("2025-11-25", undefined, { revision });
    server.sendLine(batch);
    const [line = ""] = await server.stdout.line(/^\[.*\]$/u);
    const answers = JSON.parse(line) as readonly Record<string, unknown>[];
    expect(idsOf(answers)).toEqual([1, 2, 3]);
    server.sendLine(`[${note}]`);
    server.sendLine(`[${ping(4)},5]`);
    server.sendLine("{nope");
    server.callTool(5, "echo", { text: "on" });
    expect(await server.answer(5)).toBe("on");
    const errors = server.stdout.all({ id: null }).map(({ error }) => error);
    expect(errors).toMatchObject([{ code: -32_600 }, { code: -32_700 }]);
    expect(server.stdout.find({ id: 4 })).toBeUndefined();
  });
});

test("before anything is agreed, errors have the id null, as JSON-RPC wants it", async () => {
  await using server = RawStdio.start();
  server.sendLine("{nope");
  expect(await server.reply(null)).toMatchObject({ error: { code: -32_700 } });
});

describe("a server with a token and a small limit", () => {
  let server: HttpServer;
  const token = "t".repeat(40);
  beforeAll(async () => {
    const config = {
      server: { http: { token: "${E2E_TOKEN}" }, limits: { maxMessageBytes: 10_000 } },
      pluginDirectories: [join(FIXTURES, "plugins")],
      plugins: { "aws-operations": { enabled: false } },
    };
    const folder = tempFolder({ "mcp.config.json": JSON.stringify(config) });
    server = await startHttpServer({
      config: join(folder, "mcp.config.json"),
      env: { E2E_TOKEN: token },
    });
  });
  afterAll(() => server?.cli.dispose());

  const big = Buffer.alloc(8 * 1_048_576, "x");
  const bearer = { authorization: `Bearer ${token}` };
  test.each([
    [401, {}],
    [403, { ...bearer, host: "evil.example" }],
    [413, bearer],
  ])("tells a client that sends 8 MB of its %d", async (status, own) => {
    const headers = { ...JSON_HEADERS, ...own };
    expect((await send(server.url, headers, big)).status).toBe(status);
    const chunked = { ...headers, "transfer-encoding": "chunked" };
    expect((await send(server.url, chunked, big)).status).toBe(status);
    expect((await send(new URL("/healthz", server.url))).status).toBe(200);
  });

  test("refuses a declared length without waiting for the body", async () => {
    const socket = connect(Number(server.url.port), server.url.hostname);
    const head = [
      "POST /mcp HTTP/1.1",
      `host: ${server.url.host}`,
      `authorization: Bearer ${token}`,
      "content-type: application/json",
      "content-length: 1000000000",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n{`);
    const first = await new Promise((done) => socket.once("data", done));
    expect(String(first)).toMatch(/^HTTP\/1\.1 413 /u);
    socket.destroy();
  });

  test("refuses headers that are too large", async () => {
    const headers = { ...JSON_HEADERS, "x-long": "x".repeat(20_000) };
    expect((await send(server.url, headers, "{}")).status).toBe(431);
  });
});
