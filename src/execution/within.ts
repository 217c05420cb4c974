import pTimeout, { TimeoutError } from "p-timeout";

/** Waits for something; undefined when the time is up. Rejects when the signal fires. */
export async function within<T>(
  work: Promise<T>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await pTimeout(work, { milliseconds, signal });
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}
