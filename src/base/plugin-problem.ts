import { isBag } from "./bag.ts";

/** What is wrong with a plugin, where that is one of the usual mistakes; a client may know of it, too. */
export interface PluginProblem {
  readonly code: ProblemCode;
  /** File and line, from the folder that the file's folder is in: `plugins/my_agent.ts:12`. */
  readonly at?: string;
}

/** The usual mistakes, each with what to do. */
export const FIXES = {
  wrong_interface:
    "Implement an agent (plan, execute), an LLM backend (generate, chat) or a storage backend (saveWorkflow, loadWorkflow, " +
    "listWorkflows, saveMetric, getMetrics) as methods of the exported class, or export createPlugin(options).",
  missing_method: "Add the method to the class, under this name or in snake_case.",
  wrong_type:
    "Let 'type' be 'agent', 'llm_backend' or 'storage_backend', whichever the class implements.",
  wrong_data: "Let 'name' be text like \"my_agent\" and 'version' text like \"1.0.0\".",
  import_error:
    "Mend the file, or install what it imports where the plugin is; agentflow check says whether it loads.",
  circular_import: "Move what both files need into a third one that imports neither.",
  unhandled_error:
    "Catch the error where it can happen, and throw a ToolError that says what to do.",
} as const;

export type ProblemCode = keyof typeof FIXES;

/** Whether it can be one: what comes from a plugin's process is as good as its word. */
export function isProblem(value: unknown): value is PluginProblem {
  if (!isBag(value)) return false;
  const { code, at } = value;
  return (
    typeof code === "string" &&
    Object.hasOwn(FIXES, code) &&
    (at === undefined || typeof at === "string")
  );
}
