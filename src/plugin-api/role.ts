import type { PluginContext } from "./context.ts";

/** The three things beside tools that a plugin can be. */
export type RoleType = "agent" | "llm_backend" | "storage_backend";

/** A value, or a method that gives it; either may be asynchronous. */
export type Readable<T> = T | Promise<T> | (() => T | Promise<T>);

/**
 * What agents, LLM backends and storage backends have in common. A class that a file exports is constructed without
 * arguments, or with the options of whoever wants an instance of its own. `snake_case` is accepted for every member.
 */
export interface RolePlugin {
  /** In `lower_snake_case`: tools and the key of its configuration, `plugins.<name>`, are called after it. */
  readonly name: Readable<string>;
  /** Semantic version. */
  readonly version: Readable<string>;
  /** Default: what its members say. */
  readonly type?: Readable<RoleType>;
  readonly description?: Readable<string>;
  /**
   * Called once before anything else, with its configuration: that of its file's plugin, then its own under its name, then
   * the options of whoever wanted this instance; the later wins. A throw fails the plugin. Limit: 10 s.
   */
  initialize?(
    config: Readonly<Record<string, unknown>>,
    context: PluginContext,
  ): void | Promise<void>;
  /** Called once at the end. Limit: 5 s. */
  shutdown?(): void | Promise<void>;
}

/** What `getAgents()` and its siblings list: an object, or a class that the host constructs. */
export type RoleEntry<T> = T | (new (options?: never) => T);
