import type { SuggestedAction } from "agentflow-mcp/plugin";

/** For those who want something changed: no tool does that. */
export const changePlanAction: SuggestedAction = {
  title: "Get a reviewed plan for the change: the prompt aws_change_plan",
  reason:
    "The tools only read. The prompt writes the commands, what they cost, how to undo them and what permissions they need.",
};
