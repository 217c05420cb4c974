import type { Handler, HandlerRequest, ToolContext, ToolOutput } from "../plugin-api/index.ts";
import type { Manifest, ToolManifest } from "../base/manifest.ts";
import type { CategoryRanker } from "../base/rank-categories.ts";
import type { Template } from "../base/template.ts";
import type { CompiledSchema } from "./schemas.ts";

/** A created plugin in its one inner shape. Functions and live schemas stay here; the manifest goes out. */
export interface LivePlugin {
  readonly instance: unknown;
  readonly manifest: Manifest;
  readonly tools: ReadonlyMap<string, LiveTool>;
  readonly prompts: ReadonlyMap<string, LivePrompt>;
  /** By falling priority. */
  readonly handlers: readonly LiveHandler[];
  readonly rank: CategoryRanker;
}

export interface LiveTool {
  readonly manifest: ToolManifest;
  readonly input: CompiledSchema;
  readonly output?: CompiledSchema;
  readonly handler?: (args: unknown, context: ToolContext) => ToolOutput | Promise<ToolOutput>;
}

export interface LivePrompt {
  readonly template: Template;
  readonly defaults: Readonly<Record<string, string>>;
}

export interface LiveHandler {
  readonly priority: number;
  canHandle: Handler["canHandle"];
  handle(request: HandlerRequest): ReturnType<Handler["handle"]>;
}
