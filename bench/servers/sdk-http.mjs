import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { sdkServerFactory } from "./sdk-tools.mjs";

const handler = createMcpHandler(sdkServerFactory(Number(process.argv[2])));
const server = createServer(toNodeHandler(handler));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  process.stderr.write(`Serving MCP at http://127.0.0.1:${port}/mcp\n`);
});
