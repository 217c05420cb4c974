import { McpServer } from "@modelcontextprotocol/server";
import { serveHttp, type HttpOptions, type HttpServing } from "../../src/transports/http.ts";

/** A server with nothing behind it, for tests of what stands before it. */
export class BareServer extends McpServer {
  readonly #uris = new Set<string>();
  /** Calls of `wait` that have begun, by their tag, and what ends each. */
  static readonly waiting = new Map<string, () => void>();
  static readonly stopped = new Set<string>();
  static readonly #sent = new Map<string, number>();

  /** Notes that a call has sent, or undefined before it has begun. */
  static sent(tag: string): number | undefined {
    return BareServer.#sent.get(tag);
  }

  constructor() {
    super({ name: "bare", version: "1.0.0" });
    const { server } = this;
    server.registerCapabilities({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
    });
    server.setRequestHandler("tools/list", () => ({ tools: [] }));
    server.setRequestHandler("resources/subscribe", ({ params }) => {
      this.#uris.add(params.uri);
      return {};
    });
    server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
      const {
        tag = "",
        notes = 0,
        chars = 10,
      } = params.arguments as {
        tag?: string;
        notes?: number;
        chars?: number;
      };
      if (params.name === "ask") {
        const requestedSchema = {
          type: "object",
          properties: { name: { type: "string" } },
        } as const;
        const { content } = await mcpReq.elicitInput({ message: "Who?", requestedSchema });
        return { content: [{ type: "text", text: `hello ${String(content?.["name"])}` }] };
      }
      BareServer.#sent.set(tag, 0);
      mcpReq.signal.addEventListener("abort", () => BareServer.stopped.add(tag));
      for (let progress = 1; progress <= notes; progress++) {
        const message = "x".repeat(chars);
        const note = { progressToken: "t", progress, message };
        await mcpReq
          .notify({ method: "notifications/progress", params: note })
          .catch(() => undefined);
        await new Promise((resolve) => setImmediate(resolve));
        BareServer.#sent.set(tag, progress);
      }
      if (params.name === "wait") {
        await new Promise<void>((resolve) => {
          BareServer.waiting.set(tag, resolve);
          mcpReq.signal.addEventListener("abort", () => resolve());
        });
      }
      return { content: [{ type: "text", text: `done ${tag}` }] };
    });
  }

  isSubscribed(uri: string): boolean {
    return this.#uris.has(uri);
  }
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Serves it in this process. */
export async function serveBare(
  options: Partial<HttpOptions> = {},
): Promise<{ readonly serving: HttpServing; readonly url: URL } & AsyncDisposable> {
  const serving = await serveHttp({
    createServer: () => new BareServer(),
    log: silent,
    host: "127.0.0.1",
    port: 0,
    token: undefined,
    allowedHosts: [],
    allowedOrigins: [],
    maxMessageBytes: 4_194_304,
    sessions: { idleMs: 60_000, max: 1_000 },
    ...options,
  });
  const url = new URL(serving.url);
  return { serving, url, [Symbol.asyncDispose]: () => serving.stop() };
}

/** One `tools/call` as text. */
export function callText(id: number | string, name: string, args: object = {}): string {
  const params = { name, arguments: args, _meta: { progressToken: "t" } };
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
}

/** Resolves when it is so; a test that waits in vain fails by its own time limit. */
export async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setTimeout(resolve, 5));
}
