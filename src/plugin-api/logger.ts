/** Structured fields of a log line; secrets in them are redacted. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where a plugin writes what an operator should know. Lines go to the host's log on stderr with the plugin's id;
 * `console.log` works as well and ends in the same place.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
