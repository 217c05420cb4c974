import { isBag, type Bag } from "../base/bag.ts";
import { messageOf, PluginError } from "../base/errors.ts";
import type { Manifest, Quarantined } from "../base/manifest.ts";
import type { PluginInfo } from "../plugin-api/index.ts";
import { createRanker } from "../base/rank-categories.ts";
import type { LivePlugin } from "./live-plugin.ts";
import type { LiveRole } from "./live-role.ts";
import { inStage } from "./plugin-module.ts";
import { readCategories } from "./read-categories.ts";
import { readHandlers } from "./read-handlers.ts";
import { readSlots } from "./read-policy.ts";
import { readPrompts } from "./read-prompts.ts";
import { readResources } from "./read-resources.ts";
import { readRoles } from "./read-roles.ts";
import { readTools } from "./read-tools.ts";
import { isClassPlugin } from "./role-classes.ts";
import { INFO_FIELDS, pluginSlips } from "./slips.ts";
import { canonical, method } from "./spelling.ts";
import type { ValidatorCode } from "./validator-code.ts";

export interface ReadOptions {
  /** The plugin's own file, to tell places in it. */
  readonly file: string | undefined;
  /** `PLUGIN_INFO`. */
  readonly info: Bag | undefined;
  readonly validators: ValidatorCode | undefined;
  /** Agents and backends that have been read before. */
  readonly roles: ReadonlyMap<string, LiveRole>;
}

/** Calls the `get…` methods of a created plugin and puts what they return into the inner shape. */
export async function readPlugin(
  instance: unknown,
  { file, info: fallbackInfo, validators, roles: before }: ReadOptions,
): Promise<LivePlugin> {
  const info = readInfo(await call(instance, "getPluginInfo"), fallbackInfo);
  const categories = readCategories(await list(instance, "getIntentCategories"));
  const handlers = readHandlers(await list(instance, "getHandlers"));
  const prompts = readPrompts(await record(instance, "getPrompts"));
  const tools = await readTools(await record(instance, "getToolsConfig"), {
    hasHandlers: handlers.handlers.length > 0,
    categories: categories.categories.map(({ name }) => name),
    validators,
  });
  const resources = readResources(await record(instance, "getResources"));
  const { manifests, ...roles } = await readRoles(
    instance,
    (getter) => list(instance, getter),
    file,
    before,
  );
  if (isClassPlugin(instance) && roles.roles.size === 0) throw noRole(roles.quarantined);
  const manifest: Manifest = {
    info,
    tools: [...tools.tools.values()].map((tool) => tool.manifest),
    prompts: prompts.manifests,
    resources: resources.manifests,
    categories: categories.categories,
    ...manifests,
    quarantined: [categories, handlers, prompts, resources, tools, roles].flatMap(
      (part) => part.quarantined,
    ),
    warnings: [
      ...categories.warnings,
      ...prompts.warnings,
      ...tools.warnings,
      ...pluginSlips(instance),
    ],
  };
  return {
    instance,
    manifest,
    tools: tools.tools,
    prompts: prompts.prompts,
    resources: resources.resources,
    handlers: handlers.handlers,
    roles: roles.roles,
    rank: createRanker(categories.categories),
  };
}

function readInfo(value: unknown, fallback: Bag | undefined): PluginInfo {
  if (!isBag(value)) {
    throw new PluginError("validate", `getPluginInfo() returned ${typeof value}, not an object`);
  }
  const given = { ...fallback, ...canonical(value, INFO_FIELDS) };
  const { name, version } = given as Record<string, unknown>;
  if (typeof name !== "string" || name === "") {
    const found = name === undefined ? "nothing" : JSON.stringify(name);
    throw new PluginError("validate", `'name' must be text, found ${found}`);
  }
  if (typeof version !== "string" || version === "") {
    const found = version === undefined ? "nothing" : JSON.stringify(version);
    throw new PluginError("validate", `'version' must be text like "1.0.0", found ${found}`);
  }
  const known = Object.entries(given).filter(([key]) => isInfoField(key));
  for (const [key, field] of known) {
    if (field !== undefined && !hasInfoType(key, field)) {
      throw new PluginError("validate", `'${key}' has the wrong type`);
    }
    if (key === "concurrency" && field !== undefined) checkConcurrency(field);
  }
  return Object.fromEntries(
    known.filter(([, field]) => field !== undefined),
  ) as unknown as PluginInfo;
}

function checkConcurrency(value: unknown): void {
  try {
    readSlots("concurrency", value);
  } catch (error) {
    throw new PluginError("validate", messageOf(error), { cause: error });
  }
}

function isInfoField(key: string): boolean {
  return (INFO_FIELDS as readonly string[]).includes(key);
}

function hasInfoType(key: string, field: unknown): boolean {
  if (key === "concurrency") return true;
  if (key === "dynamic") return typeof field === "boolean";
  if (!["requires", "categories", "permissions"].includes(key)) return typeof field === "string";
  return Array.isArray(field) && field.every((item) => typeof item === "string");
}

async function call(instance: unknown, name: string): Promise<unknown> {
  return inStage("validate", `${name}()`, () => method(instance, name)?.());
}

async function list(instance: unknown, name: string): Promise<readonly unknown[]> {
  const value = (await call(instance, name)) ?? [];
  if (Array.isArray(value)) return value;
  throw new PluginError("validate", `${name}() returned ${typeof value}, not an array`);
}

async function record(instance: unknown, name: string): Promise<Bag> {
  const value = (await call(instance, name)) ?? {};
  if (isBag(value)) return value;
  throw new PluginError("validate", `${name}() must return an object with one entry per name`);
}

/** A file of classes of which none can be served is a plugin that has failed. */
function noRole(quarantined: readonly Quarantined[]): PluginError {
  const problem = quarantined[0]?.problem;
  const stage = problem?.code === "unhandled_error" ? "create" : "validate";
  return new PluginError(stage, quarantined.map(({ reason }) => reason).join("; "), { problem });
}
