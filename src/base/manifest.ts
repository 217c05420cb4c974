import type {
  CacheHint,
  ContentAnnotations,
  Icon,
  IntentCategory,
  JsonSchema,
  PluginInfo,
  PromptArgument,
  ToolAnnotations,
} from "../plugin-api/index.ts";
import type { PluginProblem } from "./plugin-problem.ts";
import type { PolicySettings } from "./policy-settings.ts";
import type { Role } from "./roles.ts";

/** What a plugin offers, as plain JSON. It is all that the host knows of a plugin. */
export interface Manifest {
  readonly info: PluginInfo;
  readonly tools: readonly ToolManifest[];
  readonly prompts: readonly PromptManifest[];
  readonly resources: readonly ResourceManifest[];
  readonly categories: readonly CategoryManifest[];
  readonly agents: readonly RoleManifest[];
  readonly llmBackends: readonly RoleManifest[];
  readonly storageBackends: readonly RoleManifest[];
  /** Definitions that cannot be served; the rest of the plugin can. */
  readonly quarantined: readonly Quarantined[];
  /** What works but should be mended, for the person who runs the plugin. */
  readonly warnings: readonly string[];
  /** JSON Schema of the plugin's own configuration. */
  readonly configSchema?: JsonSchema;
  /** What carries out the calls cannot be reached now, and may be again. The definitions are those known last. */
  readonly unavailable?: Unavailable;
}

/** Why a plugin cannot answer now. */
export interface Unavailable {
  /** For clients, in lower_snake_case: `starting`, `unreachable`. */
  readonly code: string;
  /** For the operator. */
  readonly message: string;
  readonly problem?: PluginProblem;
}

/** What clients get of every definition, unchanged. */
interface Described {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly icons?: readonly Icon[];
  readonly _meta?: Readonly<Record<string, unknown>>;
}

export interface ToolManifest extends Described {
  /** The category it stands for, if it is routed to handlers. */
  readonly category?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations: ToolAnnotations;
  readonly permissions: readonly string[];
  readonly settings: ToolSettingsManifest;
}

/** What the author asks of the host for one tool. */
export interface ToolSettingsManifest extends PolicySettings {
  readonly toolName?: string;
}

export interface PromptManifest extends Described {
  /** The text; without one the plugin writes the messages. */
  readonly template?: string;
  /** In the order of their first use in the template, else as declared. */
  readonly arguments: readonly PromptArgumentManifest[];
}

/** An argument; `complete` is a list of values, or true where the plugin has to be asked. */
export interface PromptArgumentManifest extends Omit<PromptArgument, "complete" | "required"> {
  readonly name: string;
  readonly required: boolean;
  readonly complete?: CompleterManifest;
}

export type CompleterManifest = readonly string[] | true;

export interface ResourceManifest extends Described {
  /** A URI, or a URI template if it has variables. */
  readonly uri: string;
  readonly isTemplate: boolean;
  readonly mimeType?: string;
  readonly annotations?: ContentAnnotations;
  readonly size?: number;
  readonly cache?: CacheHint;
  /** Content that never changes; without one the plugin reads it. */
  readonly text?: string;
  readonly blob?: string;
  readonly complete: Readonly<Record<string, CompleterManifest>>;
}

/** A category with its defaults filled in and its patterns as source text. */
export interface CategoryManifest extends Required<Omit<IntentCategory, "patterns">> {
  readonly patterns: readonly string[];
}

/** An agent or a backend. */
export interface RoleManifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  /** If it is of a class; without one there can be no more instances. */
  readonly className?: string;
  /** Those of the role's members that it has. */
  readonly members: readonly string[];
  /** JSON Schema of the configuration under its own name. */
  readonly configSchema?: JsonSchema;
}

/** Of a plugin that is neither agent nor backend. */
export const NO_ROLES = { agents: [], llmBackends: [], storageBackends: [] } as const;

/** Of a plugin that offers nothing, at least not yet. */
export const OFFERS_NOTHING = {
  tools: [],
  prompts: [],
  resources: [],
  categories: [],
  ...NO_ROLES,
  quarantined: [],
  warnings: [],
} as const satisfies Omit<Manifest, "info">;

/** A definition that is not served, and why. */
export interface Quarantined {
  readonly kind: "tool" | "prompt" | "resource" | "category" | "handler" | Role;
  readonly name: string;
  readonly reason: string;
  readonly problem?: PluginProblem;
}
