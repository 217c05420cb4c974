import { randomUUID } from "node:crypto";
import { linkedController, ShuttingDownError, sleep } from "../base/abort.ts";
import { PluginError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { hostFailure, shuttingDown } from "../base/failure.ts";
import {
  failed,
  type Caller,
  type CallServices,
  type Outcome,
  type PluginPort,
  type PluginRequest,
} from "../base/port.ts";
import { createRanker, type CategoryRanker } from "../base/rank-categories.ts";
import type { Redactor } from "../base/redact.ts";
import { createMemoryStorage } from "../backends/storage/memory.ts";
import { canonicalId, ownConfig, settingsOf } from "../config/plugin-settings.ts";
import type { Config, ServerSettings } from "../config/schema.ts";
import { declaresServer } from "../config/servers.ts";
import type { Call, Next } from "../execution/call.ts";
import { createPipeline } from "../execution/pipeline.ts";
import { READ_POLICY, type Policy } from "../execution/policy.ts";
import type { JsonObject, Logger } from "../plugin-api/index.ts";
import { InlinePort, type PluginSource } from "../runtime/inline-port.ts";
import type { Candidate } from "./candidate.ts";
import {
  compileCatalogue,
  servesTheSame,
  type Catalogue,
  type CatalogueCategory,
  type CataloguePrompt,
  type CatalogueResource,
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
  /** How a declared MCP server is reached. Without it there can be none among the candidates. */
  readonly openServer?: (id: string, settings: ServerSettings) => PluginPort;
}

/** An intent category with what a message scored in it. */
interface RankedCategory extends CatalogueCategory {
  /** From 0 to 1. */
  readonly score: number;
  /** Whether the score reaches the category's own threshold. */
  readonly matches: boolean;
}

/** What is asked, of whom, and under which policy. */
interface Target {
  /** The public name, or the URI. */
  readonly name: string;
  readonly plugin: string;
  readonly request: PluginRequest;
  readonly policy: Policy;
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
  readonly #rankers = new WeakMap<Catalogue, CategoryRanker>();
  readonly #listeners = new Set<() => void>();
  readonly #updateListeners = new Set<(uri: string) => void>();
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
            `the id '${candidate.id}' is taken by ${first}. ${anotherId(candidate)}`,
          ),
        );
      }
      return runner;
    });
    this.#byId = new Map(
      this.#runners
        .filter(({ record }) => record.state === "loading")
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

  /** How well a request fits each intent category, best first. */
  rankCategories(message: string): readonly RankedCategory[] {
    const { categories } = this.#catalogue;
    const rank =
      this.#rankers.get(this.#catalogue) ??
      createRanker(categories.map(({ manifest }) => manifest));
    this.#rankers.set(this.#catalogue, rank);
    return rank(message).flatMap(({ category, score, matches }) => {
      const entry = categories.find(({ manifest }) => manifest === category);
      return entry === undefined ? [] : [{ ...entry, score, matches }];
    });
  }

  /** Told when what is served has changed. Returns its own undo. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Told when a plugin says that one of its resources has changed. Returns its own undo. */
  onResourceUpdated(listener: (uri: string) => void): () => void {
    this.#updateListeners.add(listener);
    return () => this.#updateListeners.delete(listener);
  }

  /** Resolves when every plugin has been loaded or has failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.activate()));
  }

  /** Calls a tool. Like its siblings below, it never rejects. */
  callTool(tool: CatalogueTool, args: JsonObject, caller: Caller): Promise<Outcome> {
    const request = { kind: "tool", name: tool.key, arguments: args } as const;
    const { name, plugin, policy } = tool;
    return this.#call({ name, plugin, request, policy }, caller);
  }

  /** Has a plugin write a prompt's messages. */
  writePrompt(
    { name, plugin, manifest }: CataloguePrompt,
    args: Readonly<Record<string, string>>,
    caller: Caller,
  ): Promise<Outcome> {
    const request = { kind: "prompt", name: manifest.name, arguments: args } as const;
    return this.#call({ name, plugin, request, policy: READ_POLICY }, caller);
  }

  /** Has a plugin read a resource. */
  readResource(
    { plugin, manifest }: CatalogueResource,
    uri: string,
    variables: Readonly<Record<string, string>>,
    caller: Caller,
  ): Promise<Outcome> {
    const request = { kind: "resource", name: manifest.uri, uri, variables } as const;
    return this.#call({ name: uri, plugin, request, policy: READ_POLICY }, caller);
  }

  /** A client wants to hear of changes of a resource. */
  watchResource({ plugin }: CatalogueResource, uri: string): void {
    this.#byId.get(plugin)?.port?.watch?.(uri);
  }

  /** Has a plugin suggest values for an argument. */
  complete(
    plugin: string,
    request: Extract<PluginRequest, { kind: "completion" }>,
    caller: Caller,
  ): Promise<Outcome> {
    return this.#call({ name: request.name, plugin, request, policy: READ_POLICY }, caller);
  }

  async #call(target: Target, caller: Caller): Promise<Outcome> {
    if (this.#stopped !== undefined) {
      return failed(shuttingDown());
    }
    const controller = linkedController(caller.signal);
    this.#inFlight.add(controller);
    try {
      return await this.#run(toCall(target, caller, controller.signal, this.#options.redactor));
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
    for (const controller of this.#inFlight) controller.abort(new ShuttingDownError());
    // Servers have processes of their own, and each may take seconds to end.
    const servers = this.#runners.filter(({ record }) => record.origin === "server");
    await Promise.all(servers.map((runner) => runner.stop()));
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
    this.#report();
  }

  /** One line for each thing that is not as somebody wanted it, and one that sums up. */
  #report(): void {
    const { log } = this.#options;
    const { plugins, tools, prompts, resources } = this.#catalogue;
    for (const { id, state, named, reason, quarantined, warnings, stage } of plugins) {
      // What failed after discovery has said so itself.
      const unsaid = state === "failed" ? stage === "discover" : named && state === "skipped";
      if (unsaid) log.error("plugin not served", { plugin: id, reason });
      for (const { kind, name, reason: why } of quarantined) {
        log.warn("definition not served", { plugin: id, [kind]: name, reason: why });
      }
      for (const warning of warnings) log.warn(warning, { plugin: id });
    }
    log.info("ready", {
      serving: plugins.filter(({ state }) => state === "serving").map(({ id }) => id),
      failed: plugins.filter(({ state }) => state === "failed").map(({ id }) => id),
      tools: tools.size,
      prompts: prompts.size,
      resources: resources.size,
    });
  }

  #createRunner(candidate: Candidate): PluginRunner {
    const { config, hostVersion, notices, log } = this.#options;
    const settings = settingsOf(config, candidate.id);
    const openPort = this.#options.openPort ?? ((source) => new InlinePort(source));
    const { openServer } = this.#options;
    const { id, found } = candidate;
    const isForAnother = declaresServer(settings) && found.kind !== "server";
    return new PluginRunner({
      candidate,
      // What is said of a server is not said of a plugin that has the same id.
      enabled: (isForAnother ? undefined : settings.enabled) ?? candidate.byDefault,
      openPort: () =>
        found.kind === "server" && openServer !== undefined
          ? openServer(id, found.settings)
          : openPort({
              id,
              entry:
                found.kind === "object"
                  ? { module: found.module }
                  : { file: found.kind === "module" ? found.file : candidate.path },
              builtin: candidate.origin === "builtin",
              config: ownConfig(settings),
              hostVersion,
            }),
      log,
      storage: createMemoryStorage(),
      notice: notices?.get(canonicalId(candidate.id)),
      onChange: () => this.#changed(),
      onResourceUpdated: (uri) => {
        for (const listener of this.#updateListeners) listener(uri);
      },
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
    // What still comes after the attempt's end belongs to no request any more.
    const services: CallServices = {
      ...runner.services,
      progress: (note) => {
        if (open && !call.signal.aborted) call.progress(note);
      },
      logToClient: (level, data) => {
        if (open && !call.signal.aborted) call.logToClient(level, data);
      },
    };
    try {
      return await port.invoke(
        {
          request: call.request,
          attempt: call.attempt,
          timeoutMs: call.timeoutMs,
          retryCount: call.policy.retryCount,
          idempotencyKey: call.idempotencyKey,
          principal: call.principal,
          ...(call.sessionId !== undefined && { sessionId: call.sessionId }),
          client: call.client,
          inputs: call.inputs,
          ...(call.state !== undefined && { state: call.state }),
        },
        call.signal,
        services,
      );
    } finally {
      open = false;
    }
  }
}

function anotherId({ found }: Candidate): string {
  return found.kind === "server"
    ? 'Give the server another name under "plugins"'
    : 'Rename one of them, or set "agentflow": { "name": … } in its package.json';
}

/** Settings that no plugin will ever read are a slip of the pen. */
function unknownIds({ candidates, config }: HostOptions): readonly string[] {
  const ids = candidates.map(({ id }) => id);
  const known = new Set(ids.map(canonicalId));
  return Object.keys(config.plugins)
    .filter((id) => !known.has(canonicalId(id)))
    .map((id) => {
      const meant = nearest(id, ids, 3);
      const hint = meant === undefined ? serverHint(config, id) : ` Did you mean '${meant}'?`;
      return `plugins.${id}: no plugin of that id was found.${hint}`;
    });
}

/** Whoever copies a server from another client's configuration may miss the one key that it has not. */
function serverHint({ plugins }: Config, id: string): string {
  const settings = plugins[id] ?? {};
  const { command, url } = settings;
  if (declaresServer(settings)) return "";
  if (typeof command !== "string" && typeof url !== "string") return "";
  return ' If it is an MCP server, say so: "type": "mcp_server"';
}

function toCall(target: Target, caller: Caller, signal: AbortSignal, redactor: Redactor): Call {
  let last = -Infinity;
  return {
    ...target,
    principal: caller.principal,
    ...(caller.sessionId !== undefined && { sessionId: caller.sessionId }),
    client: caller.client,
    inputs: caller.inputs,
    ...(caller.state !== undefined && { state: caller.state }),
    signal,
    progress: (note) => {
      // The protocol wants notes that grow, over all attempts.
      if (!Number.isFinite(note.done) || note.done <= last) return;
      last = note.done;
      caller.progress(redactor.json(note));
    },
    logToClient: (level, data) => caller.logToClient(level, redactor.json(data)),
    idempotencyKey: randomUUID(),
    attempt: 1,
    deadlineAt: Infinity,
    timeoutMs: Infinity,
  };
}
