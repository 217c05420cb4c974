import type { RoleType } from "../plugin-api/index.ts";

export type Role = RoleType;

/** What each role is called, where a manifest lists it, and what its members are. */
export const ROLES = {
  agent: {
    words: "agent",
    list: "agents",
    getter: "getAgents",
    required: { plan: "plan(context)", execute: "execute(task, context)" },
    optional: [],
  },
  llm_backend: {
    words: "LLM backend",
    list: "llmBackends",
    getter: "getLlmBackends",
    required: { generate: "generate(prompt, options)", chat: "chat(messages, options)" },
    optional: ["isAvailable", "validateConnection"],
  },
  storage_backend: {
    words: "storage backend",
    list: "storageBackends",
    getter: "getStorageBackends",
    required: {
      saveWorkflow: "saveWorkflow(workflow)",
      loadWorkflow: "loadWorkflow(id)",
      listWorkflows: "listWorkflows(status, limit, offset)",
      saveMetric: "saveMetric(metric)",
      getMetrics: "getMetrics(name, start, end, limit)",
    },
    optional: ["deleteWorkflow", "deleteMetrics", "get", "put", "delete", "keys", "count"],
  },
} as const satisfies Readonly<Record<Role, RoleWords>>;

interface RoleWords {
  readonly words: string;
  readonly list: "agents" | "llmBackends" | "storageBackends";
  readonly getter: string;
  /** By name, with their parameters. */
  readonly required: Readonly<Record<string, string>>;
  readonly optional: readonly string[];
}

export const ROLE_TYPES = Object.keys(ROLES) as readonly Role[];

/** Names it among all that a plugin, or the host, has. */
export function roleKey(role: Role, name: string): string {
  return `${role}/${name}`;
}

/** What an instance of its own begins and ends with, beside the role's members. */
export const LIFE_MEMBERS = ["initialize", "shutdown"] as const;
