import { setMaxListeners } from "node:events";
import type { ToolContext } from "agentflow-mcp/plugin";
import { awsError } from "../aws/errors.ts";

/** Kept back from the time that is left, to answer with what there is instead of running out of it. */
const reserveMs = 1000;

/** Fires with the call's own signal, and shortly before its time is up. */
export function limitTime(context: Pick<ToolContext, "signal" | "remainingMs">): {
  readonly signal: AbortSignal;
  readonly clear: () => void;
} {
  const controller = new AbortController();
  // Every request of an answer listens, and an answer about all regions has some 200.
  setMaxListeners(0, controller.signal);
  const leave = (): void => controller.abort(context.signal.reason);
  const available = context.remainingMs();
  const limit = Math.max(available - reserveMs, available / 2);
  const timer = setTimeout(
    () => {
      const seconds = Math.round(limit / 100) / 10;
      controller.abort(
        awsError("TIMEOUT", `The time for this answer ran out after ${seconds} s.`, {
          retryable: true,
        }),
      );
    },
    Math.min(limit, 2 ** 31 - 1),
  );
  if (context.signal.aborted) leave();
  else context.signal.addEventListener("abort", leave, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      context.signal.removeEventListener("abort", leave);
    },
  };
}
