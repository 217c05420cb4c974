import type { ResourceManifest, ToolManifest } from "../base/manifest.ts";
import type { JsonSchema } from "../plugin-api/index.ts";
import { contextSchema } from "../workflow/agent-tools.ts";

export const WORKFLOWS = "agentflow://workflows";
export const LIST_LIMIT = 20;

export const JSON_TYPE = "application/json";
/** Longest time that a workflow may take while somebody waits for it, in the background. */
const RUN_MS = 3_600_000;

const resultSchema: JsonSchema = {
  type: "object",
  properties: {
    workflowId: { type: "string" },
    status: { type: "string" },
    results: { type: "object", description: "What came of each task, by its id." },
  },
  required: ["workflowId", "status", "results"],
};

const summaryProperties = {
  workflowId: { type: "string" },
  agent: { type: "string" },
  status: { type: "string" },
  tasks: { type: "integer" },
  ended: { type: "integer" },
  createdAt: { type: "string" },
  updatedAt: { type: "string" },
} as const;

const summarySchema: JsonSchema = {
  type: "object",
  properties: summaryProperties,
  required: ["workflowId", "status"],
};

export function runName(agent: string): string {
  return `${agent}_run`;
}

export function runTool(agent: string): ToolManifest {
  return {
    name: runName(agent),
    title: `${agent}: run`,
    description: `Has the agent '${agent}' plan, and carries out its plan: tasks that do not wait for one another side by side. Survives a restart of the server.`,
    inputSchema: {
      type: "object",
      properties: {
        context: contextSchema,
        failure: {
          type: "string",
          enum: ["skip", "fail"],
          default: "skip",
          description:
            "When a task fails: `skip` those that wait for it, or `fail` the workflow, so that none begins any more.",
        },
      },
      additionalProperties: false,
    },
    outputSchema: resultSchema,
    annotations: {},
    permissions: ["tools:call:*"],
    settings: { timeoutMs: RUN_MS, longDeadlineMs: RUN_MS },
  };
}

const workflowId = { type: "string", description: "The workflow's id." };

export const WORKFLOW_TOOLS: readonly ToolManifest[] = [
  tool("workflow_list", "Lists workflows, the newest first.", {
    properties: {
      status: { type: "string", description: "For example `running` or `failed`." },
      limit: { type: "integer", minimum: 1, maximum: 100, default: LIST_LIMIT },
      offset: { type: "integer", minimum: 0, default: 0 },
    },
    output: {
      type: "object",
      properties: { workflows: { type: "array", items: summarySchema } },
      required: ["workflows"],
    },
    readOnly: true,
  }),
  tool("workflow_show", "Shows a workflow: its tasks, their results and times, and a diagram.", {
    properties: { workflow_id: workflowId },
    required: ["workflow_id"],
    output: {
      type: "object",
      properties: {
        ...summaryProperties,
        tasks: { type: "array", items: { type: "object" } },
        diagram: { type: "string", description: "A Mermaid flowchart." },
      },
      required: ["workflowId", "status", "tasks", "diagram"],
    },
    readOnly: true,
  }),
  tool("workflow_cancel", "Cancels a workflow that is being carried out.", {
    properties: { workflow_id: workflowId },
    required: ["workflow_id"],
    output: summarySchema,
    readOnly: false,
  }),
  tool(
    "workflow_retry",
    "Carries out again what of a workflow was not completed. Results of completed tasks stay.",
    {
      properties: { workflow_id: workflowId },
      required: ["workflow_id"],
      output: resultSchema,
      readOnly: false,
      limitMs: RUN_MS,
    },
  ),
];

interface ToolShape {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly output: JsonSchema;
  readonly readOnly: boolean;
  /** Default: 30 s. */
  readonly limitMs?: number;
}

function tool(name: string, description: string, shape: ToolShape): ToolManifest {
  const { properties, required = [], output, readOnly, limitMs } = shape;
  return {
    name,
    description,
    inputSchema: { type: "object", properties, required, additionalProperties: false },
    outputSchema: output,
    annotations: readOnly ? { readOnlyHint: true } : {},
    permissions: [],
    settings:
      limitMs === undefined
        ? { timeoutMs: 30_000 }
        : { timeoutMs: limitMs, longDeadlineMs: limitMs },
  };
}

export const WORKFLOW_RESOURCES: readonly ResourceManifest[] = [
  {
    name: "workflows",
    title: "Workflows",
    uri: WORKFLOWS,
    isTemplate: false,
    description: "Your workflows, the newest first.",
    mimeType: JSON_TYPE,
    complete: {},
  },
  {
    name: "workflow",
    title: "Workflow",
    uri: `${WORKFLOWS}/{id}`,
    isTemplate: true,
    description: "One workflow: status, tasks, results, times, and a Mermaid diagram.",
    mimeType: JSON_TYPE,
    complete: {},
  },
];
