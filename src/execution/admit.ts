import { examineJson } from "../base/examine-json.ts";
import { hostFailure, turnedAway } from "../base/failure.ts";
import { jsonFits } from "../base/json-length.ts";
import { failed } from "../base/port.ts";
import type { AtWork } from "./at-work.ts";
import type { Stage } from "./call.ts";

export interface AdmitLimits {
  /** Calls that run, wait or go on in the background, all together. */
  readonly maxAtWork: number;
  /** Longest JSON text of a request's arguments, in characters. */
  readonly maxArgumentChars: number;
  readonly maxArgumentDepth: number;
}

const MOST_KEY_CHARS = 256;
/** Levels above the arguments in what is examined: the list and the request. */
const WRAPPING = 2;

/**
 * Refuses calls above the number that may be at work at a time, running or waiting for whatever it is, and arguments that are
 * too large, too deep, or carry `__proto__`, before any plugin sees them.
 */
export function createAdmit(limits: AdmitLimits, atWork: AtWork): Stage {
  return async (call, next) => {
    if (atWork.size > limits.maxAtWork) {
      const reason = "The server is busy: as many calls are at work as it takes.";
      return failed(turnedAway("overloaded", reason));
    }
    const { clientKey: key = "-" } = call;
    if (typeof key !== "string" || key.length === 0 || key.length > MOST_KEY_CHARS) {
      const text = `_meta["agentflow/idempotencyKey"] must be text of 1 to ${MOST_KEY_CHARS} characters.`;
      return failed(hostFailure("invalid_arguments", text));
    }
    const given = [call.request, call.inputs];
    if (!jsonFits(given, limits.maxArgumentChars)) {
      const text = `The arguments are longer than ${limits.maxArgumentChars} characters; send less at a time.`;
      return failed(hostFailure("arguments_too_large", text));
    }
    const problem = examineJson(given, limits.maxArgumentDepth + WRAPPING);
    if (problem === "too_deep") {
      const text = `The arguments are nested deeper than ${limits.maxArgumentDepth} levels.`;
      return failed(hostFailure("arguments_too_large", text));
    }
    if (problem === "bad_name") {
      const text = "The arguments contain the name '__proto__', which is not allowed.";
      return failed(hostFailure("invalid_arguments", text));
    }
    return next(call);
  };
}
