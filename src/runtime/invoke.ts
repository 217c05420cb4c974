import { messageOf } from "../base/errors.ts";
import { hostFailure, type Failure } from "../base/failure.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type Reply,
} from "../base/port.ts";
import { classifyError } from "../base/transient.ts";
import { toolErrorBrand } from "../plugin-api/errors.ts";
import type { JsonObject, ToolOutput } from "../plugin-api/index.ts";
import { NotJsonError, toJson } from "./json-value.ts";
import type { LivePlugin, LiveTool } from "./live-plugin.ts";
import { toReply } from "./reply.ts";
import { routeToHandlers } from "./route.ts";
import { describeIssues } from "./schemas.ts";
import { createToolContext, type AttemptState } from "./tool-context.ts";

/** Runs one attempt: arguments checked, handler run, answer checked. Never rejects. */
export async function invoke(
  plugin: LivePlugin,
  config: Readonly<Record<string, unknown>>,
  invocation: Invocation,
  signal: AbortSignal,
  services: CallServices,
): Promise<Outcome> {
  const tool = plugin.tools.get(invocation.tool);
  if (tool === undefined) {
    return failed(hostFailure("plugin_unavailable", `The tool '${invocation.tool}' is gone.`));
  }
  const state: AttemptState = { selfRetried: false };
  try {
    const checked = await tool.input.validate(freshArguments(invocation));
    if (!checked.ok) {
      return failed(
        hostFailure("invalid_arguments", `Invalid arguments: ${describeIssues(checked.issues)}.`),
      );
    }
    const context = createToolContext(plugin, config, invocation, signal, services, state);
    let output: ToolOutput;
    if (tool.handler === undefined) {
      const args = checked.value as Readonly<Record<string, unknown>>;
      const routed = await routeToHandlers(plugin, tool, args, context, invocation.sessionId);
      if ("failure" in routed) return failed(routed.failure);
      ({ output } = routed);
    } else {
      output = await tool.handler(checked.value, context);
    }
    return { kind: "reply", reply: await checkedReply(tool, output) };
  } catch (error) {
    const failure = toFailure(error);
    return { kind: "failure", failure, ...(state.selfRetried && { selfRetried: true }) };
  }
}

/** Where there may be a next attempt, it must not find what the handler of this one did to its arguments. */
function freshArguments({ arguments: args, retryCount }: Invocation): JsonObject {
  return retryCount > 0 ? structuredClone(args) : args;
}

/** `data` must be what the tool's `outputSchema` promises; an error result owes nothing. */
async function checkedReply(tool: LiveTool, output: ToolOutput): Promise<Reply> {
  const reply = toReply(output, tool.manifest.settings.toolName);
  if (tool.output === undefined || reply.envelope?.error !== undefined) return reply;
  if (reply.data === undefined) {
    throw new NotJsonError("/data", "missing, though the tool declares an outputSchema");
  }
  const checked = await tool.output.validate(reply.data);
  if (!checked.ok) {
    throw new NotJsonError(
      "/data",
      `not what the outputSchema says: ${describeIssues(checked.issues)}`,
    );
  }
  return { ...reply, data: toJson(checked.value) };
}

/** What was thrown, as a failure: only a ToolError's text is meant for the client. */
function toFailure(error: unknown): Failure {
  if (error instanceof NotJsonError) {
    return hostFailure("invalid_result", "The tool gave an answer that cannot be delivered.", {
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
    detail: detailOf(error),
  };
  const toolError = asToolError(error);
  if (toolError !== undefined) return { ...toolError, ...shared };
  return hostFailure(
    "tool_error",
    "The tool failed. Details are in the server's log under the error id.",
    { ...shared, opaque: true },
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

function detailOf(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error);
  } catch {
    return "an error that cannot be shown";
  }
}
