import { MAX_MESSAGE_BYTES, MessageTooLongError } from "./errors.ts";

const NEWLINE = 0x0a;

/**
 * The same response, which breaks where a message in it grows longer than the limit. A stream of events may go on for
 * ever, but each of its lines holds at most one message.
 */
export function boundedResponse(response: Response): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const isStream = headers.get("content-type")?.includes("text/event-stream") === true;
  let bytes = 0;
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const last = isStream ? chunk.lastIndexOf(NEWLINE) : -1;
      bytes = last === -1 ? bytes + chunk.length : chunk.length - last - 1;
      if (bytes > MAX_MESSAGE_BYTES) {
        controller.error(new MessageTooLongError());
      } else controller.enqueue(chunk);
    },
  });
  return new Response(body.pipeThrough(bound), { status, statusText, headers });
}
