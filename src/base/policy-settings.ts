import type { ConcurrencyPolicy, ToolPolicy, ToolSettings } from "../plugin-api/index.ts";

/** How many calls may run at a time, and how many may wait for their turn. */
export interface Concurrency {
  readonly slots: number;
  readonly queue: number;
}

/** So many calls in so much time. */
export interface Rate {
  readonly calls: number;
  readonly perMs: number;
}

/** When a tool is taken to be out of order, and for how long it is then left alone. */
export interface BreakerSettings {
  /** Failures in a row. */
  readonly failures: number;
  /** Share of failures among at least twenty calls within the window. */
  readonly ratio: number;
  readonly windowMs: number;
  readonly openMs: number;
}

/** What somebody says of a policy; what is left out is for others to say. False and 0 mean: none. */
export interface PolicySettings {
  readonly deadlineMs?: number;
  readonly timeoutMs?: number;
  readonly retryCount?: number;
  readonly long?: boolean | "required";
  readonly softDeadlineMs?: number;
  readonly longDeadlineMs?: number;
  readonly concurrency?: Concurrency | false;
  readonly rate?: Rate | false;
  readonly cacheMs?: number;
  readonly breaker?: BreakerSettings | false;
  readonly dedupMs?: number;
  readonly maxResultChars?: number;
}

type Loose<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** The same as authors and operators write it: times in seconds, and most parts can be left out. */
export type PolicyDoor = Loose<ToolPolicy & Pick<ToolSettings, "timeout" | "retryCount">>;

const BREAKER: BreakerSettings = { failures: 5, ratio: 0.5, windowMs: 10_000, openMs: 30_000 };
/** Waiting calls for each that may run, where nobody says how many. */
const QUEUE_PER_SLOT = 4;

/** What holds for every tool of which nobody says otherwise. */
export const DEFAULT_SETTINGS: PolicySettings = { breaker: BREAKER };

/** From the door inwards. The values have been checked. */
export function toPolicySettings(given: PolicyDoor): PolicySettings {
  const { concurrency, rate, cache, breaker, retryCount, long, maxResultChars } = given;
  const cacheSeconds = typeof cache === "object" ? cache.ttl : cache;
  return {
    ...ms("timeoutMs", given.timeout),
    ...ms("deadlineMs", given.deadline),
    ...ms("softDeadlineMs", given.softDeadline),
    ...ms("longDeadlineMs", given.longDeadline),
    ...(retryCount !== undefined && { retryCount }),
    ...(long !== undefined && { long }),
    ...(concurrency !== undefined && {
      concurrency: concurrency === false ? false : toConcurrency(concurrency),
    }),
    ...(rate !== undefined && {
      rate: rate === false ? false : { calls: rate.calls, perMs: rate.per * 1_000 },
    }),
    ...ms("cacheMs", cacheSeconds === false ? 0 : cacheSeconds),
    ...(breaker !== undefined && { breaker: toBreaker(breaker) }),
    ...ms("dedupMs", given.dedupSeconds),
    ...(maxResultChars !== undefined && { maxResultChars }),
  };
}

export function toConcurrency(given: number | ConcurrencyPolicy): Concurrency {
  const { slots, queue } = typeof given === "number" ? { slots: given } : given;
  return { slots, queue: queue ?? slots * QUEUE_PER_SLOT };
}

function toBreaker(given: NonNullable<ToolPolicy["breaker"]>): BreakerSettings | false {
  if (given === false) return false;
  const { failures, ratio, window, open } = given;
  return {
    failures: failures ?? BREAKER.failures,
    ratio: ratio ?? BREAKER.ratio,
    windowMs: window === undefined ? BREAKER.windowMs : window * 1_000,
    openMs: open === undefined ? BREAKER.openMs : open * 1_000,
  };
}

function ms<Key extends string>(
  key: Key,
  seconds: number | undefined,
): Partial<Record<Key, number>> {
  return seconds === undefined ? {} : ({ [key]: seconds * 1_000 } as Record<Key, number>);
}
