import module, { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = import.meta.url;
const PLUGIN_API = "agentflow-mcp/plugin";

/** Paths of the modules that a plugin file may count on. */
export const hostModules = {
  pluginApi: fileURLToPath(new URL(`../plugin-api/index${extname(here)}`, here)),
  get zod(): string {
    return createRequire(here).resolve("zod");
  },
};

let registered = false;

/**
 * Makes `agentflow-mcp/plugin` mean the host's own copy in every plugin file, and `zod` the host's where the plugin
 * has none. Once per process, and only when a plugin from outside needs it: on Node 20 it starts a thread.
 */
export function registerResolveHooks(): void {
  if (registered) return;
  registered = true;
  const { registerHooks } = module as { registerHooks?: RegisterHooks };
  if (registerHooks === undefined) registerForNode20();
  else registerHooks({ resolve: resolveInThread });
}

type NextResolve = (specifier: string, context?: object) => { url: string };
type RegisterHooks = (hooks: {
  resolve(specifier: string, context: object, next: NextResolve): object;
}) => void;

function resolveInThread(specifier: string, context: object, next: NextResolve): object {
  if (specifier === PLUGIN_API) {
    return { url: pathToFileURL(hostModules.pluginApi).href, shortCircuit: true };
  }
  if (!isZod(specifier)) return next(specifier, context);
  try {
    return next(specifier, context);
  } catch {
    return next(specifier, { ...context, parentURL: here });
  }
}

// Imports are resolved by hooks in a thread of their own, `require` by a function that can be replaced.
function registerForNode20(): void {
  const data = { pluginApi: pathToFileURL(hostModules.pluginApi).href, host: here };
  module.register(new URL(`resolve-thread${extname(here)}`, here), { data });
  const loader = module as unknown as { _resolveFilename: ResolveFilename };
  const original = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    if (request === PLUGIN_API) return hostModules.pluginApi;
    if (!isZod(request)) return original(request, parent, ...rest);
    try {
      return original(request, parent, ...rest);
    } catch {
      return createRequire(here).resolve(request);
    }
  };
}

type ResolveFilename = (request: string, parent: unknown, ...rest: unknown[]) => string;

function isZod(specifier: string): boolean {
  return specifier === "zod" || specifier.startsWith("zod/");
}
