import type { RoleManifest, ToolManifest } from "../base/manifest.ts";
import type { MemberRequest, Reply } from "../base/port.ts";
import type { Json, JsonObject, JsonSchema, TaskResult, TaskSpec } from "../plugin-api/index.ts";

/** Whose member a tool calls. */
export interface AgentMember {
  readonly agent: string;
  readonly member: "plan" | "execute";
}

/** A tool that is a member of an agent. */
export interface AgentTool {
  readonly manifest: ToolManifest;
  readonly of: AgentMember;
}

export const contextSchema: JsonSchema = {
  type: "object",
  description: "The situation that the agent works in. Further fields are passed on as they are.",
  properties: {
    userId: { type: "string" },
    sessionId: { type: "string" },
    campaignId: { type: "string" },
    channel: { type: "string", description: "For example `email`." },
    metadata: { type: "object", description: "Whatever else the agent should know." },
  },
};

const taskSchema: JsonSchema = {
  type: "object",
  properties: {
    id: { type: "string" },
    name: { type: "string" },
    agentType: { type: "string", description: "Name of the agent that executes it." },
    description: { type: "string" },
    parameters: { type: "object" },
    dependencies: {
      type: "array",
      items: { type: "string" },
      description: "Ids of the tasks that must be completed before.",
    },
    idempotent: {
      type: "boolean",
      description: "`false`: it must not be begun twice, also if nobody knows what came of it.",
    },
  },
  required: ["id"],
};

const resultSchema: JsonSchema = {
  type: "object",
  properties: {
    taskId: { type: "string" },
    status: { type: "string" },
    result: {},
    error: { type: "string" },
    metadata: { type: "object" },
  },
  required: ["taskId", "status"],
};

/** Seconds for one task, as long as a call may take in the background. */
const EXECUTE_S = 300;

/** What clients can call of an agent without its plan being carried out as a whole. */
export function agentTools({ name, description }: RoleManifest): readonly AgentTool[] {
  const about = description === undefined ? "" : ` (${description})`;
  return [
    {
      of: { agent: name, member: "plan" },
      manifest: {
        name: `${name}_plan`,
        title: `${name}: plan`,
        description: `Has the agent '${name}'${about} break work down into tasks. Changes nothing.`,
        inputSchema: {
          type: "object",
          properties: { context: contextSchema },
          additionalProperties: false,
        },
        outputSchema: {
          type: "object",
          properties: { tasks: { type: "array", items: taskSchema } },
          required: ["tasks"],
        },
        annotations: { readOnlyHint: true },
        permissions: [],
        settings: { timeoutMs: 60_000 },
      },
    },
    {
      of: { agent: name, member: "execute" },
      manifest: {
        name: `${name}_execute`,
        title: `${name}: execute a task`,
        description: `Has the agent '${name}' carry out one task, as ${name}_plan gives them.`,
        inputSchema: {
          type: "object",
          properties: { task: taskSchema, context: contextSchema },
          required: ["task"],
          additionalProperties: false,
        },
        outputSchema: resultSchema,
        annotations: {},
        permissions: [],
        settings: { timeoutMs: EXECUTE_S * 1_000 },
      },
    },
  ];
}

/** The request behind a call of such a tool. */
export function memberRequest({ agent, member }: AgentMember, args: JsonObject): MemberRequest {
  const { task = null, context = {} } = args;
  return {
    kind: "member",
    role: "agent",
    name: agent,
    member,
    arguments: member === "plan" ? [context] : [task, context],
  };
}

/** What such a tool answers with. */
export function memberReply({ member }: AgentMember, value: Json | undefined): Reply {
  if (member === "plan") {
    const tasks = value as unknown as readonly TaskSpec[];
    const lines = tasks.map(({ id, name, dependencies }) => {
      const after = dependencies.length === 0 ? "" : ` (after ${dependencies.join(", ")})`;
      return `- ${id}: ${name}${after}`;
    });
    const text = [`${tasks.length} tasks:`, ...lines].join("\n");
    return { content: [{ type: "text", text }], data: { tasks: value ?? [] } };
  }
  const { taskId, status, error } = value as unknown as TaskResult;
  const why = error === undefined ? "" : `: ${error}`;
  const text = `Task '${taskId}' is ${status}${why}.`;
  return { content: [{ type: "text", text }], ...(value !== undefined && { data: value }) };
}
