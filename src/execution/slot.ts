import type { Concurrency } from "../base/policy-settings.ts";
import { turnedAway } from "../base/failure.ts";
import { failed } from "../base/port.ts";
import type { Call, Stage } from "./call.ts";
import { cancelled } from "./cancelled.ts";
import { softDeadlineMs } from "./policy.ts";
import type { NoSlot, Slots } from "./slots.ts";

/** What one plugin may do at a time; undefined for what only waits, as the host's own tools do. */
export type LimitsOf = (plugin: string) => Concurrency | undefined;

const REASONS: Readonly<Record<Exclude<NoSlot["reason"], "cancelled">, string>> = {
  full: "has as many calls waiting as it takes",
  too_late: "has so many calls waiting that the time of this one would be up",
  displaced: "has as many calls waiting as it takes, and others have fewer among them",
  expired: "did not come to this call before its time was up",
};

/** Lets an attempt run when there is a slot for it in its plugin, its tool, and for its principal. */
export function createSlot(slots: Slots, limitsOf: LimitsOf): Stage {
  return async (call, next) => {
    const pluginLimits = limitsOf(call.plugin);
    // A call that waited for a slot which its own caller holds would wait for ever.
    if (pluginLimits === undefined || call.depth > 0) return next(call);
    const entry = slots.enter({
      principal: call.principal.id,
      plugin: call.plugin,
      pluginLimits,
      tool: call.request.name,
      toolLimits: call.policy.concurrency,
      signal: call.signal,
      remainingMs: () => call.deadline.remainingMs(),
      patienceMs: patienceMs(call),
    });
    const slot = entry instanceof Promise ? await entry : entry;
    if ("reason" in slot) {
      if (slot.reason === "cancelled") return cancelled(call, false);
      const reason = `The server is busy: '${call.plugin}' ${REASONS[slot.reason]}.`;
      return failed(turnedAway("overloaded", reason, slot.waitMs || undefined));
    }
    try {
      return await next(call);
    } finally {
      slot.release();
    }
  };
}

/** A call that would leave its request first has longer than its deadline. */
function patienceMs({ policy, deadline, mayLeave, takesTasks }: Call): number {
  const leftMs = deadline.remainingMs();
  return mayLeave && softDeadlineMs(policy, takesTasks) < leftMs ? policy.longDeadlineMs : leftMs;
}
