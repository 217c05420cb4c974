import type { Json, JsonObject } from "../plugin-api/index.ts";
import { diagramOf } from "./diagram.ts";
import { hasEnded, type Step, type WorkflowRecord } from "./record.ts";

const MOST_LINES = 50;

/** What a client is told when a workflow has been carried out: its tasks' results by their ids. */
export function resultView(record: WorkflowRecord): JsonObject {
  return {
    workflowId: record.id,
    status: record.status,
    results: Object.fromEntries(record.steps.map((step) => [step.task.id, stepResult(step)])),
  };
}

function stepResult({ task, status, result, reason }: Step): Json {
  if (result !== undefined) return { ...(result as unknown as JsonObject), status };
  return { taskId: task.id, status, ...(reason !== undefined && { error: reason }) };
}

/** All that is known of a workflow: its tasks, their results and times, and a diagram. */
export function workflowView(record: WorkflowRecord): JsonObject {
  const { id, agent, status, failure, context, steps, createdAt, updatedAt } = record;
  return {
    workflowId: id,
    agent,
    status,
    failure,
    context,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    tasks: steps.map((step) => ({
      ...(step.task as unknown as JsonObject),
      ...(stepResult(step) as JsonObject),
      ...(step.startedAt !== undefined && { startedAt: isoTime(step.startedAt) }),
      ...(step.endedAt !== undefined && { endedAt: isoTime(step.endedAt) }),
    })),
    diagram: diagramOf(record),
  };
}

/** One line of a list. */
export function workflowSummary(record: WorkflowRecord): JsonObject {
  const { id, agent, status, steps, createdAt, updatedAt } = record;
  return {
    workflowId: id,
    agent,
    status,
    tasks: steps.length,
    ended: steps.filter(hasEnded).length,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  };
}

/** A workflow in words, with its diagram. */
export function workflowText(record: WorkflowRecord): string {
  const { id, status, steps } = record;
  const completed = steps.filter((step) => step.status === "completed").length;
  const others = steps.filter((step) => step.status !== "completed");
  const lines = others.slice(0, MOST_LINES).map((step) => {
    const why = step.reason ?? step.result?.error;
    return `- ${step.task.id} is ${step.status}${why === undefined ? "" : `: ${why}`}`;
  });
  const more = others.length - lines.length;
  return [
    `Workflow ${id} is ${status}: ${completed} of ${steps.length} tasks are completed.`,
    ...lines,
    ...(more > 0 ? [`- and ${more} more`] : []),
    "",
    "```mermaid",
    diagramOf(record),
    "```",
  ].join("\n");
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
