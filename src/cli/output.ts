import { endStdout, guardStdout } from "../transports/stdout-guard.ts";

/** Prints what a command was asked for. Plugins' own prints go to stderr, so that this can be piped. */
export function print(text = ""): void {
  // `… | head` closes its end when it has enough; that is no error of anybody's, and plugins still unload.
  if (!process.stdout.listeners("error").includes(ignore)) process.stdout.on("error", ignore);
  guardStdout()(`${text}\n`);
}

function ignore(): void {
  // Nothing is left to be done for a reader who has gone.
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

const FLUSH_MS = 2_000;

/** Resolves when everything printed has left: where stdout is a pipe, it may still be on its way. */
export function flush(): Promise<void> {
  return new Promise((resolve) => {
    const { stdout } = process;
    // Whoever does not read is not waited for longer than this.
    setTimeout(resolve, FLUSH_MS).unref();
    // Not by `drain`, which comes only after a write that was told to wait. A stream whose reader has gone never ends.
    if (stdout.writableLength === 0 || stdout.errored !== null) resolve();
    else {
      stdout.once("error", () => resolve());
      endStdout(resolve);
    }
  });
}
