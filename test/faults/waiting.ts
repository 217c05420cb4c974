import { setTimeout as sleep } from "node:timers/promises";

/** Longer than the slowest machine needs; only what fails waits this long. */
const PATIENCE_MS = 60_000;
const POLL_MS = 25;

/** Rejects if the promise takes longer than anybody can explain by a slow machine. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until something holds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`never: ${typeof what === "string" ? what : what()}`);
    }
    await sleep(POLL_MS);
  }
}

export { sleep };
