import type {
  CallContext,
  Completer,
  Handler,
  HandlerRequest,
  InputRequired,
  PromptMessage,
  ResourceOutput,
  ResourceRequest,
  ToolContext,
  ToolOutput,
} from "../plugin-api/index.ts";
import type { Manifest, ToolManifest } from "../base/manifest.ts";
import type { CategoryRanker } from "../base/rank-categories.ts";
import type { Template } from "../base/template.ts";
import type { LiveRole } from "./live-role.ts";
import type { CompiledSchema } from "./schemas.ts";

/** A created plugin in its one inner shape. Functions and live schemas stay here; the manifest goes out. */
export interface LivePlugin {
  readonly instance: unknown;
  readonly manifest: Manifest;
  readonly tools: ReadonlyMap<string, LiveTool>;
  readonly prompts: ReadonlyMap<string, LivePrompt>;
  readonly resources: ReadonlyMap<string, LiveResource>;
  /** Agents and backends, by `roleKey`. */
  readonly roles: ReadonlyMap<string, LiveRole>;
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

export type CompleterFunction = Extract<Completer, (...args: never) => unknown>;

export interface LivePrompt {
  readonly template?: Template;
  readonly messages?: (
    args: Readonly<Record<string, string>>,
    context: CallContext,
  ) => Asked<readonly PromptMessage[]>;
  /** What stands for arguments that are left out. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly completers: ReadonlyMap<string, CompleterFunction>;
}

export interface LiveResource {
  readonly read?: (request: ResourceRequest) => Asked<ResourceOutput>;
  readonly completers: ReadonlyMap<string, CompleterFunction>;
}

/** An answer, or the wish to ask the user first. */
type Asked<T> = T | InputRequired | Promise<T | InputRequired>;

export interface LiveHandler {
  readonly priority: number;
  canHandle: Handler["canHandle"];
  handle(request: HandlerRequest): ReturnType<Handler["handle"]>;
}
