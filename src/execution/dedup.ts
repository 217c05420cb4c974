import { realSignal } from "../base/call-signal.ts";
import { digest } from "../base/canonical-json.ts";
import type { DedupStore } from "../base/dedup.ts";
import { hostFailure, turnedAway } from "../base/failure.ts";
import { failed, isGoodReply, type Outcome } from "../base/port.ts";
import type { FinalOutcome } from "../base/task.ts";
import type { Call, Stage } from "./call.ts";
import { waitFor } from "./wait-for.ts";

interface Identity {
  readonly id: string;
  readonly fingerprint: string;
  readonly keepMs: number;
}

/**
 * Carries out a call once that must not be carried out twice: one with a key of the client's, which is kept for so long, or
 * one of a tool that says so. The others wait for it, and get its answer.
 */
export function createDedup(store: DedupStore, keyMs: number): Stage {
  return async (call, next) => {
    const identity = identityOf(call, keyMs);
    if (identity === undefined) return next(call);
    const { id, fingerprint, keepMs } = identity;
    for (;;) {
      const known = await store.take(id, fingerprint);
      if (known === "taken") break;
      if (known === "full") {
        const reason = "The server is busy: it has as many calls to remember as it takes.";
        return failed(turnedAway("overloaded", reason));
      }
      if (known.fingerprint !== fingerprint) return anotherCall();
      const { end } = known;
      if (end !== undefined) return { ...end.outcome, carriedOutAt: end.at };
      const problem = await waitFor(call, store.ended(id, realSignal(call.signal)));
      if (problem !== undefined) return problem;
    }
    let end: FinalOutcome | undefined;
    try {
      const outcome = await next(call);
      if (stands(outcome)) end = outcome;
      return outcome;
    } finally {
      await (end === undefined ? store.release(id) : store.finish(id, end, keepMs));
    }
  };
}

function identityOf(call: Call, keyMs: number): Identity | undefined {
  const { request, principal, plugin, clientKey, policy } = call;
  const keepMs = clientKey === undefined ? policy.dedupMs : keyMs;
  if (request.kind !== "tool" || keepMs === undefined) return undefined;
  const fingerprint = digest(plugin, request.name, request.arguments);
  const id =
    clientKey === undefined
      ? digest("call", principal.id, fingerprint)
      : digest("key", principal.id, clientKey);
  return { id, fingerprint, keepMs };
}

/** Whether an outcome is the answer for all who ask the same: the work was done, or nobody knows. */
function stands(outcome: Outcome): outcome is FinalOutcome {
  if (outcome.kind !== "failure") return isGoodReply(outcome);
  const { code, maybeDone } = outcome.failure;
  // The work was done then; only its answer cannot be delivered.
  return maybeDone === true || code === "invalid_result";
}

function anotherCall(): Outcome {
  const text =
    'Another call was made with the same _meta["agentflow/idempotencyKey"]: other arguments, or another tool. ' +
    "A new call needs a new key.";
  return failed(hostFailure("invalid_arguments", text));
}
