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
    // Most tests wait for processes; by default one processor would be left to idle.
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["src/**"],
      reporter: ["text", "json-summary"],
      // What stands between a call and its plugin: every branch has a test.
      thresholds: {
        "src/execution/{breaker,circuit,deadline,dedup,outcome-unknown,pool,rate,reply-cache,retry,slot,slots,timeout}.ts":
          { branches: 100 },
        "src/isolation/{framing,supervisor}.ts": { branches: 100 },
        "src/base/{bounded-map,retry,retry-budget,throttle-notes}.ts": { branches: 100 },
      },
    },
    // Plugin files import `agentflow-mcp/plugin`: the built host must resolve it as it does outside of tests.
    server: { deps: { external: [/\/dist\/src\//u] } },
  },
});
