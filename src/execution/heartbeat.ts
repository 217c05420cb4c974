import type { Stage } from "./call.ts";

/** Clients give up after 60 s of silence, unless they have asked for progress and get some. */
const EVERY_MS = 10_000;

/** Keeps a client waiting that has asked for progress, while its request is open. */
export function createHeartbeat(everyMs = EVERY_MS): Stage {
  return async (call, next) => {
    if (!call.wantsProgress) return next(call);
    const timer = setInterval(() => call.beat(), everyMs);
    try {
      return await next(call);
    } finally {
      clearInterval(timer);
    }
  };
}
