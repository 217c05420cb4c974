import type {
  IntentCategory,
  JsonSchema,
  PluginInfo,
  PromptArgument,
  ToolAnnotations,
} from "../plugin-api/index.ts";

/** What a plugin offers, as plain JSON. It is all that the host knows of a plugin. */
export interface Manifest {
  readonly info: PluginInfo;
  readonly tools: readonly ToolManifest[];
  readonly prompts: readonly PromptManifest[];
  readonly categories: readonly CategoryManifest[];
  /** Definitions that cannot be served; the rest of the plugin can. */
  readonly quarantined: readonly Quarantined[];
  /** What works but should be mended, for the person who runs the plugin. */
  readonly warnings: readonly string[];
  /** JSON Schema of the plugin's own configuration. */
  readonly configSchema?: JsonSchema;
}

export interface ToolManifest {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** The category it stands for, if it is routed to handlers. */
  readonly category?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations: ToolAnnotations;
  readonly permissions: readonly string[];
  readonly settings: ToolSettingsManifest;
}

/** What the author asks of the host for one tool, in milliseconds. */
export interface ToolSettingsManifest {
  readonly toolName?: string;
  readonly timeoutMs?: number;
  readonly retryCount?: number;
  readonly deadlineMs?: number;
}

export interface PromptManifest {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly template: string;
  /** In the order of their first use in the template. */
  readonly arguments: readonly (PromptArgument & { readonly name: string })[];
}

/** A category with its defaults filled in and its patterns as source text. */
export interface CategoryManifest extends Required<Omit<IntentCategory, "patterns">> {
  readonly patterns: readonly string[];
}

/** A definition that is not served, and why. */
export interface Quarantined {
  readonly kind: "tool" | "prompt" | "category" | "handler";
  readonly name: string;
  readonly reason: string;
}
