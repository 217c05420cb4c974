import type { Readable } from "node:stream";
import { LineReader } from "../base/line-reader.ts";

/** Above so many lines between two looks, what is printed is only counted. */
const MAX_LINES = 100;
const MAX_LINE_BYTES = 16_384;
/** How a process says why it ends: our own line, and V8's. */
const LAST_WORDS = /^(?:uncaught|FATAL ERROR): /u;

/** What a process prints, line by line, and never more than somebody can read. */
export class PrintedLines {
  readonly #tell: (line: string) => void;
  readonly #ended: Promise<unknown>;
  #lines = 0;
  #lastWords: string | undefined;

  constructor(streams: readonly Readable[], tell: (line: string) => void) {
    this.#tell = tell;
    this.#ended = Promise.all(streams.map((stream) => this.#read(stream)));
  }

  /** Resolves when nothing more can come. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** The line in which the process said why it ends. */
  get lastWords(): string | undefined {
    return this.#lastWords;
  }

  /** From time to time: counts anew, and says how many lines were left out. */
  look(): void {
    if (this.#lines > MAX_LINES) this.#tell(`(${this.#lines - MAX_LINES} more lines)`);
    this.#lines = 0;
  }

  #read(stream: Readable): Promise<void> {
    const lines = new LineReader(MAX_LINE_BYTES);
    stream.on("data", (chunk: Buffer) => {
      for (const line of lines.read(chunk)) {
        this.#print("bytes" in line ? line.bytes.toString("utf8") : "(a very long line)");
      }
    });
    return new Promise((resolve) => {
      stream.once("error", () => resolve());
      stream.once("close", () => {
        const rest = lines.end();
        if (rest !== undefined && "bytes" in rest) this.#print(rest.bytes.toString("utf8"));
        resolve();
      });
    });
  }

  #print(line: string): void {
    const text = line.trimEnd();
    if (text === "") return;
    if (LAST_WORDS.test(text)) this.#lastWords = text;
    if (++this.#lines <= MAX_LINES) this.#tell(text);
  }
}
