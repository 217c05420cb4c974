/** Codes of failed calls that the host itself gives; a plugin's `ToolError` brings its own. `docs/errors.md` explains each. */
export const CALL_FAILURE_CODES = [
  "ambiguous_request",
  "arguments_too_large",
  "bad_plan",
  "cancelled",
  "cannot_ask",
  "circuit_open",
  "invalid_arguments",
  "invalid_result",
  "not_allowed",
  "not_handled",
  "outcome_unknown",
  "overloaded",
  "plugin_crashed",
  "plugin_restarted",
  "plugin_unavailable",
  "rate_limited",
  "result_too_large",
  "shutting_down",
  "still_running",
  "storage_refused",
  "storage_unavailable",
  "timeout",
  "tool_error",
  "unknown_job",
  "unknown_tool",
  "unknown_workflow",
  "upstream_error",
] as const;

export type CallFailureCode = (typeof CALL_FAILURE_CODES)[number];

/** Why a call has no good answer, as plain JSON. */
export interface Failure {
  readonly code: string;
  /** For the client: says what happened and what to do, never a raw exception. */
  readonly message: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** An error that passes by itself (network, throttling, 5xx): the host may repeat the attempt. */
  readonly transient?: boolean;
  /** Certainly nothing of the call was carried out: repeating it is safe, whatever the tool does. */
  readonly notStarted?: boolean;
  /** Another call has brought it down, or its plugin's process was ended for another reason. */
  readonly bystander?: boolean;
  /** Nobody knows whether the work was done, and doing it again would not be the same as doing it once. */
  readonly maybeDone?: boolean;
  /** The upstream asked for a slower pace. */
  readonly throttled?: boolean;
  /** For the log only. */
  readonly detail?: string;
  /** For the log only: what kept the host from repeating the attempt. */
  readonly notRepeated?: string;
  /** The message hides the cause, so that the client needs the error id to ask about it. */
  readonly opaque?: boolean;
  /** Leads from the client's error to the log line. */
  readonly errorId?: string;
  /** Where the answer can be read that was too long to send. */
  readonly resultUri?: string;
  /** The job as which the call goes on. */
  readonly jobId?: string;
}

/** A failure that the host gives. */
export function hostFailure(
  code: CallFailureCode,
  message: string,
  more: Partial<Omit<Failure, "code" | "message">> = {},
): Failure {
  return { code, message, retryable: false, ...more };
}

/** `what` is wrong with the arguments, in words without a full stop. */
export function invalidArguments(what: string): Failure {
  return hostFailure("invalid_arguments", `Invalid arguments: ${what}.`);
}

/** When to come back where nothing is known, in milliseconds. */
export const COME_BACK_MS = 1_000;

/** A call that the host turns away before anything of it is carried out, and when to come back. */
export function turnedAway(
  code: Extract<CallFailureCode, "circuit_open" | "overloaded" | "rate_limited">,
  reason: string,
  waitMs = COME_BACK_MS,
): Failure {
  const retryAfterMs = Math.max(1, Math.ceil(waitMs));
  const seconds = Number((retryAfterMs / 1_000).toPrecision(2));
  return hostFailure(code, `${reason} Try again in ${seconds} s.`, {
    retryable: true,
    retryAfterMs,
    notStarted: true,
  });
}

export function shuttingDown(): Failure {
  return hostFailure("shutting_down", "The server is shutting down; try again in a moment.", {
    retryable: true,
    retryAfterMs: COME_BACK_MS,
  });
}
