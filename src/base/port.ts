import type {
  ContentBlock,
  Json,
  JsonObject,
  Principal,
  SuggestedAction,
} from "../plugin-api/index.ts";
import type { Failure } from "./failure.ts";
import type { Manifest } from "./manifest.ts";

/**
 * The only way to a plugin's code. Everything that crosses is plain JSON, except the signal and the services,
 * which a port across a process carries as messages.
 */
export interface PluginPort {
  /** Imports and creates the plugin and reads what it offers. Rejects with a `PluginError` that names the stage. */
  describe(): Promise<Manifest>;
  /** `onPluginLoad`. Rejects with a `PluginError`. */
  activate(services: Services): Promise<void>;
  /** One attempt of one call. Never rejects. */
  invoke(invocation: Invocation, signal: AbortSignal, services: CallServices): Promise<Outcome>;
  /** `onPluginUnload`. */
  close(): Promise<void>;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What the host does for a plugin. */
export interface Services {
  log(level: LogLevel, message: string, fields?: JsonObject): void;
  readonly storage: StorageService;
}

/** What the host does for one attempt. */
export interface CallServices extends Services {
  progress(note: ProgressNote): void;
}

/** Key-value storage in the plugin's own namespace. */
export interface StorageService {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  delete(key: string): Promise<void>;
  keys(prefix: string): Promise<readonly string[]>;
}

export interface ProgressNote {
  readonly done: number;
  readonly total?: number;
  readonly message?: string;
}

/** One attempt of a call. */
export interface Invocation {
  /** The tool's key in the plugin, whatever its public name. */
  readonly tool: string;
  readonly arguments: JsonObject;
  /** From 1. */
  readonly attempt: number;
  /** Milliseconds that the attempt may take, measured where it runs. */
  readonly timeoutMs: number;
  /** How often `context.retry` may repeat one request. */
  readonly retryCount: number;
  readonly idempotencyKey: string;
  readonly principal: Principal;
  readonly sessionId?: string;
}

/** What an attempt ends with. */
export type Outcome =
  | { readonly kind: "reply"; readonly reply: Reply }
  | {
      readonly kind: "failure";
      readonly failure: Failure;
      /** The handler repeats its own requests; the attempt as a whole must not be repeated. */
      readonly selfRetried?: boolean;
    };

/** A handler's answer in one shape. */
export interface Reply {
  readonly content: readonly ContentBlock[];
  readonly data?: Json;
  /** Fields that the author gave beside `content` and `data`; undefined when there were none. */
  readonly envelope?: Envelope;
}

export interface Envelope {
  readonly intentType?: string;
  readonly analysisType?: string;
  readonly toolsUsed?: readonly string[];
  readonly processingTime?: number;
  readonly confidence?: number;
  readonly suggestedActions?: readonly (string | SuggestedAction)[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly fallback?: boolean;
  readonly [key: string]: unknown;
}

export function failed(failure: Failure): Outcome {
  return { kind: "failure", failure };
}
