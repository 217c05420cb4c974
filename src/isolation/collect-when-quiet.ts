/** V8 keeps what it took for a burst of work, often for good: tens of MiB. */
const QUIET_MS = 10_000;
/** With more in use, the pause would be long, and what can be given back is little beside it. */
const MAX_HEAP_BYTES = 33_554_432;

/**
 * Collects garbage once nothing has been asked for a while. Returns what is to be called for everything that is asked.
 * `isBusy` says whether something still goes on.
 */
export function collectWhenQuiet(isBusy: () => boolean, quietMs = QUIET_MS): () => void {
  const timer = setTimeout(() => {
    if (isBusy()) timer.refresh();
    else if (process.memoryUsage().heapUsed <= MAX_HEAP_BYTES) collect().catch(() => undefined);
  }, quietMs);
  timer.unref();
  return () => {
    timer.refresh();
  };
}

/**
 * Unlike `gc()`, this also gives back the room of new objects, and needs no flag that plugins would see. Without an
 * inspector, nothing happens.
 */
async function collect(): Promise<void> {
  const { Session } = await import("node:inspector");
  const session = new Session();
  session.connect();
  // Not within the answer: V8 would go on with a session that is gone, and no timer would fire any more.
  session.post("HeapProfiler.collectGarbage", () => setImmediate(() => session.disconnect()));
}
