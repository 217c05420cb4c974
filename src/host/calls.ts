import { randomUUID } from "node:crypto";
import { CallSignal } from "../base/call-signal.ts";
import { digest } from "../base/canonical-json.ts";
import { shuttingDown } from "../base/failure.ts";
import {
  failed,
  type Caller,
  type Outcome,
  type PluginRequest,
  type ProgressNote,
} from "../base/port.ts";
import { throttleNotes } from "../base/throttle-notes.ts";
import type { Json } from "../plugin-api/index.ts";
import { AtWork } from "../execution/at-work.ts";
import type { Call, Next } from "../execution/call.ts";
import { createClientLog, type ClientLog } from "../execution/client-log.ts";
import { Deadline } from "../execution/deadline.ts";
import { createPipeline, type PipelineOptions } from "../execution/pipeline.ts";
import type { Policy } from "../execution/policy.ts";
import { createProgress, type Progress, type Told } from "../execution/progress.ts";

/** What is asked, of whom, and under which policy. */
export interface Target {
  /** The public name, or the URI. */
  readonly name: string;
  readonly plugin: string;
  readonly request: PluginRequest;
  readonly policy: Policy;
  /** The integration behind the tool, else the tool itself. */
  readonly upstream: string;
  /** Whether the tool promises data of a certain shape. */
  readonly owesData: boolean;
  /** Whether it may go on without its request. */
  readonly mayLeave: boolean;
}

export type CallsOptions = Omit<PipelineOptions, "atWork">;

/** What is known of a request while it is open. */
interface OpenRequest {
  readonly told: Told;
  /** Told when the next round begins. */
  answered?: () => void;
}

/** Every call of the host, from its acceptance to its end. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #atWork = new AtWork();
  readonly #run: Next;
  /** By a request's signal: before 2026-07-28, the rounds of a call that asks are all one request. */
  readonly #open = new WeakMap<AbortSignal, OpenRequest>();
  #stopping = false;

  /** `run` is one attempt, behind the plugin's port. */
  constructor(options: CallsOptions, run: Next) {
    this.#options = options;
    this.#run = createPipeline({ ...options, atWork: this.#atWork }, run);
  }

  /** Carries out one call. Never rejects. */
  async start(target: Target, caller: Caller): Promise<Outcome> {
    if (this.#stopping) return failed(shuttingDown());
    const signal = new CallSignal();
    signal.follow(caller.signal);
    const request = this.#requestOf(caller);
    request.answered?.();
    const { redactor } = this.#options;
    const notes = throttleNotes<ProgressNote>((note) => {
      // What has waited for its turn may come after its caller has left.
      if (!caller.signal.aborted) caller.progress(note);
    });
    const progress = createProgress((note) => notes.send(note), redactor, request.told);
    const log = createClientLog((level, data) => caller.logToClient(level, redactor.json(data)));
    try {
      const outcome = await this.#run(toCall(target, caller, { signal, progress, log }));
      if (outcome.kind === "input_required" && caller.staysOpen) {
        request.answered = this.#abandonIfLeft(target.plugin, outcome.state, caller.signal);
      }
      return outcome;
    } finally {
      notes.end();
      log.end();
      signal.release();
    }
  }

  /** What is known of the request; only one that stays open has more than one round. */
  #requestOf({ signal, staysOpen }: Caller): OpenRequest {
    const known = staysOpen ? this.#open.get(signal) : undefined;
    const request = known ?? { told: {} };
    if (staysOpen && known === undefined) this.#open.set(signal, request);
    return request;
  }

  /** Tells the plugin when the request is left instead of answered. Returns its own undo. */
  #abandonIfLeft(plugin: string, state: Json | undefined, signal: AbortSignal): () => void {
    const abandon = (): void => this.#options.abandon(plugin, state);
    if (signal.aborted) abandon();
    else signal.addEventListener("abort", abandon, { once: true });
    return () => signal.removeEventListener("abort", abandon);
  }

  /** Takes no more calls, lets those at work finish within the grace, then stops them. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#options.tasks.stop();
    await this.#atWork.drain(graceMs);
  }
}

interface CallParts {
  /** Follows the caller's until it is released. */
  readonly signal: CallSignal;
  readonly progress: Progress;
  readonly log: ClientLog;
}

function toCall(target: Target, caller: Caller, { signal, progress, log }: CallParts): Call {
  const deadline = new Deadline(target.policy.deadlineMs);
  let attached = true;
  // Written out: what is put together from spreads is slow to make and slow to copy.
  return {
    name: target.name,
    plugin: target.plugin,
    request: target.request,
    policy: target.policy,
    upstream: target.upstream,
    owesData: target.owesData,
    mayLeave: target.mayLeave,
    continued: false,
    principal: caller.principal,
    sessionId: caller.sessionId,
    client: caller.client,
    takesTasks: caller.takesTasks,
    wantsProgress: caller.wantsProgress,
    refresh: caller.refresh,
    clientKey: caller.clientKey,
    inputs: caller.inputs,
    state: caller.state,
    depth: caller.depth ?? 0,
    signal,
    abort: (reason) => signal.abort(reason),
    detach: (onProgress) => {
      attached = false;
      signal.release();
      progress.redirect(onProgress);
    },
    progress: (note) => progress.note(note),
    beat: () => progress.beat(),
    logToClient: (level, data) => {
      if (attached) log.send(level, data);
    },
    chunk: (text) => {
      if (attached) caller.chunk?.(text);
    },
    idempotencyKey: idempotencyKey(target, caller),
    attempt: 1,
    deadline,
    remainingMs: () => deadline.remainingMs(),
    background: nothing,
    onAttempt: nothing,
    onBegin: nothing,
    onSelfRetry: nothing,
  };
}

const nothing = (): void => undefined;

/** One of its own for each call, but the same for all calls with the same key of the client's. */
function idempotencyKey({ plugin, request }: Target, { clientKey, principal }: Caller): string {
  if (clientKey === undefined) return randomUUID();
  const hash = digest(principal.id, clientKey, plugin, request.name);
  // Of the same shape: upstreams may look.
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/u, "$1-$2-$3-$4-$5");
}
