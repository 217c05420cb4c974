// Runs in the host's own process, and says how things look there.
import { definePlugin } from "agentflow-mcp/plugin";

export default definePlugin({
  name: "witness",
  version: "1.0.0",
  description: "Looks around in the host.",
  tools: {
    look: {
      description: "Says what it sees.",
      inputSchema: { type: "object" },
      annotations: { readOnlyHint: true },
      handler: () => {
        globalThis.gc?.();
        const { heapUsed, rss } = process.memoryUsage();
        const resources = {};
        for (const kind of process.getActiveResourcesInfo()) {
          resources[kind] = (resources[kind] ?? 0) + 1;
        }
        return JSON.stringify({ polluted: {}.polluted, heapUsed, rss, resources });
      },
    },
  },
});
