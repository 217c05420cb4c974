import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";
import {
  createServer as createModern,
  createWorld,
  type World,
} from "../fixtures/upstream/modern-tools.mjs";
import { atEnd } from "./host.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on loopback that can be cut off and come back at the same address. */
class Wire {
  /** Headers of each request, in order. */
  readonly seen: (IncomingMessage["headers"] & { readonly method?: string })[] = [];
  /** Answers instead of the server, while it is set. */
  instead: Handler | undefined;
  readonly #handler: Handler;
  #server: Server | undefined;
  #port = 0;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/mcp`;
  }

  async up(): Promise<void> {
    const server = createServer((request, response) => {
      this.seen.push({ ...request.headers, method: request.method ?? "" });
      (this.instead ?? this.#handler)(request, response);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Cuts every connection and listens no more. */
  async down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Cuts every connection, and goes on listening. */
  cut(): void {
    this.#server?.closeAllConnections();
  }
}

export interface ModernHttp {
  readonly wire: Wire;
  readonly world: World;
}

/** A server of 2026-07-28 alone. */
export async function startModernHttp(): Promise<ModernHttp> {
  const world = createWorld();
  const handler = createMcpHandler(
    () =>
      createModern(world, {
        toolsChanged: () => handler.notify.toolsChanged(),
        resourceUpdated: (uri) => handler.notify.resourceUpdated(uri),
      }),
    { legacy: "reject" },
  );
  const node = toNodeHandler(handler);
  const wire = new Wire((request, response) => void node(request as never, response));
  await wire.up();
  atEnd(async () => {
    await handler.close();
    await wire.down();
  });
  return { wire, world };
}

export interface SessionsHttp {
  readonly wire: Wire;
  readonly sessions: ReadonlyMap<string, StreamableHTTPServerTransport>;
  readonly cancelled: readonly unknown[];
  /** Forgets every session, as a restart does. */
  readonly forget: () => void;
  /** Adds a tool and says so in every session. */
  readonly addTool: (name: string) => void;
}

/** A server of 2025-11-25 with sessions, on the first line of the SDK. `unknown` is the status for a session it does not know. */
export async function startSessionsHttp(unknown: 404 | 400 = 404): Promise<SessionsHttp> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const servers = new Set<McpServer>();
  const extra: string[] = [];
  const cancelled: unknown[] = [];

  async function open(): Promise<StreamableHTTPServerTransport> {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    const server = createLegacy(cancelled);
    for (const name of extra) server.registerTool(name, {}, () => textResult(name));
    servers.add(server);
    await server.connect(transport);
    return transport;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? sessions.get(id) : undefined;
    if (typeof id === "string" && known === undefined) {
      const error = { code: -32_000, message: "Bad Request: No valid session ID provided" };
      response.writeHead(unknown, { "content-type": "application/json" });
      response.end(JSON.stringify({ jsonrpc: "2.0", error, id: null }));
      return;
    }
    const transport = known ?? (await open());
    await transport.handleRequest(request, response);
  }

  const wire = new Wire((request, response) => void answer(request, response));
  await wire.up();
  atEnd(async () => {
    for (const server of servers) await server.close();
    await wire.down();
  });
  return {
    wire,
    sessions,
    cancelled,
    forget: () => sessions.clear(),
    addTool: (name) => {
      extra.push(name);
      for (const server of servers) server.registerTool(name, {}, () => textResult(name));
    },
  };
}

function textResult(text: string): { content: { type: "text"; text: string }[] } {
  return { content: [{ type: "text", text }] };
}

function createLegacy(cancelled: unknown[]): McpServer {
  const mcp = new McpServer({ name: "sessions", version: "1.0.0" });
  const value = { value: z.string() };
  mcp.registerTool("echo", { inputSchema: { say: z.string() } }, ({ say }) => textResult(say));
  mcp.registerTool(
    "read",
    { annotations: { readOnlyHint: true }, inputSchema: {} },
    () => new Promise(() => undefined),
  );
  mcp.registerTool("hang", { inputSchema: {} }, async (_args, { signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    cancelled.push(signal.reason);
    return textResult("too late");
  });
  mcp.registerTool("count", { inputSchema: { to: z.number() } }, async ({ to }, extra) => {
    const progressToken = extra._meta?.progressToken ?? 0;
    for (let progress = 1; progress <= to; progress++) {
      const params = { progressToken, progress, total: to };
      await extra.sendNotification({ method: "notifications/progress", params });
    }
    return textResult("counted");
  });
  mcp.registerTool("ask", { inputSchema: value }, async ({ value: question }, extra) => {
    const { action, content } = (await extra.sendRequest(
      {
        method: "elicitation/create",
        params: {
          message: question,
          requestedSchema: { type: "object", properties: { value: { type: "string" } } },
        },
      },
      z.any() as never,
    )) as { readonly action: string; readonly content?: unknown };
    return textResult(`${question} ${action} ${JSON.stringify(content ?? null)}`);
  });
  return mcp;
}
