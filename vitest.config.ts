import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@agentflow-mcp/source"] },
  ssr: { resolve: { conditions: ["@agentflow-mcp/source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/fixtures/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Plugin files import `agentflow-mcp/plugin`: the built host must resolve it as it does outside of tests.
    server: { deps: { external: [/\/dist\/src\//u] } },
  },
});
