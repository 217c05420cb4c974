import { jsonFits } from "../base/json-length.ts";
import type { Stage } from "./call.ts";
import type { Results } from "./results.ts";
import { Spill, tooLarge } from "./spill.ts";

export interface BudgetLimits {
  /** Each part that a tool's answer may bring at once, in characters: its text, its structured content, its `_meta`. */
  readonly maxResultChars: number;
  /** Its pictures, sounds and other binary data; and an answer that is not a tool's. */
  readonly maxMessageBytes: number;
}

/**
 * Holds an answer to its size. Nothing is cut away: what is over is kept for whoever asked, and the answer says where. Only
 * data that a tool has promised cannot be shortened: there, the whole answer becomes an error with the link.
 */
export function createBudget(limits: BudgetLimits, results: Results): Stage {
  const { maxMessageBytes } = limits;
  return async (call, next) => {
    const outcome = await next(call);
    const maxResultChars = call.policy.maxResultChars ?? limits.maxResultChars;
    // Another tool takes it whole.
    if (call.depth > 0) return outcome;
    if (outcome.kind === "left" || outcome.kind === "value") return outcome;
    if (outcome.kind === "failure") {
      const { code, message } = outcome.failure;
      return code.length + message.length <= maxResultChars
        ? outcome
        : tooLarge(call, maxResultChars);
    }
    if (outcome.kind === "reply") {
      // Another call has brought it here, and has seen to its size.
      if (outcome.of !== undefined) return outcome;
      // Most answers are short; what they bring is measured once.
      const least = Math.min(maxResultChars, maxMessageBytes);
      if (jsonFits(outcome, least)) return outcome;
      const spill = new Spill(call, outcome.reply, { maxResultChars, maxMessageBytes }, results);
      return spill.outcome(outcome);
    }
    if (jsonFits(outcome, maxMessageBytes)) return outcome;
    return tooLarge(call, maxMessageBytes);
  };
}
