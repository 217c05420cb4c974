import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from "@modelcontextprotocol/client";
import { detailOf, messageOf } from "../base/errors.ts";
import { hostFailure, type Failure } from "../base/failure.ts";
import { ANSWER_LOST, MessageTooLongError, UnsentError } from "./errors.ts";
import { UNFIT } from "./inbound-gate.ts";
import { isNetworkError, isUnreachable } from "./network-error.ts";

const INVALID_PARAMS = -32_602;
const LONGEST_TEXT = 2_000;
/** When a server that cannot be reached may be there again. */
const RETRY_MS = 1_000;

/** What the failure of a request means to the caller. `repeatable` says that doing it twice does no harm. */
export function toFailure(error: unknown, server: string, repeatable: boolean): Failure {
  if (error instanceof UnsentError || isUnreachable(error) || isNotConnected(error)) {
    return unreached(server, RETRY_MS);
  }
  if (isAnswerLost(error)) return lost(server, repeatable, error);
  if (causedBy(error, MessageTooLongError)) {
    return hostFailure("result_too_large", `The server '${server}' sent too long an answer.`);
  }
  if (error instanceof SdkHttpError) return httpFailure(error, server, repeatable);
  if (error instanceof ProtocolError && error.data === UNFIT) return invalid(server, error.message);
  if (error instanceof ProtocolError) {
    const said = `The server '${server}' answered: ${textOf(error.message)}`;
    return hostFailure(
      error.code === INVALID_PARAMS ? "invalid_arguments" : "upstream_error",
      said,
    );
  }
  if (error instanceof SdkError) return invalid(server, textOf(error.message));
  return hostFailure("tool_error", "The call failed. Details are in the server's log.", {
    opaque: true,
    detail: detailOf(error),
  });
}

/** Nothing of the call has reached the server. */
export function unreached(server: string, retryAfterMs: number): Failure {
  const text = `The server '${server}' cannot be reached now; the host goes on trying.`;
  return hostFailure("plugin_unavailable", text, {
    retryable: true,
    retryAfterMs,
    transient: true,
    notStarted: true,
  });
}

function invalid(server: string, detail: string): Failure {
  const text = `The server '${server}' gave an answer that cannot be delivered.`;
  return hostFailure("invalid_result", text, { opaque: true, detail });
}

function lost(server: string, repeatable: boolean, error: unknown): Failure {
  const text =
    `The server '${server}' was lost while the call was under way.` +
    (repeatable ? " It is safe to call again." : "");
  return hostFailure("plugin_restarted", text, {
    retryable: repeatable,
    transient: true,
    ...(repeatable && { retryAfterMs: RETRY_MS }),
    detail: messageOf(error),
  });
}

function httpFailure(error: SdkHttpError, server: string, repeatable: boolean): Failure {
  const { status } = error;
  const detail = textOf(error.message);
  if (status === 401 || status === 403) {
    const text = `The server '${server}' refuses this host's credentials (HTTP ${status}).`;
    return hostFailure("upstream_error", text, { detail });
  }
  // Turned away at the door.
  if (status === 429 || status === 503) {
    return { ...unreached(server, RETRY_MS), throttled: status === 429, detail };
  }
  if (status >= 500) return { ...lost(server, repeatable, error), detail };
  const text = `The server '${server}' refused the request (HTTP ${status}).`;
  return hostFailure("upstream_error", text, { detail });
}

function isAnswerLost(error: unknown): boolean {
  if (error instanceof ProtocolError) return error.data === ANSWER_LOST;
  if (error instanceof SdkError) return error.code === SdkErrorCode.ConnectionClosed;
  return isNetworkError(error) && !causedBy(error, MessageTooLongError);
}

/** The SDK says it with an error of no class. */
function isNotConnected(error: unknown): boolean {
  if (error instanceof SdkError) return error.code === SdkErrorCode.NotConnected;
  return error instanceof Error && error.message === "Not connected";
}

function causedBy(error: unknown, type: new () => Error): boolean {
  return error instanceof type || (error instanceof Error && error.cause instanceof type);
}

/** A server's own words, on their way to a model: bounded, and without what does not show. */
function textOf(text: string): string {
  const clean = text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Co}]/gu, " ");
  return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT - 1)}…` : clean;
}
