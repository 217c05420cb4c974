import { readFileSync, realpathSync } from "node:fs";
import module, { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = import.meta.url;
const PLUGIN_API = "agentflow-mcp/plugin";

/** Paths of the modules that a plugin file may count on. */
export const hostModules = {
  pluginApi: fileURLToPath(new URL(`../plugin-api/index${extname(here)}`, here)),
  /** Every entry of `zod`: `zod/v4` is not a file below that of `zod`. */
  get zod(): Readonly<Record<string, string>> {
    const { resolve } = createRequire(here);
    const { exports } = JSON.parse(readFileSync(resolve("zod/package.json"), "utf8")) as {
      exports: Readonly<Record<string, unknown>>;
    };
    const names = Object.keys(exports).filter((path) => !/[*]|\.json$/u.test(path));
    return Object.fromEntries(
      names.map((path) => [`zod${path.slice(1)}`, resolve(`zod${path.slice(1)}`)]),
    );
  },
};

let pluginApiLoaded: Promise<unknown> | undefined;
let hooked = false;

/**
 * Makes `agentflow-mcp/plugin` mean the host's own copy in a plugin's file, and `zod` the host's where it has none. Hooks
 * are registered once per process, and only for a plugin that needs them: on Node 20 they start a thread.
 */
export async function prepareImports(file: string): Promise<void> {
  if (!importsAnything(readFileSync(file, "utf8"))) return;
  if (!hooked && !resolvesByItself(file)) {
    hooked = true;
    const { registerHooks } = module as { registerHooks?: RegisterHooks };
    if (registerHooks === undefined) registerForNode20();
    else registerHooks({ resolve: resolveInThread });
  }
  // Whole before any plugin: `require` refuses an ES module that another plugin's import is still loading.
  pluginApiLoaded ??= import(pathToFileURL(hostModules.pluginApi).href);
  await pluginApiLoaded;
}

/** Whether a module's text may load more than what Node itself has. `Array.from(…)` does not. */
export function importsAnything(text: string): boolean {
  const others = text.replace(/\b(?:from|import|require\()\s*["']node:[\w/]+["']/gu, "");
  return /\bfrom\s*["']|\b(?:import|require)\s*[("'`]|\bcreateRequire\b/u.test(others);
}

/** As in a project that has installed the host beside its plugins. */
function resolvesByItself(file: string): boolean {
  return resolvedFrom(file, PLUGIN_API) === hostModules.pluginApi && resolves("zod", file);
}

export function resolves(name: string, from: string): boolean {
  return resolvedFrom(from, name) !== undefined;
}

function resolvedFrom(file: string, name: string): string | undefined {
  try {
    return realpathSync(createRequire(file).resolve(name));
  } catch {
    return undefined;
  }
}

type NextResolve = (specifier: string, context?: object) => { url: string };
interface ResolveContext {
  readonly conditions?: readonly string[];
}
type RegisterHooks = (hooks: {
  resolve(specifier: string, context: ResolveContext, next: NextResolve): object;
}) => void;

function resolveInThread(specifier: string, context: ResolveContext, next: NextResolve): object {
  if (specifier === PLUGIN_API) {
    return { url: pathToFileURL(hostModules.pluginApi).href, shortCircuit: true };
  }
  if (!isZod(specifier)) return next(specifier, context);
  try {
    return next(specifier, context);
  } catch {
    // For `require`, Node takes no other parent than the real one.
    if (context.conditions?.includes("require")) {
      const url = pathToFileURL(createRequire(here).resolve(specifier)).href;
      return { url, shortCircuit: true };
    }
    return next(specifier, { ...context, parentURL: here });
  }
}

// Imports are resolved by hooks in a thread of their own, `require` by a function that can be replaced.
function registerForNode20(): void {
  const data = { pluginApi: pathToFileURL(hostModules.pluginApi).href, host: here };
  // The build puts this code beside the program of a plugin's process; the thread's stays where it is.
  module.register(new URL(`../runtime/resolve-thread${extname(here)}`, here), { data });
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
