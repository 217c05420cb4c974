import type { Json, JsonObject } from "../plugin-api/index.ts";
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
import { inBothSpellings } from "./spelling.ts";

const WORKFLOW_FIELDS = ["id", "status", "agent", "createdAt", "updatedAt"];
const WORKFLOW_SHAPE = "a workflow { id, status, agent, createdAt, updatedAt, … }";
const METRIC_FIELDS = ["name", "value", "time", "labels"];
const METRIC_SHAPE = "a metric { name, value, time, labels? }";
const ENTRY_FIELDS = ["value", "version", "expiresAt"];
const QUERY_FIELDS = ["status", "name", "start", "end", "limit", "offset", "prefix", "after"];
const PUT_FIELDS = ["ifVersion", "ttlMs"];

/** What cannot be listed at once is listed page by page. */
const MOST = 1_000;

/** Through the port go milliseconds and queries (`base/storage.ts`); authors know ISO times and parameters in a row. */
export const storageMembers: Readonly<Record<string, MemberAdapter>> = {
  saveWorkflow: async ({ args: [given], run }) => {
    const workflow = bagArgument(given, "the workflow", WORKFLOW_FIELDS);
    textArgument(workflow["id"] as Json | undefined, "the workflow's id");
    await run?.(inBothSpellings(withTimes(workflow, toIso), WORKFLOW_FIELDS));
    return undefined;
  },
  loadWorkflow: async ({ args: [id], run }) => {
    const output = await run?.(textArgument(id, "the id"));
    return output === undefined || output === null ? undefined : toWorkflow(toJson(output), "");
  },
  listWorkflows: async ({ args: [given], run }) => {
    const { status, limit = MOST, offset = 0 } = bagArgument(given, "the query", QUERY_FIELDS);
    return toList(await run?.(status, limit, offset), toWorkflow);
  },
  deleteWorkflow: async ({ args: [id], run }) => truth(await run?.(textArgument(id, "the id"))),

  saveMetric: async ({ args: [given], run }) => {
    const metric = bagArgument(given, "the metric", METRIC_FIELDS);
    await run?.({ ...metric, time: toIso(metric["time"]) });
    return undefined;
  },
  getMetrics: async ({ args: [given], run }) => {
    const { name, start, end, limit = MOST } = bagArgument(given, "the query", QUERY_FIELDS);
    const [from, to] = [start, end].map((time) => (time === undefined ? undefined : toIso(time)));
    return toList(await run?.(name, from, to, limit), toMetric);
  },
  deleteMetrics: async ({ args: [given], run }) => {
    await run?.(toIso(bagArgument(given, "the query", ["before"])["before"]));
    return undefined;
  },

  get: async ({ args: [namespace, key], run }) => {
    const output = await run?.(
      textArgument(namespace, "the namespace"),
      textArgument(key, "the key"),
    );
    return output === undefined || output === null ? undefined : toEntry(toJson(output));
  },
  put: async ({ args: [namespace, key, value, given], run }) => {
    const { ttlMs, ...options } = bagArgument(given, "the options", PUT_FIELDS);
    const output = await run?.(
      textArgument(namespace, "the namespace"),
      textArgument(key, "the key"),
      value,
      inBothSpellings(
        { ...options, ...(typeof ttlMs === "number" && { ttl: ttlMs / 1_000 }) },
        PUT_FIELDS,
      ),
    );
    if (output === undefined || output === null) return undefined;
    if (typeof output === "number" && Number.isSafeInteger(output)) return output;
    throw new NotJsonError("", `${found(output)}, not the new version`);
  },
  delete: async ({ args: [namespace, key, given], run }) => {
    const options = inBothSpellings(bagArgument(given, "the options", PUT_FIELDS), PUT_FIELDS);
    const names = [textArgument(namespace, "the namespace"), textArgument(key, "the key")];
    return truth(await run?.(...names, options));
  },
  keys: async ({ args: [namespace, given], run }) => {
    const query = bagArgument(given, "the query", QUERY_FIELDS);
    const output = await run?.(textArgument(namespace, "the namespace"), { prefix: "", ...query });
    return toList(output, textResult);
  },
  count: async ({ args: [namespace], run }) => {
    const output = await run?.(textArgument(namespace, "the namespace"));
    if (typeof output === "number" && Number.isSafeInteger(output)) return output;
    throw new NotJsonError("", `${found(output)}, not a number of entries`);
  },
};

function toWorkflow(value: unknown, pointer: string): JsonObject {
  const workflow = bagResult(value, pointer, WORKFLOW_SHAPE, WORKFLOW_FIELDS);
  for (const field of ["id", "status", "agent"]) textResult(workflow[field], `${pointer}/${field}`);
  return withTimes(workflow, (time, field) => toMs(time, `${pointer}/${field}`));
}

function toMetric(value: unknown, pointer: string): JsonObject {
  const metric = bagResult(value, pointer, METRIC_SHAPE, METRIC_FIELDS);
  textResult(metric["name"], `${pointer}/name`);
  if (typeof metric["value"] !== "number") {
    throw new NotJsonError(`${pointer}/value`, `${found(metric["value"])}, not a number`);
  }
  return { ...(metric as JsonObject), time: toMs(metric["time"], `${pointer}/time`) };
}

function toEntry(value: unknown): JsonObject {
  const entry = bagResult(value, "", "an entry { value, version, expiresAt? }", ENTRY_FIELDS);
  const { expiresAt, ...rest } = entry;
  if (typeof rest["version"] !== "number") {
    throw new NotJsonError("/version", `${found(rest["version"])}, not a number`);
  }
  if (rest["value"] === undefined) throw new NotJsonError("/value", "not there");
  const isForGood = expiresAt === undefined || expiresAt === null;
  return {
    ...(rest as JsonObject),
    ...(!isForGood && { expiresAt: toMs(expiresAt, "/expiresAt") }),
  };
}

function withTimes(
  workflow: Record<string, unknown>,
  convert: (time: unknown, field: string) => Json,
): JsonObject {
  const times = ["createdAt", "updatedAt"].map((field) => [field, convert(workflow[field], field)]);
  return { ...(workflow as JsonObject), ...(Object.fromEntries(times) as JsonObject) };
}

function toIso(time: unknown): string {
  if (typeof time === "number" && Number.isFinite(time)) return new Date(time).toISOString();
  throw new BadArgumentError(`a time must be a number of milliseconds, found ${found(time)}`);
}

/** Of an ISO time, or of what an author keeps as it came: milliseconds. */
function toMs(time: unknown, pointer: string): number {
  const ms = typeof time === "string" ? Date.parse(time) : time;
  if (typeof ms === "number" && Number.isFinite(ms)) return ms;
  throw new NotJsonError(pointer, `${found(time)}, not an ISO time`);
}

function toList<T extends Json>(
  output: unknown,
  toItem: (item: unknown, pointer: string) => T,
): readonly T[] {
  const items = toJson(output ?? null);
  if (!Array.isArray(items)) throw new NotJsonError("", `${found(items)}, not a list`);
  return items.map((item, index) => toItem(item, `/${index}`));
}

function truth(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new NotJsonError("", `${found(value)}, not true or false`);
}
