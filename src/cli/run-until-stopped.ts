import type { App } from "../app.ts";
import type { Serving } from "../transports/serving.ts";
import { EXIT } from "./output.ts";

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export type StopSignal = Promise<void>;

/** Listens from now on: a signal that comes while plugins are still loading must not cut them off. */
export function listenForStop(): StopSignal {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      // Whoever asks twice does not want to wait.
      if (asked) process.exit(EXIT.failed);
      asked = true;
      resolve();
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
  });
}

/** Serves until the client ends it or a signal comes; answers what is in flight and resolves with the exit code. */
export async function runUntilStopped(
  app: App,
  serving: Serving,
  stopSignal: StopSignal,
): Promise<number> {
  await Promise.race([serving.ended, stopSignal]);
  // A client that has closed its end and still sends a signal is about to kill: what is left is to unload in time.
  await app.stop(serving.leaving() ? 0 : undefined);
  return EXIT.ok;
}
