/** A question, the call that answers it, and what has to be in the answer. */
export interface Question {
  readonly question: string;
  readonly call: readonly [tool: string, args: Readonly<Record<string, unknown>>];
  /** What the text says. */
  readonly text?: readonly (string | RegExp)[];
  /** What it does not say: that would be the answer to another question. */
  readonly without?: readonly string[];
  /** What the data hold, as far as it is said here. */
  readonly data?: object;
  /** The tool, or the prompt, that a next step leads to. */
  readonly next?: string;
}
