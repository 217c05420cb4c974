import type { McpServer, McpServerFactory } from "@modelcontextprotocol/server";
import { serveStdio as serveSdk } from "@modelcontextprotocol/server/stdio";
import type { Logger } from "../plugin-api/index.ts";
import { StdioTransport } from "./stdio-transport.ts";
import { guardStdout } from "./stdout-guard.ts";
import type { Serving } from "./serving.ts";

export interface StdioOptions {
  readonly createServer: () => McpServer;
  readonly log: Logger;
  readonly maxMessageBytes: number;
  readonly drainMs: number;
}

/** Serves one client on this process's stdin and stdout, in whichever era it speaks. */
export function serveStdio(options: StdioOptions): Serving {
  const live = new Set<McpServer>();
  const transport = new StdioTransport({
    stdin: process.stdin,
    stdout: process.stdout,
    write: guardStdout(),
    maxMessageBytes: options.maxMessageBytes,
    drainMs: options.drainMs,
  });
  const factory: McpServerFactory = () => {
    const server = options.createServer();
    live.add(server);
    server.server.onclose = () => live.delete(server);
    return server;
  };
  const handle = serveSdk(factory, {
    transport,
    onerror: (error) => options.log.warn("stdio", { reason: error.message }),
  });
  const onclose = transport.onclose;
  const ended = new Promise<void>((resolve) => {
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  return {
    ended,
    leaving: () => transport.inputEnded,
    notifyChanged: () => {
      for (const server of live) {
        if (!server.isConnected()) continue;
        server.sendToolListChanged();
        server.sendPromptListChanged();
        server.sendResourceListChanged();
      }
    },
    stop: async () => {
      await transport.drained();
      await handle.close();
    },
  };
}
