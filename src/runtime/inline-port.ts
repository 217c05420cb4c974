import pTimeout, { TimeoutError } from "p-timeout";
import type { Aborting } from "../base/call-signal.ts";
import { messageOf, PluginError, type PluginStage } from "../base/errors.ts";
import { hostFailure } from "../base/failure.ts";
import type { Manifest } from "../base/manifest.ts";
import type { PluginProblem } from "../base/plugin-problem.ts";
import { failed, type CallServices, type Invocation, type Outcome } from "../base/port.ts";
import type { PluginPort, Services } from "../base/port.ts";
import type { PluginContext } from "../plugin-api/index.ts";
import { importModule } from "./import-module.ts";
import { invoke } from "./invoke.ts";
import type { LivePlugin } from "./live-plugin.ts";
import type { LiveRole } from "./live-role.ts";
import { checkConfig, compileConfigSchema } from "./plugin-config.ts";
import { inStage, isPlugin, readModule } from "./plugin-module.ts";
import { readPlugin } from "./read-plugin.ts";
import { classPlugin } from "./role-classes.ts";
import type { CompiledSchema } from "./schemas.ts";
import { placeInStack, placeOfClass } from "./source-place.ts";
import { member, method } from "./spelling.ts";
import { createPluginLogger, createPluginStorage } from "./tool-context.ts";
import { collectCode, type ValidatorCode } from "./validator-code.ts";

/** Twice as long as the largest libraries take on a machine that has other work. */
const DESCRIBE_MS = 10_000;
const LOAD_MS = 10_000;
const UNLOAD_MS = 5_000;
/** What a plugin is doing while it is described, in the words of its author. */
const STEPS = { import: "its import", create: "createPlugin", validate: "its get… methods" };

/** Which plugin a port opens. */
export interface PluginSource {
  readonly id: string;
  /** The module's file, or the module itself for plugins that a program hands over. */
  readonly entry:
    | { readonly file: string }
    | { readonly module: Readonly<Record<string, unknown>> };
  readonly builtin: boolean;
  /** The plugin's own configuration, unchecked. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly hostVersion: string;
}

/** Thrown by `describe` for a module that is no plugin; not a failure. */
export class NotAPluginError extends Error {
  /** Names of exported classes that are neither agent nor backend. */
  readonly holds: readonly string[];
  readonly problem: PluginProblem | undefined;

  constructor(holds: readonly string[], problem?: PluginProblem) {
    super("exports no plugin");
    this.name = "NotAPluginError";
    this.holds = holds;
    this.problem = problem;
  }
}

/** What is known of a plugin once it has been created, and stays when its definitions are read again. */
interface Created {
  readonly info: Readonly<Record<string, unknown>> | undefined;
  readonly schema: CompiledSchema | undefined;
  readonly warnings: readonly string[];
}

/** A plugin that runs in the host's own process. */
export class InlinePort implements PluginPort {
  readonly #source: PluginSource;
  readonly #unloading = new AbortController();
  #stage: keyof typeof STEPS = "import";
  #created: Created | undefined;
  #instance: unknown;
  #services: Services | undefined;
  /** Every agent and backend that there has been, so that each is ended that was begun. */
  readonly #roles = new Map<string, LiveRole>();
  #plugin: LivePlugin | undefined;
  #config: Readonly<Record<string, unknown>> = {};
  #closed = false;

  constructor(source: PluginSource) {
    this.#source = source;
  }

  /** `validators` are those that need not be compiled; given, even if empty, {@link validatorCode} has all of them after. */
  async describe(validators?: ValidatorCode): Promise<Manifest> {
    const describing = this.#describe(validators);
    const limit = (): PluginError =>
      new PluginError(
        this.#stage,
        `${STEPS[this.#stage]} did not finish within ${DESCRIBE_MS / 1_000} s`,
      );
    return within(describing, DESCRIBE_MS, limit);
  }

  async #describe(validators: ValidatorCode | undefined): Promise<Manifest> {
    this.#created ??= await this.#create();
    const { info, schema, warnings } = this.#created;
    this.#stage = "validate";
    if (!isPlugin(this.#instance)) {
      throw new PluginError("validate", "what createPlugin() returned has no getPluginInfo()");
    }
    const file = this.#file;
    const plugin = await readPlugin(this.#instance, { file, info, validators, roles: this.#roles });
    const { manifest } = plugin;
    for (const [key, role] of plugin.roles) this.#roles.set(key, role);
    // One that has come since the plugin was loaded.
    if (this.#services !== undefined) await this.#begin(plugin, this.#services);
    const late =
      member(info, "requires") === undefined ? await this.#require(manifest.info.requires) : [];
    // Only a whole reading replaces the one before.
    this.#plugin = plugin;
    return {
      ...manifest,
      warnings: [...new Set([...warnings, ...late, ...manifest.warnings])],
      ...(schema && { configSchema: schema.json }),
    };
  }

  /** Of the tools as they were described last. */
  async validatorCode(): Promise<ValidatorCode> {
    const tools = [...(this.#plugin?.tools.values() ?? [])];
    return collectCode(tools.flatMap(({ input, output }) => [input, output]));
  }

  async #create(): Promise<Created> {
    const { id, entry, config } = this.#source;
    const raw = "file" in entry ? await importModule(entry.file) : entry.module;
    this.#stillWanted();
    const module = readModule(raw);
    if (module.kind === "none") throw this.#notAPlugin(module.classes);
    if (module.kind === "classes") {
      this.#stage = "create";
      this.#config = config;
      this.#instance = await classPlugin(id, module.classes);
      this.#stillWanted();
      return { info: undefined, schema: undefined, warnings: [] };
    }
    const warnings = await this.#require(member(module.info, "requires"));
    this.#stage = "create";
    const schema = await compileConfigSchema(module.configSchema);
    this.#config = await checkConfig(id, config, schema);
    const options = { ...this.#config, config: this.#config };
    this.#instance = await this.#run("create", "createPlugin", () => module.create(options));
    if (this.#closed) await this.#unload();
    this.#stillWanted();
    return { info: module.info, schema, warnings };
  }

  get #file(): string | undefined {
    const { entry } = this.#source;
    return "file" in entry ? entry.file : undefined;
  }

  #notAPlugin(classes: readonly string[]): NotAPluginError {
    const [first] = classes;
    if (first === undefined) return new NotAPluginError([]);
    const at = placeOfClass(this.#file, first);
    const problem = { code: "wrong_interface", ...(at !== undefined && { at }) } as const;
    return new NotAPluginError(classes, problem);
  }

  /** Author code that comes back after its deadline finds nobody waiting, and must not go on. */
  #stillWanted(): void {
    if (this.#closed) throw new PluginError(this.#stage, "was given up before it had finished");
  }

  async #require(requires: unknown): Promise<readonly string[]> {
    const { entry, hostVersion } = this.#source;
    if (!("file" in entry) || !Array.isArray(requires)) return [];
    const entries = requires.filter((item): item is string => typeof item === "string");
    const { checkRequirements } = await import("./requirements.ts");
    return checkRequirements(entries, entry.file, hostVersion);
  }

  async activate(services: Services): Promise<void> {
    let step = "onPluginLoad";
    const loading = async (): Promise<void> => {
      const load = method(this.#instance, "onPluginLoad");
      if (load !== undefined) await this.#run("load", step, () => load(this.#context(services)));
      step = "initialize";
      // First: definitions that are being read again now begin what they bring themselves.
      this.#services = services;
      if (this.#plugin !== undefined) await this.#begin(this.#plugin, services);
    };
    const limit = (): PluginError =>
      new PluginError("load", `${step} did not finish within ${LOAD_MS / 1_000} s`);
    await within(loading(), LOAD_MS, limit);
  }

  #context(services: Services): PluginContext {
    return {
      id: this.#source.id,
      config: this.#config,
      log: createPluginLogger(services),
      storage: createPluginStorage(services),
      signal: this.#unloading.signal,
      resourceUpdated: (uri) => services.resourceUpdated(uri),
      definitionsChanged: () => services.definitionsChanged(),
    };
  }

  /** Side by side: none of them waits for another. */
  async #begin({ roles }: LivePlugin, services: Services): Promise<void> {
    const setup = {
      config: this.#config,
      context: this.#context(services),
      configOf: (name: string) => services.configOf(name),
    };
    const begun = await Promise.allSettled([...roles.values()].map((role) => role.begin(setup)));
    const failure = begun.find((outcome) => outcome.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  /** Runs author code of one stage; what it throws becomes a `PluginError` that knows the line. */
  async #run<T>(stage: "create" | "load", what: string, run: () => T | Promise<T>): Promise<T> {
    try {
      return await inStage(stage, what, run);
    } catch (error) {
      if (!(error instanceof PluginError) || error.problem !== undefined) throw error;
      const at = placeInStack(error.cause, this.#file);
      throw new PluginError(stage, error.message, {
        cause: error.cause,
        problem: { code: "unhandled_error", ...(at !== undefined && { at }) },
      });
    }
  }

  async invoke(invocation: Invocation, signal: Aborting, services: CallServices): Promise<Outcome> {
    if (this.#plugin === undefined) {
      return failed(hostFailure("plugin_unavailable", "The plugin is not loaded."));
    }
    services.onBegin();
    return invoke(this.#plugin, this.#config, invocation, signal, services);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unloading.abort(new Error("the plugin is being unloaded"));
    await this.#unload();
  }

  async #unload(): Promise<void> {
    let step = "shutdown";
    const unloading = async (): Promise<void> => {
      const roles = [...this.#roles.values()].toReversed();
      const ended = await Promise.allSettled(roles.map((role) => role.shutdown()));
      step = "onPluginUnload";
      await method(this.#instance, "onPluginUnload")?.();
      const failure = ended.find((outcome) => outcome.status === "rejected");
      if (failure !== undefined) throw failure.reason;
    };
    const limit = (): Error => new Error(`${step} did not finish within ${UNLOAD_MS / 1_000} s`);
    await within(unloading(), UNLOAD_MS, limit);
  }
}

async function within<T>(work: Promise<T>, milliseconds: number, limit: () => Error): Promise<T> {
  // What fails after its time is up has no one left to tell.
  work.catch(() => undefined);
  try {
    return await pTimeout(work, { milliseconds });
  } catch (error) {
    throw error instanceof TimeoutError ? limit() : error;
  }
}

/** The reason of a failed port step, whatever was thrown. */
export function asPluginError(error: unknown, stage: PluginStage): PluginError {
  return error instanceof PluginError
    ? error
    : new PluginError(stage, messageOf(error), { cause: error });
}
