import type { ToolContext } from "./context.ts";
import type { Readable, RolePlugin } from "./role.ts";

/** One turn of a conversation. */
export interface LlmMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** How an answer should be made. What the caller leaves out is taken from the backend's configuration, if it is there. */
export interface LlmOptions {
  readonly model?: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly topP?: number;
  /** Texts that end the answer. */
  readonly stop?: readonly string[];
  /** Milliseconds. */
  readonly timeoutMs?: number;
  /** Fires when nobody waits for the answer any more. Pass it on. */
  readonly signal?: AbortSignal;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** There if somebody reads along: told each piece of the answer as it comes. */
  readonly onChunk?: (text: string) => void;
  readonly [key: string]: unknown;
}

export interface LlmUsage {
  /** All together. */
  readonly tokens: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** What a model has answered. */
export interface LlmResponse {
  readonly content: string;
  readonly model?: string;
  readonly usage: LlmUsage;
  /** Why it ends here: `stop`, `length`, … in the provider's words. */
  readonly finishReason?: string;
}

/** A response as a backend may return it: `usage` is counted together as far as it is given. */
export type LlmAnswer =
  | string
  | (Omit<LlmResponse, "usage"> & { readonly usage?: Partial<LlmUsage> });

/** Pieces of an answer as they come; what the iteration returns, or a piece that is an object, says the rest. */
export type LlmStream = AsyncIterable<string | Partial<Exclude<LlmAnswer, string>>>;

/** A provider of language models. */
export interface LlmBackend extends RolePlugin {
  /** Whether it can be used now. Asked before use. Default true. */
  readonly isAvailable?: Readable<boolean>;
  generate(
    prompt: string,
    options: LlmOptions,
    call: ToolContext,
  ): LlmAnswer | LlmStream | Promise<LlmAnswer | LlmStream>;
  chat(
    messages: readonly LlmMessage[],
    options: LlmOptions,
    call: ToolContext,
  ): LlmAnswer | LlmStream | Promise<LlmAnswer | LlmStream>;
  /** Whether the provider answers and takes the credentials. False is a warning. Default true. */
  validateConnection?(): boolean | Promise<boolean>;
}
