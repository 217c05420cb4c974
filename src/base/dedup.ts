import type { FinalOutcome } from "./task.ts";

/** What is known of a call that must not be carried out twice. */
export interface DedupRecord {
  /** What was asked: the same id for something else is somebody's mistake. */
  readonly fingerprint: string;
  /** What came of it; undefined while it is under way. */
  readonly end?: {
    readonly outcome: FinalOutcome;
    /** Milliseconds since 1970. */
    readonly at: number;
  };
}

/** Remembers calls that must not be carried out twice. Where it keeps them decides for how long, and for how many servers. */
export interface DedupStore {
  /**
   * Takes an id for a call that begins now, which then is to be ended with `finish` or `release`. Gives what is known of
   * the call that has taken it before; `full` where there is no room to remember another one.
   */
  take(id: string, fingerprint: string): Promise<DedupRecord | "taken" | "full">;
  /** The call has been carried out: from now on its outcome is the answer for so long. */
  finish(id: string, outcome: FinalOutcome, keepMs: number): Promise<void>;
  /** The call has not been carried out: the next one with the id is the first. */
  release(id: string): Promise<void>;
  /** Resolves when no call with the id is under way. Nobody waits for it any more once the signal has fired. */
  ended(id: string, signal: AbortSignal): Promise<void>;
}

/** Stands for an answer that is too long to be kept. */
export function answerNotKept(): FinalOutcome {
  const text = "Its answer was too long to be kept.";
  return { kind: "reply", reply: { content: [{ type: "text", text }] } };
}
