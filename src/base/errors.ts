import type { PluginProblem } from "./plugin-problem.ts";

/** Every code a {@link HostError} can have; `docs/errors.md` explains each. */
export const HOST_ERROR_CODES = [
  "CONFIG_INVALID",
  "CONFIG_NOT_FOUND",
  "CONFIG_UNREADABLE",
  "DEMO_FAILED",
  "HTTP_ADDRESS_IN_USE",
  "HTTP_TOKEN_REQUIRED",
  "HTTP_TOKEN_WEAK",
  "PLUGIN_CALL_FAILED",
  "PLUGIN_FAILED",
  "USAGE",
] as const;

export type HostErrorCode = (typeof HOST_ERROR_CODES)[number];

/** What goes wrong in the host itself. Its message says who, what, and what to do next. */
export class HostError extends Error {
  readonly code: HostErrorCode;

  constructor(code: HostErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HostError";
    this.code = code;
  }
}

/** The steps a plugin goes through, in order. */
export type PluginStage =
  | "discover"
  | "import"
  | "create"
  | "validate"
  | "register"
  | "load"
  | "serve";

export interface PluginErrorOptions extends ErrorOptions {
  readonly problem?: PluginProblem | undefined;
}

/** A plugin failed at a stage; the message is for the person who wrote or installed it. */
export class PluginError extends HostError {
  readonly stage: PluginStage;
  readonly problem: PluginProblem | undefined;

  constructor(stage: PluginStage, message: string, options: PluginErrorOptions = {}) {
    super("PLUGIN_FAILED", message, options);
    this.name = "PluginError";
    this.stage = stage;
    this.problem = options.problem;
  }
}

/** The message of anything that can be thrown, getters that throw included. */
export function messageOf(error: unknown): string {
  try {
    if (error instanceof Error && error.message !== "") return error.message;
    return typeof error === "string" ? error : String(error);
  } catch {
    return "an error that cannot be shown";
  }
}

/** All that is known of anything that can be thrown, for a log: its stack, else its message. */
export function detailOf(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error);
  } catch {
    return "an error that cannot be shown";
  }
}
