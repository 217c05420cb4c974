import { hostFailure } from "../base/failure.ts";
import { failed } from "../base/port.ts";
import type { Stage } from "./call.ts";

export interface AdmitLimits {
  /** Longest JSON text of a call's arguments, in characters. */
  readonly maxArgumentChars: number;
  readonly maxArgumentDepth: number;
}

/** Refuses arguments that are too large, too deep, or carry `__proto__`, before any plugin sees them. */
export function createAdmit(limits: AdmitLimits): Stage {
  return async (call, next) => {
    const problem = examine(call.arguments, limits);
    return problem === undefined
      ? next(call)
      : failed(hostFailure(problem.code, `The arguments ${problem.text}.`));
  };
}

interface Problem {
  readonly code: "arguments_too_large" | "invalid_arguments";
  readonly text: string;
}

/** One walk without recursion, which stops as soon as the sum passes the limit. */
function examine(root: unknown, limits: AdmitLimits): Problem | undefined {
  let chars = 0;
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { value, depth } = entry;
    chars += typeof value === "string" ? value.length + 2 : 4;
    if (chars > limits.maxArgumentChars) {
      return {
        code: "arguments_too_large",
        text: `are longer than ${limits.maxArgumentChars} characters; send less at a time`,
      };
    }
    if (typeof value !== "object" || value === null) continue;
    if (depth >= limits.maxArgumentDepth) {
      return {
        code: "arguments_too_large",
        text: `are nested deeper than ${limits.maxArgumentDepth} levels`,
      };
    }
    for (const [key, child] of Object.entries(value)) {
      if (key === "__proto__") {
        return {
          code: "invalid_arguments",
          text: "contain the name '__proto__', which is not allowed",
        };
      }
      chars += key.length + 3;
      open.push({ value: child, depth: depth + 1 });
    }
  }
  return undefined;
}
