import type { ContentBlock } from "./content.ts";
import type { ClientAbilities, InputAnswer, InputRequest, InputRequired } from "./input.ts";
import type { Logger } from "./logger.ts";
import type { Json, JsonObject } from "./schema.ts";

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
  /** Tells clients that subscribed to the resource that it has changed. */
  readonly resourceUpdated: (uri: string) => void;
  /** Makes the host read the plugin's definitions again, and tell clients which lists have changed, if any. */
  readonly definitionsChanged: () => void;
}

/** Levels of a log message for the client, least important first. */
export type ClientLogLevel =
  | "debug"
  | "info"
  | "notice"
  | "warning"
  | "error"
  | "critical"
  | "alert"
  | "emergency";

/** What every request brings: a tool call, a prompt, a resource. */
export interface CallContext {
  /** Fires when the caller cancels, when the attempt's or the call's time is up, and at shutdown. Pass it on. */
  readonly signal: AbortSignal;
  /** Milliseconds left for this attempt. */
  readonly remainingMs: () => number;
  readonly principal: Principal;
  /** What the client can ask its user for. */
  readonly client: ClientAbilities;
  /** For the operator, on the host's log. */
  readonly log: Logger;
  /** For the client, if it wants log messages: shown to whoever works with it. Text, or an object. */
  readonly logToClient: (level: ClientLogLevel, data: string | object) => void;
  readonly storage: PluginStorage;
  /** The plugin's own configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * To ask the user, *return* this. The handler is then entered again from the top, with the answers in `inputs` and
   * the state, which the client carries but can neither read nor change, in `state`. Works with every client that
   * can ask; for the others the call ends with an error that says so.
   */
  readonly inputRequired: (
    requests: Readonly<Record<string, InputRequest>>,
    state?: unknown,
  ) => InputRequired;
  /** Answers to what was asked in the round before, by the keys it was asked under. Check them: they come from outside. */
  readonly inputs: Readonly<Record<string, InputAnswer>>;
  /** What the round before passed to `inputRequired`. */
  readonly state: unknown;
}

/** What another tool has answered. */
export interface ToolAnswer {
  readonly content: readonly ContentBlock[];
  /** Its `data`, if it gave any. */
  readonly data?: Json;
}

/** What a handler gets with each attempt of a call. */
export interface ToolContext extends CallContext {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /**
   * Lets the call leave its request and go on in the background, under the tool's `longDeadline`: for work that turns out
   * to be long. Where the client gets its answer then, is told it by the host.
   */
  readonly background: () => void;
  /** The same for all attempts of one call, different for every call: pass it to an upstream that can deduplicate. */
  readonly idempotencyKey: string;
  /** Tells a client that asked for progress how far the work is; `done` must grow. */
  readonly progress: (done: number, total?: number, message?: string) => void;
  /**
   * Runs one upstream request under the tool's own `retryCount` and deadline: transient errors are repeated with
   * backoff, and what earlier requests brought is kept. A tool that uses it is not repeated as a whole.
   */
  readonly retry: <T>(request: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /**
   * Calls another tool by the name that clients know it by, for the same caller and within this attempt's time. The
   * calling tool must declare the permission `tools:call:<name>`. Rejects with a `ToolError` that has the other tool's
   * message and code; uncaught, it becomes this tool's own error.
   */
  readonly callTool: (name: string, args?: JsonObject) => Promise<ToolAnswer>;
  readonly prompts: {
    /** The text of one of the plugin's own prompts that has a `template`. */
    render(name: string, args?: Readonly<Record<string, string>>): string;
  };
}
