import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Client } from "@modelcontextprotocol/client";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, vi } from "vitest";
import { AgentFlowApp, defaultConfig, loadConfig } from "../../dist/src/index.js";
import { connectInProcess } from "../helpers/in-process.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

/** A folder with good plugins of every kind. */
export const PLUGINS = fileURLToPath(new URL("../fixtures/plugins/", import.meta.url));

/** The built-in that is on by default, off. */
export const NO_AWS = { "aws-operations": { enabled: false } };

export interface StartOptions {
  /** Text of `mcp.config.json`, written into the folder. */
  readonly config?: object;
  readonly folder?: string;
  /** As `--plugins`. */
  readonly plugins?: readonly string[];
  readonly home?: string;
  /** How long it runs: to the end of the test, or of the file. Default: the test. */
  readonly until?: Until;
}

type Record = AgentFlowApp["host"]["catalogue"]["plugins"][number];

export interface Started {
  readonly app: AgentFlowApp;
  readonly tools: readonly string[];
  readonly log: readonly string[];
  /** The plugins that were found, without built-ins that nobody named. */
  readonly plugins: readonly Record[];
  readonly plugin: (id: string) => Record;
  readonly connect: () => Promise<Client>;
  /** The text of a tool's answer. */
  readonly call: (tool: string, args?: object) => Promise<string>;
}

type Until = "test" | "file";
type Close = () => Promise<void>;

const open: { readonly [U in Until]: Close[] } = { test: [], file: [] };

async function closeAll(until: Until): Promise<void> {
  for (const close of open[until].splice(0).toReversed()) await close();
}

afterEach(async () => {
  await closeAll("test");
  vi.unstubAllEnvs();
});

afterAll(() => closeAll("file"));

/** The built host with what it finds, in this process; every plugin has been loaded or has failed. */
export async function start(options: StartOptions = {}): Promise<Started> {
  const home = options.home ?? tempFolder();
  vi.stubEnv("HOME", home);
  vi.stubEnv("USERPROFILE", home);
  const log: string[] = [];
  const app = await AgentFlowApp.start({
    loaded: loadedConfig(options),
    ...(options.plugins && { plugins: options.plugins }),
    writeLog: (line) => log.push(line),
  });
  const { until = "test" } = options;
  open[until].push(() => app.stop());
  await app.host.settled();
  const { catalogue } = app.host;
  const plugin = (id: string): Record => {
    const found = catalogue.plugins.find((record) => record.id === id);
    if (found === undefined) throw new Error(`no plugin '${id}' was found`);
    return found;
  };
  const connect = (): Promise<Client> => connectTo(app, until);
  return {
    app,
    log,
    tools: [...catalogue.tools.keys()],
    plugins: catalogue.plugins.filter(
      ({ origin, state }) => origin !== "builtin" || state !== "disabled",
    ),
    plugin,
    connect,
    call: async (tool, args = {}) => textOf(await callWith(await connect(), tool, args)),
  };
}

function loadedConfig({ config, folder }: StartOptions): ReturnType<typeof loadConfig> {
  if (config === undefined) return defaultConfig({});
  const file = join(folder ?? tempFolder(), "mcp.config.json");
  writeFileSync(file, JSON.stringify(config));
  return loadConfig(file, {});
}

async function connectTo(app: AgentFlowApp, until: Until): Promise<Client> {
  const handler = createMcpHandler(app.createServer);
  const client = await connectInProcess(handler);
  open[until].push(async () => {
    await client.close();
    await handler.close();
  });
  return client;
}

type Result = Awaited<ReturnType<Client["callTool"]>>;

export function callWith(client: Client, name: string, args: object): Promise<Result> {
  return client.callTool({ name, arguments: { ...args } });
}

export function textOf(result: Result): string {
  return result.content.map((block) => (block.type === "text" ? block.text : block.type)).join("");
}
