import type { CallFailureCode, Failure } from "../base/failure.ts";
import type { Stage } from "./call.ts";

/** Public names of a plugin's read-only tools. */
export type ReadOnlyTools = (plugin: string) => readonly string[];

/** Nobody checks with more. */
const MOST_CHECKS = 3;

/** What becomes of a failure after which nobody knows whether the work was done. */
const CODES: ReadonlyMap<string, CallFailureCode> = new Map<string, CallFailureCode>([
  ["timeout", "outcome_unknown"],
  ["plugin_crashed", "outcome_unknown"],
  // These say that the tool was not to blame.
  ["plugin_restarted", "plugin_restarted"],
  ["shutting_down", "shutting_down"],
]);

/**
 * Says so where the work of a tool that must not simply be repeated was under way when its answer was lost, and what to
 * check before it is called again.
 */
export function createOutcomeUnknown(readOnlyTools: ReadOnlyTools): Stage {
  return async (call, next) => {
    const outcome = await next(call);
    if (outcome.kind !== "failure" || call.request.kind !== "tool") return outcome;
    const { failure } = outcome;
    const code = CODES.get(failure.code);
    if (code === undefined || failure.notStarted || call.policy.retriesTimeouts) return outcome;
    return { ...outcome, failure: unknown(code, failure, readOnlyTools(call.plugin)) };
  };
}

function unknown(
  code: CallFailureCode,
  { message: said, retryAfterMs: _retryAfterMs, ...failure }: Failure,
  tools: readonly string[],
): Failure {
  const checks = tools.slice(0, MOST_CHECKS).map((name) => `'${name}'`);
  const what = checks.length === 0 ? "ask the user to check" : `check with ${checks.join(" or ")}`;
  const happened = code === "shutting_down" ? "The server is shutting down." : said;
  const message = `${happened} It may or may not have taken effect: ${what} before you call it again.`;
  return { ...failure, code, message, retryable: false, maybeDone: true };
}
