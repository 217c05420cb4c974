import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonContentType, type AuthInfo } from "@modelcontextprotocol/server";
import { endResponse } from "./end-response.ts";
import type { FetchOptions } from "./endpoint.ts";
import { sendEvents } from "./event-stream.ts";
import { parseBytes } from "./json-rpc-guard.ts";
import { refusal, revisionNamed } from "./refusal.ts";

/** A web-standard handler, given the request's body parsed. */
export type FetchHandler = (request: Request, options: FetchOptions) => Promise<Response>;

export interface AdapterOptions {
  /** Longest body, in bytes. */
  readonly maxBodyBytes: number;
  /** Most bytes of events that may wait for a client that reads slowly. */
  readonly maxBacklogBytes: number;
  readonly authInfo: AuthInfo | undefined;
}

const TOO_LARGE = -32_000;
const METHODS = new Set(["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"]);

/**
 * Serves a Node request with a web-standard handler. The body is read, decoded and parsed here, once: the handler would
 * otherwise clone the request and read it twice. The request's signal fires when the client goes away.
 */
export async function serveRequest(
  handler: FetchHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { maxBodyBytes, maxBacklogBytes, authInfo }: AdapterOptions,
): Promise<void> {
  const left = new AbortController();
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) left.abort(new Error("the client went away"));
  });
  if (!METHODS.has(incoming.method ?? "")) {
    outgoing.writeHead(405, { Allow: [...METHODS].join(", ") }).end();
    return;
  }
  const request = toRequest(incoming, left.signal);
  const answer = async (response: Response): Promise<void> =>
    send(outgoing, response, left.signal, maxBacklogBytes);
  const auth = authInfo === undefined ? {} : { authInfo };
  // What is not JSON is refused by the handler, unread.
  if (request.method !== "POST" || !isJsonContentType(request.headers.get("content-type"))) {
    await answer(await handler(request, auth));
    return;
  }
  const body = await readBody(incoming, maxBodyBytes);
  const revision = revisionNamed(request);
  if (body === undefined) {
    const message = `Payload Too Large: at most ${maxBodyBytes} bytes`;
    await answer(refusal(413, { code: TOO_LARGE, message }, revision));
    return;
  }
  const parsed = parseBytes(body);
  await answer(
    "fault" in parsed
      ? refusal(400, parsed.fault, revision)
      : await handler(request, { ...auth, parsedBody: parsed.value }),
  );
}

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
  maxBacklogBytes: number,
): Promise<void> {
  const headers: Record<string, string> = {};
  // The connection is Node's to keep or to close: the SDK would keep it even when the client wants it closed.
  for (const [name, value] of response.headers) if (name !== "connection") headers[name] = value;
  if (!headers["content-type"]?.startsWith("text/event-stream") || response.body === null) {
    endResponse(outgoing, response.status, headers, await response.text());
    return;
  }
  outgoing.writeHead(response.status, headers).flushHeaders();
  await sendEvents(response.body, outgoing, left, maxBacklogBytes);
}
