// What the faulty plugins have in common.
import { definePlugin } from "agentflow-mcp/plugin";

export const SECRET = "AKIAFAULTFAULTFAULT1 in /etc/secret";

export const anything = { type: "object", additionalProperties: true };

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A tool that may be repeated, with the limits of its attempt. */
export function tool(handler, { config, ...more } = {}) {
  return {
    description: "Does what its name says.",
    inputSchema: anything,
    annotations: { readOnlyHint: true },
    config: { timeout: 45, ...config },
    handler,
    ...more,
  };
}

/** A plugin with these tools, one that shows that it is there, and one that waits. */
export function faulty(name, tools, more = {}) {
  return definePlugin({
    name,
    version: "1.0.0",
    description: "Does one thing badly.",
    tools: {
      ping: tool(() => `pong from ${process.pid}`),
      wait: tool(
        async ({ ms, tag = "", saysEnd = true }, { signal, log }) => {
          log.info("waiting", { tag });
          const stopped = new Promise((resolve) => {
            signal.addEventListener("abort", () => resolve("stopped"), { once: true });
          });
          const end = await Promise.race([sleep(ms), stopped]);
          if (saysEnd) log.info(end ?? "waited", { tag });
          return end ?? `waited ${tag}`;
        },
        { config: { retryCount: 1 } },
      ),
      ...tools,
    },
    ...more,
  });
}
