import {
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Failure } from "../base/failure.ts";
import type { TaskHandle } from "../base/port.ts";
import type { TaskRecord } from "../base/task.ts";
import type { Host } from "../host/host.ts";
import type { InputAnswer } from "../plugin-api/index.ts";
import { principalOf } from "./caller.ts";
import { toInputRequired } from "./input-requests.ts";
import { toCallToolResult } from "./result.ts";
import { takesTasks, tasksNeeded } from "./tasks-extension.ts";

/** How long a client should wait before it asks again. */
const POLL_MS = 1_000;

/** What `tools/call` answers when the call goes on without it. The SDK passes it on, but has no type for it. */
export function toCreatedTask(task: TaskHandle): CallToolResult {
  return { resultType: "task", ...fields(task) } as unknown as CallToolResult;
}

/** Serves `tasks/get`, `tasks/update` and `tasks/cancel`. */
export function serveTasks({ server }: McpServer, host: Host): void {
  const params = { params: taskParams };
  server.setRequestHandler("tasks/get", params, async ({ taskId }, context) => {
    const principal = clientOf(context);
    const record = await host.tasks.find(taskId, principal);
    if (record === undefined) throw unknownTask(taskId);
    return { ...fields(record), ...details(record, host) };
  });
  server.setRequestHandler("tasks/update", params, async ({ taskId }, context) => {
    const answers = (context.mcpReq.inputResponses ?? {}) as Readonly<Record<string, InputAnswer>>;
    const found = await host.tasks.answer(taskId, clientOf(context), answers);
    if (!found) throw unknownTask(taskId);
    return {};
  });
  server.setRequestHandler("tasks/cancel", params, async ({ taskId }, context) => {
    if (!(await host.tasks.cancel(taskId, clientOf(context)))) throw unknownTask(taskId);
    return {};
  });
}

interface TaskParams {
  readonly taskId: string;
}

/** Three such schemas are made per request: nothing may be compiled for them. */
const taskParams = {
  "~standard": {
    version: 1,
    vendor: "agentflow",
    types: undefined as { readonly input: TaskParams; readonly output: TaskParams } | undefined,
    validate: (
      value: unknown,
    ):
      | { readonly value: TaskParams }
      | { readonly issues: readonly { readonly message: string }[] } => {
      const { taskId } = value as Partial<TaskParams>;
      if (typeof taskId === "string") return { value: { taskId } };
      return { issues: [{ message: "'taskId' must be text" }] };
    },
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

function unknownTask(id: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown task: ${id}`);
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
    return { error: protocolError(outcome.failure) };
  }
  return { result: toCallToolResult(outcome, host.catalogue.tools.get(tool)) };
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
