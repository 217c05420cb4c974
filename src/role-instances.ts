import { HostError } from "./base/errors.ts";
import type { Failure } from "./base/failure.ts";
import { NO_ABILITIES, type OwnInstance } from "./base/port.ts";
import type { CatalogueRole } from "./host/catalogue.ts";
import type { Host } from "./host/host.ts";
import type {
  ContextData,
  Json,
  JsonObject,
  LlmMessage,
  LlmOptions,
  LlmResponse,
  Metric,
  RoleType,
  StoredEntry,
  StoredWorkflow,
  TaskDraft,
  TaskResult,
  TaskSpec,
} from "./plugin-api/index.ts";
import { NotJsonError, toJson } from "./runtime/json-value.ts";

/** How one call of an instance is to be made. */
export interface InstanceCall {
  /** Ends the call. */
  readonly signal?: AbortSignal;
  /** Default: 60 s, for `execute` 300 s. */
  readonly timeoutMs?: number;
}

interface Instance {
  readonly name: string;
  readonly version: string;
  readonly type: RoleType;
  readonly description?: string;
  /** Ends it. */
  shutdown(): Promise<void>;
}

/** An agent of a plugin, wherever that runs. */
export interface AgentInstance extends Instance {
  plan(context?: Partial<ContextData>, call?: InstanceCall): Promise<readonly TaskSpec[]>;
  execute(
    task: TaskDraft,
    context?: Partial<ContextData>,
    call?: InstanceCall,
  ): Promise<TaskResult>;
}

/** An LLM backend of a plugin, wherever that runs. */
export interface LlmBackendInstance extends Instance {
  isAvailable(call?: InstanceCall): Promise<boolean>;
  generate(prompt: string, options?: LlmOptions): Promise<LlmResponse>;
  chat(messages: readonly LlmMessage[], options?: LlmOptions): Promise<LlmResponse>;
  validateConnection(call?: InstanceCall): Promise<boolean>;
}

/** A storage backend of a plugin, wherever that runs. What it does not have rejects. */
export interface StorageBackendInstance extends Instance {
  saveWorkflow(workflow: StoredWorkflow): Promise<void>;
  loadWorkflow(id: string): Promise<StoredWorkflow | undefined>;
  listWorkflows(
    status?: string,
    limit?: number,
    offset?: number,
  ): Promise<readonly StoredWorkflow[]>;
  deleteWorkflow(id: string): Promise<boolean>;
  saveMetric(metric: Metric): Promise<void>;
  /** `start` and `end` are ISO times. */
  getMetrics(
    name?: string,
    start?: string,
    end?: string,
    limit?: number,
  ): Promise<readonly Metric[]>;
  /** Those from before that ISO time. */
  deleteMetrics(before: string): Promise<void>;
  get(namespace: string, key: string): Promise<StoredEntry | undefined>;
  /** The new version; undefined if `ifVersion` does not fit. `ttl` is in seconds. */
  put(
    namespace: string,
    key: string,
    value: Json,
    options?: { readonly ifVersion?: number; readonly ttl?: number },
  ): Promise<number | undefined>;
  delete(
    namespace: string,
    key: string,
    options?: { readonly ifVersion?: number },
  ): Promise<boolean>;
  count(namespace: string): Promise<number>;
  keys(
    namespace: string,
    query?: { readonly prefix?: string; readonly limit?: number; readonly after?: string },
  ): Promise<readonly string[]>;
}

/** A call of an agent or a backend has failed. */
export class PluginCallError extends HostError {
  /** What happened, as in docs/errors.md, or the code of the plugin's own `ToolError`. */
  readonly reason: string;
  readonly retryable: boolean;

  constructor(what: string, failure: Failure) {
    const { code, retryable } = failure;
    super("PLUGIN_CALL_FAILED", `${what}: ${wholeText(failure)}`);
    this.name = "PluginCallError";
    this.reason = code;
    this.retryable = retryable;
  }
}

/** A program may know what a client may not: the cause. */
function wholeText({ code, message, opaque, detail = "" }: Failure): string {
  const [cause = ""] = detail.split("\n");
  if (cause === "") return message;
  if (opaque === true) return cause;
  return code === "plugin_unavailable" ? `${message} ${cause}` : message;
}

/** Calls members of one instance, whether it runs here or in another process. */
export class InstanceCaller {
  readonly #host: Host;
  readonly #entry: CatalogueRole;
  readonly #instance: OwnInstance | undefined;
  #data: JsonObject = {};
  #ended: Promise<void> | undefined;

  /** Without an `instance`, the plugin's own one. */
  constructor(host: Host, entry: CatalogueRole, instance: OwnInstance | undefined) {
    this.#host = host;
    this.#entry = entry;
    this.#instance = instance;
  }

  /** Has it made, and reads its data. */
  async begin(): Promise<void> {
    if (this.#instance !== undefined)
      this.#data = (await this.call("initialize", [])) as JsonObject;
  }

  get shared(): Instance {
    const { role, manifest } = this.#entry;
    const { name, version, description } = manifest;
    return {
      name,
      version,
      ...(description !== undefined && { description }),
      ...this.#data,
      type: role,
      shutdown: () => this.end(),
    };
  }

  async end(): Promise<void> {
    if (this.#instance === undefined) return;
    this.#ended ??= this.#run("shutdown", []).then(() => undefined);
    await this.#ended;
  }

  async call(
    member: string,
    args: readonly unknown[],
    { signal, timeoutMs }: InstanceCall = {},
    onChunk?: (text: string) => void,
  ): Promise<unknown> {
    if (this.#ended !== undefined) {
      throw new HostError("USAGE", `'${this.#entry.name}' has been shut down; create another one.`);
    }
    return this.#run(member, args, { signal, timeoutMs, onChunk });
  }

  async #run(
    member: string,
    args: readonly unknown[],
    more: {
      readonly signal?: AbortSignal | undefined;
      readonly timeoutMs?: number | undefined;
      readonly onChunk?: ((text: string) => void) | undefined;
    } = {},
  ): Promise<unknown> {
    const { name } = this.#entry;
    const request = {
      member,
      args: plain(args, `${name}.${member}`),
      instance: this.#instance,
      timeoutMs: more.timeoutMs,
    };
    const outcome = await this.#host.callMember(this.#entry, request, {
      principal: { id: "local" },
      client: NO_ABILITIES,
      takesTasks: false,
      wantsProgress: false,
      inputs: {},
      signal: more.signal ?? new AbortController().signal,
      progress: () => undefined,
      logToClient: () => undefined,
      ...(more.onChunk && { chunk: more.onChunk }),
    });
    if (outcome.kind === "value") return outcome.value;
    if (outcome.kind === "failure") throw new PluginCallError(`${name}.${member}`, outcome.failure);
    throw new HostError(
      "PLUGIN_CALL_FAILED",
      `${name}.${member} gave an answer of the wrong kind.`,
    );
  }
}

export function toAgent(caller: InstanceCaller): AgentInstance {
  return {
    ...caller.shared,
    plan: async (context = {}, call) =>
      (await caller.call("plan", [context], call)) as readonly TaskSpec[],
    execute: async (task, context = {}, call) =>
      (await caller.call("execute", [task, context], call)) as TaskResult,
  };
}

export function toLlmBackend(caller: InstanceCaller): LlmBackendInstance {
  const answer = async (
    member: "generate" | "chat",
    question: unknown,
    { signal, onChunk, ...options }: LlmOptions = {},
  ): Promise<LlmResponse> => {
    const { timeoutMs = options["timeout_ms"] } = options;
    const given = { ...options, ...(onChunk && { stream: true }) };
    const call = {
      ...(signal && { signal }),
      ...(typeof timeoutMs === "number" && { timeoutMs }),
    };
    return (await caller.call(member, [question, given], call, onChunk)) as LlmResponse;
  };
  return {
    ...caller.shared,
    isAvailable: async (call) => (await caller.call("isAvailable", [], call)) as boolean,
    generate: (prompt, options) => answer("generate", prompt, options),
    chat: (messages, options) => answer("chat", messages, options),
    validateConnection: async (call) =>
      (await caller.call("validateConnection", [], call)) as boolean,
  };
}

/** Inside are milliseconds and queries; whoever calls knows ISO times and parameters in a row, as authors do. */
export function toStorageBackend(caller: InstanceCaller): StorageBackendInstance {
  return {
    ...caller.shared,
    saveWorkflow: async ({ createdAt, updatedAt, ...rest }) => {
      const times = { createdAt: toMs(createdAt), updatedAt: toMs(updatedAt) };
      await caller.call("saveWorkflow", [{ ...rest, ...times }]);
    },
    loadWorkflow: async (id) => {
      const found = await caller.call("loadWorkflow", [id]);
      return found === undefined ? undefined : toWorkflow(found);
    },
    listWorkflows: async (status, limit, offset) => {
      const list = await caller.call("listWorkflows", [query({ status, limit, offset })]);
      return (list as readonly unknown[]).map(toWorkflow);
    },
    deleteWorkflow: async (id) => (await caller.call("deleteWorkflow", [id])) as boolean,
    saveMetric: async ({ time, ...rest }) => {
      await caller.call("saveMetric", [{ ...rest, time: toMs(time) }]);
    },
    getMetrics: async (name, start, end, limit) => {
      const [from, to] = [start, end].map((time) => (time === undefined ? time : toMs(time)));
      const list = await caller.call("getMetrics", [query({ name, start: from, end: to, limit })]);
      return (list as readonly (Metric & JsonObject)[]).map((metric) => ({
        ...metric,
        time: iso(metric.time),
      }));
    },
    deleteMetrics: async (before) => {
      await caller.call("deleteMetrics", [{ before: toMs(before) }]);
    },
    get: async (namespace, key) => {
      const found = await caller.call("get", [namespace, key]);
      if (found === undefined) return undefined;
      const { expiresAt, ...entry } = found as StoredEntry;
      return expiresAt === undefined ? entry : { ...entry, expiresAt: iso(expiresAt) };
    },
    put: async (namespace, key, value, { ttl, ...options } = {}) => {
      const given = { ...options, ...(ttl !== undefined && { ttlMs: ttl * 1_000 }) };
      return (await caller.call("put", [namespace, key, value, given])) as number | undefined;
    },
    delete: async (namespace, key, options = {}) =>
      (await caller.call("delete", [namespace, key, options])) as boolean,
    count: async (namespace) => (await caller.call("count", [namespace])) as number,
    keys: async (namespace, { limit = 1_000, ...more } = {}) =>
      (await caller.call("keys", [namespace, { limit, ...more }])) as readonly string[],
  };
}

function toWorkflow(stored: unknown): StoredWorkflow {
  const { createdAt, updatedAt, ...rest } = stored as JsonObject;
  return { ...rest, createdAt: iso(createdAt), updatedAt: iso(updatedAt) } as StoredWorkflow;
}

function iso(ms: unknown): string {
  return new Date(ms as number).toISOString();
}

function query(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function toMs(time: string): number {
  const ms = Date.parse(time);
  if (Number.isFinite(ms)) return ms;
  throw new HostError(
    "USAGE",
    `A time must be an ISO time like 2026-01-31T08:00:00Z, found ${time}.`,
  );
}

function plain(args: readonly unknown[], what: string): readonly Json[] {
  try {
    return toJson(args) as readonly Json[];
  } catch (cause) {
    if (!(cause instanceof NotJsonError)) throw cause;
    const text = `The arguments of ${what} must be plain JSON: ${cause.message}.`;
    throw new HostError("USAGE", text, { cause });
  }
}
