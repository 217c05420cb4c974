import { setTimeout as sleep } from "node:timers/promises";
import type { HandlerRequest, Logger } from "agentflow-mcp/plugin";

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: unknown;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole call. Default 30 s. */
  readonly timeMs?: number;
  /** Further attempts of each request. Default 3. */
  readonly retries?: number;
  readonly message?: string;
  readonly lines?: LogLine[];
}

export function requestFor(
  args: Record<string, unknown>,
  { signal, timeMs = 30_000, retries = 3, message = "", lines = [] }: RequestOptions = {},
): HandlerRequest {
  const end = performance.now() + timeMs;
  const limits = [AbortSignal.timeout(timeMs), ...(signal === undefined ? [] : [signal])];
  const whole = AbortSignal.any(limits);
  return {
    signal: whole,
    background: () => undefined,
    callTool: () => Promise.reject(new Error("there are no other tools")),
    remainingMs: () => Math.max(0, end - performance.now()),
    attempt: 1,
    idempotencyKey: "key",
    principal: { id: "local" },
    client: { form: false, url: false, sampling: false, roots: false },
    logToClient: () => undefined,
    inputRequired: () => {
      throw new Error("nobody is there to be asked");
    },
    inputs: {},
    state: undefined,
    progress: () => undefined,
    log: logInto(lines),
    retry: (run) => retry(run, { retries, signal: whole }),
    storage: {
      get: () => Promise.resolve(undefined),
      set: () => Promise.resolve(),
      delete: () => Promise.resolve(),
      keys: () => Promise.resolve([]),
    },
    prompts: { render: () => "" },
    config: {},
    message,
    intent: { type: "AWS_BILLING", confidence: 1 },
    arguments: args,
    context: {},
    session: { principal: { id: "local" } },
    thread: {},
  };
}

export function logInto(lines: LogLine[]): Logger {
  const write = (level: string) => (message: string, fields?: unknown) => {
    lines.push({ level, message, fields });
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

/** Repeats what says that it may be repeated, as the host's own retry does. */
async function retry<T>(
  run: (signal: AbortSignal) => Promise<T>,
  { retries, signal }: { retries: number; signal: AbortSignal },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await run(signal);
    } catch (error) {
      const again = (error as { retryable?: boolean }).retryable === true && !signal.aborted;
      if (!again || attempt >= retries) throw error;
      await sleep(20 * (attempt + 1), undefined, { signal });
    }
  }
}
