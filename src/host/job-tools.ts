import { realSignal, type Aborting } from "../base/call-signal.ts";
import { hostFailure, invalidArguments } from "../base/failure.ts";
import { OFFERS_NOTHING, type Manifest, type ToolManifest } from "../base/manifest.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginPort,
  type TaskHandle,
} from "../base/port.ts";
import { isOver, type TaskRecord } from "../base/task.ts";
import type { Tasks } from "../execution/tasks.ts";

/** Id under which the host's own tools stand in the catalogue. */
export const HOST_ID = "agentflow";

export const JOB_RESULT = "job_result";

const DEFAULT_WAIT_S = 20;
const LONGEST_WAIT_S = 40;

const jobId = { type: "string", description: "The job id that the call answered with." };

const tools: readonly ToolManifest[] = [
  tool("job_status", "Says how far a call is that goes on in the background.", {
    job_id: jobId,
  }),
  tool(
    JOB_RESULT,
    "Waits for the answer of a call that goes on in the background, and gives it. Call it again while the job is still running.",
    {
      job_id: jobId,
      wait: {
        type: "number",
        minimum: 0,
        maximum: LONGEST_WAIT_S,
        default: DEFAULT_WAIT_S,
        description: "Longest wait in seconds.",
      },
    },
  ),
  {
    ...tool("job_cancel", "Stops a call that goes on in the background.", { job_id: jobId }),
    annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
];

function tool(
  name: string,
  description: string,
  properties: Readonly<Record<string, object>>,
): ToolManifest {
  return {
    name,
    description,
    inputSchema: { type: "object", properties, required: ["job_id"], additionalProperties: false },
    annotations: { readOnlyHint: true, openWorldHint: false },
    permissions: [],
    settings: { timeoutMs: (LONGEST_WAIT_S + 2) * 1_000 },
  };
}

/** The tools with which clients without tasks come back for what they have started. */
export class JobTools implements PluginPort {
  readonly #tasks: Tasks;
  readonly #version: string;

  constructor(tasks: Tasks, version: string) {
    this.#tasks = tasks;
    this.#version = version;
  }

  async describe(): Promise<Manifest> {
    return {
      info: { name: HOST_ID, version: this.#version, description: "Tools of the server itself." },
      ...OFFERS_NOTHING,
      tools,
    };
  }

  async activate(): Promise<void> {}

  async close(): Promise<void> {}

  async invoke(
    { request, principal, inputs }: Invocation,
    signal: Aborting,
    services: CallServices,
  ): Promise<Outcome> {
    services.onBegin();
    if (request.kind !== "tool") return unknownJob("");
    const { job_id: id, wait = DEFAULT_WAIT_S } = request.arguments;
    if (typeof id !== "string") return invalid("'job_id' must be text");
    if (typeof wait !== "number" || wait < 0 || wait > LONGEST_WAIT_S) {
      return invalid(`'wait' must be a number of seconds from 0 to ${LONGEST_WAIT_S}`);
    }
    const record = await this.#tasks.find(id, principal.id);
    if (record === undefined) return unknownJob(id);
    switch (request.name) {
      case "job_status":
        return status(record);
      case "job_cancel":
        await this.#tasks.cancel(id, principal.id);
        return status((await this.#tasks.find(id, principal.id)) ?? record);
      default:
        if (Object.keys(inputs).length > 0) await this.#tasks.answer(id, principal.id, inputs);
        await this.#wait(
          id,
          Math.min(wait * 1_000, services.remainingMs() - 1_000),
          signal,
          services,
        );
        return result((await this.#tasks.find(id, principal.id)) ?? record);
    }
  }

  async #wait(
    id: string,
    milliseconds: number,
    signal: Aborting,
    services: CallServices,
  ): Promise<void> {
    const time = new AbortController();
    const timer = setTimeout(() => time.abort(), Math.max(0, milliseconds));
    const until = AbortSignal.any([realSignal(signal), time.signal]);
    await this.#tasks.settled(id, until, (note) => services.progress(note));
    clearTimeout(timer);
  }
}

function status({ progress, ...record }: TaskRecord): Outcome {
  const data = { ...described(record), ...(progress && { progress: { ...progress } }) };
  const seconds = Math.round((record.updatedAt - record.createdAt) / 1_000);
  const state = isOver(record) ? `${record.status} after ${seconds} s` : record.status;
  const far = progress?.message ?? (progress && `${progress.done}/${progress.total ?? "?"}`);
  const text = `The call of '${record.tool}' is ${state}${far === undefined ? "" : ` (${far})`}.`;
  return { kind: "reply", reply: { content: [{ type: "text", text }], data } };
}

function described({ id, tool: name, status: state, createdAt, updatedAt }: TaskRecord): {
  readonly [key: string]: string;
} {
  return {
    jobId: id,
    tool: name,
    status: state,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

/** What the call has come to: its answer, its question, or the news that it is still at work. */
function result(record: TaskRecord): Outcome {
  if (record.status === "input_required") {
    return { kind: "input_required", requests: record.requests ?? {} };
  }
  const { outcome } = record;
  return outcome === undefined
    ? stillRunning(record.tool, record)
    : { ...outcome, of: record.tool };
}

/** The answer to a call that goes on in the background, for clients without tasks. */
export function stillRunning(name: string, { id }: TaskHandle): Outcome & { kind: "failure" } {
  const text =
    `'${name}' is still running, as job ${id}. Get its answer with job_result {"job_id":"${id}"}; ` +
    `see how far it is with job_status, stop it with job_cancel. Do not call '${name}' again for it.`;
  return failed(hostFailure("still_running", text, { jobId: id }));
}

function unknownJob(id: string): Outcome {
  const text = `There is no job ${JSON.stringify(id)}: it was never yours, or its answer has expired.`;
  return failed(hostFailure("unknown_job", text));
}

function invalid(text: string): Outcome {
  return failed(invalidArguments(text));
}
