import {
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type McpServer,
  type ServerContext,
  type Transport,
} from "@modelcontextprotocol/server";
import type { Failure } from "../base/failure.ts";
import type { TaskHandle } from "../base/port.ts";
import type { TaskRecord } from "../base/task.ts";
import type { Host } from "../host/host.ts";
import type { InputAnswer } from "../plugin-api/index.ts";
import { principalOf } from "./caller.ts";
import { toInputRequired } from "./input-requests.ts";
import { toCallToolResult } from "./tool-result.ts";
import { takesTasks, tasksNeeded } from "./tasks-extension.ts";

/** How long a client should wait before it asks again. */
const POLL_MS = 1_000;

/** What `tools/call` answers when the call goes on without it. The SDK passes it on, but has no type for it. */
export function toCreatedTask(task: TaskHandle): CallToolResult {
  return { resultType: "task", ...fields(task) } as unknown as CallToolResult;
}

/** The SDK gives every result of `tools/call` a content; a task has none. */
export function sendTasksWithoutContent(transport: Transport): void {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if (!("result" in message) || message.result["resultType"] !== "task") {
      return send(message, options);
    }
    const { content: _empty, ...task } = message.result;
    return send({ ...message, result: task }, options);
  };
}

/** Serves `tasks/get`, `tasks/update` and `tasks/cancel`. */
export function serveTasks(server: McpServer, host: Host): void {
  serve(server, "tasks/get", async (id, principal) => {
    const record = await host.tasks.find(id, principal);
    return record && { ...fields(record), ...details(record, host) };
  });
  serve(server, "tasks/update", async (id, principal, { mcpReq }) => {
    const answers = (mcpReq.inputResponses ?? {}) as Readonly<Record<string, InputAnswer>>;
    return (await host.tasks.answer(id, principal, answers)) ? {} : undefined;
  });
  serve(server, "tasks/cancel", async (id, principal) =>
    (await host.tasks.cancel(id, principal)) ? {} : undefined,
  );
}

/** What a method answers about a task; undefined where its client has none of that id. */
type Answer = (
  id: string,
  principal: string,
  context: ServerContext,
) => Promise<Record<string, unknown> | undefined>;

function serve(
  { server }: McpServer,
  method: "tasks/get" | "tasks/update" | "tasks/cancel",
  answer: Answer,
): void {
  server.setRequestHandler(method, { params: anyParams }, async (params, context) => {
    const principal = clientOf(context);
    const { taskId: id } = params ?? {};
    if (typeof id !== "string") {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, "'taskId' must be text");
    }
    const result = await answer(id, principal, context);
    if (result === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown task: ${id}`);
    }
    return result;
  });
}

interface AnyParams {
  readonly taskId?: unknown;
}

/** Whoever may not use these methods is told that first, whatever the parameters. */
const anyParams = {
  "~standard": {
    version: 1,
    vendor: "agentflow",
    types: undefined as
      | { readonly input: AnyParams | undefined; readonly output: AnyParams | undefined }
      | undefined,
    validate: (value: unknown) => ({ value: value as AnyParams | undefined }),
  },
} as const;

/** The principal of a client that may use these methods. */
function clientOf(context: ServerContext): string {
  if (context.mcpReq.envelope === undefined) {
    throw new ProtocolError(ProtocolErrorCode.MethodNotFound, "Method not found");
  }
  if (!takesTasks(context)) throw tasksNeeded();
  return principalOf(context);
}

function fields({ id, status, createdAt, updatedAt, ttlMs }: TaskHandle): object {
  return {
    taskId: id,
    status,
    createdAt: new Date(createdAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
    ttlMs: Math.ceil(ttlMs),
    pollIntervalMs: POLL_MS,
  };
}

/** What there is beside the status: how far it is, what it asks, how it ended. */
function details({ status, progress, requests, outcome, tool }: TaskRecord, host: Host): object {
  if (status === "input_required") {
    return { inputRequests: toInputRequired(requests ?? {}, undefined).inputRequests };
  }
  if (status === "working") return progress === undefined ? {} : { statusMessage: told(progress) };
  if (outcome === undefined || status === "cancelled") return {};
  if (status === "failed" && outcome.kind === "failure") {
    return { statusMessage: outcome.failure.message, error: protocolError(outcome.failure) };
  }
  const result = toCallToolResult(outcome, host.catalogue.tools.get(tool));
  // As the call would have been answered: clients check it as such.
  return { result: { resultType: "complete", ...result } };
}

function told({ done, total, message }: NonNullable<TaskRecord["progress"]>): string {
  const share = total === undefined ? String(done) : `${done} of ${total}`;
  return message === undefined ? share : `${share}: ${message}`;
}

/** A failure that is no answer of the tool's. */
function protocolError({ code, message }: Failure): object {
  const number =
    code === "cannot_ask"
      ? ProtocolErrorCode.MissingRequiredClientCapability
      : ProtocolErrorCode.InternalError;
  return { code: number, message, data: { code } };
}
