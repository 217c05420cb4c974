import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonContentType, type AuthInfo } from "@modelcontextprotocol/server";

/** A web-standard handler, given the request's body parsed. */
export type FetchHandler = (
  request: Request,
  options: { readonly authInfo?: AuthInfo; readonly parsedBody?: unknown },
) => Promise<Response>;

export interface AdapterOptions {
  /** Longest body, in bytes. */
  readonly maxBodyBytes: number;
  readonly authInfo: AuthInfo | undefined;
}

const PARSE_ERROR = -32_700;
const TOO_LARGE = -32_000;

/**
 * Serves a Node request with a web-standard handler. The body is read, decoded and parsed here, once: the handler would
 * otherwise clone the request and read it twice. The request's signal fires when the client goes away.
 */
export async function serveRequest(
  handler: FetchHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { maxBodyBytes, authInfo }: AdapterOptions,
): Promise<void> {
  const left = new AbortController();
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) left.abort(new Error("the client went away"));
  });
  const request = toRequest(incoming, left.signal);
  const auth = authInfo === undefined ? {} : { authInfo };
  // What is not JSON is refused by the handler, unread.
  if (request.method !== "POST" || !isJsonContentType(request.headers.get("content-type"))) {
    await send(outgoing, await handler(request, auth), left.signal);
    return;
  }
  const body = await readBody(incoming, maxBodyBytes);
  if (body === undefined) {
    refuse(outgoing, 413, TOO_LARGE, `Payload Too Large: at most ${maxBodyBytes} bytes`);
    return;
  }
  let parsedBody: unknown;
  try {
    parsedBody = JSON.parse(decoder.decode(body));
  } catch {
    refuse(outgoing, 400, PARSE_ERROR, "Parse error: the body is not valid JSON in UTF-8");
    return;
  }
  await send(outgoing, await handler(request, { ...auth, parsedBody }), left.signal);
}

// Fatal: a replaced character would be a changed argument. A byte order mark is no part of JSON and is kept, to fail.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (Array.isArray(value)) for (const item of value) headers.append(name, item);
    else if (value !== undefined) headers.set(name, value);
  }
  const url = `http://${incoming.headers.host ?? "localhost"}${incoming.url ?? "/"}`;
  const request = new Request(url, { method: incoming.method ?? "GET", headers });
  // Given to the constructor, the signal would be followed by one of its own, at a tenth of the cost of a call.
  Object.defineProperty(request, "signal", { value: signal });
  return request;
}

/** The whole body, or undefined when it is longer than it may be. */
function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers["content-length"]) > maxBytes) return Promise.resolve(undefined);
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      // The rest is read and dropped: a connection closed on unread data would lose the answer.
      else resolve(undefined);
    });
    incoming.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    incoming.on("error", reject);
    incoming.on("close", () => reject(new Error("the client went away")));
  });
}

async function send(
  outgoing: ServerResponse,
  response: Response,
  left: AbortSignal,
): Promise<void> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) headers[name] = value;
  if (response.body === null) {
    outgoing.writeHead(response.status, headers).end();
    return;
  }
  if (!headers["content-type"]?.startsWith("text/event-stream")) {
    const text = await response.text();
    headers["content-length"] = String(Buffer.byteLength(text));
    outgoing.writeHead(response.status, headers).end(text);
    return;
  }
  outgoing.writeHead(response.status, headers).flushHeaders();
  for await (const chunk of response.body) {
    if (left.aborted) break;
    if (!outgoing.write(chunk)) await drained(outgoing);
  }
  outgoing.end();
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    outgoing.on("drain", done).on("close", done);
  });
}

function refuse(outgoing: ServerResponse, status: number, code: number, message: string): void {
  outgoing.writeHead(status, { "Content-Type": "application/json" });
  outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } }));
}
