/** Reads one HTTP response out of the chunks of a socket: a body of known length, or a chunked one. */
export class ResponseReader {
  /** @type {Buffer} */
  #bytes = Buffer.alloc(0);
  /** @type {{ status: number, length: number | undefined } | undefined} */
  #head;
  /** Where the body, or what is left to read of it, begins. */
  #at = 0;
  /** @type {Buffer[]} */
  #parts = [];

  /**
   * @param {Buffer} chunk
   * @returns {{ status: number, body: string } | undefined} undefined until the response is whole
   */
  read(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#head ??= this.#readHead();
    if (this.#head === undefined) return undefined;
    const { status, length } = this.#head;
    if (length === undefined) {
      return this.#readChunks()
        ? { status, body: Buffer.concat(this.#parts).toString() }
        : undefined;
    }
    const end = this.#at + length;
    if (this.#bytes.length < end) return undefined;
    return { status, body: this.#bytes.toString("utf8", this.#at, end) };
  }

  #readHead() {
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end === -1) return undefined;
    const head = this.#bytes.toString("latin1", 0, end);
    this.#at = end + 4;
    const length = /\r\ncontent-length: *(\d+)/iu.exec(head)?.[1];
    return {
      status: Number(head.slice(9, 12)),
      length: length === undefined ? undefined : Number(length),
    };
  }

  /** Keeps the chunks that have arrived whole; true after the last one. */
  #readChunks() {
    for (;;) {
      const line = this.#bytes.indexOf("\r\n", this.#at);
      if (line === -1) return false;
      const size = Number.parseInt(this.#bytes.toString("latin1", this.#at, line), 16);
      const end = line + 2 + size;
      if (this.#bytes.length < end + 2) return false;
      if (size === 0) return true;
      this.#parts.push(this.#bytes.subarray(line + 2, end));
      this.#at = end + 2;
    }
  }
}
