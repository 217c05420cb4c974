import type { ServerResponse } from "node:http";

/**
 * Sends a stream of events until one side ends it. A client that reads more slowly than the server writes is cut off
 * once so many bytes wait behind the event that is under way to it: it can come back and resume, while without a bound it
 * would hold the memory of all others.
 */
export async function sendEvents(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  left: AbortSignal,
  maxBacklogBytes: number,
): Promise<void> {
  const reader = body.getReader();
  const stop = (): void => void reader.cancel(left.reason).catch(() => undefined);
  left.addEventListener("abort", stop, { once: true });
  if (left.aborted) stop();
  const waiting: number[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (bytes - (waiting[0] ?? 0) > maxBacklogBytes) {
      outgoing.destroy();
      break;
    }
    waiting.push(value.byteLength);
    bytes += value.byteLength;
    outgoing.write(value, () => {
      bytes -= waiting.shift() ?? 0;
    });
  }
  left.removeEventListener("abort", stop);
  outgoing.end();
}
