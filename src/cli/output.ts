import { guardStdout } from "../transports/stdout-guard.ts";

/** Prints what a command was asked for. Plugins' own prints go to stderr, so that this can be piped. */
export function print(text = ""): void {
  guardStdout()(`${text}\n`);
}

/** Prints what a person should know beside that. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The command ran and the answer is no: a plugin failed, a tool gave an error. */
  failed: 1,
  /** The command could not run: wrong arguments, a faulty configuration. */
  usage: 2,
} as const;

/** Resolves when everything printed has left: where stdout is a pipe, it may still be on its way. */
export function flush(): Promise<void> {
  return new Promise((resolve) => {
    const { stdout } = process;
    // Not by `drain`, which comes only after a write that was told to wait. A stream whose reader has gone never ends.
    if (stdout.writableLength === 0 || stdout.errored !== null) resolve();
    else stdout.once("error", () => resolve()).end(resolve);
  });
}
