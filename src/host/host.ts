import { randomUUID } from "node:crypto";
import { linkedController, sleep } from "../base/abort.ts";
import { PluginError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { hostFailure } from "../base/failure.ts";
import {
  failed,
  type CallServices,
  type Outcome,
  type PluginPort,
  type ProgressNote,
} from "../base/port.ts";
import type { Redactor } from "../base/redact.ts";
import { createMemoryStorage } from "../backends/storage/memory.ts";
import { canonicalId, ownConfig, settingsOf } from "../config/plugin-settings.ts";
import type { Config } from "../config/schema.ts";
import type { Call, Next } from "../execution/call.ts";
import { createPipeline } from "../execution/pipeline.ts";
import type { JsonObject, Logger, Principal } from "../plugin-api/index.ts";
import { InlinePort, type PluginSource } from "../runtime/inline-port.ts";
import type { Candidate } from "./candidate.ts";
import {
  compileCatalogue,
  servesTheSame,
  type Catalogue,
  type CatalogueTool,
} from "./catalogue.ts";
import { PluginRunner } from "./plugin-runner.ts";

export interface HostOptions {
  readonly candidates: readonly Candidate[];
  readonly config: Config;
  readonly hostVersion: string;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** What is put on every result of a plugin, by id: "DEMO DATA". */
  readonly notices?: ReadonlyMap<string, string>;
  /** How a plugin's code is reached. Default: in this process. */
  readonly openPort?: (source: PluginSource) => PluginPort;
}

/** A tool call as a transport brings it. */
export interface CallRequest {
  readonly tool: CatalogueTool;
  readonly arguments: JsonObject;
  readonly principal: Principal;
  readonly sessionId?: string;
  readonly signal: AbortSignal;
  progress(note: ProgressNote): void;
}

/** Plugins that were slow to load do not hold up the first list for longer than this. */
const SETTLE_MS = 1_000;

/** Runs plugins and their calls. It knows nothing of MCP. */
export class Host {
  /** What is odd about the configuration, beyond single plugins. */
  readonly warnings: readonly string[];
  readonly #options: HostOptions;
  readonly #runners: readonly PluginRunner[];
  readonly #byId: ReadonlyMap<string, PluginRunner>;
  readonly #run: Next;
  readonly #listeners = new Set<() => void>();
  readonly #inFlight = new Set<AbortController>();
  #catalogue: Catalogue;
  #idle: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  /** Describes and loads all candidates. Resolves when everything is settled, or after a second. */
  static async start(options: HostOptions): Promise<Host> {
    const host = new Host(options);
    await host.#start();
    return host;
  }

  private constructor(options: HostOptions) {
    this.#options = options;
    const taken = new Map<string, string>();
    this.#runners = options.candidates.map((candidate) => {
      const runner = this.#createRunner(candidate);
      const key = canonicalId(candidate.id);
      const first = taken.get(key);
      // What is switched off has no claim.
      if (runner.record.state === "disabled") return runner;
      if (first === undefined) taken.set(key, candidate.path);
      else if (runner.record.state === "loading") {
        runner.fail(
          new PluginError(
            "discover",
            `the id '${candidate.id}' is taken by ${first}. Rename one of them, or set "agentflow": { "name": … } in its package.json`,
          ),
        );
      }
      return runner;
    });
    this.#byId = new Map(
      this.#runners
        .filter(({ record }) => record.stage !== "discover" || record.state === "loading")
        .map((runner) => [runner.record.id, runner]),
    );
    this.#catalogue = this.#compile();
    this.warnings = unknownIds(options);
    for (const warning of this.warnings) options.log.warn(warning);
    this.#run = createPipeline(
      { log: options.log, redactor: options.redactor, limits: options.config.server.limits },
      (call) => this.#attempt(call),
    );
  }

  /** What is served now. */
  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** Told when what is served has changed. Returns its own undo. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when every plugin has been loaded or has failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.activate()));
  }

  /** Carries out a call under its policy. Never rejects. */
  async call(request: CallRequest): Promise<Outcome> {
    if (this.#stopped !== undefined) {
      return failed(
        hostFailure("shutting_down", "The server is shutting down; try again in a moment.", {
          retryable: true,
          retryAfterMs: 1_000,
        }),
      );
    }
    const controller = linkedController(request.signal);
    this.#inFlight.add(controller);
    try {
      return await this.#run(toCall(request, controller.signal));
    } finally {
      controller.release();
      this.#inFlight.delete(controller);
      if (this.#inFlight.size === 0) this.#idle?.();
    }
  }

  /**
   * Takes no more calls, lets those in flight finish within the grace, then cancels them and unloads the plugins in
   * reverse order. A second call waits for the same end.
   */
  stop(graceMs = this.#options.config.server.shutdownGrace * 1_000): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    if (this.#inFlight.size > 0) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve));
      const grace = new AbortController();
      await Promise.race([idle, sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
    }
    const reason = new Error("the server is shutting down");
    for (const controller of this.#inFlight) controller.abort(reason);
    for (const runner of this.#runners.toReversed()) await runner.stop();
  }

  async #start(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.describe()));
    this.#changed();
    // Called in order; a slow one does not hold up the others.
    const settled = this.settled();
    const timer = new AbortController();
    await Promise.race([settled, sleep(SETTLE_MS, timer.signal).catch(() => undefined)]);
    timer.abort();
  }

  #createRunner(candidate: Candidate): PluginRunner {
    const { config, hostVersion, notices, log } = this.#options;
    const settings = settingsOf(config, candidate.id);
    const openPort = this.#options.openPort ?? ((source) => new InlinePort(source));
    return new PluginRunner({
      candidate,
      enabled: settings.enabled ?? candidate.byDefault,
      openPort: () =>
        openPort({
          id: candidate.id,
          entry:
            candidate.found.kind === "object"
              ? { module: candidate.found.module }
              : { file: candidate.found.kind === "module" ? candidate.found.file : candidate.path },
          builtin: candidate.origin === "builtin",
          config: ownConfig(settings),
          hostVersion,
        }),
      log,
      storage: createMemoryStorage(),
      notice: notices?.get(canonicalId(candidate.id)),
      onChange: () => this.#changed(),
    });
  }

  #compile(): Catalogue {
    const { config } = this.#options;
    const records = this.#runners.map((runner) => runner.record);
    return compileCatalogue(records, (id) => settingsOf(config, id));
  }

  #changed(): void {
    const before = this.#catalogue;
    this.#catalogue = this.#compile();
    if (servesTheSame(before, this.#catalogue)) return;
    for (const listener of this.#listeners) listener();
  }

  /** The innermost step: one attempt, behind the plugin's port. */
  async #attempt(call: Call): Promise<Outcome> {
    const runner = this.#byId.get(call.plugin);
    await runner?.activate();
    const port = runner?.port;
    if (runner === undefined || port === undefined) {
      const reason = runner?.record.reason === undefined ? "" : " It failed to load.";
      return failed(
        hostFailure("plugin_unavailable", `The plugin '${call.plugin}' is not available.${reason}`),
      );
    }
    let open = true;
    let last = -Infinity;
    const services: CallServices = {
      ...runner.services,
      progress: (note) => {
        // Late notes belong to no request any more, and the protocol wants notes that grow.
        if (!open || call.signal.aborted || !(note.done > last)) return;
        last = note.done;
        call.progress(note);
      },
    };
    try {
      return await port.invoke(
        {
          tool: call.key,
          arguments: call.arguments,
          attempt: call.attempt,
          timeoutMs: call.timeoutMs,
          retryCount: call.policy.retryCount,
          idempotencyKey: call.idempotencyKey,
          principal: call.principal,
          ...(call.sessionId !== undefined && { sessionId: call.sessionId }),
        },
        call.signal,
        services,
      );
    } finally {
      open = false;
    }
  }
}

/** Settings that no plugin will ever read are a slip of the pen. */
function unknownIds({ candidates, config }: HostOptions): readonly string[] {
  const ids = candidates.map(({ id }) => id);
  const known = new Set(ids.map(canonicalId));
  return Object.keys(config.plugins)
    .filter((id) => !known.has(canonicalId(id)))
    .map((id) => {
      const meant = nearest(id, ids, 3);
      const hint = meant === undefined ? "" : ` Did you mean '${meant}'?`;
      return `plugins.${id}: no plugin of that id was found.${hint}`;
    });
}

function toCall(request: CallRequest, signal: AbortSignal): Call {
  const { tool } = request;
  return {
    tool: tool.name,
    key: tool.key,
    plugin: tool.plugin,
    policy: tool.policy,
    arguments: request.arguments,
    principal: request.principal,
    ...(request.sessionId !== undefined && { sessionId: request.sessionId }),
    idempotencyKey: randomUUID(),
    signal,
    progress: (note) => request.progress(note),
    attempt: 1,
    deadlineAt: Infinity,
    timeoutMs: Infinity,
  };
}
