import { isDeepStrictEqual } from "node:util";
import type { Aborting } from "../base/call-signal.ts";
import { messageOf, PluginError } from "../base/errors.ts";
import type { Manifest, Unavailable } from "../base/manifest.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginPort,
  type Services,
} from "../base/port.ts";
import { notRun } from "./lost-call.ts";

export interface RememberedPortOptions {
  readonly plugin: string;
  /** Opens a way to the plugin in this process. */
  readonly open: () => PluginPort;
  /** What the plugin offered when it was last described, if nothing has changed since. */
  readonly known: Manifest | undefined;
  /** Told each manifest that the plugin itself has given. */
  readonly onDescribed: (manifest: Manifest) => void;
}

/**
 * A plugin in the host's own process that is imported when it is first needed: as long as its definitions are known, nothing
 * else of it is. A plugin that then fails to load is unavailable, and every call tries anew.
 */
export class RememberedPort implements PluginPort {
  readonly #options: RememberedPortOptions;
  #port: PluginPort;
  #manifest: Manifest | undefined;
  #services: Services | undefined;
  /** Why it could not be loaded the last time. */
  #problem: Unavailable | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;

  constructor(options: RememberedPortOptions) {
    this.#options = options;
    this.#port = options.open();
    this.#manifest = options.known;
  }

  /** Of a plugin that nobody remembers, and of one that is loaded, by itself. */
  async describe(): Promise<Manifest> {
    const known = this.#manifest;
    const manifest = known === undefined || this.#isLoaded ? await this.#read() : known;
    if (this.#problem === undefined) return manifest;
    return { ...manifest, unavailable: this.#problem };
  }

  async activate(services: Services): Promise<void> {
    this.#services = services;
    const { known } = this.#options;
    if (known === undefined) {
      // Its module is there already.
      await this.#port.activate(services);
      this.#isLoaded = true;
    } else if (known.info.dynamic === true) await this.start();
  }

  async start(): Promise<void> {
    if (this.#isLoaded) return;
    this.#loading ??= this.#load();
    try {
      await this.#loading;
    } finally {
      this.#loading = undefined;
    }
  }

  async invoke(invocation: Invocation, signal: Aborting, services: CallServices): Promise<Outcome> {
    try {
      await this.start();
    } catch (error) {
      return failed(notRun(this.#options.plugin, error));
    }
    return this.#port.invoke(invocation, signal, services);
  }

  /** Only a plugin that is loaded tells of changes. */
  watch(): void {
    this.start().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#port.close();
  }

  async #load(): Promise<void> {
    const services = this.#services;
    if (services === undefined) throw new Error("it is not served");
    const [before, trouble] = [this.#manifest, this.#problem];
    try {
      await this.#read();
      await this.#port.activate(services);
      this.#isLoaded = true;
      this.#problem = undefined;
    } catch (error) {
      const problem = error instanceof PluginError ? error.problem : undefined;
      const message = messageOf(error);
      this.#problem = { code: "not_loaded", message, ...(problem && { problem }) };
      await this.#beginAnew(services);
      throw error;
    } finally {
      if (this.#manifest !== before || this.#problem?.message !== trouble?.message) {
        services.definitionsChanged();
      }
    }
  }

  /** What has failed halfway cleans up; the next call begins with another instance. */
  async #beginAnew(services: Services): Promise<void> {
    const failedPort = this.#port;
    this.#port = this.#options.open();
    try {
      await failedPort.close();
    } catch (error) {
      services.log("warn", `onPluginUnload failed: ${messageOf(error)}`);
    }
  }

  async #read(): Promise<Manifest> {
    const manifest = await this.#port.describe();
    if (this.#manifest === undefined || !isDeepStrictEqual(manifest, this.#manifest)) {
      this.#manifest = manifest;
      this.#options.onDescribed(manifest);
    }
    return this.#manifest;
  }
}
