import pTimeout, { TimeoutError } from "p-timeout";
import { realSignal, type Aborting } from "../base/call-signal.ts";

/** Waits for something; undefined when the time is up. Rejects when the signal fires. */
export async function within<T>(
  work: Promise<T>,
  milliseconds: number,
  signal: Aborting,
): Promise<T | undefined> {
  try {
    return await pTimeout(work, { milliseconds, signal: realSignal(signal) });
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}
