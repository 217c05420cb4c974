const MAX_CHARS = 1_000;
/** Lines at once, and how fast room comes back. */
const BURST = 100;
const PER_SECOND = 20;

/** Lets lines of somebody else's process into the log: cut to a bearable length, and so many that the log stays readable. */
export class TextLog {
  readonly #write: (text: string) => void;
  #room = BURST;
  #at = performance.now();
  #dropped = 0;
  #last = "";

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** The latest line. */
  get last(): string {
    return this.#last;
  }

  add(line: string): void {
    const text = line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS - 1)}…` : line;
    this.#last = text;
    const now = performance.now();
    this.#room = Math.min(BURST, this.#room + ((now - this.#at) / 1_000) * PER_SECOND);
    this.#at = now;
    if (this.#room < 1) {
      this.#dropped++;
      return;
    }
    this.#room--;
    if (this.#dropped > 0) this.#write(`(${this.#dropped} lines left out)`);
    this.#dropped = 0;
    this.#write(text);
  }
}
