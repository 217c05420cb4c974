import type { Intent } from "./category.ts";
import type { Principal, ToolContext } from "./context.ts";
import type { ToolOutput } from "./tool.ts";

/** What a {@link Handler} is asked to answer. */
export interface HandlerRequest extends ToolContext {
  /** The caller's `message`, or an empty string. */
  readonly message: string;
  readonly intent: Intent;
  /** The tool's arguments, after its schema. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The caller's own `context` object, opaque to the host. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly session: { readonly id?: string; readonly principal: Principal };
  /** `thread_id` of the caller, opaque: the host keeps no history. */
  readonly thread: { readonly id?: string };
}

/** Accepts intents and answers them. Extending {@link BaseHandler} is optional: the shape decides. */
export interface Handler {
  /** Handlers with the higher priority are asked first; ties go in order. Default 5. `getPriority()` is the same. */
  readonly priority?: number;
  getPriority?(): number;
  canHandle(intent: Intent, request: HandlerRequest): boolean | Promise<boolean>;
  /** Answers, or returns undefined so that the next handler is asked. A throw is the attempt's error. */
  handle(request: HandlerRequest): ToolOutput | undefined | Promise<ToolOutput | undefined>;
}

/** A thin base for those who like classes. */
export abstract class BaseHandler implements Handler {
  readonly priority: number = 5;
  abstract canHandle(intent: Intent, request: HandlerRequest): boolean | Promise<boolean>;
  abstract handle(
    request: HandlerRequest,
  ): ToolOutput | undefined | Promise<ToolOutput | undefined>;
}
