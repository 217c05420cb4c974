import { MAX_MESSAGE_BYTES, MessageTooLongError } from "./errors.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * The same response, which breaks where a message in it grows longer than the limit. A stream of events may go on for
 * ever, but each of its events, which a blank line ends, holds at most one message.
 */
export function boundedResponse(response: Response): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const isStream = headers.get("content-type")?.includes("text/event-stream") === true;
  const count = isStream ? eventBytes() : allBytes();
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      if (count(chunk) > MAX_MESSAGE_BYTES) controller.error(new MessageTooLongError());
      else controller.enqueue(chunk);
    },
  });
  return new Response(body.pipeThrough(bound), { status, statusText, headers });
}

/** Told one chunk after the other, says how many bytes the message under way has by now. */
type Count = (chunk: Uint8Array) => number;

function allBytes(): Count {
  let bytes = 0;
  return ({ length }) => (bytes += length);
}

/** Lines end with LF, CR, or both. */
function eventBytes(): Count {
  let bytes = 0;
  let isLineEmpty = true;
  let before = 0;
  return (chunk) => {
    for (const byte of chunk) {
      bytes++;
      const endsLine = byte === CR || (byte === LF && before !== CR);
      if (endsLine && isLineEmpty) bytes = 0;
      if (endsLine) isLineEmpty = true;
      else if (byte !== LF) isLineEmpty = false;
      before = byte;
    }
    return bytes;
  };
}
