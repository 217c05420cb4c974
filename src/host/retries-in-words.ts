import type { Policy } from "../execution/policy.ts";
import { leastAttemptMs } from "../execution/retry.ts";
import type { CatalogueTool } from "./catalogue.ts";

/** How often an attempt of a tool is really repeated, and why not more often. */
export function retriesInWords({
  policy,
  manifest,
}: Pick<CatalogueTool, "policy" | "manifest">): string {
  const { retryCount, retriesErrors, retriesTimeouts } = policy;
  if (retryCount === 0) return "none: its retryCount is 0";
  const { readOnlyHint, destructiveHint } = manifest.annotations;
  const forbids = destructiveHint === true ? "destructiveHint: true" : "idempotentHint: false";
  const allows = readOnlyHint === true ? "readOnlyHint" : "idempotentHint";
  const errors = `errors ${retryCount}×`;
  if (retriesErrors && retriesTimeouts) return `${errors}, ${timeouts(policy)}: it says ${allows}`;
  if (retriesErrors) {
    return `${errors}, timeouts not: it says neither readOnlyHint nor idempotentHint`;
  }
  if (retriesTimeouts) return `${timeouts(policy)}, errors not: it says ${forbids}`;
  return `none of ${retryCount}: it says ${forbids}`;
}

/** A tool that takes its whole time may not have another one within the deadline. */
function timeouts(policy: Policy): string {
  const { retryCount, timeoutMs, deadlineMs } = policy;
  let fitting = 0;
  while (fitting < retryCount && (fitting + 1) * timeoutMs + leastAttemptMs(policy) < deadlineMs) {
    fitting += 1;
  }
  const why =
    fitting < retryCount ? ` (the deadline of ${deadlineMs / 1_000} s has no time for more)` : "";
  return `timeouts ${fitting}×${why}`;
}
