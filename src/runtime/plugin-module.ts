import { isBag, type Bag } from "../base/bag.ts";
import { messageOf, PluginError } from "../base/errors.ts";
import { definePlugin } from "../plugin-api/plugin.ts";
import { findClasses, isClass, type AnyClass } from "./role-classes.ts";
import { DEFINITION_FIELDS } from "./slips.ts";
import { hasMembers, inCamelCase, member, method } from "./spelling.ts";

/** What a module exports, read for the ways in which a plugin can be written. */
export type PluginModule =
  | {
      readonly kind: "plugin";
      /** `PLUGIN_INFO`, where exported. */
      readonly info: Bag | undefined;
      readonly configSchema: unknown;
      create(options: Bag): Promise<unknown>;
    }
  /** In the OMUA style. */
  | { readonly kind: "classes"; readonly classes: readonly AnyClass[] }
  /** Names of exported classes that are neither. */
  | { readonly kind: "none"; readonly classes: readonly string[] };

/** Finds the factory, the object or the class by shape; `module.exports` of CommonJS counts like named exports. */
export function readModule(module: Bag): PluginModule {
  const scopes = [module, module["default"]].filter(hasMembers);
  const info = first(scopes, (scope) => member(scope, "PLUGIN_INFO"));
  const create = first(scopes, (scope) => factoryOf(scope)) ?? entryPoint(info);
  if (create !== undefined) {
    const owners = [
      ...scopes,
      info,
      ...scopes.flatMap((scope) => [scope["plugin"], scope["Plugin"]]),
    ];
    const configSchema = first(owners.filter(hasMembers), (owner) => member(owner, "configSchema"));
    return {
      kind: "plugin",
      info: isBag(info) ? info : undefined,
      configSchema,
      create: async (options) => create(options),
    };
  }
  const { roles, others } = findClasses(scopes);
  if (roles.length > 0) return { kind: "classes", classes: roles };
  return { kind: "none", classes: others.map(({ name }) => name) };
}

type Factory = (options: Bag) => unknown;

function factoryOf(scope: Bag): Factory | undefined {
  const named = method(scope, "createPlugin");
  if (named !== undefined) return named;
  if (isPlugin(scope)) return () => scope;
  if (isDefinition(scope))
    return () => definePlugin(inCamelCase(scope, DEFINITION_FIELDS) as never);
  const { default: fallback, plugin, Plugin } = scope;
  if (isPlugin(plugin)) return () => plugin;
  if (isClass(Plugin)) return (options) => new Plugin(options);
  if (isClass(fallback) && isPlugin(fallback.prototype)) return (options) => new fallback(options);
  if (typeof fallback === "function" && !isClass(fallback)) return fallback as Factory;
  return undefined;
}

function entryPoint(info: unknown): Factory | undefined {
  return method(info, "entryPoint");
}

/** What `definePlugin` takes, from an author who imports nothing. */
function isDefinition(value: Bag): boolean {
  const { name, version } = value;
  const parts = ["tools", "prompts", "resources", "intentCategories", "agents", "llmBackends"];
  return (
    typeof value === "object" &&
    typeof name === "string" &&
    version !== undefined &&
    [...parts, "storageBackends"].some((part) => hasMembers(member(value, part)))
  );
}

/** An object with `getPluginInfo`, whoever made it. */
export function isPlugin(value: unknown): boolean {
  return method(value, "getPluginInfo") !== undefined;
}

function first<T>(scopes: readonly Bag[], pick: (scope: Bag) => T | undefined): T | undefined {
  for (const scope of scopes) {
    const found = pick(scope);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Runs author code of one stage; what it throws becomes a `PluginError` of that stage. */
export async function inStage<T>(
  stage: "create" | "validate" | "load",
  what: string,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof PluginError) throw cause;
    throw new PluginError(stage, `${what} threw: ${messageOf(cause)}`, { cause });
  }
}
