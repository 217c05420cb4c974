import { hasMembers, inBothSpellings } from "./spelling.ts";
import { TaskStatus, type Json, type JsonObject } from "../plugin-api/index.ts";
import { NotJsonError, toJson } from "./json-value.ts";
import {
  BadArgumentError,
  bagArgument,
  bagResult,
  found,
  textArgument,
  textResult,
  type MemberAdapter,
} from "./member-call.ts";

const TASK_FIELDS = ["id", "name", "agentType", "description", "parameters", "dependencies"];
const CONTEXT_FIELDS = ["userId", "sessionId", "campaignId", "channel", "metadata"];
const RESULT_FIELDS = ["taskId", "status", "result", "error", "metadata"];
const RESULT_SHAPE = "a TaskResult { taskId, status, result?, error?, metadata? }";
const STATUSES: readonly string[] = Object.values(TaskStatus);

export const agentMembers: Readonly<Record<string, MemberAdapter>> = {
  plan: async ({ name, args: [context], run, context: call }) => {
    const output = toJson((await run?.(toContext(context), call)) ?? null);
    if (!Array.isArray(output))
      throw new NotJsonError("", `${found(output)}, not a list of TaskSpecs`);
    return output.map((task, index) => toTask(task, `/${index}`, name));
  },

  execute: async ({ name, args: [given, context], run, context: call }) => {
    const task = toTaskArgument(given, name);
    const startedAt = performance.now();
    const output = await run?.(inBothSpellings({ ...task }, TASK_FIELDS), toContext(context), call);
    return toResult(output, task.id, (performance.now() - startedAt) / 1_000);
  },
};

function toContext(value: Json | undefined): object {
  const context = bagArgument(value, "the context", CONTEXT_FIELDS);
  return inBothSpellings({ ...context, metadata: context["metadata"] ?? {} }, CONTEXT_FIELDS);
}

/** A task as `plan` gave it, with what it left out. */
function toTask(
  value: unknown,
  pointer: string,
  agent: string,
): JsonObject & { readonly id: string } {
  const shape = "a TaskSpec { id, name, agentType?, description?, parameters?, dependencies? }";
  const task = bagResult(value, pointer, shape, TASK_FIELDS);
  const id = textResult(task["id"], `${pointer}/id`);
  const { parameters, dependencies } = withoutNull(task);
  if (parameters !== undefined) bagResult(parameters, `${pointer}/parameters`, "an object", []);
  if (dependencies !== undefined && !isTexts(dependencies)) {
    throw new NotJsonError(
      `${pointer}/dependencies`,
      `${found(dependencies)}, not a list of task ids`,
    );
  }
  const words = { name: id, agentType: agent, description: "" };
  const said = Object.entries(words).map(([field, usual]) => [
    field,
    textResult(task[field] ?? usual, `${pointer}/${field}`),
  ]);
  return {
    ...(task as JsonObject),
    ...(Object.fromEntries(said) as JsonObject),
    id,
    parameters: (parameters ?? {}) as JsonObject,
    dependencies: dependencies ?? [],
  };
}

function toTaskArgument(value: Json | undefined, agent: string): ReturnType<typeof toTask> {
  const task = bagArgument(value, "the task", TASK_FIELDS);
  textArgument(task["id"] as Json | undefined, "the task's id");
  try {
    return toTask(task, "", agent);
  } catch (error) {
    if (error instanceof NotJsonError) throw new BadArgumentError(`the task: ${error.message}`);
    throw error;
  }
}

function toResult(output: unknown, taskId: string, seconds: number): JsonObject {
  const result = bagResult(toJson(withErrorAsText(output)), "", RESULT_SHAPE, RESULT_FIELDS);
  const status = toStatus(result["status"]);
  const { taskId: said = taskId, error, metadata = {} } = withoutNull(result);
  if (said !== taskId) {
    throw new NotJsonError("/taskId", `${found(said)}, but the task is ${JSON.stringify(taskId)}`);
  }
  const about = bagResult(metadata, "/metadata", "an object", ["executionTime"]);
  const time = about["executionTime"] ?? Math.round(seconds * 1_000) / 1_000;
  if (typeof time !== "number" || time < 0) {
    throw new NotJsonError("/metadata/executionTime", `${found(time)}, not a number of seconds`);
  }
  const { error: _error, ...rest } = result;
  return {
    ...(rest as JsonObject),
    taskId,
    status,
    ...(error !== undefined && { error: textResult(error, "/error") }),
    metadata: { ...about, executionTime: time },
  };
}

function toStatus(value: unknown): string {
  const status = typeof value === "string" ? value.toLowerCase() : undefined;
  if (status !== undefined && STATUSES.includes(status)) return status;
  throw new NotJsonError("/status", `${found(value)}, not one of ${STATUSES.join(", ")}`);
}

/** Whoever catches an error may well pass it on as it is. */
function withErrorAsText(output: unknown): unknown {
  if (!hasMembers(output) || !(output["error"] instanceof Error)) return output ?? null;
  return { ...output, error: output["error"].message };
}

/** Python's None stands for what is not there. */
function withoutNull(bag: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(bag).filter(([, value]) => value !== null));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
