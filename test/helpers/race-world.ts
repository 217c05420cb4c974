import { Readable, Writable } from "node:stream";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { vi } from "vitest";
import { ENVELOPE, type Era, type Message } from "./raw-stdio.ts";
import { ASKS_USER } from "./task-client.ts";
import { Redactor } from "../../src/base/redact.ts";
import { createMemoryTasks } from "../../src/backends/tasks/memory.ts";
import { isOver, type TaskRecord, type TaskStore } from "../../src/base/task.ts";
import { checkConfig } from "../../src/config/load.ts";
import { Host } from "../../src/host/host.ts";
import {
  definePlugin,
  type ToolConfig,
  type ToolContext,
  type ToolOutput,
} from "../../src/plugin-api/index.ts";
import { PluginServer } from "../../src/surface/mcp-server.ts";
import { StateSealer } from "../../src/surface/sealed-state.ts";
import { StdioTransport } from "../../src/transports/stdio-transport.ts";

/** One step of the faked clock; the deadlines below are multiples of it. */
const TICK_MS = 10;
/** Turns of the event loop after which nothing happens any more by itself. */
const QUIET_TURNS = 6;
const GRACE_MS = 30;
const DRAIN_MS = 40;
const LONG_DEADLINE_MS = 60;

/** Each kind of call that can leave its request, or cannot. */
const POLICIES: Readonly<Record<string, Omit<ToolConfig, "handler">>> = {
  // Its task must not live longer than the others' answers are kept.
  quick: { config: { timeout: 0.03, policy: { longDeadline: 0.06 } } },
  soft: {
    config: { timeout: 0.09, policy: { softDeadline: 0.02, deadline: 0.04, longDeadline: 0.06 } },
  },
  long: { config: { policy: { long: true, longDeadline: 0.06 } } },
  retried: {
    annotations: { readOnlyHint: true },
    config: {
      timeout: 0.03,
      retryCount: 2,
      policy: { softDeadline: 0.02, deadline: 0.05, longDeadline: 0.08 },
    },
  },
};

export const TOOLS = Object.keys(POLICIES);

/** One run of a handler. */
export interface Run {
  readonly context: ToolContext;
  readonly answer: (output: ToolOutput) => void;
  readonly fail: (error: unknown) => void;
  done: boolean;
  notes: number;
}

/** A request as its client knows it. */
interface Sent {
  readonly method: string;
  readonly runs: Run[];
  cancelled: boolean;
  reply: Message | undefined;
  progress: number;
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const config = checkConfig({});
const surface = {
  name: "races",
  version: "1.0.0",
  pageSize: 100,
  resultPages: { text: 100_000, binary: 1_000_000 },
  sealer: new StateSealer("a key for all"),
};

export function turns(count: number): Promise<void> {
  return new Promise((resolve) => {
    const next = (left: number): void => {
      if (left === 0) resolve();
      else setImmediate(next, left - 1);
    };
    next(count);
  });
}

/** What a call can end with that has failed. */
const CODES = new Set([
  "busy",
  "cancelled",
  "cannot_ask",
  "outcome_unknown",
  "shutting_down",
  "timeout",
  "tool_error",
]);

/** The states of tasks, as their store gets them. */
class TaskJournal {
  readonly states = new Map<string, TaskRecord>();
  readonly store: TaskStore;
  readonly #fault: (text: string) => void;

  constructor(fault: (text: string) => void) {
    this.#fault = fault;
    const memory = createMemoryTasks({ max: 1_000, maxChars: 67_108_864 });
    this.store = {
      ...memory,
      create: (record) => {
        this.states.set(record.id, record);
        return memory.create(record);
      },
      update: (record) => {
        this.#check(record);
        this.states.set(record.id, record);
        return memory.update(record);
      },
      remove: (id) => {
        this.states.delete(id);
        return memory.remove(id);
      },
    };
  }

  get allOver(): boolean {
    return [...this.states.values()].every(isOver);
  }

  /** A task ends once, and for a reason that it has. */
  #check(now: TaskRecord): void {
    const before = this.states.get(now.id);
    const change = `${JSON.stringify(before)} became ${JSON.stringify(now)}`;
    if (before === undefined || isOver(before)) this.#fault(change);
    if (!isOver(now)) return;
    const { outcome, createdAt, updatedAt, tool } = now;
    if (outcome?.kind !== "failure") {
      if (outcome === undefined) this.#fault(change);
      return;
    }
    const { code, message } = outcome.failure;
    if (!CODES.has(code)) this.#fault(change);
    if (code !== "timeout" && code !== "outcome_unknown") return;
    const asked = before?.status === "input_required";
    if (asked !== message.startsWith("Nobody answered")) this.#fault(change);
    // The others' attempts may have less.
    if (tool === "soft" && updatedAt - createdAt < LONG_DEADLINE_MS) this.#fault(change);
  }
}

/**
 * A whole server on a connection in memory, and all that its client has sent and heard. What must never be is found as
 * soon as it is, and kept in `faults`. Timers, `Date` and `performance` must be faked.
 */
export class RaceWorld {
  readonly faults: string[] = [];
  /** What has come about, in a word each. */
  readonly reached = new Set<string>();
  readonly runs: Run[] = [];
  readonly requests = new Map<number, Sent>();
  /** The request that each task comes from. */
  readonly tasks = new Map<string, Sent>();
  readonly #journal = new TaskJournal((text) => this.faults.push(text));
  /** How tasks ended, as their client was told. */
  readonly #finals = new Map<string, string>();
  /** What the server asks its client, of revisions in which it does. */
  readonly #asked: (number | string)[] = [];
  readonly #era: Era;
  readonly #stdin = new Readable({ read: () => undefined });
  #host: Host | undefined;
  #transport: StdioTransport | undefined;
  #handle: { close(): Promise<void> } | undefined;
  #left = false;
  /** A question was open when the server was stopped: its answer may come when nobody waits for it any more. */
  #stoppedAsking = false;
  #closed = false;
  #hostStopped = false;
  #stopped: Promise<void> | undefined;

  static async open(era: Era): Promise<RaceWorld> {
    const world = new RaceWorld(era);
    await world.#start();
    await world.#hello();
    return world;
  }

  private constructor(era: Era) {
    this.#era = era;
  }

  async #start(): Promise<void> {
    const handler = (args: Begun, context: ToolContext): Promise<ToolOutput> =>
      this.#begin(args, context);
    // Without a schema of their own, of which each host would have to compile one.
    const tools = Object.fromEntries(
      Object.entries(POLICIES).map(([name, tool]) => [name, { ...tool, handler }]),
    );
    const module = { default: definePlugin({ name: "p", version: "1.0.0", tools }) };
    const found = { kind: "object", module } as const;
    const host = await Host.start({
      candidates: [{ id: "p", path: "p", origin: "program", found, byDefault: true }],
      config,
      hostVersion: "1.0.0",
      redactor: new Redactor(),
      log: silent,
      taskStore: this.#journal.store,
    });
    const transport = new StdioTransport({
      stdin: this.#stdin,
      stdout: new Writable(),
      write: (text) => this.#hear(text),
      maxMessageBytes: 1_000_000,
      drainMs: DRAIN_MS,
    });
    this.#handle = serveStdio(() => new PluginServer(host, surface), {
      transport,
      onerror: (error) => {
        if (!/unknown message ID/u.test(error.message)) this.faults.push(`error: ${error.message}`);
      },
    });
    const { onclose } = transport;
    transport.onclose = () => {
      this.#closed = true;
      onclose?.();
      this.#stopped ??= this.#stopHost(0);
    };
    this.#host = host;
    this.#transport = transport;
  }

  async #hello(): Promise<void> {
    if (this.#era === "2026-07-28") {
      this.request("server/discover", {});
      await turns(1);
      // A server that has only been looked at may still take a notification for the begin of an older revision.
      this.request("tools/list", {});
    } else {
      const clientInfo = { name: "races", version: "1.0.0" };
      const capabilities = { elicitation: {} };
      this.request("initialize", { protocolVersion: this.#era, capabilities, clientInfo });
      await turns(1);
      this.#send({ method: "notifications/initialized" });
    }
    await turns(1);
  }

  #send(message: object): void {
    if (this.#left || this.#closed) return;
    this.#stdin.emit("data", Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  }

  /** Sends a request, with what 2026-07-28 wants of each. */
  request(method: string, params: object, capabilities: object = ASKS_USER): number {
    const id = this.requests.size;
    if (this.#left || this.#closed) return id;
    const _meta = {
      progressToken: id,
      ...(this.#era === "2026-07-28" && {
        ...ENVELOPE,
        "io.modelcontextprotocol/clientCapabilities": capabilities,
      }),
    };
    this.requests.set(id, { method, runs: [], cancelled: false, reply: undefined, progress: 0 });
    this.#send({ id, method, params: { ...params, _meta } });
    return id;
  }

  call(name: string, args: object, capabilities?: object): void {
    const request = this.requests.size;
    const params = { name, arguments: { ...args, message: "work", request } };
    this.request("tools/call", params, capabilities);
  }

  /** Requests that have neither been answered nor cancelled. */
  get open(): readonly number[] {
    const open = [...this.requests].filter(([, sent]) => !sent.cancelled && !sent.reply);
    return open.map(([id]) => id);
  }

  /** The client cancels a request: nothing about it may come after this. */
  cancel(id: number): void {
    const sent = this.requests.get(id);
    this.#send({ method: "notifications/cancelled", params: { requestId: id } });
    if (sent === undefined || sent.reply !== undefined || this.#left) return;
    this.reached.add(`cancelled: ${sent.method}`);
    sent.cancelled = true;
  }

  /** The client's user answers the oldest question that is open. */
  respond(): void {
    if (this.#left || this.#closed) return;
    const id = this.#asked.shift();
    if (id !== undefined) this.#send({ id, result: { action: "accept", content: { name: "A" } } });
  }

  /** The client ends its side. */
  leave(): void {
    if (this.#left || this.#closed) return;
    this.#left = true;
    this.#stdin.emit("end");
  }

  /** As `App.stop` does. */
  stop(): void {
    this.#stoppedAsking ||= this.#stopped === undefined && this.#asked.length > 0;
    this.#stopped ??= (async () => {
      await this.#stopHost(GRACE_MS);
      await this.#transport?.drained();
      await this.#handle?.close();
    })();
  }

  async #stopHost(graceMs: number): Promise<void> {
    await this.#host?.stop(graceMs);
    this.#hostStopped = true;
  }

  async pass(ticks: number): Promise<void> {
    for (let tick = 0; tick < ticks; tick++) {
      vi.advanceTimersByTime(TICK_MS);
      await turns(2);
    }
  }

  #begin({ request, polite }: Begun, context: ToolContext): Promise<ToolOutput> {
    return new Promise((answer, fail) => {
      const run: Run = { context, answer, fail, done: false, notes: 0 };
      this.runs.push(run);
      this.requests.get(request)?.runs.push(run);
      if (context.signal.aborted) this.faults.push(`a run of ${request} began after its end`);
      if (polite) context.signal.addEventListener("abort", () => fail(context.signal.reason));
    });
  }

  #hear(text: string): boolean {
    const message = JSON.parse(text) as Message;
    if (this.#closed) this.faults.push(`after the end: ${text}`);
    if (message.method === "notifications/progress") this.#hearProgress(message);
    else if (message.method !== undefined) {
      this.#asked.push(message.id as number | string);
      this.#stoppedAsking ||= this.#stopped !== undefined;
    } else this.#hearReply(message);
    return true;
  }

  #hearProgress({ params }: Message): void {
    const id = Number(params?.["progressToken"]);
    const progress = Number(params?.["progress"]);
    const sent = this.requests.get(id);
    if (sent === undefined || sent.cancelled || sent.reply !== undefined) {
      this.faults.push(`progress of ${id}, which is over`);
    } else if (progress <= sent.progress) this.faults.push(`progress of ${id} does not grow`);
    else sent.progress = progress;
  }

  #hearReply(message: Message): void {
    const { id, result } = message;
    const sent = this.requests.get(Number(id));
    if (sent === undefined) this.faults.push(`an answer to nothing: ${JSON.stringify(message)}`);
    else if (sent.cancelled) this.faults.push(`an answer to ${id}, which was cancelled`);
    else if (sent.reply !== undefined) this.faults.push(`a second answer to ${id}`);
    else {
      sent.reply = message;
      const task = taskOf(result);
      // The answer of `job_result` may name a job that is known.
      if (task !== undefined && !this.tasks.has(task)) this.tasks.set(task, sent);
      if (sent.method === "tasks/get" && result !== undefined) this.#hearOfTask(result);
    }
  }

  #hearOfTask(task: NonNullable<Message["result"]>): void {
    if (task["status"] === "working" || task["status"] === "input_required") return;
    const id = String(task["taskId"]);
    const [before, now] = [this.#finals.get(id), JSON.stringify(task)];
    if (before !== undefined && before !== now) this.faults.push(`${before} was told as ${now}`);
    this.#finals.set(id, now);
  }

  /** Lets everything come to rest that needs no time, and looks at all there is. */
  async quiet(): Promise<void> {
    await turns(QUIET_TURNS);
    const left = new Set(this.tasks.values());
    for (const [id, sent] of this.requests) {
      const over = sent.cancelled || (sent.reply !== undefined && !left.has(sent));
      if (over) this.#mustHaveStopped(sent, `request ${id}`);
    }
    for (const [id, sent] of this.tasks) this.#look(id, sent);
    if (this.#hostStopped && !this.#journal.allOver) {
      this.faults.push("a task has not ended with its host");
    }
  }

  #mustHaveStopped({ runs }: Sent, of: string): void {
    if (runs.some(({ done, context }) => !done && !context.signal.aborted)) {
      this.faults.push(`the work of ${of} goes on after its end`);
    }
  }

  #look(id: string, sent: Sent): void {
    const record = this.#journal.states.get(id);
    if (record === undefined) {
      this.faults.push(`the task ${id} is gone`);
      return;
    }
    const { outcome, status } = record;
    const code = outcome?.kind === "failure" ? outcome.failure.code : "answered";
    this.reached.add(status === "completed" ? `completed: ${code}` : status);
    if (isOver(record)) this.#mustHaveStopped(sent, `task ${id}`);
  }

  /** Lets all the time pass that anything waits for, stops what is left, and looks whether something is left behind. */
  async finish(): Promise<void> {
    await this.quiet();
    await this.#letTimePass();
    await this.#askTwice();
    await this.quiet();
    this.#allAnswered();
    if (!this.#closed) {
      await this.#atOnce(this.#transport?.drained(), "an answer is still waited for");
      this.stop();
    }
    await this.#atOnce(this.#stopped, "something is still at work");
    await this.quiet();
    if (vi.getTimerCount() > 0) this.faults.push(`${vi.getTimerCount()} timers are left`);
    vi.setSystemTime(Date.now() + 10_000_000);
    for (const id of this.#journal.states.keys()) {
      const record = await this.#host?.tasks.find(id, "local");
      if (record !== undefined) this.faults.push(`the task ${id} is never forgotten`);
    }
  }

  /** What a client hears of a task that is over is the same whenever it asks. */
  async #askTwice(): Promise<void> {
    if (this.#era === "2025-11-25" || this.#closed) return;
    for (let time = 0; time < 2; time++) {
      for (const taskId of this.tasks.keys()) this.request("tasks/get", { taskId });
      await turns(QUIET_TURNS);
      vi.setSystemTime(Date.now() + 1);
    }
    for (const id of this.tasks.keys()) {
      if (!this.#finals.has(id) && !this.#closed) this.faults.push(`the task ${id} is not told of`);
    }
  }

  async #letTimePass(): Promise<void> {
    for (let step = 0; vi.getTimerCount() > 0; step++) {
      if (step === 1_000) throw new Error("there is always another timer");
      // Once the connection is closed, the host takes its time to stop.
      if (this.open.length === 0 && this.#journal.allOver && this.#stopped === undefined) {
        this.faults.push("a timer for nothing is left");
        return;
      }
      vi.advanceTimersToNextTimer();
      await turns(2);
    }
    if (!this.#journal.allOver) this.faults.push("a task never ends");
  }

  #allAnswered(): void {
    // Whoever leaves, or lets a question stand until the end, does not hear of all.
    const hearsAll = !this.#left && !this.#stoppedAsking && this.#asked.length === 0;
    if (!hearsAll) return;
    for (const id of this.open) {
      this.faults.push(`${this.requests.get(id)?.method} ${id} has no answer`);
    }
    for (const id of this.#journal.states.keys()) {
      if (!this.tasks.has(id)) this.faults.push(`nobody has heard of the task ${id}`);
    }
  }

  async #atOnce(work: Promise<void> | undefined, otherwise: string): Promise<void> {
    let done = false;
    void work?.then(() => (done = true));
    await turns(QUIET_TURNS);
    if (!done) this.faults.push(otherwise);
  }
}

interface Begun {
  readonly request: number;
  /** It ends when it is told to. */
  readonly polite: boolean;
}

/** The task or job that a result is the beginning of. */
function taskOf(result: Message["result"]): string | undefined {
  if (result?.["resultType"] === "task") return String(result["taskId"]);
  const meta = result?.["_meta"] as { readonly "agentflow/error"?: { jobId?: string } } | undefined;
  return meta?.["agentflow/error"]?.jobId;
}
