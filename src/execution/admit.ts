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
    const problem = examine(given, limits.maxArgumentDepth + WRAPPING);
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

/** One walk without recursion. */
function examine(root: unknown, deepest: number): "too_deep" | "bad_name" | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { value, depth } = entry;
    if (typeof value !== "object" || value === null) continue;
    if (depth >= deepest) return "too_deep";
    if (!Array.isArray(value) && Object.hasOwn(value, "__proto__")) return "bad_name";
    for (const child of Object.values(value) as unknown[])
      open.push({ value: child, depth: depth + 1 });
  }
  return undefined;
}
