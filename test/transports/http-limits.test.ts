import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { BareServer, callText, serveBare, until } from "../helpers/bare-server.ts";
import { JSON_HEADERS, openSession, send } from "../helpers/raw-http.ts";
import { ENVELOPE } from "../helpers/raw-stdio.ts";

function dial(url: URL): Socket {
  const socket = connect(Number(url.port), url.hostname);
  // The server hangs up on these clients, in whichever way.
  socket.on("error", () => undefined);
  return socket;
}

function post(url: URL, headers: Readonly<Record<string, string>>, length: number): string {
  const all = { ...headers, host: url.host, "content-length": String(length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST /mcp HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

async function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

describe("a client that is slow", () => {
  test("with its headers is hung up on", async () => {
    await using server = await serveBare({ headersTimeoutMs: 200 });
    const socket = dial(server.url);
    const answer = readAll(socket);
    socket.write("POST /mcp HTTP/1.1\r\nhost: ");
    expect(await answer).toMatch(/^$|^HTTP\/1\.1 408 /u);
  });

  test("with its body is hung up on", async () => {
    await using server = await serveBare({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
    const socket = dial(server.url);
    const answer = readAll(socket);
    socket.write(`${post(server.url, JSON_HEADERS, 100)}{"json`);
    expect(await answer).toMatch(/^$|^HTTP\/1\.1 408 /u);
    expect((await send(new URL("/healthz", server.url))).status).toBe(200);
  });

  test.each(["2025-11-25", "2026-07-28"])(
    "to read the events of %s is cut off instead of filling the memory",
    async (revision) => {
      await using server = await serveBare();
      const modern = revision === "2026-07-28";
      const tag = `unread ${revision}`;
      // Far more than the bound and what the sockets hold between them.
      const args = { tag, notes: 400, chars: 100_000 };
      const headers = modern
        ? {
            ...JSON_HEADERS,
            "mcp-protocol-version": revision,
            "mcp-method": "tools/call",
            "mcp-name": "go",
          }
        : await openSession(server.url, revision);
      const text = callText(1, "go", args);
      const claim = JSON.stringify(ENVELOPE).slice(1);
      const body = modern ? text.replace('"_meta":{', `"_meta":{${claim.slice(0, -1)},`) : text;
      const socket = dial(server.url);
      socket.pause();
      let closed = false;
      socket.on("close", () => (closed = true));
      socket.write(post(server.url, headers, Buffer.byteLength(body)) + body);
      // A paused socket hears of its end when it is read.
      await until(() => BareServer.sent(tag) === 400 || BareServer.stopped.has(tag));
      let bytes = 0;
      socket.on("data", (chunk: Buffer) => (bytes += chunk.length));
      socket.resume();
      await until(() => closed);
      expect(bytes).toBeLessThan(400 * 100_000);
      expect((await send(new URL("/healthz", server.url))).status).toBe(200);
    },
  );

  test("to read one large answer gets all of it", async () => {
    await using server = await serveBare();
    const headers = await openSession(server.url, "2025-11-25");
    const tag = "x".repeat(3_000_000);
    const body = callText(1, "go", { tag });
    const socket = dial(server.url);
    socket.pause();
    socket.write(post(server.url, { ...headers, connection: "close" }, body.length) + body);
    await until(() => BareServer.sent(tag) === 0);
    const answer = readAll(socket);
    socket.resume();
    expect(await answer).toContain(`done ${tag}`);
  });
});
