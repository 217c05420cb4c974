// Runs in the loader thread of Node 20: the twin of `resolveInThread` for `module.register`.
interface Resolved {
  readonly url: string;
  readonly shortCircuit?: boolean;
}
type Next = (specifier: string, context: object) => Promise<Resolved>;

let host = "";
let pluginApi = "";

export function initialize(data: { readonly pluginApi: string; readonly host: string }): void {
  ({ host, pluginApi } = data);
}

export async function resolve(specifier: string, context: object, next: Next): Promise<Resolved> {
  if (specifier === "agentflow-mcp/plugin") return { url: pluginApi, shortCircuit: true };
  if (specifier !== "zod" && !specifier.startsWith("zod/")) return next(specifier, context);
  try {
    return await next(specifier, context);
  } catch {
    return next(specifier, { ...context, parentURL: host });
  }
}
