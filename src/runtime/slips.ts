import { isBag } from "../base/bag.ts";
import { nearest } from "../base/nearest.ts";
import { definitionOf } from "../plugin-api/plugin.ts";
import { hasMembers, snake } from "./spelling.ts";

const PLUGIN_METHODS = [
  "getPluginInfo",
  "getIntentCategories",
  "getHandlers",
  "getPrompts",
  "getToolsConfig",
  "getResources",
  "getAgents",
  "getLlmBackends",
  "getStorageBackends",
  "onPluginLoad",
  "onPluginUnload",
];
/** Fields of a plugin's info. */
export const INFO_FIELDS = [
  "name",
  "version",
  "description",
  "author",
  "requires",
  "categories",
  "permissions",
  "dynamic",
  "concurrency",
] as const;
/** Fields of what `definePlugin` takes. */
export const DEFINITION_FIELDS = [
  ...INFO_FIELDS,
  "intentCategories",
  "handlers",
  "prompts",
  "resources",
  "agents",
  "llmBackends",
  "storageBackends",
  "tools",
  "configSchema",
  "onPluginLoad",
  "onPluginUnload",
];

/** Unknown fields pass unchanged; one that is nearly a known one is a slip of the pen. */
export function fieldSlips(
  where: string,
  value: unknown,
  known: readonly string[],
): readonly string[] {
  if (!isBag(value)) return [];
  const spellings = new Set(known.flatMap((name) => [name, snake(name)]));
  return Object.keys(value).flatMap((key) => {
    if (spellings.has(key)) return [];
    const meant = nearest(key, known);
    return meant === undefined
      ? []
      : [`${where} has an unknown field '${key}'. Did you mean '${meant}'?`];
  });
}

/** Slips among a plugin's own members, its prototype's methods included. */
export function pluginSlips(instance: unknown): readonly string[] {
  if (!hasMembers(instance)) return [];
  const definition = (instance as { [definitionOf]?: unknown })[definitionOf];
  if (definition !== undefined) return fieldSlips("the plugin", definition, DEFINITION_FIELDS);
  const prototype: unknown = Object.getPrototypeOf(instance);
  const methods =
    hasMembers(prototype) && prototype !== Object.prototype
      ? Object.getOwnPropertyNames(prototype)
      : [];
  const members = Object.fromEntries(
    [...Object.keys(instance), ...methods].map((key) => [key, true]),
  );
  return fieldSlips("the plugin", members, PLUGIN_METHODS);
}
