import { createMcpHandler } from "@modelcontextprotocol/server";
import { JSON_HEADERS, messagesIn, send } from "./raw-http.ts";
import { ENVELOPE, type Message, type RawStdio } from "./raw-stdio.ts";
import type { TestHost } from "../../src/testing.ts";
import { PluginServer } from "../../src/surface/mcp-server.ts";
import { StateSealer } from "../../src/surface/sealed-state.ts";

const TASKS = "io.modelcontextprotocol/tasks";

type Json = Readonly<Record<string, unknown>>;

/** What a client that takes tasks says with each request. */
export const TAKES_TASKS: Json = { extensions: { [TASKS]: {} } };
/** And one that asks its user, too. */
export const ASKS_USER: Json = { ...TAKES_TASKS, elicitation: { form: {} } };

/** A task as a client sees it. */
export interface Task {
  readonly resultType: string;
  readonly taskId: string;
  readonly status: "working" | "input_required" | "completed" | "failed" | "cancelled";
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttlMs: number;
  readonly pollIntervalMs: number;
  readonly inputRequests?: Readonly<Record<string, { readonly method: string; params: Json }>>;
  readonly result?: Json;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface Outgoing {
  readonly jsonrpc: "2.0";
  readonly id: string;
  readonly method: string;
  readonly params: Json;
}

/** Carries one request, and brings all that comes back, the answer included. */
type Exchange = (request: Outgoing, signal?: AbortSignal) => Promise<readonly Message[]>;

export interface RequestOptions {
  /** Hangs up. */
  readonly signal?: AbortSignal;
  /** Asks for progress under this token. */
  readonly progressToken?: string;
}

const POLL_MS = 5;

/** Several clients may speak over one connection. */
let requests = 0;

/** Speaks 2026-07-28 message by message: the clients of the SDKs refuse a task as an answer. */
export class TaskClient {
  readonly #exchange: Exchange;
  readonly #capabilities: Json;

  constructor(exchange: Exchange, capabilities: Json = TAKES_TASKS) {
    this.#exchange = exchange;
    this.#capabilities = capabilities;
  }

  /** Over HTTP, one connection per request. */
  static http(url: URL, capabilities?: Json): TaskClient {
    return new TaskClient(async (request, signal) => {
      const body = JSON.stringify(request);
      return messagesIn(await send(url, headersOf(request), body, "POST", signal));
    }, capabilities);
  }

  /** Over the pipes of a server that is past its opening. */
  static stdio(server: RawStdio, capabilities?: Json): TaskClient {
    return new TaskClient(async (request) => {
      server.send(request);
      return [await server.reply(request.id)];
    }, capabilities);
  }

  /** In this process, as a principal. */
  static inProcess({ host }: TestHost, capabilities?: Json, principal = "local"): TaskClient {
    const resultPages = { text: 100_000, binary: 1_000_000 };
    const options = { name: "test", version: "1.0.0", pageSize: 100, resultPages };
    const sealer = new StateSealer(undefined);
    const handler = createMcpHandler(() => new PluginServer(host, { ...options, sealer }));
    const authInfo = { token: principal, clientId: principal, scopes: [] };
    return new TaskClient(async (request, signal) => {
      const body = JSON.stringify(request);
      const init = { method: "POST", headers: headersOf(request), body, ...(signal && { signal }) };
      const response = await handler.fetch(new Request("http://localhost/mcp", init), { authInfo });
      const headers = { "content-type": response.headers.get("content-type") ?? "" };
      return messagesIn({ headers, body: await response.text() });
    }, capabilities);
  }

  /** All that comes back for one request, its answer last. */
  exchange(
    method: string,
    params: Json = {},
    { signal, progressToken }: RequestOptions = {},
  ): Promise<readonly Message[]> {
    const _meta = {
      ...ENVELOPE,
      "io.modelcontextprotocol/clientCapabilities": this.#capabilities,
      ...(progressToken !== undefined && { progressToken }),
      ...(params["_meta"] as Json | undefined),
    };
    const id = `task client ${(requests += 1)}`;
    return this.#exchange({ jsonrpc: "2.0", id, method, params: { ...params, _meta } }, signal);
  }

  async request(method: string, params?: Json, options?: RequestOptions): Promise<Message> {
    const answer = (await this.exchange(method, params, options)).at(-1);
    if (answer === undefined) throw new Error(`${method} was not answered`);
    return answer;
  }

  /** The result of a request; throws where it is an error. */
  async result(method: string, params?: Json, options?: RequestOptions): Promise<Json> {
    const { result, error } = await this.request(method, params, options);
    if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  call(name: string, args: Json = {}, options?: RequestOptions): Promise<Json> {
    return this.result("tools/call", { name, arguments: args }, options);
  }

  /** Calls a tool whose call becomes a task. */
  async start(name: string, args?: Json, options?: RequestOptions): Promise<Task> {
    const result = await this.call(name, args, options);
    if (result["resultType"] !== "task") throw new Error(`No task: ${JSON.stringify(result)}`);
    return result as unknown as Task;
  }

  /** Calls a tool whose call becomes a job, and gives its id. */
  async startJob(name: string, args?: Json): Promise<string> {
    const result = await this.call(name, args);
    const { code, jobId } = errorOf(result);
    if (code !== "still_running" || jobId === undefined) {
      throw new Error(`No job: ${JSON.stringify(result)}`);
    }
    return jobId;
  }

  async get(taskId: string): Promise<Task> {
    return (await this.result("tasks/get", { taskId })) as unknown as Task;
  }

  update(taskId: string, inputResponses: Json): Promise<Json> {
    return this.result("tasks/update", { taskId, inputResponses });
  }

  cancel(taskId: string): Promise<Json> {
    return this.result("tasks/cancel", { taskId });
  }

  /** The task as soon as this is true of it. */
  async until(taskId: string, so: (task: Task) => boolean): Promise<Task> {
    for (;;) {
      const task = await this.get(taskId);
      if (so(task)) return task;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** The task as soon as it is over, or asks. */
  settled(taskId: string): Promise<Task> {
    return this.until(taskId, ({ status }) => status !== "working");
  }
}

/** What a result says of an error beside its text. */
export function errorOf({ _meta }: { readonly _meta?: unknown }): {
  readonly code?: string;
  readonly errorId?: string;
  readonly jobId?: string;
} {
  return (_meta as Record<string, object> | undefined)?.["agentflow/error"] ?? {};
}

/** What HTTP repeats of a request. */
export function headersOf({ method, params }: Outgoing): Record<string, string> {
  const name = params["taskId"] ?? params["name"];
  return {
    ...JSON_HEADERS,
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(typeof name === "string" && { "mcp-name": name }),
  };
}
