import { Allowance } from "./allowance.ts";

const BURST = 10;
const PER_SECOND = 10;

export interface ThrottledNotes<T> {
  send(note: T): void;
  /** Sends what waits, and nothing more. */
  end(): void;
}

/** Passes notes on, at a pace that somebody can follow: of those that come too fast, the latest stands for all. */
export function throttleNotes<T>(pass: (note: T) => void): ThrottledNotes<T> {
  const allowance = new Allowance(BURST, PER_SECOND);
  let waiting: { readonly note: T } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const next = waiting;
    waiting = undefined;
    if (next !== undefined) pass(next.note);
  };
  const flushInTurn = (): void => {
    allowance.take();
    flush();
  };
  return {
    send: (note) => {
      if (ended) return;
      waiting = { note };
      if (allowance.take()) flush();
      else timer ??= setTimeout(flushInTurn, 1_000 / PER_SECOND);
    },
    end: () => {
      flush();
      ended = true;
    },
  };
}
