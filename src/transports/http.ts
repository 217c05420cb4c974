import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createMcpHandler, type AuthInfo, type McpServer } from "@modelcontextprotocol/server";
import { sleep } from "../base/abort.ts";
import { HostError, messageOf } from "../base/errors.ts";
import type { Logger } from "../plugin-api/index.ts";
import { answerCors } from "./cors.ts";
import { checkExposure, createGuard, type GuardOptions, type Refusal } from "./http-guard.ts";
import { serveRequest } from "./node-adapter.ts";
import type { Serving } from "./serving.ts";

export interface HttpOptions extends GuardOptions {
  readonly createServer: () => McpServer;
  readonly log: Logger;
  /** 0 picks a free one. */
  readonly port: number;
  readonly maxMessageBytes: number;
}

export interface HttpServing extends Serving {
  /** Where clients connect, for example `http://127.0.0.1:3333/mcp`. */
  readonly url: string;
}

/** How long responses may take to leave after the last call has been answered. */
const FLUSH_MS = 2_000;

/** Serves any number of clients over Streamable HTTP at `/mcp`, and `/healthz` for whoever watches over it. */
export async function serveHttp(options: HttpOptions): Promise<HttpServing> {
  checkExposure(options);
  const guard = createGuard(options);
  const handler = createMcpHandler(() => options.createServer(), {
    maxRequestBodySize: options.maxMessageBytes,
    onerror: (error) => options.log.debug("http", { reason: error.message }),
  });
  const adapter = {
    maxBodyBytes: options.maxMessageBytes,
    authInfo: options.token === undefined ? undefined : tokenHolder,
  };
  let stopping = false;
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
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
        refuse(response, refusal);
        return;
      }
      if (path !== "/mcp") {
        reply(response, 404, { error: "Not found. MCP is served at /mcp." });
        return;
      }
      serveRequest(handler.fetch, request, response, adapter).catch((error: unknown) => {
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
    notifyChanged: () => {
      handler.notify.toolsChanged();
      handler.notify.promptsChanged();
      handler.notify.resourcesChanged();
    },
    stop: async () => {
      stopping = true;
      await close(server);
      await handler.close();
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
  server.closeIdleConnections();
  await Promise.race([closed, sleep(FLUSH_MS, timer.signal).catch(() => undefined)]);
  timer.abort();
  server.closeAllConnections();
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  if (status === 401) response.setHeader("WWW-Authenticate", "Bearer");
  reply(response, status, { jsonrpc: "2.0", id: null, error: { code: -32_000, message } });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
