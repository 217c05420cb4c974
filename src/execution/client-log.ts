import { Allowance } from "../base/allowance.ts";
import { throttleLines } from "../base/throttle-lines.ts";
import type { ClientLogLevel, Json } from "../plugin-api/index.ts";

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
  return throttleLines(new Allowance(BURST, PER_SECOND), pass, (count) =>
    pass("warning", `${count} messages were left out: too many at once.`),
  );
}
