import { detailOf } from "../base/errors.ts";
import { hostFailure, type Failure } from "../base/failure.ts";
import { classifyError } from "../base/transient.ts";
import { toolErrorBrand } from "../plugin-api/errors.ts";
import { NotJsonError } from "./json-value.ts";

/** What was thrown, as a failure: only a ToolError's text is meant for the client. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NotJsonError) {
    return hostFailure("invalid_result", "The plugin gave an answer that cannot be delivered.", {
      detail: error.message,
      opaque: true,
    });
  }
  const { transient, throttled, retryAfterMs } = classifySafely(error);
  const shared = {
    retryable: transient,
    transient,
    ...(throttled && { throttled }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  const toolError = asToolError(error);
  if (toolError !== undefined) {
    // Its text says it all; where it came from is of interest only if there is something behind it.
    const cause = error instanceof Error ? error.cause : undefined;
    return { ...toolError, ...shared, ...(cause !== undefined && { detail: detailOf(cause) }) };
  }
  return hostFailure(
    "tool_error",
    "The tool failed. Details are in the server's log under the error id.",
    { ...shared, detail: detailOf(error), opaque: true },
  );
}

function asToolError(error: unknown): { code: string; message: string } | undefined {
  try {
    if (typeof error !== "object" || error === null) return undefined;
    const { name, code, message } = error as Record<string, unknown>;
    const branded = (error as Record<symbol, unknown>)[toolErrorBrand] === true;
    if (!branded && !(name === "ToolError" && typeof code === "string")) return undefined;
    return {
      code: typeof code === "string" ? code : "tool_error",
      message: typeof message === "string" ? message : "The tool failed.",
    };
  } catch {
    // A getter that throws: not one of ours.
    return undefined;
  }
}

function classifySafely(error: unknown): ReturnType<typeof classifyError> {
  try {
    return classifyError(error);
  } catch {
    return { transient: false };
  }
}
