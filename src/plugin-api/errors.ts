/** What a {@link ToolError} carries besides its message. */
export interface ToolErrorOptions extends ErrorOptions {
  /** Stable, machine-readable reason, in lower_snake_case or the upstream's own spelling. Default `tool_error`. */
  readonly code?: string;
  /** Whether the same call may succeed later. Default false. */
  readonly retryable?: boolean;
  /** How long to wait before the next try, in milliseconds. Default: not said. */
  readonly retryAfterMs?: number;
}

/** How a {@link ToolError} is recognised when a plugin brings its own copy of this module. */
export const toolErrorBrand: unique symbol = Symbol.for("agentflow.ToolError");

/**
 * The only error whose text reaches a client: say what went wrong and what to do next.
 * Everything else that is thrown is logged, and the client gets a general sentence with an error id.
 *
 * A class of your own is recognised too if its `name` is `"ToolError"` and it has a string `code`.
 */
export class ToolError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly [toolErrorBrand] = true;

  constructor(message: string, options: ToolErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ToolError";
    this.code = options.code ?? "tool_error";
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
