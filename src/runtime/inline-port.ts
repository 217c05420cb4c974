import pTimeout, { TimeoutError } from "p-timeout";
import { messageOf, PluginError, type PluginStage } from "../base/errors.ts";
import { hostFailure } from "../base/failure.ts";
import type { Manifest } from "../base/manifest.ts";
import { failed, type CallServices, type Invocation, type Outcome } from "../base/port.ts";
import type { PluginPort, Services } from "../base/port.ts";
import type { PluginContext } from "../plugin-api/index.ts";
import { importModule } from "./import-module.ts";
import { invoke } from "./invoke.ts";
import type { LivePlugin } from "./live-plugin.ts";
import { checkConfig, compileConfigSchema } from "./plugin-config.ts";
import { inStage, isPlugin, readModule } from "./plugin-module.ts";
import { readPlugin } from "./read-plugin.ts";
import { checkRequirements } from "./requirements.ts";
import { member, method } from "./spelling.ts";
import { createPluginLogger, createPluginStorage } from "./tool-context.ts";

const DESCRIBE_MS = 5_000;
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
  /** For example `MyAgent (agent)`: what it holds instead, if that has a name. */
  readonly holds: readonly string[];

  constructor(holds: readonly string[]) {
    super("exports no plugin");
    this.name = "NotAPluginError";
    this.holds = holds;
  }
}

/** A plugin that runs in the host's own process. */
export class InlinePort implements PluginPort {
  readonly #source: PluginSource;
  readonly #unloading = new AbortController();
  #stage: keyof typeof STEPS = "import";
  #instance: unknown;
  #plugin: LivePlugin | undefined;
  #config: Readonly<Record<string, unknown>> = {};
  #closed = false;

  constructor(source: PluginSource) {
    this.#source = source;
  }

  async describe(): Promise<Manifest> {
    const describing = this.#describe();
    const limit = (): PluginError =>
      new PluginError(
        this.#stage,
        `${STEPS[this.#stage]} did not finish within ${DESCRIBE_MS / 1_000} s`,
      );
    return within(describing, DESCRIBE_MS, limit);
  }

  async #describe(): Promise<Manifest> {
    const { id, entry, builtin, config, hostVersion } = this.#source;
    const raw = "file" in entry ? await importModule(entry.file, { builtin }) : entry.module;
    const module = readModule(raw);
    if (module.kind !== "plugin") {
      const classes = module.kind === "classes" ? module.classes : [];
      throw new NotAPluginError(classes.map(({ name, role }) => `${name} (${role})`));
    }
    const warnings = this.#require(member(module.info, "requires"), hostVersion);

    this.#stage = "create";
    const schema = await compileConfigSchema(module.configSchema);
    this.#config = await checkConfig(id, config, schema);
    const options = { ...this.#config, config: this.#config };
    this.#instance = await inStage("create", "createPlugin", () => module.create(options));
    // It may come after the deadline, when nobody waits for it any more.
    if (this.#closed) await this.#unload();

    this.#stage = "validate";
    if (!isPlugin(this.#instance)) {
      throw new PluginError("validate", "what createPlugin() returned has no getPluginInfo()");
    }
    this.#plugin = await readPlugin(this.#instance, module.info);
    const { manifest } = this.#plugin;
    if (member(module.info, "requires") === undefined) {
      warnings.push(...this.#require(manifest.info.requires, hostVersion));
    }
    return {
      ...manifest,
      warnings: [...new Set([...warnings, ...manifest.warnings])],
      ...(schema && { configSchema: schema.json }),
    };
  }

  #require(requires: unknown, hostVersion: string): string[] {
    const { entry } = this.#source;
    if (!("file" in entry) || !Array.isArray(requires)) return [];
    const entries = requires.filter((item): item is string => typeof item === "string");
    return [...checkRequirements(entries, entry.file, hostVersion)];
  }

  async activate(services: Services): Promise<void> {
    const load = method(this.#instance, "onPluginLoad");
    if (load === undefined) return;
    const context: PluginContext = {
      id: this.#source.id,
      config: this.#config,
      log: createPluginLogger(services),
      storage: createPluginStorage(services),
      signal: this.#unloading.signal,
    };
    const loading = inStage("load", "onPluginLoad", () => load(context));
    const limit = (): PluginError =>
      new PluginError("load", `onPluginLoad did not finish within ${LOAD_MS / 1_000} s`);
    await within(loading, LOAD_MS, limit);
  }

  async invoke(
    invocation: Invocation,
    signal: AbortSignal,
    services: CallServices,
  ): Promise<Outcome> {
    if (this.#plugin === undefined) {
      return failed(hostFailure("plugin_unavailable", "The plugin is not loaded."));
    }
    return invoke(this.#plugin, this.#config, invocation, signal, services);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unloading.abort(new Error("the plugin is being unloaded"));
    await this.#unload();
  }

  async #unload(): Promise<void> {
    const unload = method(this.#instance, "onPluginUnload");
    if (unload === undefined) return;
    const limit = (): Error =>
      new Error(`onPluginUnload did not finish within ${UNLOAD_MS / 1_000} s`);
    await within((async () => unload())(), UNLOAD_MS, limit);
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
