import type { Rate } from "./policy-settings.ts";

/** Counts calls against their rates. Where it keeps them decides whether several servers share one count. */
export interface RateLimits {
  /** Counts one call of whatever the key names. 0: it is within the rate; else milliseconds until one would be. */
  take(key: string, rate: Rate): Promise<number>;
}
