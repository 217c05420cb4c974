import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { App } from "../app.ts";
import type { LogThreshold } from "../base/logger.ts";
import { defaultConfig, loadConfig, type LoadedConfig } from "../config/load.ts";
import { note } from "./output.ts";

/** Options that every command which loads plugins has. */
export interface CommonOptions {
  readonly config?: string;
  readonly plugins?: readonly string[];
  readonly demo?: boolean;
  readonly shippedOnly?: boolean;
}

/** Loads configuration and plugins. Commands that print for a person keep the log down to warnings. */
export async function openApp(options: CommonOptions, logLevel?: LogThreshold): Promise<App> {
  return App.start({
    loaded: findConfig(options.config),
    ...(options.plugins && { plugins: options.plugins }),
    ...(options.shippedOnly && { shippedOnly: true }),
    ...(options.demo !== undefined && { demo: options.demo }),
    ...(logLevel && { logLevel }),
  });
}

/**
 * The named file, else `$AGENTFLOW_CONFIG`, else `~/.agentflow/mcp.config.json`, else defaults. Not the working
 * directory: whoever starts the server from a folder has not thereby chosen to run what lies there.
 */
function findConfig(named: string | undefined): LoadedConfig {
  const { env } = process;
  const chosen = named ?? env["AGENTFLOW_CONFIG"];
  if (chosen !== undefined && chosen !== "") return loadConfig(chosen, env);
  const own = join(homedir(), ".agentflow", "mcp.config.json");
  if (existsSync(own)) return loadConfig(own, env);
  if (process.stdin.isTTY && existsSync("mcp.config.json")) {
    note("There is a mcp.config.json here. To use it: --config mcp.config.json");
  }
  return defaultConfig();
}
