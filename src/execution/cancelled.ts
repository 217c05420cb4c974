import { ShuttingDownError } from "../base/abort.ts";
import { hostFailure, shuttingDown } from "../base/failure.ts";
import { failed, type FailedOutcome } from "../base/port.ts";
import type { Call } from "./call.ts";

/** The outcome of a call that nobody waits for any more, or that a shutdown has stopped. */
export function cancelled({ name, signal }: Call, hasBegun: boolean): FailedOutcome {
  const failure =
    signal.reason instanceof ShuttingDownError
      ? shuttingDown()
      : hostFailure("cancelled", `The call of '${name}' was cancelled.`);
  return failed(hasBegun ? failure : { ...failure, notStarted: true });
}
