import type { McpServer, McpServerFactory } from "@modelcontextprotocol/server";
import { serveStdio as serveSdk } from "@modelcontextprotocol/server/stdio";
import type { Logger } from "../plugin-api/index.ts";
import { isSubscribed, tellChanged, tellUpdated } from "./change-notes.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { guardStdout } from "./stdout-guard.ts";
import type { Serving } from "./serving.ts";
import { Subscriptions, type OnSubscribed } from "./subscriptions.ts";

export interface StdioOptions {
  readonly createServer: () => McpServer;
  readonly log: Logger;
  readonly maxMessageBytes: number;
  readonly drainMs: number;
  readonly onSubscribed?: OnSubscribed;
}

/** Whoever is at the other end: there is but one. */
const CLIENT = "stdio";

/** What a server on this connection may be told of. */
interface Listener {
  /** Whether the client has finished its opening. */
  ready: boolean;
  /** Whether somebody else finds out which resources its client has subscribed to. */
  readonly all: boolean;
}

/** Serves one client on this process's stdin and stdout, in whichever era it speaks. */
export function serveStdio(options: StdioOptions): Serving {
  const live = new Map<McpServer, Listener>();
  const transport = new StdioTransport({
    stdin: process.stdin,
    stdout: process.stdout,
    write: guardStdout(),
    maxMessageBytes: options.maxMessageBytes,
    drainMs: options.drainMs,
  });
  const factory: McpServerFactory = ({ era }) => {
    const server = options.createServer();
    const { onclose, oninitialized } = server.server;
    // In 2026-07-28 the SDK picks those that listen.
    const listener: Listener = { all: era === "modern", ready: era === "modern" };
    live.set(server, listener);
    server.server.oninitialized = () => {
      listener.ready = true;
      oninitialized?.();
    };
    server.server.onclose = () => {
      live.delete(server);
      onclose?.();
    };
    return server;
  };
  const handle = serveSdk(factory, {
    transport,
    onerror: (error) => options.log.warn("stdio", { reason: error.message }),
  });
  const { onclose, onmessage } = transport;
  const { onSubscribed } = options;
  const subscriptions = onSubscribed && new Subscriptions(onSubscribed);
  transport.onmessage = (message) => {
    subscriptions?.hear(message, CLIENT);
    onmessage?.(message);
  };
  const ended = new Promise<void>((resolve) => {
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  return {
    ended,
    leaving: () => transport.inputEnded,
    notifyChanged: (lists) => {
      for (const [server, { ready }] of live) {
        if (ready && server.isConnected()) tellChanged(server, lists);
      }
    },
    notifyResourceUpdated: (uri) => {
      for (const [server, { ready, all }] of live) {
        if (!ready || !server.isConnected()) continue;
        if (all || isSubscribed(server, uri)) tellUpdated(server, uri);
      }
    },
    stopping: () => undefined,
    stop: async () => {
      await transport.drained();
      await handle.close();
    },
  };
}
