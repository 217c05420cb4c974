import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AuthInfo, McpServer } from "@modelcontextprotocol/server";
import { sleep } from "../base/abort.ts";
import { HostError, messageOf } from "../base/errors.ts";
import type { Logger } from "../plugin-api/index.ts";
import { answerCors } from "./cors.ts";
import { endResponse } from "./end-response.ts";
import { Endpoint } from "./endpoint.ts";
import { checkExposure, createGuard, type GuardOptions, type Refusal } from "./http-guard.ts";
import { serveRequest } from "./node-adapter.ts";
import type { Serving } from "./serving.ts";
import type { SessionLimits } from "./sessions.ts";
import type { OnSubscribed } from "./subscriptions.ts";

export interface HttpOptions extends GuardOptions {
  readonly createServer: () => McpServer;
  readonly log: Logger;
  /** 0 picks a free one. */
  readonly port: number;
  readonly maxMessageBytes: number;
  /** For clients before 2026-07-28. Undefined answers each of their requests by itself. */
  readonly sessions: SessionLimits | undefined;
  readonly onSubscribed?: OnSubscribed;
  /** How long a client may take for its headers. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** How long a client may take for a whole request. Default 30 s. */
  readonly requestTimeoutMs?: number;
}

export interface HttpServing extends Serving {
  /** Where clients connect, for example `http://127.0.0.1:3333/mcp`. */
  readonly url: string;
}

/** How long responses may take to leave after the last call has been answered. */
const FLUSH_MS = 2_000;
const MAX_BACKLOG_BYTES = 1_048_576;

/** Serves any number of clients over Streamable HTTP at `/mcp`, and `/healthz` for whoever watches over it. */
export async function serveHttp(options: HttpOptions): Promise<HttpServing> {
  checkExposure(options);
  const guard = createGuard(options);
  const endpoint = new Endpoint(options);
  const adapter = {
    maxBodyBytes: options.maxMessageBytes,
    maxBacklogBytes: MAX_BACKLOG_BYTES,
    authInfo: options.token === undefined ? undefined : tokenHolder,
  };
  let stopping = false;
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    (request, response) => {
      const path = (request.url ?? "/").split("?")[0];
      if (path === "/healthz") {
        reply(response, stopping ? 503 : 200, { status: stopping ? "stopping" : "ok" });
        return;
      }
      const stranger = guard.checkSource(request);
      if (stranger === undefined && answerCors(request, response)) return;
      const refusal = stranger ?? guard.checkToken(request);
      if (refusal !== undefined) {
        const { host: named, origin } = request.headers;
        options.log.warn("request refused", { status: refusal.status, host: named, origin });
        refuse(response, refusal);
        return;
      }
      if (path !== "/mcp") {
        reply(response, 404, { error: "Not found. MCP is served at /mcp." });
        return;
      }
      serveRequest(endpoint.fetch, request, response, adapter).catch((error: unknown) => {
        options.log.debug("http", { reason: messageOf(error) });
        // Nothing sensible can be said on a response that has begun, or on a connection that broke.
        if (response.headersSent) response.destroy();
        else reply(response, 500, internalError);
      });
    },
  );
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}/mcp`,
    ended: new Promise(() => undefined),
    leaving: () => false,
    notifyChanged: (lists) => endpoint.notifyChanged(lists),
    notifyResourceUpdated: (uri) => endpoint.notifyUpdated(uri),
    stopping: () => {
      stopping = true;
    },
    stop: async () => {
      stopping = true;
      await endpoint.stop(FLUSH_MS);
      await close(server);
      await endpoint.close();
    },
  };
}

const internalError = {
  jsonrpc: "2.0",
  id: null,
  error: { code: -32_603, message: "Internal error" },
};

/** Everybody who knows the one token is the same principal. */
const tokenHolder: AuthInfo = { token: "", clientId: "token", scopes: [] };

function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") reject(error);
      else {
        const message = `Port ${port} on ${host} is in use. Stop what uses it, or take another: --http ${port + 1} (0 picks a free one).`;
        reject(new HostError("HTTP_ADDRESS_IN_USE", message, { cause: error }));
      }
    });
    server.listen(port, host, resolve);
  });
}

/** Idle connections end at once, busy ones when their response has left. */
async function close(server: Server): Promise<void> {
  const timer = new AbortController();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection is idle only when its last response has left, which may be after this.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  server.closeIdleConnections();
  await Promise.race([closed, sleep(FLUSH_MS, timer.signal).catch(() => undefined)]);
  timer.abort();
  clearInterval(sweep);
  server.closeAllConnections();
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  if (status === 401) response.setHeader("WWW-Authenticate", "Bearer");
  reply(response, status, { jsonrpc: "2.0", id: null, error: { code: -32_000, message } });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  endResponse(response, status, { "Content-Type": "application/json" }, JSON.stringify(body));
}
