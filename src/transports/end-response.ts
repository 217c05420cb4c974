import type { ServerResponse } from "node:http";

/** Most bytes of a refused body that are read, and how long that may take. */
const MAX_DROPPED_BYTES = 134_217_728;
const MAX_DROPPING_MS = 30_000;

/**
 * Sends a whole answer, and ends it when the request has been read to its end: a connection that is closed on unread data
 * is reset, and the reset overtakes the answer. What is left of the request is dropped, within bounds.
 */
export function endResponse(
  outgoing: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  const { req: incoming } = outgoing;
  const length = { "Content-Length": String(Buffer.byteLength(body)) };
  outgoing.writeHead(status, { ...headers, ...length });
  if (incoming.complete || incoming.destroyed) {
    outgoing.end(body);
    return;
  }
  // Now, for the client need not have finished to read it.
  outgoing.write(body);
  let bytes = 0;
  const timer = setTimeout(() => incoming.destroy(), MAX_DROPPING_MS);
  incoming.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DROPPED_BYTES) incoming.destroy();
  });
  incoming.on("close", () => {
    clearTimeout(timer);
    outgoing.end();
  });
}
