/** One line of input without its newline, or the news that a line was too long to keep. */
export type Line = { readonly bytes: Buffer } | { readonly tooLong: true };

const NEWLINE = 0x0a;

/** Cuts chunks into lines. Each byte is looked at once, and an endless line costs no more memory than the limit. */
export class LineReader {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #discarding = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the line under way has passed the limit: news of it comes from `read` only once it has ended. */
  get overflowing(): boolean {
    return this.#discarding;
  }

  *read(chunk: Buffer): Generator<Line> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const line = this.#finish(chunk.subarray(from, end));
      from = end + 1;
      yield line;
    }
    this.#keep(chunk.subarray(from));
  }

  /** What stands after the last newline when the input ends, if anything. */
  end(): Line | undefined {
    return this.#bytes === 0 ? undefined : this.#finish(Buffer.alloc(0));
  }

  #keep(part: Buffer): void {
    if (part.length === 0 || this.#discarding) return;
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) {
      this.#discarding = true;
      this.#parts = [];
    } else {
      this.#parts.push(part);
    }
  }

  #finish(last: Buffer): Line {
    this.#keep(last);
    const line = this.#discarding
      ? ({ tooLong: true } as const)
      : { bytes: Buffer.concat(this.#parts) };
    this.#parts = [];
    this.#bytes = 0;
    this.#discarding = false;
    return line;
  }
}
