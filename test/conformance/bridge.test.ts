import { afterEach, expect, test } from "vitest";
import { openBridge, type Bridge } from "./stdio/bridge.ts";

/** A server that does as it is told: it answers with the line that it got, or with what stands in the request. */
const PROGRAM = `
import { createInterface } from "node:readline";
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
let waiting = [];
createInterface({ input: process.stdin }).on("line", (line) => {
  let message;
  try { message = JSON.parse(line); } catch { return say({ error: { code: -32700, message: line } }); }
  const { id, method, params } = message;
  if (typeof id === "object" || id === 1.5) return say({ error: { code: -32600, message: line } });
  if (method === undefined) return say({ id: "late", method: "heard", params: { line } });
  if (id === undefined) return say({ method: "heard", params: { line } });
  if (method === "answer") return process.stdout.write(JSON.stringify({ id, ...params }) + "\\n");
  if (method === "babble") process.stdout.write(params.line + "\\n");
  if (method === "die") process.exit(params.code);
  if (method === "end badly") process.exitCode = 3;
  if (method === "ask") { waiting.push(id); return say({ id: 1, method: "question" }); }
  if (method === "together") {
    waiting.push(message);
    if (waiting.length < params.count) return;
    for (const one of waiting.toReversed()) {
      const { progressToken } = one.params._meta;
      say({ method: "notifications/progress", params: { progressToken, message: one.params.who } });
      say({ id: one.id, result: { who: one.params.who } });
    }
    return;
  }
  if (method === "listen") {
    return say({ method: "note", params: { _meta: { "io.modelcontextprotocol/subscriptionId": id } } });
  }
  say({ id, result: { line } });
});
`;
const COMMAND = [process.execPath, "--input-type=module", "-e", PROGRAM] as const;

const bridges: Bridge[] = [];
afterEach(async () => {
  await Promise.all(bridges.splice(0).map((bridge) => bridge.close()));
});

async function open(sessions: boolean): Promise<Bridge> {
  const bridge = await openBridge({ command: COMMAND, sessions });
  bridges.push(bridge);
  return bridge;
}

interface Sent {
  readonly session?: string | undefined;
  readonly signal?: AbortSignal;
}

function post({ url }: Bridge, body: unknown, { session, signal }: Sent = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: session === undefined ? {} : { "mcp-session-id": session },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/** The messages of an answer, whether it came as JSON or as events. */
async function messages(response: Response): Promise<readonly Record<string, unknown>[]> {
  const body = await response.text();
  const events = [...body.matchAll(/^data: (.+)$/gmu)].map(([, data = ""]) => data);
  return (events.length > 0 ? events : [body]).map((text) => JSON.parse(text) as never);
}

test("what a server answers arrives as it is, however wrong", async () => {
  const bridge = await open(false);
  for (const answer of [{ result: 7 }, { result: {}, error: {} }, { error: "no" }, { more: 1 }]) {
    const [got] = await messages(await post(bridge, { id: 5, method: "answer", params: answer }));
    expect(got).toEqual({ ...answer, id: 5 });
  }
});

test.each([true, false])(
  "what is sent reaches the server as it is (sessions: %s)",
  async (sessions) => {
    const bridge = await open(sessions);
    const opened = await post(bridge, { id: "first", method: "initialize", params: { any: 1 } });
    const session = opened.headers.get("mcp-session-id") ?? undefined;
    expect(session !== undefined).toBe(sessions);
    expect(await messages(opened)).toMatchObject([{ id: "first", result: {} }]);
    for (const body of [
      "{nope",
      '{"id":null,"method":"x"}',
      '{"id":{"a":1},"method":"x"}',
      '{"id":1.5,"method":"x"}',
    ]) {
      const [got] = await messages(await post(bridge, body, { session }));
      expect(got).toMatchObject({ error: { message: body } });
    }
    const spread = '{\n  "id": 8,\r\n  "method": "x"\n}';
    expect(await messages(await post(bridge, spread, { session }))).toMatchObject([{ id: 8 }]);
    expect(bridge.faults).toEqual([]);
  },
);

test("requests of many clients with the same id and the same progress token never meet", async () => {
  const bridge = await open(false);
  const count = 60;
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, who) => {
      const params = { who, count, _meta: { progressToken: who % 2 === 0 ? 1 : "1" } };
      return messages(await post(bridge, { id: 1, method: "together", params }));
    }),
  );
  for (const [who, [note, answer, ...more]] of answers.entries()) {
    const progressToken = who % 2 === 0 ? 1 : "1";
    expect(note).toMatchObject({ params: { progressToken, message: who } });
    expect(answer).toMatchObject({ id: 1, result: { who } });
    expect(more).toEqual([]);
  }
});

async function listen(bridge: Bridge, id: number): Promise<Listening> {
  const leaving = new AbortController();
  const response = await post(bridge, { id, method: "listen" }, { signal: leaving.signal });
  const reader = response.body?.getReader();
  const read = async (): Promise<string> => new TextDecoder().decode((await reader?.read())?.value);
  return { read, leave: () => leaving.abort() };
}

interface Listening {
  read(): Promise<string>;
  leave(): void;
}

test("a subscription's notes come under the name that its client gave it, until the client hangs up", async () => {
  const bridge = await open(false);
  const [first, second] = [await listen(bridge, 3), await listen(bridge, 3)];
  for (const one of [first, second]) {
    expect(await one.read()).toContain('"io.modelcontextprotocol/subscriptionId":3}');
  }
  first.leave();
  // On stdio there is no connection to close: the server hears it in words.
  expect(await second.read()).toContain(String.raw`\"notifications/cancelled\"`);
  second.leave();
});

test("a server's own request reaches the client of a session, and its answer the server", async () => {
  const bridge = await open(true);
  const opened = await post(bridge, { id: 0, method: "initialize" });
  const session = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  const leaving = new AbortController();
  const { signal } = leaving;
  const asking = await post(bridge, { id: 1, method: "ask" }, { session, signal });
  const reader = asking.body?.getReader();
  const read = async (): Promise<string> => new TextDecoder().decode((await reader?.read())?.value);
  expect(await read()).toContain('"id":1,"method":"question"');
  const answered = await post(bridge, { id: 1, result: { yes: true } }, { session });
  expect(answered.status).toBe(202);
  expect(await read()).toContain(String.raw`"line":"{\"id\":1,\"result\":{\"yes\":true}}"`);
  leaving.abort();
  const after = await post(bridge, { id: 2, method: "x" }, { session });
  expect(await messages(after)).toMatchObject([{ id: 2 }]);
});

test("each session has a server of its own, which ends with it", async () => {
  const bridge = await open(true);
  const sessions = await Promise.all(
    [1, 2].map(async (id) => {
      const opened = await post(bridge, { id, method: "initialize" });
      await opened.text();
      return opened.headers.get("mcp-session-id") ?? "";
    }),
  );
  expect(new Set(sessions).size).toBe(2);
  const [first = "", second = ""] = sessions;
  const headers = { "mcp-session-id": first };
  expect((await fetch(bridge.url, { method: "DELETE", headers })).status).toBe(200);
  expect((await post(bridge, { id: 2, method: "x" }, { session: first })).status).toBe(404);
  expect((await post(bridge, { id: 2, method: "x" }, { session: second })).status).toBe(200);
  expect(bridge.faults).toEqual([]);
});

test.each([
  ["ends by itself", { method: "die", params: { code: 0 } }, /^it ended by itself with 0/u],
  ["ends badly", { method: "end badly" }, /^it ended when it was left with 3/u],
  ["writes what is no JSON", { method: "babble", params: { line: "hello" } }, /no JSON: hello/u],
  [
    "answers twice",
    { method: "babble", params: { line: '{"id":9,"result":{}}' } },
    /nobody asked/u,
  ],
])("a server that %s has a fault, whatever it answers", async (what, request, fault) => {
  const bridge = await open(false);
  const response = await post(bridge, { id: 1, ...request });
  expect(response.status).toBe(what === "ends by itself" ? 502 : 200);
  await bridge.close();
  expect(bridge.faults.join("\n")).toMatch(fault);
});
