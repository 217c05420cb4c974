import { examineJson } from "../base/examine-json.ts";
import { hostFailure } from "../base/failure.ts";
import { jsonLength } from "../base/json-length.ts";
import { failed } from "../base/port.ts";
import type { Stage } from "./call.ts";

export interface AdmitLimits {
  /** Longest JSON text of a request's arguments, in characters. */
  readonly maxArgumentChars: number;
  readonly maxArgumentDepth: number;
}

/** Levels above the arguments in what is examined: the list and the request. */
const WRAPPING = 2;

/** Refuses arguments that are too large, too deep, or carry `__proto__`, before any plugin sees them. */
export function createAdmit(limits: AdmitLimits): Stage {
  return async (call, next) => {
    const given = [call.request, call.inputs];
    if (jsonLength(given, limits.maxArgumentChars) > limits.maxArgumentChars) {
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
