import type { Readable } from "node:stream";

export type LogLine = Readonly<Record<string, unknown>>;

/** Longer than the slowest machine needs; only a test that fails waits this long. */
const PATIENCE_MS = 20_000;

/** What a process writes, line by line, and waiting for it. */
export class Journal {
  #text = "";
  #ended = false;
  readonly #waiting = new Set<() => void>();

  follow(stream: Readable): void {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      this.#text += chunk;
      this.#wake();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  get text(): string {
    return this.#text;
  }

  /** Whole lines so far. */
  get lines(): readonly string[] {
    return this.#text.split("\n").slice(0, -1);
  }

  /** Lines that are JSON objects, parsed. */
  get entries(): readonly LogLine[] {
    return this.lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The first line that matches, as soon as it is there. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(
      () => this.lines.map((line) => pattern.exec(line)).find((match) => match !== null),
      String(pattern),
    );
  }

  /** The first JSON line with these fields, as soon as it is there. */
  entry(fields: LogLine): Promise<LogLine> {
    return this.#until(() => this.find(fields), JSON.stringify(fields));
  }

  find(fields: LogLine): LogLine | undefined {
    return this.all(fields)[0];
  }

  all(fields: LogLine): readonly LogLine[] {
    const wanted = Object.entries(fields);
    return this.entries.filter((entry) => wanted.every(([key, value]) => entry[key] === value));
  }

  async #until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`It ended without ${what}. It wrote:\n${this.#text}`);
      if (Date.now() > deadline) throw new Error(`No ${what} came. It wrote:\n${this.#text}`);
      await this.#news(deadline - Date.now());
    }
  }

  #news(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs + 1);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
