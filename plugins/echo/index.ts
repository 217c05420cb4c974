import { definePlugin } from "agentflow-mcp/plugin";
import { z } from "zod";

export default definePlugin({
  name: "echo",
  version: "1.0.0",
  description: "The smallest useful plugin: says back what it is told.",
  author: "agentflow-mcp contributors",
  categories: ["example"],
  tools: {
    echo: {
      title: "Echo",
      description: "Says back the text it is given. Useful to see that a connection works.",
      inputSchema: z.object({ text: z.string().describe("What to say back.") }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
      handler: ({ text }) => text,
    },
  },
});
