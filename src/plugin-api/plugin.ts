import type { Agent } from "./agent.ts";
import type { IntentCategory } from "./category.ts";
import type { PluginContext } from "./context.ts";
import type { Handler } from "./handler.ts";
import type { LlmBackend } from "./llm-backend.ts";
import type { PromptDefinition } from "./prompt.ts";
import type { ResourceDefinition } from "./resource.ts";
import type { RoleEntry } from "./role.ts";
import type { Schema } from "./schema.ts";
import type { StorageBackend } from "./storage-backend.ts";
import type { ConcurrencyPolicy, ToolConfig } from "./tool.ts";

/** Who a plugin is. */
export interface PluginInfo {
  /** Should equal the plugin's id (folder, file or package name); `-` and `_` are the same. */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly description?: string;
  readonly author?: string;
  /**
   * What it needs: `agentflow-mcp>=0.1`, or npm packages with a range (`undici@^7`, `undici>=7`).
   * What is missing or too old fails the plugin with the install command.
   */
  readonly requires?: readonly string[];
  /** Tags, for `agentflow list --tag`. */
  readonly categories?: readonly string[];
  /** What it needs to be allowed to do, for example `aws:read`. Shown; enforced later. */
  readonly permissions?: readonly string[];
  /** Its definitions are complete only after `onPluginLoad`: the host reads them again then. Default false. */
  readonly dynamic?: boolean;
  /** Calls of all its tools together that may run at a time, and wait. Default 16 and 64; a number is the first of them. */
  readonly concurrency?: number | ConcurrencyPolicy;
}

/** What `createPlugin` receives: the plugin's own configuration, each key at the top level and all of them in `config`. */
export interface PluginOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** A plugin. Only `getPluginInfo` is required; every other member is one more thing it can contribute. */
export interface AgentPlugin {
  getPluginInfo(): PluginInfo;
  getIntentCategories?(): readonly IntentCategory[];
  getHandlers?(): readonly Handler[];
  getPrompts?(): Readonly<Record<string, string | PromptDefinition>>;
  getToolsConfig?(): Readonly<Record<string, ToolConfig>>;
  getResources?(): Readonly<Record<string, ResourceDefinition>>;
  getAgents?(): readonly RoleEntry<Agent>[];
  getLlmBackends?(): readonly RoleEntry<LlmBackend>[];
  getStorageBackends?(): readonly RoleEntry<StorageBackend>[];
  /** Called once before the first call. A throw fails the plugin. Limit: 10 s. */
  onPluginLoad?(context: PluginContext): void | Promise<void>;
  /** Called once when the host stops, in reverse order of loading. Limit: 5 s. */
  onPluginUnload?(): void | Promise<void>;
}

/** The factory that a plugin module exports. */
export type CreatePlugin<Options extends PluginOptions = PluginOptions> = (
  options: Options,
) => AgentPlugin | Promise<AgentPlugin>;

/** A plugin as data: what the `get…` methods of {@link AgentPlugin} return, under shorter names. */
export interface PluginDefinition<
  Inputs extends Record<string, unknown> = Record<string, never>,
> extends PluginInfo {
  readonly intentCategories?: readonly IntentCategory[];
  readonly handlers?: readonly Handler[];
  readonly prompts?: Readonly<Record<string, string | PromptDefinition>>;
  readonly resources?: Readonly<Record<string, ResourceDefinition>>;
  readonly agents?: readonly RoleEntry<Agent>[];
  readonly llmBackends?: readonly RoleEntry<LlmBackend>[];
  readonly storageBackends?: readonly RoleEntry<StorageBackend>[];
  readonly tools?: { readonly [Name in keyof Inputs]: ToolConfig<Inputs[Name], unknown> };
  /** Checks and completes the plugin's own configuration before it is created. */
  readonly configSchema?: Schema;
  onPluginLoad?(context: PluginContext): void | Promise<void>;
  onPluginUnload?(): void | Promise<void>;
}

/** Where the host finds the definition again, to tell of fields that it does not know. */
export const definitionOf: unique symbol = Symbol.for("agentflow.definition");

/** What {@link definePlugin} returns and a module exports as its default. */
export interface DefinedPlugin extends AgentPlugin {
  readonly configSchema?: Schema;
  readonly [definitionOf]: object;
}

/**
 * A plugin in one expression; arguments of each tool's handler are typed by its `inputSchema`.
 *
 * ```ts
 * export default definePlugin({
 *   name: "greeter",
 *   version: "1.0.0",
 *   tools: {
 *     greet: {
 *       description: "Greets somebody by name.",
 *       inputSchema: z.object({ name: z.string() }),
 *       handler: ({ name }) => `Hello, ${name}!`,
 *     },
 *   },
 * });
 * ```
 */
export function definePlugin<Inputs extends Record<string, unknown>>(
  definition: PluginDefinition<Inputs>,
): DefinedPlugin {
  const { configSchema } = definition;
  return {
    [definitionOf]: definition,
    getPluginInfo: () => {
      const { name, version, description, author, requires, categories } = definition;
      const { permissions, dynamic, concurrency } = definition;
      const info = {
        name,
        version,
        description,
        author,
        requires,
        categories,
        permissions,
        dynamic,
        concurrency,
      };
      return withoutUndefined(info) as unknown as PluginInfo;
    },
    // Read when they are asked for: a getter in the definition may answer differently after `definitionsChanged()`.
    getIntentCategories: () => definition.intentCategories ?? [],
    getHandlers: () => definition.handlers ?? [],
    getPrompts: () => definition.prompts ?? {},
    getResources: () => definition.resources ?? {},
    getAgents: () => definition.agents ?? [],
    getLlmBackends: () => definition.llmBackends ?? [],
    getStorageBackends: () => definition.storageBackends ?? [],
    getToolsConfig: () => (definition.tools ?? {}) as Readonly<Record<string, ToolConfig>>,
    ...(configSchema && { configSchema }),
    ...(definition.onPluginLoad && {
      onPluginLoad: (context: PluginContext) => definition.onPluginLoad?.(context),
    }),
    ...(definition.onPluginUnload && { onPluginUnload: () => definition.onPluginUnload?.() }),
  };
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
