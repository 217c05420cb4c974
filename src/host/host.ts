import { sleep } from "../base/abort.ts";
import { PluginError } from "../base/errors.ts";
import { hostFailure } from "../base/failure.ts";
import {
  failed,
  type Caller,
  type Outcome,
  type OwnInstance,
  type PluginPort,
  type PluginRequest,
} from "../base/port.ts";
import { createRanker, type CategoryRanker } from "../base/rank-categories.ts";
import type { Redactor } from "../base/redact.ts";
import type { StorageBackend } from "../base/storage.ts";
import type { TaskStore } from "../base/task.ts";
import { createMemoryDedup } from "../backends/dedup/memory.ts";
import { createMemoryRates } from "../backends/rate/memory.ts";
import { createNamespaced } from "../backends/storage/namespaced.ts";
import { createStorage } from "../backends/storage/open.ts";
import { createMemoryTasks } from "../backends/tasks/memory.ts";
import { canonicalId, ownConfig, settingsOf } from "../config/plugin-settings.ts";
import type { Config, PluginSettings, ServerSettings } from "../config/schema.ts";
import { declaresServer } from "../config/servers.ts";
import type { Call } from "../execution/call.ts";
import { READ_POLICY } from "../execution/policy.ts";
import { ReplyCache } from "../execution/reply-cache.ts";
import type { Abandon } from "../execution/promote.ts";
import { Results } from "../execution/results.ts";
import { Slots } from "../execution/slots.ts";
import { Tasks } from "../execution/tasks.ts";
import type { Json, JsonObject, Logger } from "../plugin-api/index.ts";
import { InlinePort } from "../runtime/inline-port.ts";
import { Calls } from "./calls.ts";
import { anotherId, type Candidate } from "./candidate.ts";
import {
  compileCatalogue,
  readOnlyTools,
  type Catalogue,
  type CatalogueCategory,
  type CataloguePrompt,
  type CatalogueResource,
  type CatalogueRole,
  type CatalogueTool,
} from "./catalogue.ts";
import { HOST_ID, JOB_RESULT, JobTools } from "./job-tools.ts";
import type { OpenPort } from "./placement.ts";
import { PluginRunner } from "./plugin-runner.ts";
import { attempt, attemptMember } from "./attempt.ts";
import { reportStart } from "./report-start.ts";
import { WORKFLOWS_ID } from "./workflow-tools.ts";
import { Workflows } from "./workflows.ts";
import type { PluginRecord } from "./record.ts";
import { replaceAll, withGroups, type Reloaded } from "./reload.ts";
import type { ToolCallsOptions } from "./tool-calls.ts";
import { unknownIds } from "./unknown-ids.ts";
import { Watches } from "./watches.ts";

export interface HostOptions {
  readonly candidates: readonly Candidate[];
  /** Folders in which candidates were looked for, for whoever misses one. */
  readonly searched?: readonly string[];
  readonly config: Config;
  readonly hostVersion: string;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** What is put on every result of a plugin, by id: "DEMO DATA". */
  readonly notices?: ReadonlyMap<string, string>;
  /** How a plugin's code is reached. Default: in this process. */
  readonly openPort?: OpenPort;
  /** How a declared MCP server is reached. Without it there can be none among the candidates. */
  readonly openServer?: (id: string, settings: ServerSettings) => PluginPort;
  /** Where calls are kept that have left their requests. Default: in memory, `server.tasks.max` of them. */
  readonly taskStore?: TaskStore;
  /** Where plugins' values are kept; whoever hands it over closes it after the host's end. Default: in memory. */
  readonly storage?: StorageBackend;
}

/** An intent category with what a message scored in it. */
interface RankedCategory extends CatalogueCategory {
  /** From 0 to 1. */
  readonly score: number;
  /** Whether the score reaches the category's own threshold. */
  readonly matches: boolean;
}

/** What holds for prompts, resources and completions. */
const READING = { policy: READ_POLICY, mayLeave: false, owesData: false };

/** What is asked of an agent or a backend. */
export interface MemberOptions {
  readonly member: string;
  readonly args?: readonly Json[];
  /** Whose, where it is not the plugin's own instance. */
  readonly instance?: OwnInstance | undefined;
  /** Default: 60 s, for `execute` 300 s. */
  readonly timeoutMs?: number | undefined;
}

const MEMBER_MS = 60_000;
const EXECUTE_MS = 300_000;

/** Plugins that were slow to load do not hold up the first list for longer than this. */
const SETTLE_MS = 1_000;

/** Runs plugins and their calls. It knows nothing of MCP. */
export class Host {
  /** Calls that have left their requests. */
  readonly tasks: Tasks;
  /** Answers that were too long to send. */
  readonly results: Results;
  readonly #options: HostOptions;
  readonly #runners: readonly PluginRunner[];
  readonly #byId: ReadonlyMap<string, PluginRunner>;
  readonly #calls: Calls;
  readonly #cache: ReplyCache;
  readonly #storage: StorageBackend;
  readonly #workflows: Workflows;
  readonly #toolCalls: ToolCallsOptions = {
    find: (name) => this.#catalogue.tools.get(name),
    call: (tool, args, caller) => this.callTool(tool, args, caller),
  };
  readonly #rankers = new WeakMap<Catalogue, CategoryRanker>();
  readonly #listeners = new Set<(before: Catalogue) => void>();
  readonly #watches = new Watches();
  readonly #updateListeners = new Set<(uri: string) => void>();
  /** One after the other. It never rejects. */
  #reloading: Promise<readonly Reloaded[]> = Promise.resolve([]);
  #warnings: readonly string[] = [];
  #catalogue: Catalogue;
  #stopped: Promise<void> | undefined;

  /** Describes and loads all candidates. Resolves when everything is settled, or after a second. */
  static async start(options: HostOptions): Promise<Host> {
    const host = new Host(options);
    await host.#start();
    return host;
  }

  private constructor(options: HostOptions) {
    this.#options = options;
    const { log, redactor, config, hostVersion } = options;
    const { limits, tasks, results, concurrency, cache, dedup } = config.server;
    this.tasks = new Tasks({
      log,
      store:
        options.taskStore ?? createMemoryTasks({ max: tasks.max, maxChars: tasks.maxKeptChars }),
      retentionMs: tasks.retention * 1_000,
    });
    this.results = new Results({
      retentionMs: results.retention * 1_000,
      maxChars: results.maxKeptChars,
    });
    const abandon: Abandon = (plugin, state) => {
      if (state !== undefined) this.#byId.get(plugin)?.instance?.port.abandon?.(state);
    };
    this.#storage = options.storage ?? createStorage({ backend: "memory" }, "");
    this.#cache = new ReplyCache({ maxEntries: cache.max, maxChars: cache.maxChars });
    const calls = {
      log,
      redactor,
      // Whatever runs, waits for a slot, or goes on in the background; nothing else should be at work.
      limits: { ...limits, maxAtWork: concurrency.slots + concurrency.queue + tasks.max },
      tasks: this.tasks,
      results: this.results,
      abandon,
      cache: this.#cache,
      rates: createMemoryRates(),
      dedup: createMemoryDedup({ maxEntries: dedup.max, maxChars: dedup.maxChars }),
      dedupKeyMs: dedup.retention * 1_000,
      slots: new Slots({ server: concurrency, perPrincipal: concurrency.perPrincipal }),
      limitsOf: (plugin: string) => this.#catalogue.limits.get(plugin)?.concurrency,
      readOnlyTools: (plugin: string) => readOnlyTools(this.#catalogue, plugin),
    };
    this.#calls = new Calls(calls, (call) => this.#attempt(call));
    this.#workflows = new Workflows({
      storage: this.#storage,
      log,
      version: hostVersion,
      catalogue: () => this.#catalogue,
      callTool: (tool, args, caller) => this.callTool(tool, args, caller),
    });
    const own = [
      ownCandidate(HOST_ID, () => new JobTools(this.tasks, hostVersion)),
      ownCandidate(WORKFLOWS_ID, () => this.#workflows.tools),
    ];
    const taken = new Map<string, string>();
    this.#runners = [...own, ...options.candidates].map((candidate) => {
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
  }

  /** What is odd about the configuration, beyond single plugins. */
  get warnings(): readonly string[] {
    return this.#warnings;
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

  /** Told after the catalogue has been replaced, with the one before. Returns its own undo. */
  onChange(listener: (before: Catalogue) => void): () => void {
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
    const { name, plugin, policy, manifest } = tool;
    const upstream = manifest.settings.toolName ?? tool.key;
    const owesData = manifest.outputSchema !== undefined;
    // Who could not come back for the answer waits for it: such a client, and another tool.
    const mayLeave =
      plugin !== HOST_ID &&
      !caller.depth &&
      (caller.takesTasks || this.#catalogue.tools.has(JOB_RESULT));
    const target = { name, plugin, request, policy, mayLeave, owesData, upstream };
    return this.#calls.start(target, caller);
  }

  /** Has a plugin write a prompt's messages. */
  writePrompt(
    { name, plugin, manifest }: CataloguePrompt,
    args: Readonly<Record<string, string>>,
    caller: Caller,
  ): Promise<Outcome> {
    const request = { kind: "prompt", name: manifest.name, arguments: args } as const;
    return this.#calls.start({ name, plugin, request, upstream: name, ...READING }, caller);
  }

  /** Has a plugin read a resource. */
  readResource(
    { plugin, manifest }: CatalogueResource,
    uri: string,
    variables: Readonly<Record<string, string>>,
    caller: Caller,
  ): Promise<Outcome> {
    const request = { kind: "resource", name: manifest.uri, uri, variables } as const;
    return this.#calls.start({ name: uri, plugin, request, upstream: uri, ...READING }, caller);
  }

  /** Calls a member of an agent or a backend. */
  callMember(
    { role, name, plugin }: CatalogueRole,
    { member, args = [], instance, timeoutMs }: MemberOptions,
    caller: Caller,
  ): Promise<Outcome> {
    const request = {
      kind: "member",
      role,
      name,
      member,
      arguments: args,
      ...(instance && { instance }),
    } as const;
    const target = { name: `${name}.${member}`, plugin, request, upstream: name, ...READING };
    const limitMs = timeoutMs ?? (member === "execute" ? EXECUTE_MS : MEMBER_MS);
    const policy = { ...READING.policy, deadlineMs: limitMs, timeoutMs: limitMs };
    return this.#calls.start({ ...target, policy }, caller);
  }

  /** A client wants to hear of changes of a resource. Returns its own undo. */
  watchResource({ plugin }: CatalogueResource, uri: string): () => void {
    const runner = this.#byId.get(plugin);
    const key = JSON.stringify([plugin, uri]);
    return this.#watches.add(
      key,
      () => runner?.watch(uri),
      () => runner?.unwatch(uri),
    );
  }

  /** Has a plugin suggest values for an argument. */
  complete(
    plugin: string,
    request: Extract<PluginRequest, { kind: "completion" }>,
    caller: Caller,
  ): Promise<Outcome> {
    const { name } = request;
    return this.#calls.start({ name, plugin, request, upstream: name, ...READING }, caller);
  }

  /** The plugins that {@link reload} can load anew, with where they were found. */
  get replaceable(): readonly { readonly id: string; readonly path: string }[] {
    return this.#runners.filter(({ isReplaceable }) => isReplaceable).map(({ record }) => record);
  }

  /**
   * Puts new instances of plugins in processes beside those that serve, of the ones named or of all, with the others of their
   * groups. New calls go to them once they are ready; calls at work end where they are. One that cannot serve leaves
   * everything as it is.
   */
  reload(ids?: ReadonlySet<string>): Promise<readonly Reloaded[]> {
    const { config, log } = this.#options;
    const chosen = withGroups(this.#runners, ids, (id) => settingsOf(config, id).group);
    this.#reloading = this.#reloading.then(async () => {
      const reloaded = await replaceAll(chosen, () => this.#changed());
      for (const { plugin, problem } of reloaded) {
        if (problem === undefined) log.info("plugin reloaded", { plugin });
        else log.error("plugin not reloaded: the one before still serves", { plugin, problem });
      }
      return reloaded;
    });
    return this.#reloading;
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
    this.#workflows.pause();
    await this.#calls.stop(graceMs);
    await this.#workflows.stop();
    // What has a process of its own may take seconds to end, and waits for nobody else.
    const elsewhere = this.#runners.filter(({ instance }) => instance?.port.isElsewhere);
    await Promise.all(elsewhere.map((runner) => runner.stop()));
    for (const runner of this.#runners.toReversed()) await runner.stop();
  }

  async #start(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.describe()));
    this.#changed();
    const { config, searched = [], log } = this.#options;
    this.#warnings = unknownIds(this.#catalogue.plugins, config, searched);
    for (const warning of this.#warnings) log.warn(warning);
    // Called in order; a slow one does not hold up the others.
    const settled = this.settled();
    void settled.then(() => this.#workflows.resume());
    const timer = new AbortController();
    await Promise.race([settled, sleep(SETTLE_MS, timer.signal).catch(() => undefined)]);
    timer.abort();
    reportStart(this.#options.log, this.#catalogue);
  }

  #createRunner(candidate: Candidate): PluginRunner {
    const { config, notices, log } = this.#options;
    const { id, found, origin } = candidate;
    const settings = origin === "host" ? {} : settingsOf(config, id);
    const isForAnother = declaresServer(settings) && found.kind !== "server";
    return new PluginRunner({
      candidate,
      // What is said of a server is not said of a plugin that has the same id.
      enabled: (isForAnother ? undefined : settings.enabled) ?? candidate.byDefault,
      openPort: () => this.#openPort(candidate, settings),
      log,
      storage: createNamespaced(this.#storage, `plugin:${canonicalId(id)}`, config.storage),
      configOf: (name) => this.#configOf(id, name),
      notice: notices?.get(canonicalId(candidate.id)),
      onChange: () => this.#changed(),
      onResourceUpdated: (uri) => {
        for (const listener of this.#updateListeners) listener(uri);
      },
    });
  }

  /** What stands under the name of an agent or a backend is its own, unless another plugin has that id, or that name first. */
  #configOf(id: string, name: string): JsonObject {
    const key = canonicalId(name);
    const isOwn = (runner: PluginRunner): boolean => runner.record.id === id;
    const named = this.#runners.filter(({ record }) => canonicalId(record.id) === key);
    const first = this.#runners.find(({ record }) => roleNames(record).has(key));
    if (!named.every(isOwn) || (first !== undefined && !isOwn(first))) return {};
    return ownConfig(settingsOf(this.#options.config, name)) as JsonObject;
  }

  #openPort({ id, path, found, origin }: Candidate, settings: PluginSettings): PluginPort {
    const {
      openServer,
      openPort = (source) => new InlinePort(source),
      hostVersion,
    } = this.#options;
    if (found.kind === "port") return found.open();
    if (found.kind === "server" && openServer !== undefined) return openServer(id, found.settings);
    const source = {
      id,
      entry:
        found.kind === "object"
          ? { module: found.module }
          : { file: found.kind === "module" ? found.file : path },
      builtin: origin === "builtin",
      config: ownConfig(settings),
      hostVersion,
    };
    return openPort(source, { path, settings });
  }

  #compile(): Catalogue {
    const { config } = this.#options;
    const records = this.#runners.map((runner) => runner.record);
    return compileCatalogue(records, (id) => settingsOf(config, id), config.server);
  }

  #changed(): void {
    const before = this.#catalogue;
    this.#catalogue = this.#compile();
    // What a plugin answered under other definitions is out of date.
    const now = new Set(this.#catalogue.plugins.map(({ manifest }) => manifest));
    for (const { id, manifest } of before.plugins) if (!now.has(manifest)) this.#cache.forget(id);
    this.#workflows.catalogueChanged(before);
    for (const listener of this.#listeners) listener(before);
  }

  /** The innermost step: one attempt, behind the plugin's port. */
  async #attempt(call: Call): Promise<Outcome> {
    const runner = this.#byId.get(call.plugin);
    await runner?.activate();
    const instance = runner?.instance;
    if (instance !== undefined) {
      const of = this.#catalogue.tools.get(call.name)?.of;
      return of === undefined
        ? attempt(call, instance, this.#toolCalls)
        : attemptMember(call, of, instance, this.#toolCalls);
    }
    const reason = runner?.record.reason === undefined ? "" : " It failed to load.";
    const text = `The plugin '${call.plugin}' is not available.${reason}`;
    return failed(hostFailure("plugin_unavailable", text));
  }
}

/** What the host offers itself stands before all plugins, so that its names are its own. */
function ownCandidate(id: string, open: () => PluginPort): Candidate {
  const found = { kind: "port", open } as const;
  return { id, path: "the host itself", origin: "host", found, byDefault: true };
}

function roleNames({ manifest }: PluginRecord): ReadonlySet<string> {
  const lists = manifest && [manifest.agents, manifest.llmBackends, manifest.storageBackends];
  return new Set((lists ?? []).flat().map(({ name }) => canonicalId(name)));
}
