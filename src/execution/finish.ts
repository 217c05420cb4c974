import { hostFailure } from "../base/failure.ts";
import { failed, type Outcome } from "../base/port.ts";
import type { Redactor } from "../base/redact.ts";
import type { Stage } from "./call.ts";

/** Holds a result to its size: what is over is an error that says so, never a cut. */
export function createBudget(maxResultChars: number): Stage {
  return async (call, next) => {
    const outcome = await next(call);
    if (outcome.kind === "failure") return outcome;
    const chars = jsonLength(outcome, maxResultChars);
    if (chars <= maxResultChars) return outcome;
    return failed(
      hostFailure(
        "result_too_large",
        `The answer of '${call.tool}' is longer than the ${maxResultChars} characters that this server delivers. ` +
          "Ask for less: a shorter period, a filter or a lower limit.",
      ),
    );
  };
}

/** Removes secrets from what goes to the client, errors included. */
export function createRedact(redactor: Redactor): Stage {
  return async (call, next) => redactOutcome(await next(call), redactor);
}

function redactOutcome(outcome: Outcome, redactor: Redactor): Outcome {
  if (outcome.kind === "reply") return { kind: "reply", reply: redactor.json(outcome.reply) };
  const { failure } = outcome;
  return { ...outcome, failure: { ...failure, message: redactor.text(failure.message) } };
}

/** About the length of a value's JSON text; stops counting once past the limit. */
function jsonLength(value: unknown, limit: number): number {
  let chars = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && chars <= limit) {
    const item = open.pop();
    if (typeof item === "string") chars += item.length + 2;
    else if (typeof item !== "object" || item === null) chars += 4;
    else {
      for (const [key, child] of Object.entries(item)) {
        chars += key.length + 3;
        open.push(child);
      }
    }
  }
  return chars;
}
