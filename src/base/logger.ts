import { pino } from "pino";
import { messageOf } from "./errors.ts";
import type { LogFields, Logger } from "../plugin-api/index.ts";
import type { Redactor } from "./redact.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogThreshold = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogThreshold;
  readonly redactor: Redactor;
  /** Where the lines go. Default: stderr, written at once, so that nothing is lost when the process ends. */
  readonly write?: (line: string) => void;
}

/** JSON lines, redacted. Never stdout: on stdio that is the protocol's. */
export function createLogger({ level, redactor, write }: LoggerOptions): Logger {
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  const root = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const at =
    (name: "debug" | "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}): void => {
      if (!root.isLevelEnabled(name)) return;
      root[name](redactor.fields(plain(fields)), redactor.text(message));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
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
