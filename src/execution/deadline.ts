import type { Stage } from "./call.ts";

/** Starts the one clock of the call. The stages inside fit their waits and attempts into what remains. */
export const deadline: Stage = (call, next) =>
  next({ ...call, deadlineAt: performance.now() + call.policy.deadlineMs });
