import { randomUUID } from "node:crypto";
import { App } from "./app.ts";
import { HostError, messageOf } from "./base/errors.ts";
import type { LogThreshold } from "./base/logger.ts";
import { nearest } from "./base/nearest.ts";
import { ROLES, type Role } from "./base/roles.ts";
import { configFrom, loadConfig } from "./config/load.ts";
import type { CatalogueRole } from "./host/catalogue.ts";
import type { PluginRecord } from "./host/record.ts";
import type { JsonObject, RoleType } from "./plugin-api/index.ts";
import {
  InstanceCaller,
  toAgent,
  toLlmBackend,
  toStorageBackend,
  type AgentInstance,
  type LlmBackendInstance,
  type StorageBackendInstance,
} from "./role-instances.ts";
import { toJson } from "./runtime/json-value.ts";

export interface PluginSystemOptions {
  /** Path of a `mcp.config.json`, or what would stand in it. Default: nothing is configured. */
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** Default: what the configuration says. */
  readonly logLevel?: LogThreshold;
  /** Where log lines go. Default: stderr. */
  readonly writeLog?: (line: string) => void;
  /** What variables in the configuration are taken from. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Who an agent or a backend is. */
export interface RoleInfo {
  readonly name: string;
  readonly version: string;
  readonly type: RoleType;
  readonly description?: string;
  /** If it is of a class. */
  readonly className?: string;
  /** Id of the plugin that brings it. */
  readonly plugin: string;
}

/**
 * Plugins for a program of your own, without a server. `directories` come in addition to the usual ones: `plugins/` beside
 * the configuration, `~/.agentflow/plugins`, `~/.omua/plugins`, and what the configuration names.
 */
export function setupPluginSystem(
  directories: readonly string[] = [],
  options: PluginSystemOptions = {},
): PluginManager {
  return new PluginManager(directories, options);
}

/** Loads plugins and makes instances of their agents and backends, under the same rules as in a server. */
export class PluginManager {
  readonly #directories: readonly string[];
  readonly #options: PluginSystemOptions;
  readonly #instances: InstanceCaller[] = [];
  #loading: Promise<App> | undefined;
  #app: App | undefined;
  #stopped: Promise<void> | undefined;

  constructor(directories: readonly string[], options: PluginSystemOptions) {
    this.#directories = directories;
    this.#options = options;
  }

  /**
   * Finds, describes and loads all plugins; resolves with what became of each. What fails is in the log and in its
   * record, and keeps nobody else from being loaded. A second call waits for the same end.
   */
  async loadPlugins(): Promise<readonly PluginRecord[]> {
    if (this.#stopped !== undefined)
      throw new HostError("USAGE", "The manager has been shut down.");
    this.#loading ??= this.#load();
    this.#app = await this.#loading;
    return this.#app.host.catalogue.plugins;
  }

  /** By name. */
  getAgentPlugins(): Readonly<Record<string, RoleInfo>> {
    return this.#infos("agent");
  }

  getLlmBackendPlugins(): Readonly<Record<string, RoleInfo>> {
    return this.#infos("llm_backend");
  }

  getStorageBackendPlugins(): Readonly<Record<string, RoleInfo>> {
    return this.#infos("storage_backend");
  }

  /**
   * One more instance of an agent, by its class's name or its own: constructed with the options, then initialised with
   * the file's configuration and the options, which win. Its data is a copy; every method is asynchronous.
   */
  async createAgentInstance(name: string, options: object = {}): Promise<AgentInstance> {
    return toAgent(await this.#create("agent", name, options));
  }

  async createLlmBackendInstance(name: string, options: object = {}): Promise<LlmBackendInstance> {
    return toLlmBackend(await this.#create("llm_backend", name, options));
  }

  async createStorageBackendInstance(
    name: string,
    options: object = {},
  ): Promise<StorageBackendInstance> {
    return toStorageBackend(await this.#create("storage_backend", name, options));
  }

  /** Ends all instances and then all plugins, each in reverse order. */
  shutdown(): Promise<void> {
    this.#stopped ??= this.#shutdown();
    return this.#stopped;
  }

  async #load(): Promise<App> {
    const { config = {}, env = process.env, logLevel, writeLog } = this.#options;
    const app = await App.start({
      loaded: typeof config === "string" ? loadConfig(config, env) : configFrom(config, env),
      plugins: this.#directories,
      ...(logLevel && { logLevel }),
      ...(writeLog && { writeLog }),
    });
    await app.host.settled();
    return app;
  }

  async #shutdown(): Promise<void> {
    const app = await this.#loading?.catch(() => undefined);
    for (const instance of this.#instances.splice(0).toReversed()) {
      try {
        await instance.end();
      } catch (error) {
        app?.log.warn("an instance could not be ended", { reason: messageOf(error) });
      }
    }
    await app?.stop();
  }

  #roles(role: Role): readonly CatalogueRole[] {
    if (this.#app === undefined) {
      throw new HostError("USAGE", "No plugins are loaded yet. First: await manager.loadPlugins()");
    }
    return [...this.#app.host.catalogue[ROLES[role].list].values()];
  }

  #infos(role: Role): Readonly<Record<string, RoleInfo>> {
    return Object.fromEntries(
      this.#roles(role).map(({ name, plugin, manifest }) => {
        const { version, description, className } = manifest;
        const info: RoleInfo = {
          name,
          version,
          type: role,
          plugin,
          ...(description !== undefined && { description }),
          ...(className !== undefined && { className }),
        };
        return [name, info];
      }),
    );
  }

  async #create(role: Role, name: string, options: object): Promise<InstanceCaller> {
    const roles = this.#roles(role);
    const entry =
      roles.find((each) => each.name === name) ??
      roles.find(({ manifest }) => manifest.className === name);
    const app = this.#app;
    if (this.#stopped !== undefined)
      throw new HostError("USAGE", "The manager has been shut down.");
    if (entry === undefined || app === undefined) throw this.#unknown(role, name);
    const given = toOptions(options);
    // What is one object and no class can only be used as it is.
    const isOwn = entry.manifest.className !== undefined || Object.keys(given).length > 0;
    const instance = isOwn ? { id: randomUUID(), options: given } : undefined;
    const caller = new InstanceCaller(app.host, entry, instance);
    await caller.begin();
    this.#instances.push(caller);
    return caller;
  }

  #unknown(role: Role, name: string): HostError {
    const { words } = ROLES[role];
    const roles = this.#roles(role);
    const names = roles.flatMap(({ name: own, manifest: { className = own } }) => [own, className]);
    const meant = nearest(name, names, 3);
    const known = roles.map(({ name: own, manifest: { className } }) =>
      className === undefined ? own : `${own} (${className})`,
    );
    const failed = (this.#app?.host.catalogue.plugins ?? []).flatMap(({ id, state, reason = "" }) =>
      state === "failed" ? [` Plugin '${id}' failed: ${reason}.`] : [],
    );
    const hint = meant === undefined ? "" : ` Did you mean '${meant}'?`;
    const there = known.length === 0 ? "There is none" : `There are: ${known.join(", ")}`;
    return new HostError(
      "USAGE",
      `There is no ${words} '${name}'.${hint} ${there}.${failed.join("")}`,
    );
  }
}

function toOptions(options: object): JsonObject {
  try {
    return toJson(options) as JsonObject;
  } catch (cause) {
    const text = `The options must be plain JSON: ${messageOf(cause)}.`;
    throw new HostError("USAGE", text, { cause });
  }
}
