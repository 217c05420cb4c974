import type { ToolConfig } from "agentflow-mcp/plugin";

/** A tool of this plugin: what all of them have in common is that they change nothing. */
export function readOnlyTool<In, Out>(
  tool: Omit<ToolConfig<In, Out>, "type" | "annotations" | "permissions">,
): ToolConfig<In, Out> {
  return {
    type: "mcp_tool",
    ...tool,
    annotations: {
      readOnlyHint: true,
      idempotentHint: true,
      destructiveHint: false,
      openWorldHint: true,
    },
    permissions: ["aws:read", "aws:analyze"],
  };
}
