import { realSignal, type Aborting } from "../base/call-signal.ts";
import { hostFailure } from "../base/failure.ts";
import { OFFERS_NOTHING, type Manifest } from "../base/manifest.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginPort,
  type Services,
} from "../base/port.ts";
import type { Json } from "../plugin-api/index.ts";
import type { ServerAddress } from "./connection.ts";
import type { UpstreamServer } from "./upstream-server.ts";

export interface UpstreamOptions {
  readonly id: string;
  readonly address: ServerAddress;
  /** How long `activate` waits for the first connection. */
  readonly startTimeoutMs: number;
  readonly hostVersion: string;
  /** Removes secrets from what is told of the server: it may have said them. */
  readonly redact: (text: string) => string;
}

/**
 * An MCP server as a plugin. It offers nothing until it has been reached: the host reads the definitions again when it is
 * told that they have changed. What it is made of, the SDK's client above all, is loaded when it is started.
 */
export class UpstreamPort implements PluginPort {
  readonly isElsewhere = true;
  readonly #options: UpstreamOptions;
  #server: UpstreamServer | undefined;
  #closed = false;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  async describe(): Promise<Manifest> {
    return this.#server?.manifest() ?? notStarted(this.#options.id);
  }

  /** Starts to keep up a connection, and waits for the first one as long as the start may take. */
  async activate(services: Services): Promise<void> {
    const { UpstreamServer: Server } = await import("./upstream-server.ts");
    if (this.#closed) return;
    this.#server = new Server(this.#options, services);
    await this.#server.start();
  }

  async invoke(invocation: Invocation, signal: Aborting, services: CallServices): Promise<Outcome> {
    if (this.#server === undefined) {
      return failed(hostFailure("plugin_unavailable", "The server is not started."));
    }
    services.onBegin();
    return this.#server.invoke(invocation, realSignal(signal), services);
  }

  abandon(state: Json): void {
    this.#server?.abandon(state);
  }

  watch(uri: string): void {
    this.#server?.watch(uri);
  }

  unwatch(uri: string): void {
    this.#server?.unwatch(uri);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#server?.close();
  }
}

function notStarted(id: string): Manifest {
  return {
    info: { name: id, version: "0.0.0", dynamic: true },
    ...OFFERS_NOTHING,
    unavailable: { code: "starting", message: "its server has not been started yet" },
  };
}
