import type { App } from "../app.ts";
import { messageOf } from "../base/errors.ts";
import type { Serving } from "../transports/serving.ts";
import { EXIT } from "./output.ts";

/** Serves until the client ends it or a signal comes; answers what is in flight and resolves with the exit code. */
export async function runUntilStopped(app: App, serving: Serving): Promise<number> {
  // A plugin in this process may throw from a timer long after its call: that must not end everybody else's work.
  const survive = (kind: string) => (error: unknown) =>
    app.log.error(kind, {
      reason: error instanceof Error ? (error.stack ?? "") : messageOf(error),
    });
  process.on("uncaughtException", survive("uncaught exception"));
  process.on("unhandledRejection", survive("unhandled rejection"));
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve();
        // Whoever asks twice does not want to wait.
        process.once(signal, () => process.exit(EXIT.failed));
      });
    }
  });
  await Promise.race([serving.ended, signalled]);
  await app.stop();
  return EXIT.ok;
}
