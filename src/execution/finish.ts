import { hostFailure } from "../base/failure.ts";
import { jsonLength } from "../base/json-length.ts";
import { failed, type Outcome } from "../base/port.ts";
import type { Redactor } from "../base/redact.ts";
import type { Stage } from "./call.ts";

/** Holds a result to its size: what is over is an error that says so, never a cut. */
export function createBudget(maxResultChars: number): Stage {
  return async (call, next) => {
    const outcome = await next(call);
    const chars = jsonLength(sent(outcome), maxResultChars);
    if (chars <= maxResultChars) return outcome;
    return failed(
      hostFailure(
        "result_too_large",
        `The answer of '${call.name}' is longer than the ${maxResultChars} characters that this server delivers. ` +
          "Ask for less: a shorter period, a filter or a lower limit.",
      ),
    );
  };
}

/** What goes to the client; a failure's detail stays in the log. */
function sent(outcome: Outcome): unknown {
  return outcome.kind === "failure" ? outcome.failure.message : outcome;
}

/** Removes secrets from what goes to the client, errors included. */
export function createRedact(redactor: Redactor): Stage {
  return async (call, next) => redactOutcome(await next(call), redactor);
}

function redactOutcome(outcome: Outcome, redactor: Redactor): Outcome {
  if (outcome.kind !== "failure") return redactor.json(outcome);
  const { failure } = outcome;
  return { ...outcome, failure: { ...failure, message: redactor.text(failure.message) } };
}
