import type { Outcome } from "../base/port.ts";
import type { Redactor } from "../base/redact.ts";
import type { Stage } from "./call.ts";

/** Removes secrets from what goes to the client, errors included. */
export function createRedact(redactor: Redactor): Stage {
  return async (call, next) => redactOutcome(await next(call), redactor);
}

function redactOutcome(outcome: Outcome, redactor: Redactor): Outcome {
  // What agents and backends give stays in the house, and storage must give back what it was given.
  if (outcome.kind === "value") return outcome;
  if (outcome.kind !== "failure") return redactor.json(outcome);
  const { failure } = outcome;
  return { ...outcome, failure: { ...failure, message: redactor.text(failure.message) } };
}
