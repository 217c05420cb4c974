import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "../helpers/temp-folder.ts";

/** The path of a file that is not there yet, or holds this. */
export function tempFile(text?: string): string {
  const path = join(tempFolder(), "file");
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

/** The path of a configuration with these servers and nothing else. */
export function writeConfig(
  servers: Readonly<Record<string, object>>,
  server: object = {},
): string {
  const plugins = { "aws-operations": { enabled: false }, ...servers };
  const files = { "mcp.config.json": JSON.stringify({ server, plugins }) };
  return join(tempFolder(files), "mcp.config.json");
}
