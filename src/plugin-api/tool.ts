import type { ContentBlock } from "./content.ts";
import type { ToolContext } from "./context.ts";
import type { InputRequired } from "./input.ts";
import type { Metadata } from "./metadata.ts";
import type { Schema } from "./schema.ts";

/** What a caller may expect of a tool. Absent means the unsafe side: writes, may destroy, not repeatable. */
export interface ToolAnnotations {
  readonly title?: string;
  /** Changes nothing. Default false. */
  readonly readOnlyHint?: boolean;
  /** May destroy what is there. Default true unless read-only. */
  readonly destructiveHint?: boolean;
  /** The same call twice has the effect of one. Default false. */
  readonly idempotentHint?: boolean;
  /** Reaches systems outside the host. Default true. */
  readonly openWorldHint?: boolean;
}

/** What the host does around a call of one tool. All times in seconds. */
export interface ToolPolicy {
  /** Limit of the whole call: attempts, waits between them and queueing. Default min(50, 5 + timeout × attempts + backoff). */
  readonly deadline?: number;
  /**
   * A call that takes longer leaves its request: a client with tasks gets a task, another one a job id for `job_status`,
   * `job_result` and `job_cancel`. Default 20 for clients with tasks, 45 for others.
   */
  readonly softDeadline?: number;
  /** Limit of a call that has left its request, counted from then. Default 900. */
  readonly longDeadline?: number;
  /**
   * Every call leaves its request at once, as soon as its arguments are found good. Default false. `"required"` is true,
   * and the tool is refused to clients without tasks.
   */
  readonly long?: boolean | "required";
  /**
   * Calls of the tool that run at a time; the others wait, and above `queue` (default 4 × slots) they are refused at once.
   * Default: the plugin's own 16 running and 64 waiting are all that holds.
   */
  readonly concurrency?: number | ConcurrencyPolicy | false;
  /** Calls that each principal may make within `per` seconds, counted from its first. Default: any number. */
  readonly rate?: RatePolicy | false;
  /**
   * Seconds for which an answer is given again to the same principal for the same arguments. Only for tools with
   * `readOnlyHint: true` whose answers depend on nothing else. Default 0.
   */
  readonly cache?: number | { readonly ttl: number } | false;
  /**
   * When the tool is left alone for a while, because it fails: errors that pass by themselves and timeouts count. False: never.
   */
  readonly breaker?: BreakerPolicy | false;
  /**
   * Seconds within which a call with the same arguments by the same principal is not carried out again, but gets the answer
   * of the first. For tools that must not do a thing twice. Default 0.
   */
  readonly dedupSeconds?: number;
  /** Text, and structured content, that an answer brings at once, in characters each. Default: `server.limits.maxResultChars`. */
  readonly maxResultChars?: number;
}

/** How many calls may run at a time, and how many may wait. */
export interface ConcurrencyPolicy {
  readonly slots: number;
  /** Default 4 × slots. */
  readonly queue?: number | undefined;
}

export interface RatePolicy {
  readonly calls: number;
  /** Seconds. */
  readonly per: number;
}

export interface BreakerPolicy {
  /** Failures in a row. Default 5. */
  readonly failures?: number | undefined;
  /** Share of failures among at least 20 calls within the window. Default 0.5. */
  readonly ratio?: number | undefined;
  /** Seconds. Default 10. */
  readonly window?: number | undefined;
  /** Seconds after which one call is let through to see whether it works again. Default 30. */
  readonly open?: number | undefined;
}

/** How a tool is run. Other keys are the author's own and pass unchanged. */
export interface ToolSettings {
  /** Name of the integration behind the tool, default of a result's `toolsUsed`. */
  readonly toolName?: string;
  /** Limit of one attempt, in seconds. Default 30; with `policy.long`, `policy.longDeadline`. */
  readonly timeout?: number;
  /**
   * Further attempts after the first. Default 0. Repeated are only: transient errors that were thrown
   * (a {@link ToolError} with `retryable`, network errors, 408, 429, 5xx, throttling), unless the tool says
   * `idempotentHint: false` or `destructiveHint: true`; and timeouts of a read-only or idempotent tool.
   */
  readonly retryCount?: number;
  readonly policy?: ToolPolicy;
  readonly [key: string]: unknown;
}

/** One entry of `getToolsConfig()`; the entry's key is the tool's public name. */
// eslint-disable-next-line typescript/no-explicit-any -- a record of tools holds every argument type at once
export interface ToolConfig<In = any, Out = any> extends Metadata {
  /** `fastmcp_tool` is the Python name of the same. Default `mcp_tool`. */
  readonly type?: "mcp_tool" | "fastmcp_tool";
  readonly title?: string;
  readonly description?: string;
  /** The intent category that the tool stands for; its call goes to the plugin's handlers as that intent. */
  readonly category?: string;
  /** Carries out the call. Without one, the plugin's handlers are asked. */
  handler?(args: In, context: ToolContext): ToolOutput<Out> | Promise<ToolOutput<Out>>;
  /** Describes the arguments. Without one the input is `{ message: string, context?: object, thread_id?: string }`. */
  readonly inputSchema?: Schema<In>;
  /** Describes `data` of the result. With it, `structuredContent` is exactly `data`. */
  readonly outputSchema?: Schema<Out>;
  readonly annotations?: ToolAnnotations;
  /** What the tool needs to be allowed to do, for example `aws:read`. Shown; enforced later. */
  readonly permissions?: readonly string[];
  readonly config?: ToolSettings;
}

/** A next step worth offering to the user. */
export interface SuggestedAction {
  readonly title: string;
  readonly reason?: string;
  /** The tool that does it. */
  readonly tool?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** The long form of a tool's answer. */
export interface ToolResult<Data = unknown> {
  /** What the model reads. Default: `data` as JSON. */
  readonly content?: string | readonly ContentBlock[];
  /** What a program reads. */
  readonly data?: Data;
  readonly intentType?: string;
  readonly analysisType?: string;
  /** Default: the tool's `toolName`, where it has one. */
  readonly toolsUsed?: readonly string[];
  /** Seconds. */
  readonly processingTime?: number;
  /** From 0 to 1. */
  readonly confidence?: number;
  readonly suggestedActions?: readonly (string | SuggestedAction)[];
  /** Makes the result an error that the model can read and react to. */
  readonly error?: string | { readonly code?: string; readonly message: string };
  /** For the client's program, under keys of your own (`example.com/key`). */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /** True if the answer stands in for the one that could not be had. */
  readonly fallback?: boolean;
}

/** What a handler may return. */
export type ToolOutput<Data = unknown> =
  | string
  | readonly ContentBlock[]
  | ToolResult<Data>
  | InputRequired;
