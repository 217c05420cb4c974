import type { ClientLogLevel, Json } from "../plugin-api/index.ts";

/** As many messages may come at once; after that, so many a second. */
const BURST = 100;
const PER_SECOND = 10;

type Send = (level: ClientLogLevel, data: Json) => void;

export interface ClientLog {
  readonly send: Send;
  /** Says how many have been left out since anything was said. */
  end(): void;
}

/** Holds the messages of one call for its client to a number that somebody can read. */
export function createClientLog(pass: Send): ClientLog {
  let left = BURST;
  let filledAt = performance.now();
  let leftOut = 0;
  const tell = (): void => {
    if (leftOut > 0) pass("warning", `${leftOut} messages were left out: too many at once.`);
    leftOut = 0;
  };
  return {
    send: (level, data) => {
      const now = performance.now();
      left = Math.min(BURST, left + ((now - filledAt) / 1_000) * PER_SECOND);
      filledAt = now;
      if (left < 1) {
        leftOut += 1;
        return;
      }
      left -= 1;
      tell();
      pass(level, data);
    },
    end: tell,
  };
}
