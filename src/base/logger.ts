import { pino } from "pino";
import { messageOf } from "./errors.ts";
import type { LogFields, Logger } from "../plugin-api/index.ts";
import type { Redactor } from "./redact.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogThreshold = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogThreshold;
  readonly redactor: Redactor;
  /** Where the lines go. Default: stderr. */
  readonly write?: (line: string) => void;
}

/** JSON lines, redacted. Never stdout: on stdio that is the protocol's. */
export function createLogger({ level, redactor, write }: LoggerOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const root = pino(options, { write: write ?? writeStderr });
  const at =
    (name: "debug" | "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}): void => {
      if (!root.isLevelEnabled(name)) return;
      root[name](redactor.fields(plain(fields)), redactor.text(message));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** As much as waits for a reader of stderr before lines are dropped. */
const MAX_PENDING_BYTES = 1_048_576;

let isStderrGone: boolean | undefined;

/** A client may never read stderr, or be gone: a full pipe, or a broken one, must cost log lines, not the server. */
function writeStderr(line: string): void {
  const { stderr } = process;
  if (isStderrGone === undefined) {
    isStderrGone = false;
    // Unheard, it would be an uncaught exception, which is logged, which fails, and so on.
    stderr.on("error", () => (isStderrGone = true));
  }
  if (!isStderrGone && stderr.writableLength < MAX_PENDING_BYTES) stderr.write(line);
}

/** A logger that puts the same fields on every line. */
export function childLogger(log: Logger, fixed: LogFields): Logger {
  const at =
    (name: keyof Logger) =>
    (message: string, fields?: LogFields): void =>
      log[name](message, { ...fields, ...fixed });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Errors among the fields become text with their stack: JSON would make them `{}`. */
function plain(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(fields).map(([key, value]) => [
    key,
    value instanceof Error ? (value.stack ?? messageOf(value)) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
