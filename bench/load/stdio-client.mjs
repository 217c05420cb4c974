/** Sends messages to a child process, one JSON text per line, and gives each answer to whoever waits for its id. */
export class StdioClient {
  #stdin;
  /** @type {Map<number, { resolve: (text: string) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Buffer[]} */
  #parts = [];

  /**
   * @param {import("node:stream").Writable} stdin
   * @param {import("node:stream").Readable} stdout
   */
  constructor(stdin, stdout) {
    this.#stdin = stdin;
    stdout.on("data", (chunk) => this.#read(chunk));
    stdout.on("close", () => this.#fail("the server has ended"));
    stdin.on("error", () => undefined);
  }

  /**
   * @param {import("./messages.mjs").Message} sent
   * @returns {Promise<string>} the answer's line
   */
  send(sent) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(sent.id, { resolve, reject });
      this.#stdin.write(`${sent.json}\n`);
    });
  }

  /** Nothing to do: the pipes stay open as long as the process lives. */
  async connect() {}

  close() {
    this.#stdin.end();
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      this.#parts.push(chunk.subarray(from, end));
      this.#receive(Buffer.concat(this.#parts).toString());
      this.#parts = [];
      from = end + 1;
    }
    if (from < chunk.length) this.#parts.push(chunk.subarray(from));
  }

  /** @param {string} line */
  #receive(line) {
    // Looked for rather than parsed: a long list would take its time from the measurement. It stands first or last.
    const id = /"id":(\d+)/u.exec(line.slice(0, 60) + line.slice(-60))?.[1];
    const waiting = this.#waiting.get(Number(id));
    if (waiting === undefined) {
      this.#fail(`an answer nobody waits for: ${line.slice(0, 200)}`);
      return;
    }
    this.#waiting.delete(Number(id));
    waiting.resolve(line);
  }

  /** @param {string} reason */
  #fail(reason) {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}
