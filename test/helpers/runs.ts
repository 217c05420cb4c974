import type { ToolContext, ToolOutput } from "../../src/plugin-api/index.ts";

/** One run of a handler, which ends when the test says so. */
export interface Run {
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: ToolContext;
  answer(this: void, output: ToolOutput): void;
  fail(this: void, error: unknown): void;
}

/** A handler that does nothing by itself, not even stop when it is told to, and its runs in the order of their begin. */
export class Runs {
  readonly all: Run[] = [];
  readonly #waiting = new Map<number, (run: Run) => void>();

  readonly handler = (args: Run["args"], context: ToolContext): Promise<ToolOutput> =>
    new Promise((answer, fail) => {
      const run = { args, context, answer, fail };
      this.#waiting.get(this.all.push(run) - 1)?.(run);
    });

  /** The run of this number, from 0, as soon as it has begun. */
  begun(index: number): Promise<Run> {
    const run = this.all[index];
    if (run !== undefined) return Promise.resolve(run);
    return new Promise((resolve) => this.#waiting.set(index, resolve));
  }
}
