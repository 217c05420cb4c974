import type {
  ClientAbilities,
  ClientLogLevel,
  ContentBlock,
  InputAnswer,
  InputRequest,
  Json,
  JsonObject,
  Principal,
  PromptMessage,
  ResourceContents,
  SuggestedAction,
} from "../plugin-api/index.ts";
import type { Aborting } from "./call-signal.ts";
import type { Failure } from "./failure.ts";
import type { Manifest } from "./manifest.ts";
import type { Role } from "./roles.ts";

/**
 * The only way to a plugin's code. Everything that crosses is plain JSON, except the signal and the services,
 * which a port across a process carries as messages.
 */
export interface PluginPort {
  /** Its calls are carried out outside of this process. */
  readonly isElsewhere?: boolean;
  /**
   * Imports and creates the plugin and reads what it offers; called again, it only reads. Rejects with a `PluginError`
   * that names the stage.
   */
  describe(): Promise<Manifest>;
  /** `onPluginLoad`. Rejects with a `PluginError`. */
  activate(services: Services): Promise<void>;
  /** Begins what would else begin with the first call. Rejects with a `PluginError`. */
  start?(): Promise<void>;
  /** One attempt of one request. Never rejects. */
  invoke(invocation: Invocation, signal: Aborting, services: CallServices): Promise<Outcome>;
  /**
   * Nobody will bring the answers to what was asked with this state. Only a port that keeps something at work for them
   * needs to know.
   */
  abandon?(state: Json): void;
  /** Clients have subscribed to a resource. Only a port that would not tell of changes otherwise needs to know. */
  watch?(uri: string): void;
  /** None of them is left. */
  unwatch?(uri: string): void;
  /** `onPluginUnload`. */
  close(): Promise<void>;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What the host does for a plugin. */
export interface Services {
  log(level: LogLevel, message: string, fields?: JsonObject): void;
  readonly storage: StorageService;
  /** What the configuration has for an agent or a backend under its own name; nothing if that is somebody else's. */
  configOf(name: string): Promise<JsonObject>;
  resourceUpdated(uri: string): void;
  definitionsChanged(): void;
}

/** What the host does for one attempt. */
export interface CallServices extends Services {
  /** Told when the attempt reaches the plugin: from here on, something may have been done. */
  onBegin(): void;
  /** Milliseconds left for the attempt. */
  remainingMs(): number;
  /** Told when there is more time than that. Returns its own undo. */
  onMoreTime(listener: (remainingMs: number) => void): () => void;
  /** The call is to go on without its request. */
  background(): void;
  /** The plugin repeats requests of its own: the attempt is not to be repeated as a whole. */
  retriesItself(): void;
  progress(note: ProgressNote): void;
  logToClient(level: ClientLogLevel, data: Json): void;
  /** A piece of a model's answer, for whoever reads along. */
  chunk(text: string): void;
  /** Calls a tool by its public name, for the same caller. Never rejects. */
  callTool(name: string, args: JsonObject): Promise<Outcome>;
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

/** What is asked of a plugin, by the plugin's own names. */
export type PluginRequest =
  | { readonly kind: "tool"; readonly name: string; readonly arguments: JsonObject }
  | {
      readonly kind: "prompt";
      readonly name: string;
      readonly arguments: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "resource";
      /** The definition's key. */
      readonly name: string;
      readonly uri: string;
      readonly variables: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "completion";
      readonly of: "prompt" | "resource";
      readonly name: string;
      readonly argument: string;
      readonly typed: string;
      /** Arguments that are already filled in. */
      readonly arguments: Readonly<Record<string, string>>;
    }
  | MemberRequest;

/** A member of an agent or a backend: `plan`, `generate`, `saveWorkflow`, … */
export interface MemberRequest {
  readonly kind: "member";
  readonly role: Role;
  /** The agent's or the backend's. */
  readonly name: string;
  /** In camelCase; for an instance of its own also `initialize`, which only makes it, and `shutdown`, which ends it. */
  readonly member: string;
  readonly arguments: readonly Json[];
  /** Of whom, where it is not the plugin's own instance. */
  readonly instance?: OwnInstance;
}

/** One more instance of an agent or a backend, made when it is first needed in a process. */
export interface OwnInstance {
  readonly id: string;
  /** What it is constructed with, and what wins over its configuration. */
  readonly options: JsonObject;
}

/** Who asks, and how to reach them while the request runs. */
export interface Caller {
  readonly principal: Principal;
  readonly sessionId?: string | undefined;
  readonly client: ClientAbilities;
  /** Answers of the round before. */
  readonly inputs: Readonly<Record<string, InputAnswer>>;
  readonly state?: Json | undefined;
  /** How many tools have called one another up to this call. Default 0: it is a client's own. */
  readonly depth?: number;
  /** Whether the client takes a task for an answer. */
  readonly takesTasks: boolean;
  /** Whether somebody is shown how far the work is. */
  readonly wantsProgress: boolean;
  /** Wants a new answer, whatever is in the cache. Default false. */
  readonly refresh?: boolean | undefined;
  /** Names the call, so that the same one is not carried out twice. As it was sent: the host checks it. */
  readonly clientKey?: Json | undefined;
  /**
   * Whether the request stays open while its client answers what is asked: the next round then comes with the same
   * signal. Default: false.
   */
  readonly staysOpen?: boolean;
  /** Fires when the caller cancels. */
  readonly signal: AbortSignal;
  progress(note: ProgressNote): void;
  logToClient(level: ClientLogLevel, data: Json): void;
  /** Told each piece of a model's answer as it comes. Default: nobody reads along. */
  chunk?(text: string): void;
}

/** One attempt of a request. */
export interface Invocation {
  readonly request: PluginRequest;
  /** From 1. */
  readonly attempt: number;
  /** The call leaves its request as soon as its arguments have been found good. */
  readonly long: boolean;
  /** How often `context.retry` may repeat one request, and the host the whole. */
  readonly retryCount: number;
  readonly idempotencyKey: string;
  readonly principal: Principal;
  readonly sessionId?: string;
  readonly client: ClientAbilities;
  /** Answers of the round before. */
  readonly inputs: Readonly<Record<string, InputAnswer>>;
  readonly state?: Json;
  /** How many tools have called one another up to this call. Default 0: it is a client's own. */
  readonly depth?: number;
}

/** What an attempt ends with. */
export type Outcome =
  | ({
      readonly kind: "reply";
      readonly reply: Reply;
      /** Public name of the tool whose answer this is, where another one only delivers it. */
      readonly of?: string;
    } & Provenance)
  | {
      readonly kind: "messages";
      readonly messages: readonly PromptMessage[];
      /** Default: the definition's. */
      readonly description?: string;
    }
  /** What a member of an agent or a backend gave, in its one shape; no `value` for nothing. */
  | { readonly kind: "value"; readonly value?: Json }
  | { readonly kind: "contents"; readonly contents: readonly ReadContents[] }
  | {
      readonly kind: "values";
      readonly values: readonly string[];
      /** Whether there are more that fit. Default: only if there are more than can be delivered. */
      readonly hasMore?: boolean;
      readonly total?: number;
    }
  | {
      readonly kind: "input_required";
      readonly requests: Readonly<Record<string, InputRequest>>;
      readonly state?: Json;
    }
  /** The call goes on without its request. */
  | { readonly kind: "left"; readonly task: TaskHandle }
  | FailedOutcome;

type TaskStatus = "working" | "input_required" | "completed" | "failed" | "cancelled";

/** What the client of a call gets that goes on without its request. */
export interface TaskHandle {
  /** Cannot be guessed. */
  readonly id: string;
  readonly status: TaskStatus;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How long after its creation it is kept, as far as is known: its end makes it shorter, a question longer. */
  readonly ttlMs: number;
}

/** Where an answer comes from that was not made for this call. */
export interface Provenance {
  /** Out of the cache: how old it is. */
  readonly cachedForMs?: number;
  /** The call had been carried out before, at this time (milliseconds since 1970), and this is what came of it. */
  readonly carriedOutAt?: number;
}

export interface FailedOutcome extends Provenance {
  readonly kind: "failure";
  readonly failure: Failure;
  /** The handler repeats its own requests; the attempt as a whole must not be repeated. */
  readonly selfRetried?: boolean;
  /** As in a reply. */
  readonly of?: string;
}

export type ReadContents = ResourceContents & { readonly uri: string };

/** A handler's answer in one shape. */
export interface Reply {
  readonly content: readonly ContentBlock[];
  readonly data?: Json;
  /** Fields that the author gave beside `content`, `data` and `_meta`; undefined when there were none. */
  readonly envelope?: Envelope;
  readonly _meta?: JsonObject;
  /** It is an MCP server's own result and goes out as it is: `data` is its `structuredContent`. */
  readonly verbatim?: { readonly isError: boolean };
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

/** Of whom nothing can be asked. */
export const NO_ABILITIES: ClientAbilities = {
  form: false,
  url: false,
  sampling: false,
  roots: false,
};

export function failed(failure: Failure): FailedOutcome {
  return { kind: "failure", failure };
}

/** Whether it is what was asked for: an answer, and not the news of an error. */
export function isGoodReply(outcome: Outcome): outcome is Extract<Outcome, { kind: "reply" }> {
  if (outcome.kind !== "reply") return false;
  const { envelope, verbatim } = outcome.reply;
  return envelope?.error === undefined && verbatim?.isError !== true;
}
