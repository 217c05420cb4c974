/** A frame is its length in bytes (4, big-endian) and one JSON text in UTF-8. */
const HEAD_BYTES = 4;

/** What came is no frame: whoever sends it cannot be trusted with the rest of the conversation. */
export class FrameError extends Error {
  constructor(what: string) {
    super(`it sent ${what}`);
    this.name = "FrameError";
  }
}

/** What was to be sent is longer than frames may be. */
export class FrameTooLongError extends Error {
  constructor(bytes: number, maxBytes: number) {
    super(`${bytes} bytes in one message; ${maxBytes} are allowed`);
    this.name = "FrameTooLongError";
  }
}

/** One value as a frame. Throws a {@link FrameTooLongError}. */
export function encodeFrame(value: unknown, maxBytes: number): Buffer {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw new FrameTooLongError(bytes, maxBytes);
  const frame = Buffer.allocUnsafe(HEAD_BYTES + bytes);
  frame.writeUInt32BE(bytes, 0);
  frame.write(text, HEAD_BYTES, "utf8");
  return frame;
}

/** Fatal: a replaced character would be a changed value. */
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Cuts chunks into frames. Each byte is copied at most once, and no frame takes more memory than it may have. */
export class FrameReader {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #have = 0;
  /** Bytes that the next step needs: a head, or the body that the head announced. */
  #need = HEAD_BYTES;
  #inBody = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The values that are whole now. Throws a {@link FrameError} for what is no frame. */
  *read(chunk: Buffer): Generator<unknown> {
    this.#parts.push(chunk);
    this.#have += chunk.length;
    while (this.#have >= this.#need) {
      const bytes = this.#take(this.#need);
      if (this.#inBody) {
        this.#need = HEAD_BYTES;
        this.#inBody = false;
        yield parse(bytes);
      } else {
        this.#need = bytes.readUInt32BE(0);
        this.#inBody = true;
        if (this.#need > this.#maxBytes) {
          throw new FrameError(`a frame of ${this.#need} bytes; ${this.#maxBytes} are allowed`);
        }
      }
    }
  }

  #take(count: number): Buffer {
    const [first] = this.#parts;
    // Most frames come in one piece, often with others behind them.
    const whole =
      this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    const rest = whole.subarray(count);
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#have -= count;
    return whole.subarray(0, count);
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw new FrameError("a frame that is no JSON in UTF-8");
  }
}
