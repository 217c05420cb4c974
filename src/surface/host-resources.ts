import { isDeepStrictEqual } from "node:util";
import {
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
} from "@modelcontextprotocol/server";
import type { Catalogue, CatalogueCategory } from "../host/catalogue.ts";
import { limitsView, policyView } from "../host/policy-view.ts";
import { problemView } from "../host/problem-view.ts";
import type { PluginRecord } from "../host/record.ts";

export const CATEGORY_INDEX = "agentflow://categories";
const PLUGIN_INDEX = "agentflow://plugins";
const JSON_TYPE = "application/json";

export const resourceTemplates: readonly ResourceTemplateType[] = [
  {
    name: "category",
    title: "Intent category",
    uriTemplate: `${CATEGORY_INDEX}/{plugin}/{name}`,
    description:
      "One kind of request: description, examples, keywords, and the tools that answer it.",
    mimeType: JSON_TYPE,
  },
  {
    name: "plugin",
    title: "Plugin",
    uriTemplate: `${PLUGIN_INDEX}/{id}`,
    description: "One plugin: who it is, what it offers, and why it is not served if it is not.",
    mimeType: JSON_TYPE,
  },
];

/** Every resource of the host, categories and plugins one by one. */
export function listResources(catalogue: Catalogue): readonly Resource[] {
  return [
    {
      uri: CATEGORY_INDEX,
      name: "categories",
      title: "Intent categories",
      description: "The kinds of requests that this server answers.",
      mimeType: JSON_TYPE,
    },
    ...catalogue.categories.map((category) => ({
      uri: categoryUri(category),
      name: category.manifest.name,
      description: category.manifest.description,
      mimeType: JSON_TYPE,
    })),
    {
      uri: PLUGIN_INDEX,
      name: "plugins",
      title: "Plugins",
      description: "The plugins of this server and their states.",
      mimeType: JSON_TYPE,
    },
    ...shownPlugins(catalogue).map((plugin) => ({
      uri: pluginUri(plugin),
      name: plugin.id,
      // Not its state: that changes, and a list that changes is fetched again.
      description: plugin.manifest?.info.description ?? "A plugin of this server.",
      mimeType: JSON_TYPE,
    })),
  ];
}

/** Reads one of the host's own resources; undefined for any other URI. */
export function readHostResource(
  catalogue: Catalogue,
  uri: string,
): ReadResourceResult | undefined {
  const value = valuesOf(catalogue).get(uri)?.();
  if (value === undefined) return undefined;
  const text = JSON.stringify(value, undefined, 2);
  return { contents: [{ uri, mimeType: JSON_TYPE, text }] };
}

/** Those of the host's own resources that hold something else than before, or have come or gone. */
export function changedHostResources(before: Catalogue, after: Catalogue): readonly string[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const uris = new Set([...old.keys(), ...now.keys()]);
  return [...uris].filter((uri) => !isDeepStrictEqual(old.get(uri)?.(), now.get(uri)?.()));
}

/** Values for a variable of the host's own templates; undefined for a template that is not the host's. */
export function completeHostVariable(
  catalogue: Catalogue,
  template: string,
  variable: string,
): readonly string[] | undefined {
  if (!resourceTemplates.some(({ uriTemplate }) => uriTemplate === template)) return undefined;
  if (variable === "id") return shownPlugins(catalogue).map(({ id }) => id);
  if (variable === "plugin") {
    return [...new Set(catalogue.categories.map(({ plugin }) => plugin))];
  }
  return catalogue.categories.map(({ manifest }) => manifest.name);
}

const values = new WeakMap<Catalogue, ReadonlyMap<string, () => unknown>>();

/** What each of the host's own resources holds, by URI, made when it is asked for. */
function valuesOf(catalogue: Catalogue): ReadonlyMap<string, () => unknown> {
  let known = values.get(catalogue);
  if (known === undefined) {
    known = collectValues(catalogue);
    values.set(catalogue, known);
  }
  return known;
}

function collectValues(catalogue: Catalogue): ReadonlyMap<string, () => unknown> {
  const { categories } = catalogue;
  const plugins = shownPlugins(catalogue);
  const found = new Map<string, () => unknown>();
  found.set(CATEGORY_INDEX, () => categories.map(categorySummary));
  found.set(PLUGIN_INDEX, () =>
    plugins.map((plugin) => ({ uri: pluginUri(plugin), ...summary(plugin) })),
  );
  for (const category of categories) {
    found.set(categoryUri(category), () => categoryDetails(category));
  }
  for (const plugin of plugins) {
    found.set(pluginUri(plugin), () => pluginDetails(catalogue, plugin));
  }
  return found;
}

function categorySummary(category: CatalogueCategory): object {
  const { plugin, manifest, tools } = category;
  const { name, description } = manifest;
  return { uri: categoryUri(category), plugin, name, description, tools };
}

function categoryDetails({ plugin, manifest, tools }: CatalogueCategory): object {
  return { plugin, ...manifest, tools };
}

function pluginDetails(catalogue: Catalogue, plugin: PluginRecord): object {
  const of = (entries: Iterable<{ readonly name: string; readonly plugin: string }>): string[] =>
    [...entries].filter((entry) => entry.plugin === plugin.id).map((entry) => entry.name);
  return {
    ...summary(plugin),
    ...plugin.manifest?.info,
    tools: of(catalogue.tools.values()),
    ...policies(catalogue, plugin),
    prompts: of(catalogue.prompts.values()),
    categories: catalogue.categories
      .filter((entry) => entry.plugin === plugin.id)
      .map((entry) => entry.manifest.name),
    agents: rolesOf(catalogue.agents, plugin),
    llmBackends: rolesOf(catalogue.llmBackends, plugin),
    storageBackends: rolesOf(catalogue.storageBackends, plugin),
    notServed: plugin.quarantined.map(({ kind, name, problem }) => ({
      kind,
      name,
      ...problemView(problem),
    })),
  };
}

function rolesOf(roles: Catalogue["agents"], { id }: PluginRecord): readonly object[] {
  return [...roles.values()].flatMap(({ name, plugin, manifest: { version, description } }) =>
    plugin === id ? [{ name, version, ...(description !== undefined && { description }) }] : [],
  );
}

/** What the host does around its calls. */
function policies(catalogue: Catalogue, { id }: PluginRecord): object {
  const limits = catalogue.limits.get(id);
  if (limits === undefined) return {};
  const tools = [...catalogue.tools.values()].filter(({ plugin }) => plugin === id);
  return {
    concurrency: limitsView(limits),
    policies: Object.fromEntries(tools.map((tool) => [tool.name, policyView(tool)])),
  };
}

/** State and a coded reason; paths and causes are for the operator's eyes: `list`, `check` and the log. */
function summary({ id, state, stage, manifest, problem }: PluginRecord): object {
  return {
    id,
    state,
    ...(manifest !== undefined && { version: manifest.info.version }),
    ...(state === "failed" && { reason: `failed_at_${stage}`, ...problemView(problem) }),
    ...(state === "unavailable" && {
      reason: manifest?.unavailable?.code,
      ...problemView(problem),
    }),
  };
}

/** What an operator switched off, and files that are no plugins, are nobody else's business. */
function shownPlugins(catalogue: Catalogue): readonly PluginRecord[] {
  const shown = catalogue.plugins.filter(
    ({ state }) => state !== "disabled" && state !== "skipped",
  );
  // A second plugin with a taken id has no resource: there is one URI for each id.
  return shown.filter(({ id }, index) => shown.findIndex((plugin) => plugin.id === id) === index);
}

function categoryUri({ plugin, manifest }: CatalogueCategory): string {
  return `${CATEGORY_INDEX}/${encodeURIComponent(plugin)}/${encodeURIComponent(manifest.name)}`;
}

function pluginUri({ id }: PluginRecord): string {
  return `${PLUGIN_INDEX}/${encodeURIComponent(id)}`;
}
