import { definePlugin } from "agentflow-mcp/plugin";

export default definePlugin({
  name: "canary",
  version: "1.0.0",
  description: "Sings as long as the air is good.",
  tools: {
    sing: {
      description: "Says back what it is told.",
      inputSchema: {
        type: "object",
        properties: { words: { type: "string" } },
        required: ["words"],
      },
      annotations: { readOnlyHint: true },
      handler: ({ words }) => words,
    },
  },
});
