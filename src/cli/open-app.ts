import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { App } from "../app.ts";
import { detailOf } from "../base/errors.ts";
import type { LogThreshold } from "../base/logger.ts";
import { defaultConfig, loadConfig, type LoadedConfig } from "../config/load.ts";
import type { Logger } from "../plugin-api/index.ts";
import { note } from "./output.ts";

/** Options that every command which loads plugins has. */
export interface CommonOptions {
  readonly config?: string;
  readonly plugins?: readonly string[];
  readonly demo?: boolean;
  readonly shippedOnly?: boolean;
}

/** What a command wants otherwise than a server. */
export interface AppWishes {
  readonly logLevel?: LogThreshold;
  readonly writeLog?: (line: string) => void;
  /** Answers come whole, however long: whoever reads them reads a terminal or a file. */
  readonly wholeAnswers?: boolean;
  /** Every plugin is loaded at once. */
  readonly eager?: boolean;
}

/** Loads configuration and plugins. Commands that print for a person keep the log down to warnings. */
export async function openApp(
  options: CommonOptions,
  { logLevel, writeLog, wholeAnswers, eager }: AppWishes = {},
): Promise<App> {
  const loaded = findConfig(options.config);
  return App.start({
    ...(writeLog && { writeLog }),
    onLog: surviveLateErrors,
    loaded: wholeAnswers ? withoutBudget(loaded) : loaded,
    ...(options.plugins && { plugins: options.plugins }),
    ...(options.shippedOnly && { shippedOnly: true }),
    ...(options.demo !== undefined && { demo: options.demo }),
    // The log of a server says which plugin has printed; whoever sits at a terminal wants the line.
    ...(logLevel && { logLevel, onPrint: note }),
    ...(eager && { eager }),
  });
}

function withoutBudget(loaded: LoadedConfig): LoadedConfig {
  const { config } = loaded;
  const most = Number.MAX_SAFE_INTEGER;
  const limits = { ...config.server.limits, maxResultChars: most, maxMessageBytes: most };
  return { ...loaded, config: { ...config, server: { ...config.server, limits } } };
}

/** A plugin in this process may throw from a timer long after its call: that must not end everybody else's work. */
function surviveLateErrors(log: Logger): void {
  const survive = (kind: string) => (error: unknown) =>
    log.error(kind, { reason: detailOf(error) });
  process.on("uncaughtException", survive("uncaught exception"));
  process.on("unhandledRejection", survive("unhandled rejection"));
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
  return defaultConfig(env);
}
