/** As many may come at once; after that, so many a second. */
const BURST = 10;
const EVERY_MS = 100;

export interface ThrottledNotes<T> {
  send(note: T): void;
  /** Sends what waits, and nothing more. */
  end(): void;
}

/** Passes notes on, at a pace that somebody can follow: of those that come too fast, the latest stands for all. */
export function throttleNotes<T>(pass: (note: T) => void): ThrottledNotes<T> {
  let left = BURST;
  let filledAt = performance.now();
  let waiting: { readonly note: T } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const next = waiting;
    waiting = undefined;
    if (next === undefined) return;
    left -= 1;
    pass(next.note);
  };
  const fill = (): void => {
    const now = performance.now();
    const more = Math.floor((now - filledAt) / EVERY_MS);
    if (more === 0) return;
    left = Math.min(BURST, left + more);
    filledAt = left === BURST ? now : filledAt + more * EVERY_MS;
  };
  return {
    send: (note) => {
      if (ended) return;
      waiting = { note };
      fill();
      if (left > 0) flush();
      else timer ??= setTimeout(flush, EVERY_MS);
    },
    end: () => {
      flush();
      ended = true;
    },
  };
}
