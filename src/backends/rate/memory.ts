import type { RateLimiterMemory } from "rate-limiter-flexible";
import type { Rate } from "../../base/policy-settings.ts";
import type { RateLimits } from "../../base/rate-limits.ts";

/** Counts in the memory of this process, in windows that begin with the first call. What is over is forgotten. */
export function createMemoryRates(): RateLimits {
  const limiters = new Map<string, Promise<RateLimiterMemory>>();
  const limiterOf = (rate: Rate): Promise<RateLimiterMemory> => {
    const name = `${rate.calls}/${rate.perMs}`;
    const limiter = limiters.get(name) ?? createLimiter(rate);
    limiters.set(name, limiter);
    return limiter;
  };
  return {
    take: async (key, rate) => {
      const limiter = await limiterOf(rate);
      const { consumedPoints, msBeforeNext } = await limiter.penalty(key);
      return consumedPoints > rate.calls ? Math.max(1, msBeforeNext) : 0;
    },
  };
}

/** Loaded with the first rate that is asked for: the library takes a while, and most hosts have none. */
async function createLimiter({ calls, perMs }: Rate): Promise<RateLimiterMemory> {
  const { RateLimiterMemory: Limiter } = await import("rate-limiter-flexible");
  return new Limiter({ points: calls, duration: perMs / 1_000 });
}
