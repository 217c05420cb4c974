import { turnedAway } from "../base/failure.ts";
import { failed } from "../base/port.ts";
import type { RateLimits } from "../base/rate-limits.ts";
import type { Stage } from "./call.ts";

/** Turns away calls above the tool's rate, which holds for each principal by itself. */
export function createRate(limits: RateLimits): Stage {
  return async (call, next) => {
    const { rate } = call.policy;
    // A further round of a call that was let in is no new call.
    if (rate === undefined || call.continued) return next(call);
    const key = JSON.stringify([call.principal.id, call.plugin, call.request.name]);
    const waitMs = await limits.take(key, rate);
    if (waitMs === 0) return next(call);
    const reason = `'${call.name}' may be called ${rate.calls} times in ${rate.perMs / 1_000} s.`;
    return failed(turnedAway("rate_limited", reason, waitMs));
  };
}
