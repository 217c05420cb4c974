import type { Aborting } from "../base/call-signal.ts";
import type { Caller, Outcome, PluginRequest, ProgressNote } from "../base/port.ts";
import type { Deadline } from "./deadline.ts";
import type { Policy } from "./policy.ts";

/**
 * One request to a plugin on its way through the pipeline. Stages hand on copies with what they changed. Every field is there
 * from the beginning, be it undefined: copies of what keeps its shape cost next to nothing, others a lot.
 */
export interface Call extends Required<Omit<Caller, "signal" | "staysOpen">> {
  /** Fires when the call is to end, and while an attempt runs, when that is. */
  readonly signal: Aborting;
  /** The public name, or the URI. */
  readonly name: string;
  readonly plugin: string;
  readonly request: PluginRequest;
  readonly policy: Policy;
  /** Whether the tool promises data of a certain shape. */
  readonly owesData: boolean;
  /** Whether it may go on without its request. */
  readonly mayLeave: boolean;
  /** The integration behind the tool, else the tool itself: what fails together. */
  readonly upstream: string;
  /** A further round of a call that has been let in before. */
  readonly continued: boolean;
  /** Same for all attempts, and for all calls with the same key of the client's. */
  readonly idempotencyKey: string;
  /** From 1. */
  readonly attempt: number;
  /** A sign of life for a client that asked for progress. */
  beat(): void;
  /** Told when an attempt begins. */
  onAttempt(attempt: number): void;
  /** Told when the attempt reaches the plugin: from here on, something may have been done. */
  onBegin(): void;
  /** Told when the plugin repeats requests of its own: then nobody else repeats the attempt. */
  onSelfRetry(): void;
  /** Ends it from inside. */
  abort(reason: Error): void;
  /** It lets go of its caller: its signal does not follow it any more, log messages end, notes go elsewhere. */
  detach(onProgress: (note: ProgressNote) => void): void;
  readonly deadline: Deadline;
  /** Milliseconds left for this attempt; more than before once the call has left its request. */
  remainingMs(): number;
  /** The call goes on without its request, where its client can come back for the answer. */
  background(): void;
}

/** What is left of a call to be done. */
export type Next = (call: Call) => Promise<Outcome>;

/** One step around the rest of a call. It never rejects. */
export type Stage = (call: Call, next: Next) => Promise<Outcome>;

/** Stages from the outside in, around the innermost step. */
export function compose(stages: readonly Stage[], innermost: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (call) => stage(call, next), innermost);
}
