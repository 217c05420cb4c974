import type { Logger } from "./logger.ts";

/** Who is calling. */
export interface Principal {
  /** `local` on stdio; over HTTP, who the token belongs to. */
  readonly id: string;
}

/** Values that a plugin keeps between calls, in a namespace of its own. In memory until a storage backend is configured. */
export interface PluginStorage {
  /** The stored value, or undefined. */
  get(key: string): Promise<unknown>;
  /** Stores a value that JSON can carry. */
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /** Keys that begin with the prefix, sorted. */
  keys(prefix?: string): Promise<readonly string[]>;
}

/** What a plugin gets when it is loaded. */
export interface PluginContext {
  /** The plugin's id in `mcp.config.json`. */
  readonly id: string;
  /** The plugin's own configuration, checked by its `configSchema` and with its defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly log: Logger;
  readonly storage: PluginStorage;
  /** Fires when the plugin is being unloaded. */
  readonly signal: AbortSignal;
}

/** What a handler gets with each attempt of a call. */
export interface ToolContext {
  /** Fires when the caller cancels, when the attempt's or the call's time is up, and at shutdown. Pass it on. */
  readonly signal: AbortSignal;
  /** Milliseconds left for this attempt. */
  readonly remainingMs: () => number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The same for all attempts of one call, different for every call: pass it to an upstream that can deduplicate. */
  readonly idempotencyKey: string;
  readonly principal: Principal;
  /** Tells a client that asked for progress how far the work is; `done` must grow. */
  readonly progress: (done: number, total?: number, message?: string) => void;
  readonly log: Logger;
  /**
   * Runs one upstream request under the tool's own `retryCount` and deadline: transient errors are repeated with
   * backoff, and what earlier requests brought is kept. A tool that uses it is not repeated as a whole.
   */
  readonly retry: <T>(request: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  readonly storage: PluginStorage;
  readonly prompts: {
    /** The text of one of the plugin's own prompts. */
    render(name: string, args?: Readonly<Record<string, string>>): string;
  };
  /** The plugin's own configuration. */
  readonly config: Readonly<Record<string, unknown>>;
}
