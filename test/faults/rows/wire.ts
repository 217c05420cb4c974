import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { ENVELOPE, ERAS } from "../../helpers/era.ts";
import { messagesIn, send } from "../../helpers/raw-http.ts";
import type { Sent } from "../clients/client.ts";
import type { Fault } from "../fault.ts";
import type { Scene } from "../scene.ts";
import { sleep, until } from "../waiting.ts";

const MIB = 1_048_576;
const MODERN = "2026-07-28";
const SING = { name: "sing", arguments: { words: "in tune" } };

/** A call of the canary's tool as one line. */
function song(id: number | string, _meta: object | undefined): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { ...SING, _meta } });
}

/** A POST with these headers instead of, or less, a good client's own. */
async function post(
  { http }: Scene,
  body: string | Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly status: number; readonly code: unknown }> {
  const own = { "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "sing" };
  const all = Object.entries({ ...http.headers, ...own, ...headers });
  const given = all.filter((entry): entry is [string, string] => entry[1] !== undefined);
  const answer = await send(http.url, Object.fromEntries(given), body);
  const last = answer.body.startsWith("{") ? messagesIn(answer).at(-1) : undefined;
  return { status: answer.status, code: (last?.["error"] as { code?: number } | undefined)?.code };
}

/** A connection on which a client takes its time. */
function dial(
  scene: Scene,
  head: string,
): { readonly socket: Socket; readonly over: () => boolean } {
  const { hostname, port } = scene.server.url;
  const socket = connect(Number(port), hostname);
  let over = false;
  socket.on("error", () => undefined).on("close", () => (over = true));
  socket.resume();
  if (head !== "") socket.write(head);
  return { socket, over: () => over };
}

const HEAD = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/** Waits until the connection that a call came on has been cut; tells how much of it was read. */
async function readSlowly(scene: Scene): Promise<number> {
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "shout", arguments: {} },
  });
  const headers = { host: "localhost", ...scene.http.headers, "content-length": `${body.length}` };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const { socket, over } = dial(scene, "");
  let bytes = 0;
  socket.pause().on("data", (chunk: Buffer) => (bytes += chunk.length));
  socket.write(`POST /mcp HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
  await scene.server.stderr.line(/"msg":"has shouted"/u);
  socket.resume();
  await until(over, "a client that does not read is cut off");
  return bytes;
}

const race = fc.record({
  tool: fc.constantFrom("nap", "nap", "nap", "short_nap"),
  ms: fc.nat({ max: 60 }),
  cancel: fc.constantFrom("never", "at once", "soon", "twice", "after its end", "another"),
  afterMs: fc.nat({ max: 60 }),
});

/** One call and what is done to it. Returns whether its answer is owed. */
async function runRace(
  scene: Scene,
  { tool, ms, cancel, afterMs }: typeof race extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const sent: Sent = scene.start(tool, { ms });
  const answered = sent.answer.then(
    () => true,
    () => false,
  );
  if (cancel === "soon" || cancel === "twice") await sleep(afterMs);
  if (cancel === "after its end") await answered;
  if (cancel === "another" && scene.transport === "stdio") {
    scene.stdio.send({ method: "notifications/cancelled", params: { requestId: 1_000_000 } });
  }
  if (!["never", "another"].includes(cancel)) {
    await sent.cancel();
    if (cancel === "twice") await sent.cancel();
  } else assert(await answered, `a call that nobody cancelled has no answer`);
  await Promise.race([answered, sleep(200)]);
  assert(scene.client.replies(sent.id) <= 1, "answered twice");
}

/** What comes over the wire that should not, or does not as it should. */
export const WIRE: readonly Fault[] = [
  {
    id: "C6",
    what: "a line of 100 MiB, a line byte by byte",
    on: "stdio",
    growth: 100,
    run: async (scene) => {
      const { stdio, canary } = scene;
      // It has only this one line to sing on.
      await canary.rest();
      const part = Buffer.alloc(MIB, "x");
      for (let count = 0; count < 100; count++) {
        if (!stdio.write(part)) {
          await new Promise((resolve) => scene.server.child.stdin.once("drain", resolve));
        }
      }
      stdio.write("\n");
      await until(() => stdio.refusals.length === 1, "one error for the whole line");
      assert.equal(stdio.refusals[0]?.error?.code, -32_600);
      const line = song("slow", undefined);
      for (const byte of `${line}\n`) {
        stdio.write(byte);
        await sleep(0);
      }
      await until(() => stdio.refusals.some(({ id }) => id === "slow"), "its answer");
      assert.match(JSON.stringify(stdio.refusals.at(-1)), /in tune/u);
      canary.sing();
    },
  },
  {
    id: "C7",
    what: "a body of 64 MiB, announced, in chunks, or packed",
    on: "HTTP",
    run: async (scene) => {
      const { socket } = dial(scene, `${HEAD}Content-Length: ${64 * MIB}\r\n\r\n{`);
      const [begin] = (await once(socket, "data")) as [Buffer];
      assert.match(begin.toString(), /^HTTP\/1\.1 413 /u);
      socket.destroy();
      const chunked = await post(scene, Buffer.alloc(8 * MIB, "x"), {
        "transfer-encoding": "chunked",
      });
      assert.equal(chunked.status, 413);
      const bomb = gzipSync(Buffer.alloc(64 * MIB, "x"));
      const packed = await post(scene, bomb, { "content-encoding": "gzip" });
      assert(packed.status === 400 || packed.status === 415, `${packed.status}`);
    },
  },
  {
    id: "C8",
    what: "slow headers, slow bodies, idle connections",
    on: "HTTP",
    run: async (scene) => {
      const slow = Array.from({ length: 60 }, (_, index) => {
        const kind = index % 3;
        const open = [HEAD, `${HEAD}Content-Length: 100\r\n\r\n{`, ""][kind] ?? "";
        const one = dial(scene, open);
        const more = ["X", " ", ""][kind] ?? "";
        const drip = setInterval(() => !one.over() && one.socket.write(more), 1_000);
        return { ...one, drip };
      });
      await until(() => slow.every(({ over }) => over()), "slow clients are hung up on");
      for (const { drip } of slow) clearInterval(drip);
    },
  },
  {
    id: "C8",
    what: "a client that does not read",
    on: "HTTP",
    eras: ["2025-11-25"],
    plugins: ["shouts"],
    run: async (scene) => {
      const bytes = await readSlowly(scene);
      assert(bytes < 90 * 200_000, `it got all ${bytes} bytes`);
    },
  },
  {
    id: "C9",
    what: "headers that are missing, or not the body's",
    on: "HTTP",
    eras: [MODERN],
    run: async (scene) => {
      const odd: readonly Readonly<Record<string, string | undefined>>[] = [
        { "mcp-method": undefined },
        { "mcp-method": "tools/list" },
        { "mcp-name": undefined },
        { "mcp-name": "another" },
        { "mcp-name": "=?base64?!!!?=" },
      ];
      for (const headers of odd) {
        const answer = await post(scene, song(1, ENVELOPE), headers);
        assert.deepEqual(answer, { status: 400, code: -32_020 }, JSON.stringify(headers));
      }
    },
  },
  {
    id: "C10",
    what: "a revision that there is not, or none",
    eras: [MODERN],
    run: async (scene) => {
      const key = "io.modelcontextprotocol/protocolVersion";
      const wrong = { ...ENVELOPE, [key]: "1999-01-01" };
      if (scene.transport === "stdio") {
        const { stdio } = scene;
        stdio.write(`${song("wrong", wrong)}\n`);
        await until(() => stdio.refusals.some(({ id }) => id === "wrong"), "an answer");
        const refusal = stdio.refusals.find(({ id }) => id === "wrong");
        assert.equal(refusal?.error?.code, -32_022);
        return;
      }
      const versioned = { "mcp-protocol-version": "1999-01-01" };
      const unknown = await post(scene, song(1, wrong), versioned);
      assert.deepEqual(unknown, { status: 400, code: -32_022 });
      const none = await post(scene, song(1, undefined), {});
      assert.deepEqual(none, { status: 400, code: -32_602 });
    },
  },
  {
    id: "C11",
    what: "cancelling at any moment, twice, or another's call",
    plugins: ["races"],
    eras: ERAS,
    run: async (scene) => {
      const seed = Date.now() % 1_000_000;
      const races = fc.sample(race, { numRuns: 120, seed });
      try {
        for (let from = 0; from < races.length; from += 40) {
          await Promise.all(races.slice(from, from + 40).map((one) => runRace(scene, one)));
        }
      } catch (cause) {
        throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
      }
      await scene.isBack();
    },
  },
  {
    id: "C12",
    what: "a client that goes away in the middle of a call",
    on: "HTTP",
    plugins: ["races"],
    eras: ERAS,
    run: async (scene) => {
      const tag = `left in ${scene.era}`;
      const sent = scene.start("wait", { ms: 3_000, tag });
      sent.answer.catch(() => undefined);
      await scene.server.stderr.line(new RegExp(`"tag":"${tag}".*"msg":"waiting"`, "u"));
      sent.hangUp();
      // Before 2026-07-28, a broken connection is no cancellation.
      const end = scene.era === MODERN ? "stopped" : "waited";
      await scene.server.stderr.line(new RegExp(`"tag":"${tag}".*"msg":"${end}"`, "u"));
    },
  },
  {
    id: "C13",
    what: "stdin ends, with calls in flight",
    on: "stdio",
    eras: ERAS,
    plugins: ["races"],
    ends: true,
    run: async (scene) => {
      const calls = Array.from({ length: 16 }, () => scene.start("nap", { ms: 300 }));
      scene.canary.leave();
      scene.server.child.stdin.end();
      const answers = await Promise.all(calls.map(({ answer }) => answer));
      for (const { text } of answers) assert.equal(text, "slept");
      assert.deepEqual(await scene.exit(), { code: 0, signal: null });
    },
  },
  {
    id: "C13",
    what: "nobody reads stdout any more",
    on: "stdio",
    eras: ERAS,
    ends: true,
    run: async (scene) => {
      scene.server.child.stdout.destroy();
      // The canary goes on, and its answers meet a broken pipe.
      assert.deepEqual(await scene.server.exited, { code: 0, signal: null });
      assert(!scene.server.stderr.has(/uncaught|unhandled/u));
    },
  },
  {
    id: "C14",
    what: "50 clients with the same ids",
    on: "HTTP",
    eras: ERAS,
    run: async (scene) => {
      const clients = await Promise.all(Array.from({ length: 50 }, () => scene.another()));
      await Promise.all(
        clients.map(async (client, number) => {
          for (let turn = 0; turn < 20; turn++) {
            const words = `client ${number}, turn ${turn}`;
            assert.equal((await client.call("sing", { words })).text, words);
          }
          assert.deepEqual(client.strays, []);
          assert.deepEqual(client.answeredTwice, []);
          await client.close();
        }),
      );
    },
  },
];
