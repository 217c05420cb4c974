import type { Problem } from "./problems.ts";
import type { Environment } from "./load.ts";
import { VARIABLE } from "./variable.ts";

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string value (never in keys), where a default also stands in for
 * an empty variable, as in a shell. `$${` is a literal `${`.
 */
export function substitute(
  value: unknown,
  env: Environment,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const walk = (node: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof node === "string") {
      return node.replace(VARIABLE, (whole, escape: string, name: string, fallback?: string) => {
        if (escape !== "") return whole.slice(1);
        const found = env[name];
        if (found !== undefined && (found !== "" || fallback === undefined)) return found;
        if (fallback !== undefined) return fallback;
        problems.push({
          path: [...path],
          text: `needs the environment variable ${name}, which is not set. Set it, or give a default: \${${name}:-…}`,
        });
        return "";
      });
    }
    if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [key, walk(child, [...path, key])]),
    );
  };
  return { value: walk(value, []), problems };
}
