import type { ProgressNote } from "../base/port.ts";
import type { Redactor } from "../base/redact.ts";

type Send = (note: ProgressNote) => void;

/** The notes of one call. */
export interface Progress {
  note(note: ProgressNote): void;
  /** Says that the call is still at work, where it says nothing itself. */
  beat(): void;
  /** The plugin's notes go elsewhere from now on, the latest first, where the newest counts and none need grow. */
  redirect(send: Send): void;
}

/** How far a request has told that it is. */
export interface Told {
  done?: number;
}

const BEAT = 1e-6;

/**
 * Passes notes on in an order that the protocol allows: they grow, over all attempts, and over all calls that share what
 * has been told. Their texts are redacted.
 */
export function createProgress(send: Send, redactor: Redactor, told: Told = {}): Progress {
  const startedAt = performance.now();
  let latest: ProgressNote | undefined;
  const sendGrown: Send = (note) => {
    if (told.done !== undefined && note.done <= told.done) return;
    told.done = note.done;
    send(note);
  };
  let pass = sendGrown;
  return {
    note: (note) => {
      if (!Number.isFinite(note.done)) return;
      latest = redactor.json(note);
      pass(latest);
    },
    beat: () => {
      const { total } = latest ?? {};
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      sendGrown({
        done: next(told.done ?? 0),
        ...(total !== undefined && { total }),
        message: `Still at work after ${seconds} s.`,
      });
    },
    redirect: (elsewhere) => {
      pass = elsewhere;
      if (latest !== undefined) pass(latest);
    },
  };
}

/** As little more as a number can tell: a heartbeat must not overtake what the plugin counts, be it bytes. */
function next(done: number): number {
  return done + Math.max(BEAT, Math.abs(done) * Number.EPSILON);
}
