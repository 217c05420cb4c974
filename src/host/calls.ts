import { randomUUID } from "node:crypto";
import { linkedController } from "../base/abort.ts";
import { shuttingDown } from "../base/failure.ts";
import { failed, type Caller, type Outcome, type PluginRequest } from "../base/port.ts";
import type { Redactor } from "../base/redact.ts";
import type { Json } from "../plugin-api/index.ts";
import { AtWork } from "../execution/at-work.ts";
import type { Call, Next } from "../execution/call.ts";
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
    const controller = linkedController(caller.signal);
    const request: OpenRequest = this.#open.get(caller.signal) ?? { told: {} };
    this.#open.set(caller.signal, request);
    request.answered?.();
    const { redactor } = this.#options;
    const progress = createProgress((note) => caller.progress(note), redactor, request.told);
    try {
      const outcome = await this.#run(toCall(target, caller, controller, { redactor, progress }));
      if (outcome.kind === "input_required" && caller.staysOpen) {
        request.answered = this.#abandonIfLeft(target.plugin, outcome.state, caller.signal);
      }
      return outcome;
    } finally {
      controller.release();
    }
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

function toCall(
  target: Target,
  caller: Caller,
  controller: ReturnType<typeof linkedController>,
  { redactor, progress }: { readonly redactor: Redactor; readonly progress: Progress },
): Call {
  const deadline = new Deadline(target.policy.deadlineMs);
  let attached = true;
  return {
    ...target,
    principal: caller.principal,
    ...(caller.sessionId !== undefined && { sessionId: caller.sessionId }),
    client: caller.client,
    takesTasks: caller.takesTasks,
    wantsProgress: caller.wantsProgress,
    inputs: caller.inputs,
    ...(caller.state !== undefined && { state: caller.state }),
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    detach: (onProgress) => {
      attached = false;
      controller.release();
      progress.redirect(onProgress);
    },
    progress: (note) => progress.note(note),
    beat: () => progress.beat(),
    logToClient: (level, data) => {
      if (attached) caller.logToClient(level, redactor.json(data));
    },
    idempotencyKey: randomUUID(),
    attempt: 1,
    deadline,
    remainingMs: () => deadline.remainingMs(),
    background: () => undefined,
  };
}
