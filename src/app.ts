import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { GuardedStorage } from "./backends/storage/guarded.ts";
import { createStorage } from "./backends/storage/open.ts";
import { createLogger, type LogThreshold } from "./base/logger.ts";
import { Redactor } from "./base/redact.ts";
import type { LoadedConfig } from "./config/load.ts";
import { canonicalId, settingsOf } from "./config/plugin-settings.ts";
import type { Config } from "./config/schema.ts";
import type { Candidate } from "./host/candidate.ts";
import { declaredServers } from "./host/declared-servers.ts";
import { startDemo, type Demo } from "./host/demo.ts";
import { discover, type Directory } from "./host/discover.ts";
import { Host } from "./host/host.ts";
import { readPackageInfo, type PackageInfo } from "./host/package-info.ts";
import { placeIn } from "./host/placement.ts";
import { ManifestCache } from "./isolation/manifest-cache.ts";
import { Processes } from "./isolation/processes.ts";
import type { Logger } from "./plugin-api/index.ts";
import { tellChanges } from "./surface/changes.ts";
import { PluginServer, type SurfaceOptions } from "./surface/mcp-server.ts";
import { findPluginResource } from "./surface/plugin-resources.ts";
import { resultPages } from "./surface/read-kept-result.ts";
import { StateSealer } from "./surface/sealed-state.ts";
import type { HttpServing } from "./transports/http.ts";
import { guardStdout } from "./transports/stdout-guard.ts";
import type { Serving } from "./transports/serving.ts";
import { addressOf } from "./upstream/address.ts";
import { UpstreamPort } from "./upstream/upstream-port.ts";

export interface AppOptions {
  readonly loaded: LoadedConfig;
  /** Only plugins that ship with the host. Default false. */
  readonly shippedOnly?: boolean;
  /** Folders or files named on the command line. */
  readonly plugins?: readonly string[];
  /** Starts the demos of the plugins that have one and uses them instead of the real services. */
  readonly demo?: boolean;
  /** Loads every plugin at once, and not those in processes of their own with their first calls. Default false. */
  readonly eager?: boolean;
  readonly logLevel?: LogThreshold;
  /** Keeps stdout for the protocol from before the first plugin's code: for programs that call `serveStdio`. */
  readonly reserveStdout?: boolean;
  /** Told the logger before any plugin's code runs. */
  readonly onLog?: (log: Logger) => void;
  /** Where log lines go. Default: stderr. */
  readonly writeLog?: (line: string) => void;
  /** Told each line that plugins print in processes of their own. Default: it is logged. */
  readonly onPrint?: (line: string) => void;
}

export interface HttpOverride {
  readonly host?: string;
  readonly port?: number;
  /** True: no sessions for anybody. */
  readonly stateless?: boolean;
}

/** Configuration, plugins and transports put together. */
export class App {
  readonly host: Host;
  /** Where plugins' values are kept. */
  readonly storage: GuardedStorage;
  readonly log: Logger;
  readonly #loaded: LoadedConfig;
  readonly #surface: SurfaceOptions;
  readonly #demos: ReadonlyMap<string, Demo>;
  readonly #servings: Serving[] = [];
  #unwatch: (() => Promise<void>) | undefined;
  #stopped: Promise<void> | undefined;

  static async start(options: AppOptions): Promise<App> {
    if (options.reserveStdout) guardStdout();
    const info = readPackageInfo();
    const directories = directoriesOf(options);
    const candidates = findCandidates(options, directories, info);
    const demos = options.demo
      ? await startDemos(candidates, options.loaded.config)
      : new Map<string, Demo>();
    const loaded = withDemos(options.loaded, demos);
    const { config } = loaded;
    const redactor = new Redactor();
    redactor.add(config.server.http.token);
    redactor.add(config.server.stateKey);
    redactor.addFrom(config.plugins);
    redactor.add(config.storage.url);
    redactor.addFrom(config.storage.url);
    const log = createLogger({
      level: options.logLevel ?? config.server.logLevel,
      redactor,
      ...(options.writeLog && { write: options.writeLog }),
    });
    options.onLog?.(log);
    const notices = [...demos].flatMap(([id, { notice }]) =>
      notice === undefined ? [] : [[canonicalId(id), notice] as const],
    );
    const processes = new Processes({
      program: info.pluginProgram,
      env: loaded.pluginEnv,
      log,
      onPrint: (plugin, line) => {
        if (options.onPrint) options.onPrint(line);
        else log.info("plugin printed", { plugin, line });
      },
      cache: new ManifestCache(loaded.dataDirectory, log),
      eager: options.eager ?? false,
    });
    const storage = openStorage(loaded, log);
    const host = await Host.start({
      candidates,
      searched: directories.map(({ path }) => path),
      config,
      storage,
      openPort: placeIn(processes),
      hostVersion: info.version,
      log,
      redactor,
      notices: new Map(notices),
      openServer: (id, settings) =>
        new UpstreamPort({
          id,
          address: addressOf(settings, loaded.processEnv),
          startTimeoutMs: settings.startTimeout * 1_000,
          hostVersion: info.version,
          redact: (text) => redactor.text(text),
        }),
    });
    return new App(host, log, loaded, info, demos, storage);
  }

  private constructor(
    host: Host,
    log: Logger,
    loaded: LoadedConfig,
    info: PackageInfo,
    demos: ReadonlyMap<string, Demo>,
    storage: GuardedStorage,
  ) {
    this.storage = storage;
    this.host = host;
    this.log = log;
    this.#loaded = loaded;
    this.#demos = demos;
    const { name, limits, stateKey } = loaded.config.server;
    this.#surface = {
      name,
      version: info.version,
      pageSize: limits.maxListItems,
      resultPages: resultPages(limits),
      // An unset variable with an empty default means: none.
      sealer: new StateSealer(stateKey === "" ? undefined : stateKey),
    };
    tellChanges(host, {
      listsChanged: (lists) => {
        for (const serving of this.#servings) serving.notifyChanged(lists);
      },
      resourceUpdated: (uri) => {
        for (const serving of this.#servings) serving.notifyResourceUpdated(uri);
      },
    });
  }

  /** A server for one request or one connection. */
  readonly createServer = (): PluginServer => new PluginServer(this.host, this.#surface);

  readonly #onSubscribed = (uri: string): (() => void) => {
    const found = findPluginResource(this.host.catalogue, uri);
    return found === undefined ? () => undefined : this.host.watchResource(found.resource, uri);
  };

  /** Loads plugins anew when their files change, if the operator wants that. */
  async #watch(): Promise<void> {
    if (!this.#loaded.config.server.watch || this.#unwatch !== undefined) return;
    const { watchPlugins } = await import("./host/watch-plugins.ts");
    const { host, log } = this;
    this.#unwatch = watchPlugins(host.replaceable, (ids) => void host.reload(ids), log);
  }

  /** Serves one client on stdin and stdout. */
  async serveStdio(): Promise<Serving> {
    await this.#watch();
    const { serveStdio } = await import("./transports/stdio.ts");
    const { limits, shutdownGrace } = this.#loaded.config.server;
    const serving = serveStdio({
      createServer: this.createServer,
      log: this.log,
      maxMessageBytes: limits.maxMessageBytes,
      drainMs: shutdownGrace * 1_000,
      onSubscribed: this.#onSubscribed,
    });
    this.#servings.push(serving);
    return serving;
  }

  /** Serves over HTTP; what is given overrides what is configured. */
  async serveHttp(override: HttpOverride = {}): Promise<HttpServing> {
    await this.#watch();
    const { serveHttp } = await import("./transports/http.ts");
    const { http, limits } = this.#loaded.config.server;
    const { enabled, idleTimeout, max } = http.sessions;
    const sessions =
      override.stateless === true || !enabled ? undefined : { idleMs: idleTimeout * 1_000, max };
    const serving = await serveHttp({
      createServer: this.createServer,
      log: this.log,
      host: override.host ?? http.host,
      port: override.port ?? http.port,
      // An unset variable with an empty default means: none.
      token: http.token === "" ? undefined : http.token,
      allowedHosts: http.allowedHosts,
      allowedOrigins: http.allowedOrigins,
      maxMessageBytes: limits.maxMessageBytes,
      sessions,
      onSubscribed: this.#onSubscribed,
    });
    this.#servings.push(serving);
    return serving;
  }

  /**
   * Answers what is in flight, closes the transports and unloads the plugins. `graceMs` is how long calls may still
   * take. Default: `server.shutdownGrace`.
   */
  stop(graceMs?: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number | undefined): Promise<void> {
    await this.#unwatch?.();
    for (const serving of this.#servings) serving.stopping();
    // Calls first: a transport that closes before them would lose their answers.
    await this.host.stop(graceMs);
    // What cannot be closed has been said when it failed.
    await this.storage.close().catch(() => undefined);
    for (const serving of this.#servings.toReversed()) await serving.stop();
    await Promise.all([...this.#demos.values()].map((demo) => demo.stop()));
  }
}

/** Told to the operator at once where it cannot work; what is used nowhere is not opened for that. */
function openStorage({ config, dataDirectory }: LoadedConfig, log: Logger): GuardedStorage {
  const storage = createStorage(config.storage, dataDirectory, (problem) => {
    if (problem === undefined) log.info("storage works again");
    else log.error("storage does not work", { code: problem.code, reason: problem.message });
  });
  // It is told above.
  void storage.inspect().catch(() => undefined);
  return storage;
}

/** Demos by plugin id. One that does not start fails the whole start: nobody should take real data for demo data. */
async function startDemos(
  candidates: readonly Candidate[],
  config: Config,
): Promise<ReadonlyMap<string, Demo>> {
  const wanted = candidates.filter(
    ({ id, demo, byDefault }) =>
      demo !== undefined && (settingsOf(config, id).enabled ?? byDefault),
  );
  const started = new Map<string, Demo>();
  const outcomes = await Promise.allSettled(
    wanted.map(async ({ id, demo = "" }) => started.set(id, await startDemo(id, demo))),
  );
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure === undefined) return started;
  await Promise.all([...started.values()].map((demo) => demo.stop()));
  throw failure.reason;
}

/** Where plugins are looked for, in order. */
function directoriesOf({ loaded, plugins = [], shippedOnly }: AppOptions): readonly Directory[] {
  const { config, file } = loaded;
  if (shippedOnly) return [];
  return [
    // Beside a configuration that somebody wrote, never beside nothing: the working directory is not ours to trust.
    ...(file === undefined ? [] : [{ path: join(dirname(file), "plugins"), required: false }]),
    ...plugins.map((path) => ({ path: resolve(path), required: true })),
    { path: join(homedir(), ".agentflow", "plugins"), required: false },
    { path: join(homedir(), ".omua", "plugins"), required: false },
    ...config.pluginDirectories.map((path) => ({ path, required: true })),
  ];
}

function findCandidates(
  { loaded, shippedOnly }: AppOptions,
  directories: readonly Directory[],
  info: PackageInfo,
): readonly Candidate[] {
  const { config, file } = loaded;
  const found = discover({
    host: info,
    directories,
    packages: shippedOnly ? [] : config.pluginPackages,
    packagesFrom: file === undefined ? process.cwd() : dirname(file),
  });
  // Last: what they offer may change at any time, and must not take a name from a plugin.
  return shippedOnly ? found : [...found, ...declaredServers(config)];
}

function withDemos(loaded: LoadedConfig, demos: ReadonlyMap<string, Demo>): LoadedConfig {
  const plugins = { ...loaded.config.plugins };
  for (const [id, demo] of demos) {
    const key = Object.keys(plugins).find((name) => canonicalId(name) === canonicalId(id)) ?? id;
    const settings = plugins[key] ?? {};
    plugins[key] = { ...settings, config: { ...settings.config, ...demo.config } };
  }
  return { ...loaded, config: { ...loaded.config, plugins } };
}
