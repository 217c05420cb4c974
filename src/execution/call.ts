import type { Caller, Outcome, PluginRequest } from "../base/port.ts";
import type { Policy } from "./policy.ts";

/** One request to a plugin on its way through the pipeline. Stages hand on copies with what they changed. */
export interface Call extends Caller {
  /** The public name, or the URI. */
  readonly name: string;
  readonly plugin: string;
  readonly request: PluginRequest;
  readonly policy: Policy;
  /** Same for all attempts. */
  readonly idempotencyKey: string;
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
