import type { JsonObject, Principal } from "../plugin-api/index.ts";
import type { Outcome, ProgressNote } from "../base/port.ts";
import type { Policy } from "./policy.ts";

/** One `tools/call` on its way through the pipeline. Stages hand on copies with what they changed. */
export interface Call {
  /** The public name. */
  readonly tool: string;
  /** The plugin's own name for the tool. */
  readonly key: string;
  readonly plugin: string;
  readonly policy: Policy;
  readonly arguments: JsonObject;
  readonly principal: Principal;
  readonly sessionId?: string;
  /** Same for all attempts. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  progress(note: ProgressNote): void;
  /** From 1. */
  readonly attempt: number;
  /** Told when an attempt begins. */
  onAttempt?(attempt: number): void;
  /** On the monotonic clock (`performance.now()`). */
  readonly deadlineAt: number;
  /** Limit of this attempt. */
  readonly timeoutMs: number;
}

/** What is left of a call to be done. */
export type Next = (call: Call) => Promise<Outcome>;

/** One step around the rest of a call. It never rejects. */
export type Stage = (call: Call, next: Next) => Promise<Outcome>;

/** Stages from the outside in, around the innermost step. */
export function compose(stages: readonly Stage[], innermost: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (call) => stage(call, next), innermost);
}
