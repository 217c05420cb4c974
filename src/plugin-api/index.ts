// The "agentflow-mcp/plugin" entry: every name here is public API for plugin authors.
export { TaskStatus } from "./agent.ts";
export type { Agent, ContextData, TaskAnswer, TaskDraft, TaskResult, TaskSpec } from "./agent.ts";
export type { Intent, IntentCategory } from "./category.ts";
export type {
  AudioContent,
  ContentAnnotations,
  ContentBlock,
  EmbeddedResource,
  ImageContent,
  ResourceLink,
  TextContent,
} from "./content.ts";
export type {
  CallContext,
  ClientLogLevel,
  PluginContext,
  PluginStorage,
  Principal,
  ToolAnswer,
  ToolContext,
} from "./context.ts";
export { ToolError } from "./errors.ts";
export type { ToolErrorOptions } from "./errors.ts";
export { BaseHandler } from "./handler.ts";
export type { Handler, HandlerRequest } from "./handler.ts";
export type { ClientAbilities, InputAnswer, InputRequest, InputRequired } from "./input.ts";
export type {
  LlmAnswer,
  LlmBackend,
  LlmMessage,
  LlmOptions,
  LlmResponse,
  LlmStream,
  LlmUsage,
} from "./llm-backend.ts";
export type { LogFields, Logger } from "./logger.ts";
export type { CacheHint, Completer, Icon, Metadata } from "./metadata.ts";
export { definePlugin } from "./plugin.ts";
export type {
  AgentPlugin,
  CreatePlugin,
  DefinedPlugin,
  PluginDefinition,
  PluginInfo,
  PluginOptions,
} from "./plugin.ts";
export type { PromptArgument, PromptDefinition, PromptMessage } from "./prompt.ts";
export type {
  ResourceContents,
  ResourceDefinition,
  ResourceOutput,
  ResourceRequest,
} from "./resource.ts";
export type { Readable, RoleEntry, RolePlugin, RoleType } from "./role.ts";
export type { Json, JsonObject, JsonSchema, Schema, StandardSchema } from "./schema.ts";
export type {
  KeysQuery,
  Metric,
  PutOptions,
  StorageBackend,
  StoredEntry,
  StoredWorkflow,
} from "./storage-backend.ts";
export type {
  BreakerPolicy,
  ConcurrencyPolicy,
  RatePolicy,
  SuggestedAction,
  ToolAnnotations,
  ToolConfig,
  ToolOutput,
  ToolPolicy,
  ToolResult,
  ToolSettings,
} from "./tool.ts";
