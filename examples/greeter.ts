import { definePlugin } from "agentflow-mcp/plugin";
import { z } from "zod";

export default definePlugin({
  name: "greeter",
  version: "1.0.0",
  tools: {
    greet: {
      description: "Greets somebody by name.",
      inputSchema: z.object({ name: z.string() }),
      handler: ({ name }) => `Hello, ${name}!`,
    },
  },
});
