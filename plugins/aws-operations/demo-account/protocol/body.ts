import type { IncomingMessage } from "node:http";

/** Longest request body in bytes; no request of the services served here comes near it. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Reads a request body; undefined if it is longer than `MAX_BODY_BYTES`. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
