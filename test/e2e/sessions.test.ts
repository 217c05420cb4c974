import { randomUUID } from "node:crypto";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../helpers/bare-server.ts";
import { runCli } from "../helpers/cli.ts";
import { connectHttp, type ClientKind } from "../helpers/clients.ts";
import { startHttpServer, type HttpServer } from "../helpers/http-server.ts";
import { JSON_HEADERS, openSession, send } from "../helpers/raw-http.ts";

const OLD_KINDS: readonly ClientKind[] = ["v1 SDK", "v2 SDK by default"];
const REVISION = "2025-11-25";

function toolCall(id: number, name: string, args: object): string {
  const params = { name, arguments: args };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
}

/** A call whose stream is read as it comes. */
async function start(
  server: HttpServer,
  headers: Record<string, string>,
  body: string,
): Promise<{ readonly lastEventId: string; hangUp(): Promise<void>; rest(): Promise<string> }> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const response = await fetch(server.url, { method: "POST", headers, body, signal });
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  const first = new TextDecoder().decode(value);
  const [, lastEventId = ""] = /^id: (.+)$/mu.exec(first) ?? [];
  return {
    lastEventId,
    hangUp: async () => {
      leaving.abort();
      await reader?.closed.catch(() => undefined);
    },
    rest: async () => {
      let text = first;
      for (;;) {
        const { done, value: chunk } = (await reader?.read()) ?? { done: true };
        if (done) return text;
        text += new TextDecoder().decode(chunk);
      }
    },
  };
}

describe("a server with sessions", () => {
  let server: HttpServer;
  beforeAll(async () => {
    server = await startHttpServer();
  });
  afterAll(() => server?.cli.dispose());

  test.each(OLD_KINDS)("stops the call that the %s client cancels", async (kind) => {
    const connection = await connectHttp(kind, server.url, server.cli.stderr);
    const tag = randomUUID();
    const cancelling = new AbortController();
    const { signal } = cancelling;
    const call = connection.callTool("slow", { tag, ms: 60_000 }, { signal }).catch(() => "gone");
    await server.cli.stderr.entry({ tag, event: "started" });
    cancelling.abort();
    await server.cli.stderr.entry({ tag, event: "stopped" });
    expect(await call).toBe("gone");
    const { content } = await connection.callTool("echo", { text: "still here" });
    expect(content[0]?.text).toBe("still here");
    await connection.close();
  });

  test("goes on with the call of a client that has hung up, and keeps its answer", async () => {
    const headers = await openSession(server.url, REVISION);
    const tag = randomUUID();
    const call = await start(server, headers, toolCall(1, "slow", { tag, ms: 300 }));
    await server.cli.stderr.entry({ tag, event: "started" });
    await call.hangUp();
    await server.cli.stderr.entry({ tag, event: "finished" });
    const { "content-type": _none, ...rest } = headers;
    const resumed = await send(server.url, { ...rest, "last-event-id": call.lastEventId });
    expect(resumed.status).toBe(200);
    expect(resumed.body).toContain(`waited ${tag}`);
  });

  test("lets the SDK's client resume a call by itself when its connection breaks", async () => {
    let cut: (() => void) | undefined;
    const transport = new StreamableHTTPClientTransport(server.url, {
      fetch: async (url, init) => {
        if (typeof init?.body !== "string" || !init.body.includes('"slow"'))
          return fetch(url, init);
        const leaving = new AbortController();
        const response = await fetch(url, { ...init, signal: leaving.signal });
        cut = () => leaving.abort();
        return response;
      },
    });
    const client = new Client({ name: "cut", version: "1.0.0" });
    await client.connect(transport);
    const tag = randomUUID();
    const call = client.callTool({ name: "slow", arguments: { tag, ms: 600 } });
    await server.cli.stderr.entry({ tag, event: "started" });
    await until(() => cut !== undefined);
    cut?.();
    const { content } = await call;
    expect(content).toMatchObject([{ type: "text", text: `waited ${tag}` }]);
    await client.close();
  });

  test("ends the calls of a client that ends its session", async () => {
    const transport = new HttpV1(server.url);
    const client = new ClientV1({ name: "ending", version: "1.0.0" });
    await client.connect(transport);
    const tag = randomUUID();
    const call = client.callTool({ name: "slow", arguments: { tag, ms: 60_000 } });
    const gone = call.catch(() => "gone");
    await server.cli.stderr.entry({ tag, event: "started" });
    const { sessionId = "" } = transport;
    await transport.terminateSession();
    await server.cli.stderr.entry({ tag, event: "stopped" });
    await client.close();
    expect(await gone).toBe("gone");
    const headers = { ...JSON_HEADERS, "mcp-session-id": sessionId };
    expect((await send(server.url, headers, toolCall(1, "whoami", {}))).status).toBe(404);
  });

  test("does not answer across clients that use the same ids at the same time", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => openSession(server.url, REVISION)),
    );
    const texts = await Promise.all(
      all.flatMap((headers, client) =>
        [1, 2, 3, 4, 5].map(async (id) => {
          const text = `client ${client} call ${id}`;
          const { body } = await send(server.url, headers, toolCall(id, "echo", { text }));
          return [text, body.includes(`"${text}"`)] as const;
        }),
      ),
    );
    expect(texts.filter(([, right]) => !right)).toEqual([]);
  });

  test.each(["2024-11-05", "2025-03-26", "2025-06-18"])(
    "serves a client of %s",
    async (revision) => {
      const headers = await openSession(server.url, revision);
      const { body } = await send(server.url, headers, toolCall(1, "echo", { text: "hello" }));
      expect(body).toContain('"text":"hello"');
    },
  );
});

test("a server that is told to end answers the calls in its sessions and lets listeners go", async () => {
  await using server = await startHttpServer();
  const headers = await openSession(server.url, REVISION);
  const other = await openSession(server.url, REVISION);
  const listening = fetch(server.url, { headers: other }).then((response) => response.text());
  const listened = listening.catch(() => "cut");
  const tag = randomUUID();
  const calls = await Promise.all(
    [1, 2, 3].map((id) => start(server, headers, toolCall(id, "slow", { tag, ms: 700 }))),
  );
  await server.cli.stderr.entry({ tag, event: "started" });
  server.cli.kill("SIGTERM");
  for (const call of calls) expect(await call.rest()).toContain(`waited ${tag}`);
  expect(await server.cli.exited).toEqual({ code: 0, signal: null });
  expect(await listened).not.toBe("cut");
  expect(server.cli.stderr.text).not.toMatch(/unhandled|uncaught/u);
});

describe.each([["--stateless", { args: ["--stateless"] }]])(
  "a server with %s",
  (_what, options) => {
    let server: HttpServer;
    beforeAll(async () => {
      server = await startHttpServer(options);
    });
    afterAll(() => server?.cli.dispose());

    test.each(OLD_KINDS)("serves the %s client without a session", async (kind) => {
      const connection = await connectHttp(kind, server.url, server.cli.stderr);
      const { content } = await connection.callTool("echo", { text: "hello" });
      expect(content[0]?.text).toBe("hello");
      await connection.close();
    });

    test("answers every request by itself and gives no session", async () => {
      const answer = await send(server.url, JSON_HEADERS, toolCall(1, "echo", { text: "hello" }));
      expect(answer.status).toBe(200);
      expect(answer.headers["mcp-session-id"]).toBeUndefined();
      expect((await send(server.url, JSON_HEADERS)).status).toBe(405);
    });

    test("stops the call of a client that has hung up", async () => {
      const tag = randomUUID();
      const leaving = new AbortController();
      const body = toolCall(1, "slow", { tag, ms: 60_000 });
      const { signal } = leaving;
      const call = fetch(server.url, { method: "POST", headers: JSON_HEADERS, body, signal });
      const gone = call.then((response) => response.text()).catch(() => "gone");
      await server.cli.stderr.entry({ tag, event: "started" });
      leaving.abort();
      expect(await gone).toBe("gone");
      await server.cli.stderr.entry({ tag, event: "stopped" });
    });
  },
);

test("--stateless is refused where there are no sessions to switch off", async () => {
  const result = await runCli(["serve", "--stateless"]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("--stateless is for --http");
});
