import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIXTURES, type CliProcess } from "../helpers/cli.ts";
import { startHttpServer, type HttpServer } from "../helpers/http-server.ts";
import { Journal } from "../helpers/journal.ts";
import { JSON_HEADERS, messagesIn, opening, openSession, send } from "../helpers/raw-http.ts";
import { ENVELOPE, ERAS, RawStdio, type Era } from "../helpers/raw-stdio.ts";
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

const MEGABYTE = 1_048_576;
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
  ["an id that is true", '{"jsonrpc":"2.0","id":true,"method":"ping"}', -32_600],
  ["an id that no number is exactly", '{"jsonrpc":"2.0","id":1e300,"method":"ping"}', -32_600],
  ["no method", '{"jsonrpc":"2.0","id":1}', -32_600],
  ["a method that is a number", '{"jsonrpc":"2.0","id":1,"method":5}', -32_600],
  ["an older JSON-RPC", '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32_600],
  ["a JSON-RPC that is a number", '{"jsonrpc":2.0,"id":1,"method":"ping"}', -32_600],
  ["no JSON-RPC", '{"id":1,"method":"ping"}', -32_600],
  ["a member too many", '{"jsonrpc":"2.0","id":1,"method":"ping","extra":1}', -32_600],
  ["a request with a result", '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', -32_600],
  ["a result with an error", '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', -32_600],
  ["an error that is a text", '{"jsonrpc":"2.0","id":1,"error":"no"}', -32_600],
  ["params that are a text", '{"jsonrpc":"2.0","id":1,"method":"ping","params":"a"}', -32_600],
  ["params that are null", '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}', -32_600],
  ["_meta in a list", '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[]}}', -32_600],
  ["params in a list", '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', -32_600],
  ["an empty batch", "[]", -32_600],
  ["a batch after batches ended", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32_600],
  ["a batch of 100,000", `[${'{"jsonrpc":"2.0","id":1,"method":"a"},'.repeat(99_999)}{}]`, -32_600],
];

const ARGUMENT = { name: "a", value: "" };
const UNKNOWN = { ref: { type: "ref/prompt", name: "nope" }, argument: ARGUMENT };

/** Requests that are messages, and that no server can carry out, with the code that they get. */
const REFUSED: readonly (readonly [string, string, object, number])[] = [
  ["an unknown method", "nope", {}, -32_601],
  ["a method without a name", "", {}, -32_601],
  ["a method of every object", "__proto__", {}, -32_601],
  ["a note that wants an answer", "notifications/initialized", {}, -32_601],
  ["a call of nothing", "tools/call", {}, -32_602],
  ["a call of a number", "tools/call", { name: 5 }, -32_602],
  ["a call with a list", "tools/call", { name: "echo", arguments: [1] }, -32_602],
  ["a call with a text", "tools/call", { name: "echo", arguments: "a" }, -32_602],
  ["a call with null", "tools/call", { name: "echo", arguments: null }, -32_602],
  ["a call of an unknown tool", "tools/call", { name: "nope" }, -32_602],
  ["a call of a method of every object", "tools/call", { name: "toString" }, -32_602],
  ["no prompt", "prompts/get", {}, -32_602],
  ["an unknown prompt", "prompts/get", { name: "nope" }, -32_602],
  ["a prompt without its argument", "prompts/get", { name: "plain" }, -32_602],
  ["a prompt with a number", "prompts/get", { name: "plain", arguments: { word: 1 } }, -32_602],
  ["no resource", "resources/read", {}, -32_602],
  ["an unknown resource", "resources/read", { uri: "x://y" }, -32_602],
  ["a resource that is a number", "resources/read", { uri: 3 }, -32_602],
  ["a completion of nothing", "completion/complete", {}, -32_602],
  ["a completion of something else", "completion/complete", { ref: {}, ARGUMENT }, -32_602],
  ["a completion of an unknown prompt", "completion/complete", UNKNOWN, -32_602],
  ["an unknown cursor", "tools/list", { cursor: "zz" }, -32_602],
  ["a cursor that is a number", "resources/list", { cursor: 5 }, -32_602],
];
/** The same for what only the one era has. */
const REFUSED_IN = {
  "2025-11-25": [
    ["a discovery", "server/discover", {}, -32_601],
    ["a subscription", "subscriptions/listen", { notifications: {} }, -32_601],
    ["a level that does not exist", "logging/setLevel", { level: "loud" }, -32_602],
    ["no resource to subscribe to", "resources/subscribe", {}, -32_602],
    ["an unknown resource to subscribe to", "resources/subscribe", { uri: "x://y" }, -32_602],
  ],
  "2026-07-28": [
    ["a ping", "ping", {}, -32_601],
    ["an opening", "initialize", {}, -32_601],
    ["a level", "logging/setLevel", { level: "info" }, -32_601],
    ["a subscription to a resource", "resources/subscribe", { uri: "x://y" }, -32_601],
    ["the end of one", "resources/unsubscribe", { uri: "x://y" }, -32_601],
    ["a subscription to nothing", "subscriptions/listen", {}, -32_602],
  ],
} as const satisfies Record<Era, typeof REFUSED>;

/** A refusal names what is wrong, in words. */
function expectRefusal(message: object | undefined, id: number, code: number): void {
  expect(message).toMatchObject({ id, error: { code } });
  expect(JSON.stringify(message)).not.toMatch(/\\n|"expected"/u);
}

/** Arguments that would reach what every object has, if somebody merged them. */
const POLLUTING =
  '{"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":2},"a.__proto__.polluted":3}';
const POLLUTING_KEYS = '["constructor","prototype","a.__proto__.polluted"]';

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

    /** The beginning of a POST, as it goes over the wire. */
    const head = (all: Readonly<Record<string, string>>): string => {
      const lines = Object.entries({ host: server.url.host, ...all });
      const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      return `POST /mcp HTTP/1.1\r\n${fields}\r\n`;
    };

    /** What clients repeat of a message in headers. */
    const headersFor = (method: string, name?: unknown): Record<string, string> => ({
      ...headers,
      ...(modern && { "mcp-method": method }),
      ...(modern && typeof name === "string" && { "mcp-name": name }),
    });

    test.each([...REFUSED, ...REFUSED_IN[era]])(
      "%s is refused by its id",
      async (_what, method, params, code) => {
        const { name, uri } = params as { readonly name?: unknown; readonly uri?: unknown };
        const all = { ...params, ...(modern && { _meta: ENVELOPE }) };
        const body = JSON.stringify({ jsonrpc: "2.0", id: 7, method, params: all });
        const answer = await send(server.url, headersFor(method, name ?? uri), body);
        expectRefusal(messagesIn(answer).at(-1), 7, code);
        await alive();
      },
    );

    test("arguments cannot change what every object has", async () => {
      const { body } = await send(server.url, { ...headers, ...modernHeaders }, call(1, POLLUTING));
      expect(body).toContain(JSON.stringify(POLLUTING_KEYS).slice(1, -1));
      const look = call(2, "{}").replace('"keys"', '"inherited"');
      const after = await send(server.url, headersFor("tools/call", "inherited"), look);
      expect(messagesIn(after).at(-1)).toMatchObject({ result: { content: [{ text: "[]" }] } });
    });

    test("a response that nobody asked for is ignored, or refused as nothing that belongs here", async () => {
      for (const body of [
        '{"jsonrpc":"2.0","id":12345,"result":{}}',
        '{"jsonrpc":"2.0","id":12345,"error":{"code":1,"message":"no"}}',
      ]) {
        const answer = await send(server.url, headers, body);
        expect(answer.status).toBe(modern ? 400 : 202);
        if (modern) expect(messagesIn(answer)).toMatchObject([{ error: { code: -32_600 } }]);
        await alive();
      }
    });

    test("a request with the id of one in flight is refused in a session, and another's without one", async () => {
      const slow = call(70, '{"tag":"first","ms":500}').replace('"keys"', '"slow"');
      const first = send(server.url, headersFor("tools/call", "slow"), slow);
      await server.cli.stderr.entry({ tag: "first", event: "started" });
      const second = await send(server.url, { ...headers, ...modernHeaders }, call(70, "{}"));
      const [answer] = messagesIn(second).slice(-1);
      if (modern) expect(answer).toMatchObject({ id: 70, result: { content: [{ text: "[]" }] } });
      else {
        expect(answer).toMatchObject({ error: { code: -32_600 } });
        expect(answer).not.toHaveProperty("id");
      }
      expect((await first).body).toContain("waited first");
    });

    test.each(["declared", "in chunks"])(
      "a body of 100 MB (%s) is refused, does not stay in memory, and its connection lives",
      async (how) => {
        const before = residentBytes(server.cli);
        let most = 0;
        const socket = connect(Number(server.url.port), server.url.hostname);
        const read = new Journal();
        read.follow(socket);
        const chunk = Buffer.alloc(MEGABYTE, "x");
        const declared = how === "declared";
        const length = declared
          ? { "content-length": String(100 * chunk.length) }
          : { "transfer-encoding": "chunked" };
        socket.write(head({ ...headers, ...modernHeaders, ...length }));
        for (let sent = 0; sent < 100; sent++) {
          if (!declared) socket.write(`${chunk.length.toString(16)}\r\n`);
          socket.write(chunk);
          if (!socket.write(declared ? "" : "\r\n")) await once(socket, "drain");
          most = Math.max(most, residentBytes(server.cli));
        }
        if (!declared) socket.write("0\r\n\r\n");
        const body = call(1, '{"after":1}');
        const last = { "content-length": String(body.length), connection: "close" };
        socket.write(`${head({ ...headers, ...modernHeaders, ...last })}${body}`);
        await once(socket, "close");
        expect(read.text).toMatch(/^HTTP\/1\.1 413 [^]*"error":\{"code":-32000/u);
        expect(read.text).toContain(String.raw`["after"]`.replaceAll('"', String.raw`\"`));
        if (before > 0) expect(most - before).toBeLessThan(64 * MEGABYTE);
      },
    );

    test("arguments that are absurdly deep are refused", async () => {
      const args = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
      const { body } = await send(server.url, { ...headers, ...modernHeaders }, call(1, args));
      expect(body).toMatch(/arguments_too_large|"error"/u);
      await alive();
    });

    test("a body that comes byte by byte is read, and its connection closed as it asks", async () => {
      const text = call(1, '{"größer":"🙂"}');
      const length = { "content-length": String(Buffer.byteLength(text)), connection: "close" };
      const socket = connect(Number(server.url.port), server.url.hostname).setNoDelay();
      socket.write(head({ ...headers, ...modernHeaders, ...length }));
      for (const byte of Buffer.from(text)) {
        socket.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      let read = "";
      for await (const chunk of socket) read += String(chunk);
      expect(read).toContain("größer");
      expect(read).toMatch(/^connection: close\r$/imu);
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

    test.each([...REFUSED, ...REFUSED_IN[era]])(
      "%s is refused by its id",
      async (_what, method, params, code) => {
        last++;
        const id = last;
        server.request(id, method, params);
        expectRefusal(await server.reply(id), id, code);
        await alive();
      },
    );

    test("arguments cannot change what every object has", async () => {
      server.sendLine(call(80, POLLUTING));
      expect(await server.answer(80)).toBe(POLLUTING_KEYS);
      server.callTool(81, "inherited");
      expect(await server.answer(81)).toBe("[]");
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
      const chunk = Buffer.alloc(MEGABYTE, "x");
      const before = residentBytes(server);
      let most = 0;
      for (let sent = 0; sent < 100; sent++) {
        if (!server.child.stdin.write(chunk)) await once(server.child.stdin, "drain");
        most = Math.max(most, residentBytes(server));
      }
      server.child.stdin.write("\n");
      await server.stdout.line(/longer than 4194304 bytes/u);
      await alive();
      // Buffers that have been read wait for the collector; a kept line would be all of 100 MB.
      if (before > 0) expect(most - before).toBeLessThan(64 * MEGABYTE);
    });
  });
});

/** Memory of the process, or 0 where nobody says. */
function residentBytes({ child }: CliProcess): number {
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

describe.each(["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"])(
  "a batch in a conversation of %s",
  (revision) => {
    const era: Era = revision === "2026-07-28" ? revision : "2025-11-25";
    const answered = revision <= "2025-03-26";
    const batch = `[${ping(1)},${ping(2)}]`;
    const expectRight = (messages: readonly Record<string, unknown>[]): void => {
      if (answered) {
        expect(idsOf(messages)).toEqual([1, 2]);
        return;
      }
      expect(messages).toMatchObject([{ error: { code: -32_600 } }]);
      // Revisions differ in what stands for the id of nobody's request.
      expect(messages[0]?.["id"]).toBe(revision < "2025-11-25" ? null : undefined);
    };

    test(`is ${answered ? "answered" : "refused"} over HTTP`, async () => {
      await using server = await startHttpServer();
      const headers =
        era === "2026-07-28"
          ? { ...JSON_HEADERS, "mcp-protocol-version": revision }
          : await openSession(server.url, revision);
      expectRight(messagesIn(await send(server.url, headers, batch)));
    });

    test(`is ${answered ? "answered" : "refused"} on stdio`, async () => {
      await using server = await RawStdio.open(era, undefined, { revision });
      server.sendLine(batch);
      server.callTool(3, "echo", { text: "on" });
      expect(await server.answer(3)).toBe("on");
      const lines = server.stdout.lines.slice(1, -1).map((line) => JSON.parse(line) as never);
      expectRight(lines.flat());
    });
  },
);

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
