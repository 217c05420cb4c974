import type {
  CategoryManifest,
  Manifest,
  PromptManifest,
  ResourceManifest,
  RoleManifest,
  Quarantined,
  ToolManifest,
} from "../base/manifest.ts";
import { ROLE_TYPES, ROLES, type Role } from "../base/roles.ts";
import type { Config, PluginSettings } from "../config/schema.ts";
import {
  becomesJob,
  effectivePolicy,
  type EffectivePolicy,
  type Policy,
  type PolicySources,
} from "../execution/policy.ts";
import { agentTools, type AgentMember, type AgentTool } from "../workflow/agent-tools.ts";
import { Claims } from "./claims.ts";
import { HOST_ID } from "./job-tools.ts";
import { pluginLimits, policyLayers, type PluginLimits } from "./policy-layers.ts";
import { isLive, type PluginRecord } from "./record.ts";

export interface CatalogueTool {
  /** Public name. */
  readonly name: string;
  /** The plugin's own name for it. */
  readonly key: string;
  readonly plugin: string;
  readonly manifest: ToolManifest;
  readonly policy: Policy;
  /** Who has said what of it. */
  readonly policySources: PolicySources;
  /** The member of an agent that it calls; without one it is the plugin's own tool. */
  readonly of?: AgentMember;
  readonly notice?: string;
}

export interface CatalogueResource {
  readonly plugin: string;
  readonly manifest: ResourceManifest;
}

export interface CataloguePrompt {
  readonly name: string;
  readonly plugin: string;
  readonly manifest: PromptManifest;
}

export interface CatalogueCategory {
  readonly plugin: string;
  readonly manifest: CategoryManifest;
  /** Public names of the tools that stand for it, or that may be routed to it. */
  readonly tools: readonly string[];
}

/** An agent or a backend. */
export interface CatalogueRole {
  readonly role: Role;
  readonly name: string;
  readonly plugin: string;
  readonly manifest: RoleManifest;
}

/** Everything that is served, compiled once and never changed: a change makes a new one. */
export interface Catalogue {
  /** Sorted by name, like every list here, so that clients' caches of it stay good. */
  readonly tools: ReadonlyMap<string, CatalogueTool>;
  readonly prompts: ReadonlyMap<string, CataloguePrompt>;
  /** By URI or URI template. */
  readonly resources: ReadonlyMap<string, CatalogueResource>;
  readonly categories: readonly CatalogueCategory[];
  /** By their names. */
  readonly agents: ReadonlyMap<string, CatalogueRole>;
  readonly llmBackends: ReadonlyMap<string, CatalogueRole>;
  readonly storageBackends: ReadonlyMap<string, CatalogueRole>;
  /** How many calls of each plugin may run at a time. The host's own tools have no limit: they only wait. */
  readonly limits: ReadonlyMap<string, PluginLimits>;
  /** In the order of discovery. */
  readonly plugins: readonly PluginRecord[];
}

export type SettingsOf = (id: string) => PluginSettings;

/** Clients allow 64 characters for `mcp__<server>__<tool>`; this is what is left with an ordinary server name. */
const LONG_NAME = 48;

/** Compiles what the plugins offer. A name that is taken stays with the first plugin in the order of discovery. */
export function compileCatalogue(
  records: readonly PluginRecord[],
  settingsOf: SettingsOf,
  server: Config["server"],
): Catalogue {
  const limits = new Map<string, PluginLimits>();
  const toolNames = new Claims<CatalogueTool>("tool");
  const promptNames = new Claims<CataloguePrompt>("prompt");
  const resourceNames = new Claims<CatalogueResource>("resource");
  const roleNames = {
    agents: new Claims<CatalogueRole>("agent"),
    llmBackends: new Claims<CatalogueRole>("llm_backend"),
    storageBackends: new Claims<CatalogueRole>("storage_backend"),
  };
  const tools = toolNames.entries;
  const categories: CatalogueCategory[] = [];
  const plugins = records.map((record): PluginRecord => {
    const { manifest, state } = record;
    if (manifest === undefined || !isLive(state)) return record;
    const settings = settingsOf(record.id);
    const taken: Quarantined[] = [];
    const warnings: string[] = [];
    const isHost = record.origin === "host";
    if (!isHost) limits.set(record.id, pluginLimits(server, record.id, settings, manifest.info));
    const layersOf = isHost ? undefined : policyLayers(server, record.id, settings);
    for (const role of ROLE_TYPES) {
      const { list } = ROLES[role];
      for (const one of manifest[list]) {
        const entry = { role, name: one.name, plugin: record.id, manifest: one };
        roleNames[list].add(one.name, entry, taken);
      }
    }
    const agents = manifest.agents.filter(
      ({ name }) => roleNames.agents.entries.get(name)?.plugin === record.id,
    );
    for (const { manifest: tool, of } of toolsOf(manifest, agents)) {
      const override = settings.tools?.[tool.name];
      if (override?.enabled === false) continue;
      const name = publicName(override?.rename ?? tool.name, settings.prefix);
      if (name.length > LONG_NAME) {
        warnings.push(
          `the tool name '${name}' has ${name.length} characters; some clients refuse more than ${LONG_NAME}. ` +
            `Give it a shorter one: plugins.${record.id}.tools.${tool.name}.rename`,
        );
      }
      const effective = effectivePolicy(tool, layersOf?.(tool.name));
      warnings.push(...uselessCache(tool, effective));
      const entry: CatalogueTool = {
        name,
        key: tool.name,
        plugin: record.id,
        manifest: tool,
        policy: effective.policy,
        policySources: effective.sources,
        ...(of !== undefined && { of }),
        ...(record.notice !== undefined && { notice: record.notice }),
      };
      toolNames.add(name, entry, taken);
    }
    if (manifest.unavailable === undefined) {
      warnings.push(...unknownTools(record.id, manifest, settings));
    }
    for (const prompt of manifest.prompts) {
      const name = publicName(prompt.name, settings.prefix);
      promptNames.add(name, { name, plugin: record.id, manifest: prompt }, taken);
    }
    for (const resource of manifest.resources) {
      const entry = { plugin: record.id, manifest: resource };
      resourceNames.add(resource.uri, entry, taken);
    }
    const own = [...tools.values()].filter((tool) => tool.plugin === record.id);
    for (const category of manifest.categories) {
      const standing = own.filter((tool) => tool.manifest.category === category.name);
      // Without a tool of its own, a category is reached through the tools that are routed by message.
      const routed = own.filter((tool) => tool.manifest.category === undefined);
      const names = (standing.length > 0 ? standing : routed).map((tool) => tool.name);
      categories.push({ plugin: record.id, manifest: category, tools: names.toSorted() });
    }
    return {
      ...record,
      warnings: [...record.warnings, ...warnings],
      quarantined: [...record.quarantined.filter((one) => !isSwitchedOff(one, settings)), ...taken],
    };
  });
  const anyJobs = [...tools.values()].some(
    ({ plugin, policy }) => plugin !== HOST_ID && becomesJob(policy),
  );
  if (!anyJobs) {
    // Nobody would have anything to come back for.
    for (const { name, plugin } of tools.values()) if (plugin === HOST_ID) tools.delete(name);
  }
  return {
    tools: sorted(tools),
    prompts: sorted(promptNames.entries),
    resources: sorted(resourceNames.entries),
    categories: categories.toSorted(byKey(({ plugin, manifest }) => `${plugin}/${manifest.name}`)),
    agents: sorted(roleNames.agents.entries),
    llmBackends: sorted(roleNames.llmBackends.entries),
    storageBackends: sorted(roleNames.storageBackends.entries),
    limits,
    plugins: plugins.filter(({ origin }) => origin !== "host"),
  };
}

/** Public names of a plugin's tools that only read. */
export function readOnlyTools({ tools }: Catalogue, id: string): readonly string[] {
  return [...tools.values()]
    .filter(({ plugin, manifest }) => plugin === id && manifest.annotations.readOnlyHint === true)
    .map(({ name }) => name);
}

/** A plugin's own tools, and those that are members of its agents. */
function toolsOf(
  { tools }: Manifest,
  agents: readonly RoleManifest[],
): readonly (Pick<AgentTool, "manifest"> & Partial<AgentTool>)[] {
  return [...tools.map((manifest) => ({ manifest })), ...agents.flatMap(agentTools)];
}

/** What the operator does not want served is no fault. */
function isSwitchedOff({ kind, name }: Quarantined, { tools }: PluginSettings): boolean {
  return kind === "tool" && tools?.[name]?.enabled === false;
}

/** Dots are refused by some clients and published as `_`. */
function publicName(name: string, prefix: string | undefined): string {
  const clean = name.replaceAll(".", "_");
  return prefix === undefined || prefix === "" ? clean : `${prefix}_${clean}`;
}

/** Who gives a tool a cache that has none means just this tool, or all that can have one. */
function uselessCache(
  { name, annotations }: ToolManifest,
  { sources: { cacheMs: source = "" } }: EffectivePolicy,
): readonly string[] {
  const isMeant = source === "author" || source.endsWith(`.tools.${name}`);
  if (!isMeant || annotations.readOnlyHint === true) return [];
  return [
    `the tool '${name}' has a cache, but does not say readOnlyHint: true: its answers are not kept`,
  ];
}

function unknownTools(
  id: string,
  { tools, quarantined }: Manifest,
  settings: PluginSettings,
): readonly string[] {
  const known = new Set([...tools, ...quarantined].map(({ name }) => name));
  return Object.keys(settings.tools ?? {})
    .filter((name) => !known.has(name))
    .map((name) => `plugins.${id}.tools.${name}: the plugin has no tool of that name`);
}

function sorted<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].toSorted(byKey(([name]) => name)));
}

/** By code unit, not by the machine's language: the order must be the same everywhere. */
function byKey<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}
