import { definePlugin } from "agentflow-mcp/plugin";
import { z } from "zod";
import { toolDescription, toolNames } from "../tools.mjs";

export const configSchema = z.object({ count: z.int().positive() });

/**
 * The tools of the benchmark as a plugin: `count` of them, all the same but for their names.
 * @param {{ config: { count: number } }} options
 */
export function createPlugin({ config }) {
  return definePlugin({
    name: "echo-tools",
    version: "1.0.0",
    description: "As many echo tools as the configuration asks for.",
    author: "agentflow-mcp contributors",
    tools: Object.fromEntries(toolNames(config.count).map((name) => [name, echoTool()])),
  });
}

function echoTool() {
  return {
    description: toolDescription,
    inputSchema: z.object({ text: z.string().describe("What to say back.") }),
    handler: (/** @type {{ text: string }} */ { text }) => text,
  };
}
