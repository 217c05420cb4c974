import { messageOf } from "../base/errors.ts";
import { hostFailure, type Failure } from "../base/failure.ts";
import { ChannelClosedError, ChannelFullError } from "./channel.ts";
import { FrameTooLongError } from "./framing.ts";
import type { ProcessEnd } from "./plugin-process.ts";
import { UnavailableError } from "./supervisor.ts";

/** The failure of a call that the plugin has not seen. */
export function notRun(plugin: string, error: unknown): Failure {
  const detail = messageOf(error);
  if (error instanceof FrameTooLongError) {
    const text = "The arguments are too long to be passed on.";
    return hostFailure("arguments_too_large", text, { notStarted: true, detail });
  }
  const mayPass =
    error instanceof UnavailableError ||
    error instanceof ChannelFullError ||
    error instanceof ChannelClosedError;
  if (!mayPass) {
    const text = `The plugin '${plugin}' failed to load.`;
    return hostFailure("plugin_unavailable", text, { notStarted: true, detail });
  }
  const waitMs = error instanceof UnavailableError ? error.retryAfterMs : undefined;
  const when = waitMs === undefined ? "a moment" : `${Math.ceil(waitMs / 1_000)} s`;
  const text = `The plugin '${plugin}' cannot be used now. Try again in ${when}.`;
  return hostFailure("plugin_unavailable", text, {
    retryable: true,
    transient: true,
    notStarted: true,
    detail,
    ...(waitMs !== undefined && { retryAfterMs: Math.ceil(waitMs) }),
  });
}

/** The failure of a call whose process has ended under it. */
export function lost({ how, reason, callsAtWork }: ProcessEnd): Failure {
  const more = { transient: true, detail: `the process ${reason}` };
  // With nothing else at work there, it was this call's own doing.
  if (how === "crashed" && callsAtWork <= 1) {
    const text = "The plugin crashed while it was carrying out the call.";
    return hostFailure("plugin_crashed", text, more);
  }
  const text = "The plugin had to be restarted while it was carrying out the call.";
  return hostFailure("plugin_restarted", text, { ...more, retryable: true, bystander: true });
}
