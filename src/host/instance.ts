import { deferred } from "../base/deferred.ts";
import type { PluginPort, Services } from "../base/port.ts";

/** One instance of a plugin, with the calls that it has at work. */
export class Instance {
  readonly port: PluginPort;
  /** What the host does for it. */
  readonly services: Services;
  readonly #idle = deferred<void>();
  #atWork = 0;
  #isRetired = false;
  #closing: Promise<void> | undefined;

  constructor(port: PluginPort, services: (own: Instance) => Services) {
    this.port = port;
    this.services = services(this);
  }

  /** Runs one call; the instance is not closed before that has ended, unless it must be. */
  async use<T>(run: (port: PluginPort) => Promise<T>): Promise<T> {
    this.#atWork += 1;
    try {
      return await run(this.port);
    } finally {
      this.#atWork -= 1;
      if (this.#isRetired && this.#atWork === 0) this.#idle.resolve();
    }
  }

  /** It gets no more calls: it is closed when those at work have ended. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    if (this.#atWork > 0) await this.#idle.promise;
    await this.close();
  }

  /** The same promise for everybody who asks. */
  close(): Promise<void> {
    this.#closing ??= this.port.close();
    return this.#closing;
  }
}
