import { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { toolDescription, toolNames } from "../tools.mjs";

/**
 * A factory of the SDK's own servers, written as its documentation shows: every tool is registered on every server.
 * Names and schemas are made once, so that only what the SDK cannot avoid is repeated.
 * @param {number} count
 */
export function sdkServerFactory(count) {
  const tools = toolNames(count).map((name) => ({
    name,
    inputSchema: z.object({ text: z.string().describe("What to say back.") }),
  }));
  return () => {
    const server = new McpServer({ name: "sdk", version: "1.0.0" });
    for (const { name, inputSchema } of tools) {
      server.registerTool(name, { description: toolDescription, inputSchema }, ({ text }) => ({
        content: [{ type: "text", text }],
      }));
    }
    return server;
  };
}
