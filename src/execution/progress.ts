import type { ProgressNote } from "../base/port.ts";
import type { Redactor } from "../base/redact.ts";

/** The notes of one call, in an order that the protocol allows. */
export interface Progress {
  note(note: ProgressNote): void;
  /** Says that the call is still at work, where it says nothing itself. */
  beat(): void;
}

/** A heartbeat must not overtake what the plugin counts. */
const BEAT = 1e-6;

/** Passes notes on that grow, over all attempts of a call, with their texts redacted. */
export function createProgress(send: (note: ProgressNote) => void, redactor: Redactor): Progress {
  const startedAt = performance.now();
  let last: ProgressNote | undefined;
  const note = (next: ProgressNote): void => {
    if (!Number.isFinite(next.done) || (last !== undefined && next.done <= last.done)) return;
    last = next;
    send(redactor.json(next));
  };
  return {
    note,
    beat: () => {
      const { done = 0, total } = last ?? {};
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      note({
        done: done + BEAT * Math.max(1, Math.abs(done)),
        ...(total !== undefined && { total }),
        message: `Still at work after ${seconds} s.`,
      });
    },
  };
}
