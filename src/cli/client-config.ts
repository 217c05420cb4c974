import { realpathSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** How a client starts this server over stdio. */
interface ClientCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** By absolute paths from a checkout, where `npx` would fetch something else; by `npx` once it is installed. */
function clientCommand(serveArgs: readonly string[]): ClientCommand {
  const main = realpathSync(fileURLToPath(new URL("main.js", import.meta.url)));
  if (main.split(sep).includes("node_modules")) {
    return { command: "npx", args: ["-y", "agentflow-mcp", ...serveArgs] };
  }
  return { command: process.execPath, args: [main, ...serveArgs] };
}

/** What to copy into the configuration of each client. */
export function clientConfigurations(
  name: string,
  serveArgs: readonly string[],
  url: string | undefined,
): string {
  const { command, args } = clientCommand(serveArgs);
  const shell = [command, ...args].map(quote).join(" ");
  return [
    "Claude Desktop: claude_desktop_config.json (Settings > Developer > Edit Config)",
    pretty({ mcpServers: { [name]: { command, args } } }),
    "",
    "Cursor: ~/.cursor/mcp.json",
    pretty({ mcpServers: { [name]: { command, args } } }),
    "",
    "VS Code: .vscode/mcp.json",
    pretty({ servers: { [name]: { type: "stdio", command, args } } }),
    "",
    "MCP Inspector",
    `  npx -y @modelcontextprotocol/inspector ${shell}`,
    ...(url === undefined
      ? []
      : ["", "Any client that speaks Streamable HTTP, while this runs", `  ${url}`]),
  ].join("\n");
}

function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : JSON.stringify(word);
}
