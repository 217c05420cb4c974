import { isBag } from "../base/bag.ts";
import { detailOf, messageOf, PluginError, type PluginStage } from "../base/errors.ts";
import { isProblem, type PluginProblem } from "../base/plugin-problem.ts";
import { ToolError } from "../plugin-api/errors.ts";
import { asPluginError, NotAPluginError } from "../runtime/inline-port.ts";
import { RemoteError } from "./channel.ts";
import { FrameTooLongError } from "./framing.ts";

/** What the host needs to make an error of a plugin's process again. */
interface Details {
  readonly kind?: "plugin" | "not-a-plugin" | "too-long" | "tool";
  readonly stage?: PluginStage;
  readonly holds?: readonly string[];
  readonly cause?: string;
  readonly problem?: PluginProblem;
  readonly code?: string;
  readonly retryable?: boolean;
}

/** What of an error crosses to the host. */
export function describeError(error: unknown): {
  readonly message: string;
  readonly details: Details;
} {
  const message = messageOf(error);
  if (error instanceof PluginError) {
    const { stage, cause, problem } = error;
    const why = cause === undefined ? {} : { cause: detailOf(cause) };
    const known = problem === undefined ? {} : { problem };
    return { message, details: { kind: "plugin", stage, ...why, ...known } };
  }
  if (error instanceof NotAPluginError) {
    const { holds, problem } = error;
    return { message, details: { kind: "not-a-plugin", holds, ...(problem && { problem }) } };
  }
  if (error instanceof FrameTooLongError) return { message, details: { kind: "too-long" } };
  return { message, details: { cause: detailOf(error) } };
}

/** What of the host's own error crosses to a plugin's process. */
export function describeHostError(error: unknown): {
  readonly message: string;
  readonly details?: Details;
} {
  const message = messageOf(error);
  if (!(error instanceof ToolError)) return { message };
  const { code, retryable, cause } = error;
  const why = cause === undefined ? {} : { cause: messageOf(cause) };
  return { message, details: { kind: "tool", code, retryable, ...why } };
}

/** The error that the host has met, made again: a plugin's author meets the same one, wherever the plugin runs. */
export function hostErrorAgain(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return error;
  const { kind, code, retryable, cause } = detailsOf(error);
  if (kind !== "tool") return error;
  return new ToolError(error.message, {
    ...(code !== undefined && { code }),
    ...(retryable !== undefined && { retryable }),
    ...(cause !== undefined && { cause: new Error(cause) }),
  });
}

/** The error that a plugin's process has met, made again. One that says of no stage belongs to the given one. */
export function madeAgain(error: unknown, during: PluginStage): Error {
  if (!(error instanceof RemoteError)) return asPluginError(error, during);
  const { kind, stage = during, holds = [], cause, problem } = detailsOf(error);
  if (kind === "not-a-plugin") return new NotAPluginError(holds, problem);
  return new PluginError(stage, error.message, {
    problem,
    ...(cause !== undefined && { cause: new Error(cause) }),
  });
}

export function isAnswerTooLong(error: unknown): boolean {
  return error instanceof RemoteError && detailsOf(error).kind === "too-long";
}

/** A plugin may have tampered with what comes from its process. */
function detailsOf({ details }: RemoteError): Details {
  const given: Details = isBag(details) ? details : {};
  const { holds, stage, cause, problem, code, retryable } = given;
  return {
    ...(given.kind !== undefined && { kind: given.kind }),
    ...(typeof stage === "string" && { stage }),
    ...(typeof cause === "string" && { cause }),
    ...(isProblem(problem) && { problem }),
    ...(typeof code === "string" && { code }),
    ...(typeof retryable === "boolean" && { retryable }),
    ...(Array.isArray(holds) && { holds: holds.filter((name) => typeof name === "string") }),
  };
}
