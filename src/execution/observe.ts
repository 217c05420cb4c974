import { randomBytes } from "node:crypto";
import { detailOf } from "../base/errors.ts";
import { hostFailure } from "../base/failure.ts";
import { failed, type Outcome } from "../base/port.ts";
import type { Logger } from "../plugin-api/index.ts";
import type { Stage } from "./call.ts";

/**
 * Writes one line per call for the audit trail, gives every failure an id that leads from the client's error to that
 * line, and is the last to catch: a call always has exactly one outcome.
 */
export function createObserve(log: Logger): Stage {
  return async (call, next) => {
    const startedAt = performance.now();
    let attempts = 1;
    let outcome: Outcome;
    try {
      outcome = await next({ ...call, onAttempt: (attempt) => (attempts = attempt) });
    } catch (error) {
      outcome = failed(
        hostFailure("tool_error", "The server failed to carry out the call.", {
          opaque: true,
          detail: detailOf(error),
        }),
      );
    }
    const line = {
      [call.request.kind]: call.name,
      plugin: call.plugin,
      principal: call.principal.id,
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
      attempts,
      from: sourceOf(outcome),
      outcome: wordFor(outcome),
    };
    if (outcome.kind !== "failure") {
      log.info("call", line);
      return outcome;
    }
    const { code, detail, message, notRepeated } = outcome.failure;
    // A job's failure has had its line, to which its id leads.
    const errorId = outcome.failure.errorId ?? randomBytes(6).toString("hex");
    const level = code === "invalid_arguments" || code === "cancelled" ? "info" : "warn";
    const reason = detail ?? message;
    log[level]("call", { ...line, errorId, reason, notRepeated });
    return { ...outcome, failure: { ...outcome.failure, errorId } };
  };
}

/** Who carried it out, if it was not this call. */
function sourceOf(outcome: Outcome): "cache" | "dedup" | undefined {
  if (outcome.kind !== "reply" && outcome.kind !== "failure") return undefined;
  if (outcome.carriedOutAt !== undefined) return "dedup";
  return outcome.cachedForMs === undefined ? undefined : "cache";
}

function wordFor(outcome: Outcome): string {
  if (outcome.kind === "input_required") return outcome.kind;
  if (outcome.kind === "failure") return outcome.failure.code;
  if (outcome.kind !== "reply") return "ok";
  const { envelope, verbatim } = outcome.reply;
  return envelope?.error?.code || (verbatim?.isError ? "tool_error" : "ok");
}
