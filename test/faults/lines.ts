import type { Readable } from "node:stream";
import { within } from "./waiting.ts";

/** What a process writes, line by line: the latest of them, and a word for each as it comes. */
export class Lines {
  readonly #latest: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #most: number;
  #rest = "";

  constructor(stream: Readable, most = 20_000) {
    this.#most = most;
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (this.#rest + chunk).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    });
  }

  get latest(): readonly string[] {
    return this.#latest;
  }

  /** What came after the last newline. */
  get rest(): string {
    return this.#rest;
  }

  onLine(listener: (line: string) => void): void {
    this.#listeners.add(listener);
  }

  has(pattern: RegExp): boolean {
    return this.#latest.some((line) => pattern.test(line));
  }

  /** The first line that matches, now or later. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    const found = this.#latest.map((line) => pattern.exec(line)).find((match) => match !== null);
    return found ? Promise.resolve(found) : this.next(pattern);
  }

  /** The first line from now on that matches. */
  next(pattern: RegExp): Promise<RegExpExecArray> {
    const coming = new Promise<RegExpExecArray>((resolve) => {
      const listener = (line: string): void => {
        const match = pattern.exec(line);
        if (match === null) return;
        this.#listeners.delete(listener);
        resolve(match);
      };
      this.#listeners.add(listener);
    });
    return within(coming, `the line ${pattern}`);
  }

  #take(line: string): void {
    this.#latest.push(line);
    if (this.#latest.length > this.#most) this.#latest.splice(0, this.#most / 2);
    for (const listener of this.#listeners) listener(line);
  }
}
