import type { CallServices, Invocation, Outcome } from "../base/port.ts";
import type { Call } from "../execution/call.ts";
import { memberReply, memberRequest, type AgentMember } from "../workflow/agent-tools.ts";
import { cancelled } from "../execution/cancelled.ts";
import type { Instance } from "./instance.ts";
import { ToolCalls, type ToolCallsOptions } from "./tool-calls.ts";

/** One attempt of a call, in an instance of its plugin. Never rejects. */
export async function attempt(
  call: Call,
  instance: Instance,
  toolCalls: ToolCallsOptions,
): Promise<Outcome> {
  // While its plugin was loading, its caller has left or its time has passed: nothing may begin any more.
  if (call.signal.aborted) return cancelled(call, false);
  let open = true;
  // Most tools call no other one.
  let others: ToolCalls | undefined;
  const own = instance.services;
  const services: CallServices = {
    log: (level, message, fields) => own.log(level, message, fields),
    storage: own.storage,
    configOf: (name) => own.configOf(name),
    resourceUpdated: (uri) => own.resourceUpdated(uri),
    definitionsChanged: () => own.definitionsChanged(),
    onBegin: () => call.onBegin(),
    remainingMs: () => call.remainingMs(),
    onMoreTime: (listener) => call.deadline.onRestart(() => listener(call.remainingMs())),
    background: () => call.background(),
    retriesItself: () => call.onSelfRetry(),
    // What still comes after the attempt's end belongs to no request any more.
    progress: (note) => {
      if (open && !call.signal.aborted) call.progress(note);
    },
    logToClient: (level, data) => {
      if (open && !call.signal.aborted) call.logToClient(level, data);
    },
    chunk: (text) => {
      if (open && !call.signal.aborted) call.chunk(text);
    },
    callTool: (name, args) => (others ??= new ToolCalls(call, toolCalls)).run(name, args),
  };
  try {
    return await instance.use((port) => port.invoke(toInvocation(call), call.signal, services));
  } finally {
    open = false;
  }
}

/** The same for a tool that is a member of an agent. */
export async function attemptMember(
  call: Call,
  of: AgentMember,
  instance: Instance,
  toolCalls: ToolCallsOptions,
): Promise<Outcome> {
  const { request } = call;
  if (request.kind !== "tool") return attempt(call, instance, toolCalls);
  const asked = { ...call, request: memberRequest(of, request.arguments) };
  const outcome = await attempt(asked, instance, toolCalls);
  if (outcome.kind !== "value") return outcome;
  return { kind: "reply", reply: memberReply(of, outcome.value) };
}

/** What of a call goes through the port: plain JSON, in which nothing is undefined. */
function toInvocation(call: Call): Invocation {
  const { sessionId, state } = call;
  const invocation: { -readonly [Key in keyof Invocation]: Invocation[Key] } = {
    request: call.request,
    attempt: call.attempt,
    long: call.policy.long !== false,
    retryCount: call.policy.retryCount,
    idempotencyKey: call.idempotencyKey,
    principal: call.principal,
    client: call.client,
    inputs: call.inputs,
  };
  if (sessionId !== undefined) invocation.sessionId = sessionId;
  if (state !== undefined) invocation.state = state;
  if (call.depth > 0) invocation.depth = call.depth;
  return invocation;
}
