import type { Aborting } from "../base/call-signal.ts";
import { hostFailure, invalidArguments } from "../base/failure.ts";
import { describeIssues } from "../base/issues.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginRequest,
  type Reply,
} from "../base/port.ts";
import { BUDGET_SPENT } from "../base/retry-budget.ts";
import { inputRequiredBrand } from "../plugin-api/input.ts";
import type { InputRequired, JsonObject, ToolContext, ToolOutput } from "../plugin-api/index.ts";
import { callMember } from "./call-member.ts";
import { toContents } from "./contents.ts";
import { failureOf } from "./failure-of.ts";
import { NotJsonError, toJson } from "./json-value.ts";
import type { LivePlugin, LiveTool } from "./live-plugin.ts";
import { toMessages, toReply } from "./reply.ts";
import { routeToHandlers } from "./route.ts";
import { hasMembers } from "./spelling.ts";
import { createToolContext, type AttemptState } from "./tool-context.ts";

/** Runs one attempt of one request. Never rejects. */
export async function invoke(
  plugin: LivePlugin,
  config: Readonly<Record<string, unknown>>,
  invocation: Invocation,
  signal: Aborting,
  services: CallServices,
): Promise<Outcome> {
  const state: AttemptState = { selfRetried: false, isBudgetSpent: false };
  const context = createToolContext(plugin, config, invocation, signal, services, state);
  try {
    return await carryOut(plugin, invocation, context, services);
  } catch (error) {
    const failure = {
      ...failureOf(error),
      ...(state.isBudgetSpent && { notRepeated: BUDGET_SPENT }),
    };
    return { kind: "failure", failure, ...(state.selfRetried && { selfRetried: true }) };
  }
}

async function carryOut(
  plugin: LivePlugin,
  invocation: Invocation,
  context: ToolContext,
  services: CallServices,
): Promise<Outcome> {
  const { request } = invocation;
  switch (request.kind) {
    case "member":
      return callMember(plugin, request, context, services);
    case "tool": {
      const tool = plugin.tools.get(request.name);
      return tool === undefined ? gone(request) : callTool(plugin, tool, invocation, context);
    }
    case "prompt": {
      const messages = plugin.prompts.get(request.name)?.messages;
      if (messages === undefined) return gone(request);
      const output = await messages(request.arguments, context);
      return asked(output) ?? { kind: "messages", messages: toMessages(output) };
    }
    case "resource": {
      const read = plugin.resources.get(request.name)?.read;
      if (read === undefined) return gone(request);
      const { uri, variables } = request;
      const output = await read({ ...context, uri, variables });
      return asked(output) ?? { kind: "contents", contents: toContents(output, uri) };
    }
    case "completion": {
      const { of, name, argument, typed } = request;
      const owner = of === "prompt" ? plugin.prompts.get(name) : plugin.resources.get(name);
      const complete = owner?.completers.get(argument);
      if (complete === undefined) return gone(request);
      const { signal } = context;
      const values = await complete(typed, { arguments: request.arguments, signal });
      return { kind: "values", values: toTexts(toJson(values)) };
    }
  }
}

async function callTool(
  plugin: LivePlugin,
  tool: LiveTool,
  invocation: Invocation,
  context: ToolContext,
): Promise<Outcome> {
  const checked = await tool.input.validate(freshArguments(invocation));
  if (!checked.ok) {
    return failed(invalidArguments(describeIssues(checked.issues)));
  }
  if (invocation.long) context.background();
  let output: ToolOutput;
  if (tool.handler === undefined) {
    const args = checked.value as Readonly<Record<string, unknown>>;
    const routed = await routeToHandlers(plugin, tool, args, context, invocation.sessionId);
    if ("failure" in routed) return failed(routed.failure);
    ({ output } = routed);
  } else {
    output = await tool.handler(checked.value, context);
  }
  return asked(output) ?? { kind: "reply", reply: await checkedReply(tool, output) };
}

function isInputRequired(output: unknown): output is InputRequired {
  return (
    hasMembers(output) &&
    (output as { [inputRequiredBrand]?: unknown })[inputRequiredBrand] === true
  );
}

/** Where there may be a next attempt, it must not find what the handler of this one did to its arguments. */
function freshArguments({ request, retryCount }: Invocation): JsonObject {
  const args = request.kind === "tool" ? request.arguments : {};
  return retryCount > 0 ? structuredClone(args) : args;
}

/** The outcome of a handler that wants to ask the user first. */
function asked(output: unknown): Outcome | undefined {
  if (!isInputRequired(output)) return undefined;
  const { requests, state } = output;
  return {
    kind: "input_required",
    requests: toJson(requests) as unknown as InputRequired["requests"],
    ...(state !== undefined && { state: toJson(state) }),
  };
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

function toTexts(values: unknown): readonly string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === "string")) return values;
  throw new NotJsonError("", "no list of texts");
}

function gone({ kind, name }: PluginRequest): Outcome {
  return failed(hostFailure("plugin_unavailable", `The ${kind} '${name}' is gone.`));
}
