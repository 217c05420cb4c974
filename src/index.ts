// The "agentflow-mcp" entry: a host inside a program of your own.
export { App as AgentFlowApp } from "./app.ts";
export type { AppOptions } from "./app.ts";
export { HostError, PluginError } from "./base/errors.ts";
export type { HostErrorCode, PluginStage } from "./base/errors.ts";
export { defaultConfig, loadConfig } from "./config/load.ts";
export type { LoadedConfig } from "./config/load.ts";
export type { Config } from "./config/schema.ts";
export type { PluginRecord, PluginState } from "./host/record.ts";
export { PluginManager, setupPluginSystem } from "./plugin-manager.ts";
export type { PluginSystemOptions, RoleInfo } from "./plugin-manager.ts";
export { PluginCallError } from "./role-instances.ts";
export type {
  AgentInstance,
  InstanceCall,
  LlmBackendInstance,
  StorageBackendInstance,
} from "./role-instances.ts";
export type { HttpServing } from "./transports/http.ts";
export type { Serving } from "./transports/serving.ts";
