export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** So many milliseconds earlier, to the minute. */
export const before = (time: Date, ms: number): Date =>
  new Date(Math.floor((time.getTime() - ms) / MINUTE_MS) * MINUTE_MS);
