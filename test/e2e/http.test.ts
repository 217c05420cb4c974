import { randomBytes, randomUUID } from "node:crypto";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CliProcess, FIXTURE_CONFIG, FIXTURES, runCli } from "../helpers/cli.ts";
import { connectHttp, type ClientKind } from "../helpers/clients.ts";
import { startHttpServer, type HttpServer } from "../helpers/http-server.ts";
import { opening, send, type Answer } from "../helpers/raw-http.ts";
import { ENVELOPE, ERAS, type Era } from "../helpers/raw-stdio.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const TOKEN = randomBytes(32).toString("hex");
const KINDS: readonly ClientKind[] = [
  "v1 SDK",
  "v2 SDK by default",
  "v2 SDK negotiating",
  "v2 SDK pinned to 2026-07-28",
];

const MODERN_KINDS = KINDS.slice(2);

/** A configuration with these settings, serving the fixture plugins. */
function configWith(server: object): string {
  const config = {
    server,
    pluginDirectories: [join(FIXTURES, "plugins")],
    plugins: { "aws-operations": { enabled: false } },
  };
  return join(tempFolder({ "mcp.config.json": JSON.stringify(config) }), "mcp.config.json");
}

/** Headers and body of one `tools/call` in the manner of a revision. */
function toolCall(
  era: Era,
  name: string,
  args: object,
): { readonly headers: Record<string, string>; readonly body: string } {
  const modern = era === "2026-07-28";
  const params = { name, arguments: args, ...(modern && { _meta: ENVELOPE }) };
  return {
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": era,
      ...(modern && { "mcp-method": "tools/call", "mcp-name": name }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  };
}

describe("a server on its own machine", () => {
  let server: HttpServer;
  beforeAll(async () => {
    server = await startHttpServer();
  });
  afterAll(() => server?.cli.dispose());

  test("listens on 127.0.0.1 alone unless it is told otherwise", async () => {
    expect(server.url.hostname).toBe("127.0.0.1");
    expect(server.url.pathname).toBe("/mcp");
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address?.family === "IPv4" && !address.internal);
    // Another loopback address reaches everything that listens on all of them.
    const elsewhere = [...others.map((address) => address?.address ?? ""), "127.0.0.2"];
    for (const hostname of elsewhere) {
      const url = new URL(server.url);
      url.hostname = hostname;
      await expect(send(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
  });

  describe.each(ERAS)("asked in the manner of %s", (era) => {
    let opened: Readonly<Record<string, string>>;
    beforeAll(async () => {
      opened = await opening(server.url, era);
    });

    const call = (tag: string, headers: Record<string, string>): Promise<Answer> => {
      const { headers: own, body } = toolCall(era, "slow", { tag, ms: 1 });
      return send(server.url, { ...own, ...opened, ...headers }, body);
    };

    test("answers a call", async () => {
      const answer = await call(randomUUID(), {});
      expect(answer.status).toBe(200);
      expect(answer.body).toContain("waited");
    });

    test.each([
      ["localhost", "http://localhost:3000"],
      ["127.0.0.1:1", "http://127.0.0.1:5173"],
      ["[::1]:80", "http://[::1]"],
    ])("answers to the name %s and to a page of %s", async (host, origin) => {
      expect((await call(randomUUID(), { host, origin })).status).toBe(200);
    });

    test.each([
      ["Host", { host: "evil.example" }],
      ["Host", { host: "localhost.evil.example" }],
      ["Host", { host: "127.0.0.1.nip.io:80" }],
      ["Host", { host: "evil.example", origin: "http://localhost" }],
      ["Origin", { origin: "https://evil.example" }],
      ["Origin", { origin: "http://localhost.evil.example" }],
      ["Origin", { origin: "null" }],
      ["Origin", { origin: "http://127.0.0.1@evil.example" }],
    ])("refuses a foreign %s and runs nothing: %j", async (what, headers) => {
      const tag = randomUUID();
      const answer = await call(tag, headers);
      expect(answer.status).toBe(403);
      expect(answer.body).toContain(`${what} not allowed`);
      // Once a later call has left its lines, those of this one would be there too.
      const later = randomUUID();
      await call(later, {});
      await server.cli.stderr.entry({ tag: later, event: "finished" });
      expect(server.cli.stderr.all({ tag })).toEqual([]);
    });

    test("asks for a body of JSON", async () => {
      expect((await call(randomUUID(), { "content-type": "text/plain" })).status).toBe(415);
    });

    test("refuses a body that is no JSON", async () => {
      const { headers } = toolCall(era, "echo", {});
      const answer = await send(server.url, headers, "{nope");
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: -32_700 } });
    });

    test("is refused __proto__ in arguments", async () => {
      const { headers: own, body } = toolCall(era, "keys", { PLACE: 1 });
      const headers = { ...own, ...opened };
      const inside = body.replace('"PLACE":1', '"filter":{"__proto__":{"admin":true}}');
      expect((await send(server.url, headers, inside)).body).toContain("[invalid_arguments]");
      const atTheTop = body.replace('"PLACE":1', '"a":1,"__proto__":{"admin":true}');
      const answer = await send(server.url, headers, atTheTop);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ id: 1, error: { code: -32_602 } });
    });
  });

  test("stops the handler of a client of 2026-07-28 that has hung up", async () => {
    const tag = randomUUID();
    const { headers, body } = toolCall("2026-07-28", "slow", { tag, ms: 60_000 });
    const leaving = new AbortController();
    const hung = fetch(server.url, { method: "POST", headers, body, signal: leaving.signal });
    const gone = hung.then((response) => response.text()).catch(() => "gone");
    await server.cli.stderr.entry({ tag, event: "started" });
    leaving.abort();
    expect(await gone).toBe("gone");
    await server.cli.stderr.entry({ tag, event: "stopped" });
  });

  test.each(MODERN_KINDS)("stops the handler when the %s client closes", async (kind) => {
    const tag = randomUUID();
    const connection = await connectHttp(kind, server.url, server.cli.stderr);
    const call = connection.callTool("slow", { tag, ms: 60_000 }).catch(() => "gone");
    await server.cli.stderr.entry({ tag, event: "started" });
    await connection.close();
    await server.cli.stderr.entry({ tag, event: "stopped" });
    expect(await call).toBe("gone");
  });

  test("says at /healthz that it is well", async () => {
    const answer = await send(new URL("/healthz", server.url));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ status: "ok" });
  });

  test.each(["/", "/mcp/", "/sse", "/mcp.json", "//mcp", "/healthz/x"])(
    "has nothing at %s",
    async (path) => {
      const url = new URL(server.url.origin);
      const answer = await new Promise<number>((resolve, reject) => {
        request({ host: url.hostname, port: url.port, path, agent: false }, (incoming) => {
          incoming.resume();
          resolve(incoming.statusCode ?? 0);
        })
          .on("error", reject)
          .end();
      });
      expect(answer).toBe(404);
    },
  );

  test("says which port is taken and how to take another", async () => {
    const port = Number(server.url.port);
    const second = await runCli(["serve", "--config", FIXTURE_CONFIG, "--http", String(port)]);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`Port ${port} on 127.0.0.1 is in use.`);
    expect(second.stderr).toContain("--http");
    expect(second.stderr).not.toMatch(/^\s+at /mu);
    // Its plugins were loaded by then and get to clean up.
    expect(second.stderr).toContain('"msg":"unloaded"');
  });
});

describe("a server with a token", () => {
  let server: HttpServer;
  beforeAll(async () => {
    const config = configWith({
      http: { token: "${E2E_TOKEN}", allowedHosts: ["mcp.test"], allowedOrigins: ["app.test"] },
      limits: { maxMessageBytes: 10_000 },
    });
    server = await startHttpServer({ config, address: "0.0.0.0:0", env: { E2E_TOKEN: TOKEN } });
    server.url.hostname = "127.0.0.1";
  });
  afterAll(() => server?.cli.dispose());

  const bearer = { authorization: `Bearer ${TOKEN}` };

  describe.each(ERAS)("asked in the manner of %s", (era) => {
    let opened: Readonly<Record<string, string>>;
    beforeAll(async () => {
      const { authorization: _withheld, ...rest } = await opening(server.url, era, bearer);
      opened = rest;
    });

    const call = (headers: Record<string, string>, args: object = {}): Promise<Answer> => {
      const { headers: own, body } = toolCall(era, "whoami", args);
      return send(server.url, { ...own, ...opened, ...headers }, body);
    };

    test.each([
      ["no token", {}],
      ["an empty token", { authorization: "Bearer " }],
      ["another token", { authorization: `Bearer ${TOKEN.slice(0, -1)}x` }],
      ["the beginning of the token", { authorization: `Bearer ${TOKEN.slice(0, 40)}` }],
      ["the token and more", { authorization: `Bearer ${TOKEN}0` }],
      ["another scheme", { authorization: `Basic ${TOKEN}` }],
      ["the bare token", { authorization: TOKEN }],
    ])("refuses %s", async (_what, headers) => {
      const answer = await call(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer\b/u);
      expect(answer.body).not.toContain(TOKEN.slice(0, 8));
    });

    test("answers the right one, and knows its holder", async () => {
      const answer = await call(bearer);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatch(/"text":"token"/u);
      expect((await call({ authorization: `bearer ${TOKEN}` })).status).toBe(200);
    });

    test("answers to the names that it was given, and to no other", async () => {
      const allowed = { ...bearer, host: "mcp.test", origin: "https://app.test" };
      expect((await call(allowed)).status).toBe(200);
      expect((await call({ ...bearer, host: "app.test" })).status).toBe(403);
      expect((await call({ ...bearer, origin: "https://mcp.test" })).status).toBe(403);
    });

    test("refuses a body over the limit, and no other", async () => {
      expect((await call(bearer, { text: "x".repeat(8_000) })).status).toBe(200);
      const { headers, body } = toolCall(era, "whoami", { text: "x".repeat(12_000) });
      const known = await send(server.url, { ...headers, ...opened, ...bearer }, body);
      expect(known.status).toBe(413);
      const chunked = { ...headers, ...opened, ...bearer, "transfer-encoding": "chunked" };
      expect((await send(server.url, chunked, body)).status).toBe(413);
    });
  });

  test.each(KINDS)("serves the %s client that has the token", async (kind) => {
    const connection = await connectHttp(kind, server.url, server.cli.stderr, bearer);
    const { content } = await connection.callTool("whoami");
    expect(content[0]?.text).toBe("token");
    await connection.close();
  });

  test.each(KINDS)("refuses the %s client that has none", async (kind) => {
    await expect(connectHttp(kind, server.url, server.cli.stderr)).rejects.toThrow();
  });

  test("tells /healthz to everybody, and nothing else", async () => {
    expect((await send(new URL("/healthz", server.url))).status).toBe(200);
    expect((await send(new URL("/elsewhere", server.url))).status).toBe(401);
  });

  test("never writes the token", () => {
    expect(server.cli.stderr.text).not.toContain(TOKEN);
  });
});

describe("a server that would be open to a network", () => {
  test.each(["0.0.0.0:0", "[::]:0"])("does not start at %s without a token", async (address) => {
    const result = await runCli(["serve", "--config", FIXTURE_CONFIG, "--http", address]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("no token is set");
    expect(result.stderr).not.toContain("Serving MCP");
    expect(result.stderr).not.toMatch(/^\s+at /mu);
  });

  test("does not start with a short token, and does not print it", async () => {
    const short = TOKEN.slice(0, 31);
    const config = configWith({ http: { token: "${E2E_TOKEN}" } });
    const args = ["serve", "--config", config, "--http", "0.0.0.0:0"];
    const result = await runCli(args, { env: { E2E_TOKEN: short } });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("server.http.token has 31 bytes; at least 32 are needed");
    expect(result.stdout + result.stderr).not.toContain(short.slice(0, 8));
  });
});

describe.each(ERAS)("a server that is told to end, asked in the manner of %s", (era) => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "answers the call in flight and ends, by %s",
    async (signal) => {
      await using server = await startHttpServer();
      const tag = randomUUID();
      const { headers, body } = toolCall(era, "slow", { tag, ms: 700 });
      const opened = await opening(server.url, era);
      const call = send(server.url, { ...headers, ...opened }, body);
      await server.cli.stderr.entry({ tag, event: "started" });
      server.cli.kill(signal);
      const answer = await call;
      expect(answer.status).toBe(200);
      expect(answer.body).toContain(`waited ${tag}`);
      expect(await server.cli.exited).toEqual({ code: 0, signal: null });
      const unloaded = server.cli.stderr.all({ msg: "unloaded" }).map((line) => line["plugin"]);
      expect(unloaded).toEqual(["workshop", "noisy", "desk"]);
    },
  );

  test("does not wait for clients that only stay connected", async () => {
    await using server = await startHttpServer();
    const { headers: own, body } = toolCall(era, "echo", { text: "hi" });
    const headers = { ...own, ...(await opening(server.url, era)) };
    const kept = await fetch(server.url, { method: "POST", headers, body });
    expect(await kept.text()).toContain("hi");
    server.cli.kill("SIGTERM");
    expect(await server.cli.exited).toEqual({ code: 0, signal: null });
  });

  test("gives a call that does not end its grace, and an answer", async () => {
    await using server = await startHttpServer({ config: configWith({ shutdownGrace: 0.5 }) });
    const tag = randomUUID();
    const { headers, body } = toolCall(era, "slow", { tag, ms: 1_000_000 });
    const opened = await opening(server.url, era);
    const call = send(server.url, { ...headers, ...opened }, body);
    await server.cli.stderr.entry({ tag, event: "started" });
    server.cli.kill("SIGTERM");
    expect((await call).body).toContain("[shutting_down]");
    expect(await server.cli.exited).toEqual({ code: 0, signal: null });
    expect(server.cli.stderr.find({ tag, event: "stopped" })).toBeDefined();
  });
});

test("a server that is told to end does not wait for clients that only listen", async () => {
  await using server = await startHttpServer({ config: configWith({ shutdownGrace: 1_000 }) });
  const method = "subscriptions/listen";
  const params = { notifications: { toolsListChanged: true }, _meta: ENVELOPE };
  const { headers } = toolCall("2026-07-28", method, {});
  const listening = await fetch(server.url, {
    method: "POST",
    headers: { ...headers, "mcp-method": method },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const reader = listening.body?.getReader();
  const first = await reader?.read();
  expect(new TextDecoder().decode(first?.value)).toContain("subscriptions/acknowledged");
  server.cli.kill("SIGTERM");
  expect(await server.cli.exited).toEqual({ code: 0, signal: null });
  await reader?.cancel().catch(() => undefined);
});

test("a server over HTTP prints nothing to stdout", async () => {
  await using cli = new CliProcess(["serve", "--config", FIXTURE_CONFIG, "--http", "0"]);
  await cli.stderr.line(/^Serving MCP at /u);
  cli.kill("SIGTERM");
  expect(await cli.exited).toEqual({ code: 0, signal: null });
  expect(cli.stdout.text).toBe("");
});
