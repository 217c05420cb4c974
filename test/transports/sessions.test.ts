import { setTimeout as sleep } from "node:timers/promises";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Endpoint } from "../../src/transports/endpoint.ts";
import type { SessionLimits } from "../../src/transports/sessions.ts";
import { BareServer, callText, until } from "../helpers/bare-server.ts";
import { JSON_HEADERS } from "../helpers/raw-http.ts";

const endpoints: Endpoint[] = [];
afterEach(async () => {
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.stop(0)));
});

function open(sessions: Partial<SessionLimits> = {}): Endpoint {
  const endpoint = new Endpoint({
    createServer: () => new BareServer(),
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
    maxMessageBytes: 1_000_000,
    sessions: { idleMs: 60_000, max: 1_000, ...sessions },
  });
  endpoints.push(endpoint);
  return endpoint;
}

interface Asked {
  readonly method?: string;
  readonly session?: string;
  readonly principal?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

function ask(endpoint: Endpoint, asked: Asked): Promise<Response> {
  const { method = "POST", session, principal, body, headers } = asked;
  const request = new Request("http://localhost/mcp", {
    method,
    headers: {
      ...JSON_HEADERS,
      ...(session !== undefined && {
        "mcp-session-id": session,
        "mcp-protocol-version": "2025-11-25",
      }),
      ...headers,
    },
  });
  const authInfo = { token: "", clientId: principal ?? "", scopes: [] };
  return endpoint.fetch(request, {
    ...(principal !== undefined && { authInfo }),
    ...(body !== undefined && { parsedBody: JSON.parse(body) }),
  });
}

const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: "opening",
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "raw", version: "1.0.0" },
  },
});
const PING = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping" });

async function initialize(endpoint: Endpoint, principal?: string): Promise<string> {
  const response = await ask(endpoint, {
    body: INITIALIZE,
    ...(principal !== undefined && { principal }),
  });
  await response.text();
  const session = response.headers.get("mcp-session-id");
  if (session === null) throw new Error(`No session: ${response.status}`);
  return session;
}

describe("a session", () => {
  test("has an id that nobody guesses", async () => {
    const endpoint = open();
    const ids = await Promise.all(Array.from({ length: 200 }, () => initialize(endpoint)));
    expect(new Set(ids).size).toBe(200);
    for (const id of ids) expect(Buffer.from(id, "base64url").length).toBeGreaterThanOrEqual(16);
  });

  test("is there for the principal that opened it, and for no other", async () => {
    const endpoint = open();
    const session = await initialize(endpoint, "ann");
    expect((await ask(endpoint, { session, principal: "ann", body: PING })).status).toBe(200);
    for (const method of ["POST", "GET", "DELETE"]) {
      const body = method === "POST" ? { body: PING } : {};
      const asBob = { session, principal: "bob", method, ...body };
      expect((await ask(endpoint, asBob)).status).toBe(404);
      const { principal: _nobody, ...asNobody } = asBob;
      expect((await ask(endpoint, asNobody)).status).toBe(404);
    }
    expect((await ask(endpoint, { session, principal: "ann", body: PING })).status).toBe(200);
  });

  test("ends with DELETE, and is unknown from then on", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    expect((await ask(endpoint, { session, method: "DELETE" })).status).toBe(200);
    expect(endpoint.sessions?.size).toBe(0);
    const after = await ask(endpoint, { session, body: PING });
    expect(after.status).toBe(404);
    expect(await after.json()).toMatchObject({ id: 2, error: { code: -32_001 } });
  });

  test("is needed by everything but initialize", async () => {
    const endpoint = open();
    expect((await ask(endpoint, { body: PING })).status).toBe(400);
    expect((await ask(endpoint, { method: "GET" })).status).toBe(400);
    expect((await ask(endpoint, { method: "DELETE" })).status).toBe(400);
    expect((await ask(endpoint, { session: "guessed", body: PING })).status).toBe(404);
    expect(endpoint.sessions?.size).toBe(0);
  });

  test("is not opened by an initialize that is refused", async () => {
    const endpoint = open();
    const wrong = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
    expect((await ask(endpoint, { body: wrong })).status).toBe(400);
    const headers = { accept: "application/json" };
    expect((await ask(endpoint, { body: INITIALIZE, headers })).status).toBe(406);
    expect(endpoint.sessions?.size).toBe(0);
  });

  test("is opened once", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    expect((await ask(endpoint, { session, body: INITIALIZE })).status).toBe(400);
    expect((await ask(endpoint, { session, body: PING })).status).toBe(200);
  });

  test("that nobody uses is closed, and one with a call in flight or a listener is not", async () => {
    const endpoint = open({ idleMs: 150 });
    const idle = await initialize(endpoint);
    const busy = await initialize(endpoint);
    const listening = await initialize(endpoint);
    const call = await ask(endpoint, { session: busy, body: callText(1, "wait", { tag: "busy" }) });
    const listen = await ask(endpoint, { session: listening, method: "GET" });
    expect(listen.status).toBe(200);
    await until(() => endpoint.sessions?.size === 2);
    // Long enough for the others, if they were to go.
    await sleep(400);
    expect((await ask(endpoint, { session: idle, body: PING })).status).toBe(404);
    expect(endpoint.sessions?.size).toBe(2);
    BareServer.waiting.get("busy")?.();
    expect(await call.text()).toContain("done busy");
    await listen.body?.cancel();
    await until(() => endpoint.sessions?.size === 0);
  });

  test("too many takes the place of the longest unused without calls in flight", async () => {
    const endpoint = open({ max: 3 });
    const busy = await initialize(endpoint);
    const call = await ask(endpoint, { session: busy, body: callText(1, "wait", { tag: "cap" }) });
    const older = await initialize(endpoint);
    const newer = await initialize(endpoint);
    await (await ask(endpoint, { session: older, body: PING })).text();
    await initialize(endpoint);
    expect(endpoint.sessions?.size).toBe(3);
    expect((await ask(endpoint, { session: newer, body: PING })).status).toBe(404);
    expect((await ask(endpoint, { session: older, body: PING })).status).toBe(200);
    BareServer.waiting.get("cap")?.();
    expect(await call.text()).toContain("done cap");
  });

  test("too many is refused while all are at work, with a time to come back", async () => {
    const endpoint = open({ max: 2 });
    const calls = [];
    for (const tag of ["one", "two"]) {
      const session = await initialize(endpoint);
      calls.push(await ask(endpoint, { session, body: callText(1, "wait", { tag }) }));
    }
    await until(() => BareServer.waiting.has("one") && BareServer.waiting.has("two"));
    const refused = await ask(endpoint, { body: INITIALIZE });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(endpoint.sessions?.size).toBe(2);
    for (const tag of ["one", "two"]) BareServer.waiting.get(tag)?.();
    for (const call of calls) await call.text();
    await initialize(endpoint);
  });

  test("at the limit is not passed by clients that come together", async () => {
    const endpoint = open({ max: 5 });
    await Promise.all(Array.from({ length: 50 }, () => ask(endpoint, { body: INITIALIZE })));
    expect(endpoint.sessions?.size).toBeLessThanOrEqual(5);
  });
});

async function heapUsed(): Promise<number> {
  globalThis.gc?.();
  await sleep(1);
  return process.memoryUsage().heapUsed;
}

test("10,000 sessions that are opened and dropped leave nothing behind", async () => {
  const endpoint = open({ max: 100 });
  const timersBefore = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  let afterHalf = 0;
  for (let opened = 1; opened <= 10_000; opened++) {
    const session = await initialize(endpoint);
    // Half say good-bye; the other half is never heard of again.
    if (opened % 2 === 0) await ask(endpoint, { session, method: "DELETE" });
    // Timers and sockets must get their turn, as they do in a server.
    if (opened % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (opened === 5_000) afterHalf = await heapUsed();
    expect(endpoint.sessions?.size).toBeLessThanOrEqual(100);
  }
  const grown = (await heapUsed()) - afterHalf;
  // A session that stayed would hold tens of kilobytes: 5,000 of them far more than this.
  expect(grown).toBeLessThan(64 * 1_048_576);
  await endpoint.stop(0);
  expect(endpoint.sessions?.size).toBe(0);
  await until(
    () =>
      process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length <= timersBefore,
  );
}, 120_000);

describe("in a session", () => {
  const initialized = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });

  test("a request with the id of one in flight is refused, and the first is unharmed", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    const body = callText(7, "wait", { tag: "first" });
    const first = await ask(endpoint, { session, body });
    await until(() => BareServer.waiting.has("first"));
    const second = await ask(endpoint, { session, body: callText(7, "go", { tag: "second" }) });
    expect(second.status).toBe(400);
    const error = (await second.json()) as Record<string, unknown>;
    expect(error).toMatchObject({ error: { code: -32_600 } });
    // With the id, it would pass for the answer to the first.
    expect(error).not.toHaveProperty("id");
    BareServer.waiting.get("first")?.();
    expect(await first.text()).toContain("done first");
    const again = await ask(endpoint, { session, body: callText(7, "go", { tag: "third" }) });
    expect(await again.text()).toContain("done third");
  });

  test("a cancelled call is stopped, its stream ends without an answer, and its id is free", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    const call = await ask(endpoint, { session, body: callText(3, "wait", { tag: "gone" }) });
    await until(() => BareServer.waiting.has("gone"));
    const params = { requestId: 3, reason: "enough" };
    const body = JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params });
    for (let times = 1; times <= 3; times++) {
      expect((await ask(endpoint, { session, body })).status).toBe(202);
    }
    const stream = await call.text();
    expect(stream).not.toContain('"jsonrpc"');
    expect(BareServer.stopped.has("gone")).toBe(true);
    // Whoever comes back for it hears that there is nothing, in a way that ends the asking.
    const [, lastEventId = ""] = /^id: (.+)$/mu.exec(stream) ?? [];
    const headers = { "last-event-id": lastEventId };
    expect((await ask(endpoint, { session, method: "GET", headers })).status).toBe(405);
    const again = await ask(endpoint, { session, body: callText(3, "go", { tag: "again" }) });
    expect(await again.text()).toContain("done again");
    expect([...(endpoint.sessions ?? [])][0]?.callsInFlight).toBe(0);
  });

  test("many calls, answered or cancelled, leave nothing in flight and no open stream", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    for (let id = 1; id <= 500; id++) {
      const tag = `many ${id}`;
      const call = await ask(endpoint, { session, body: callText(id, "wait", { tag }) });
      await until(() => BareServer.waiting.has(tag));
      if (id % 2 === 0) {
        const params = { requestId: id };
        const body = JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params });
        await ask(endpoint, { session, body });
      } else {
        BareServer.waiting.get(tag)?.();
      }
      await call.text();
      BareServer.waiting.delete(tag);
    }
    const [only] = endpoint.sessions ?? [];
    expect(only?.callsInFlight).toBe(0);
    expect(only?.kept.streams).toBe(1);
    expect(only?.kept.events).toBeLessThanOrEqual(256);
  });

  test("a client that hangs up does not stop its call, and finds the answer when it returns", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    const call = await ask(endpoint, { session, body: callText(4, "wait", { tag: "back" }) });
    const reader = call.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    const [, lastEventId = ""] = /^id: (.+)$/mu.exec(new TextDecoder().decode(value)) ?? [];
    expect(new TextDecoder().decode(value)).toContain("retry: ");
    await until(() => BareServer.waiting.has("back"));
    await reader?.cancel();
    expect(BareServer.stopped.has("back")).toBe(false);
    BareServer.waiting.get("back")?.();
    const headers = { "last-event-id": lastEventId };
    const resumed = await ask(endpoint, { session, method: "GET", headers });
    expect(resumed.status).toBe(200);
    expect(await resumed.text()).toContain("done back");
    const elsewhere = await initialize(endpoint);
    const foreign = await ask(endpoint, { session: elsewhere, method: "GET", headers });
    expect(await foreign.text()).not.toContain("done back");
  });

  test("a response that nobody asked for is ignored", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    const body = JSON.stringify({ jsonrpc: "2.0", id: 99, result: {} });
    expect((await ask(endpoint, { session, body })).status).toBe(202);
    expect((await ask(endpoint, { session, body: PING })).status).toBe(200);
  });

  test("a listener hears of each change once, and of those that it missed", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    endpoint.notifyChanged(new Set(["resources"]));
    await ask(endpoint, { session, body: initialized });
    const subscribe = { jsonrpc: "2.0", id: 5, method: "resources/subscribe" };
    const body = JSON.stringify({ ...subscribe, params: { uri: "test://mine" } });
    await (await ask(endpoint, { session, body })).text();
    endpoint.notifyChanged(new Set(["tools"]));
    endpoint.notifyChanged(new Set(["prompts", "tools"]));
    const listen = await ask(endpoint, { session, method: "GET" });
    endpoint.notifyUpdated("test://mine");
    endpoint.notifyUpdated("test://other");
    endpoint.notifyChanged(new Set(["resources"]));
    await sleep(20);
    await ask(endpoint, { session, method: "DELETE" });
    const heard = [...(await listen.text()).matchAll(/"method":"notifications\/(.+?)"/gu)];
    expect(heard.map(([, name]) => name)).toEqual([
      "tools/list_changed",
      "prompts/list_changed",
      "resources/updated",
      "resources/list_changed",
    ]);
  });

  test("what changed while a listener's connection was down is told when it returns", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    await ask(endpoint, { session, body: initialized });
    const listen = await ask(endpoint, { session, method: "GET" });
    const reader = listen.body?.getReader();
    endpoint.notifyChanged(new Set(["tools", "prompts"]));
    const { value } = (await reader?.read()) ?? {};
    const [, lastEventId = ""] = /^id: (.+)$/mu.exec(new TextDecoder().decode(value)) ?? [];
    await reader?.cancel();
    endpoint.notifyChanged(new Set(["prompts"]));
    const headers = { "last-event-id": lastEventId };
    const resumed = await ask(endpoint, { session, method: "GET", headers });
    const [only] = endpoint.sessions ?? [];
    expect(only?.listening).toBe(true);
    endpoint.notifyChanged(new Set(["prompts"]));
    await sleep(20);
    await ask(endpoint, { session, method: "DELETE" });
    const told = await resumed.text();
    expect(told.match(/"notifications\/prompts\/list_changed"/gu)).toHaveLength(3);
  });
});

describe("a batch of 2025-03-26", () => {
  const revision = "2025-03-26";
  const openOld = async (endpoint: Endpoint): Promise<string> => {
    const body = INITIALIZE.replace("2025-11-25", revision);
    const response = await ask(endpoint, { body });
    await response.text();
    return response.headers.get("mcp-session-id") ?? "";
  };

  test("gets an answer to each of its requests, also when one is cancelled", async () => {
    const endpoint = open();
    const session = await openOld(endpoint);
    const note = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
    const calls = [callText(1, "go", { tag: "a" }), callText(2, "wait", { tag: "b" })];
    const batch = await ask(endpoint, {
      session,
      body: `[${[...calls, note, PING.replace("2,", "3,")].join(",")}]`,
    });
    await until(() => BareServer.waiting.has("b"));
    const params = { requestId: 2 };
    const body = JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params });
    await ask(endpoint, { session, body });
    const stream = await batch.text();
    expect(stream).toContain("done a");
    expect(stream).toContain('"id":3');
    expect(stream).not.toContain("done b");
    expect([...(endpoint.sessions ?? [])][0]?.callsInFlight).toBe(0);
  });

  test("is refused in a session of a later revision", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    const refused = await ask(endpoint, { session, body: `[${PING}]` });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: -32_600 } });
  });
});

describe("where the SDK's transport fails", () => {
  const transport = WebStandardStreamableHTTPServerTransport.prototype;
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("a request is not in flight any more: its id may come again", async () => {
    const endpoint = open();
    const session = await initialize(endpoint);
    vi.spyOn(transport, "handleRequest").mockRejectedValueOnce(new Error("broken"));
    const failed = await ask(endpoint, { session, body: PING }).catch(() => undefined);
    expect(failed?.status).not.toBe(200);
    const again = await ask(endpoint, { session, body: PING });
    expect(await again.text()).toContain('"result":{}');
  });

  test("a stream that breaks is over: its session is closed when nobody uses it", async () => {
    const endpoint = open({ idleMs: 500 });
    const session = await initialize(endpoint);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("broken")),
    });
    const headers = { "content-type": "text/event-stream" };
    vi.spyOn(transport, "handleRequest").mockResolvedValueOnce(new Response(body, { headers }));
    const listen = await ask(endpoint, { method: "GET", session });
    await expect(listen.text()).rejects.toThrow();
    await until(() => endpoint.sessions?.size === 0);
  });
});
