import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { ClientCapabilities } from "@modelcontextprotocol/client";
import { afterEach, expect, vi } from "vitest";
import { AgentFlowApp, loadConfig } from "../../dist/src/index.js";
import { isAlive } from "../helpers/is-alive.ts";
import type { RawStdio } from "../helpers/raw-stdio.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const BARE = fileURLToPath(new URL("../fixtures/upstream/bare-server.mjs", import.meta.url));

export type Era = "2025-11-25" | "2026-07-28";
export const ERAS: readonly Era[] = ["2025-11-25", "2026-07-28"];

export interface BareOptions {
  readonly delayMs?: number;
  readonly onDiscover?: "refuse" | "exit" | "ignore";
  readonly capabilities?: object;
  readonly initialize?: object;
  readonly tools?: readonly unknown[];
  readonly hugeTool?: number;
  readonly pageOf?: number;
  readonly ignoresStdinEnd?: boolean;
  readonly ignoresSigterm?: boolean;
  readonly startsChild?: boolean;
  readonly nullLists?: string;
  readonly toolsFrom?: string;
  readonly flag?: string;
  readonly dieOnce?: string;
  readonly journal?: string;
}

/** The configuration of a server by hand. */
export function bare(options: BareOptions = {}, more: object = {}): object {
  return {
    type: "mcp_server",
    command: process.execPath,
    args: [BARE, JSON.stringify(options)],
    ...more,
  };
}

type PluginRecord = AgentFlowApp["host"]["catalogue"]["plugins"][number];
export type ToolResult = Awaited<ReturnType<Client["callTool"]>>;

export interface HostOptions {
  /** Other keys of the configuration. */
  readonly config?: object;
  /** What `${…}` in the configuration and child processes get. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files beside the configuration. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether to wait until every server has been reached or has had its time. Default true. */
  readonly settle?: boolean;
  /** Whether it outlives the test, to be stopped by whoever started it. */
  readonly keep?: boolean;
}

export interface TestHost {
  readonly app: AgentFlowApp;
  readonly url: URL;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  plugin(id: string): PluginRecord;
  /** Public names. */
  tools(): readonly string[];
  /** A real client over HTTP. */
  connect(
    era?: Era,
    prepare?: (client: Client) => void,
    capabilities?: ClientCapabilities,
  ): Promise<Client>;
  stop(): Promise<void>;
}

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** Ends what a test has opened, whatever becomes of the test. */
export function atEnd(close: () => Promise<void>): void {
  open.push(close);
}

/** The built host with these servers and nothing else, serving over HTTP. */
export async function startHost(
  servers: Readonly<Record<string, object>>,
  { config = {}, env = {}, files = {}, settle = true, keep = false }: HostOptions = {},
): Promise<TestHost> {
  const home = tempFolder();
  vi.stubEnv("HOME", home);
  vi.stubEnv("USERPROFILE", home);
  const file = join(tempFolder(files), "mcp.config.json");
  const plugins = { "aws-operations": { enabled: false }, ...servers };
  writeFileSync(file, JSON.stringify({ ...config, plugins }));
  const lines: string[] = [];
  const app = await AgentFlowApp.start({
    loaded: loadConfig(file, { PATH: process.env["PATH"], ...env }),
    logLevel: "debug",
    writeLog: (line) => lines.push(line),
  });
  if (!keep) atEnd(() => app.stop(0));
  if (settle) await app.host.settled();
  const { url } = await app.serveHttp({ port: 0 });
  return {
    app,
    url: new URL(url),
    get log() {
      return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    },
    plugin: (id) => {
      const found = app.host.catalogue.plugins.find((record) => record.id === id);
      if (found === undefined) throw new Error(`There is no plugin '${id}'`);
      return found;
    },
    tools: () => [...app.host.catalogue.tools.keys()],
    connect: (era = "2026-07-28", prepare, capabilities) =>
      connectTo(new URL(url), era, prepare, capabilities),
    stop: () => app.stop(0),
  };
}

async function connectTo(
  url: URL,
  era: Era,
  prepare?: (client: Client) => void,
  capabilities?: ClientCapabilities,
): Promise<Client> {
  const mode = era === "2026-07-28" ? { pin: era } : "legacy";
  const client = new Client(
    { name: "test", version: "1.0.0" },
    { versionNegotiation: { mode }, ...(capabilities && { capabilities }) },
  );
  prepare?.(client);
  await client.connect(new StreamableHTTPClientTransport(url));
  atEnd(() => client.close());
  return client;
}

export function call(client: Client, name: string, args: object = {}): Promise<ToolResult> {
  return client.callTool({ name, arguments: { ...args } });
}

export function textOf({ content }: ToolResult): string {
  return content.map((block) => (block.type === "text" ? block.text : block.type)).join("");
}

/** The code of a call that failed. */
export function codeOf(result: ToolResult): unknown {
  return (result._meta?.["agentflow/error"] as { readonly code?: unknown } | undefined)?.code;
}

/** Waits until it is so; only a test that fails waits long. */
export function eventually(check: () => unknown): Promise<void> {
  return vi.waitFor(async () => void (await check()), { timeout: 20_000, interval: 20 });
}

export function readJournal(file: string): readonly unknown[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as unknown);
  } catch {
    return [];
  }
}

/** The pids that servers have left in a journal. */
export function pidsIn(file: string): readonly number[] {
  return readJournal(file).flatMap((entry) => {
    const { started, child } = Object(entry) as {
      readonly started?: number;
      readonly child?: number;
    };
    return [started, child].filter((pid) => pid !== undefined);
  });
}

export async function expectGone(pids: readonly number[]): Promise<void> {
  expect(pids.length).toBeGreaterThan(0);
  await eventually(() => expect(pids.filter(isAlive)).toEqual([]));
}

/** How often a client has been told that the tools have changed, from now on. */
export async function countToolChanges(client: Client): Promise<() => number> {
  let count = 0;
  client.setNotificationHandler("notifications/tools/list_changed", () => void count++);
  await client.listen({ toolsListChanged: true });
  return () => count;
}

/** Waits until a list of the host holds this. */
export function untilListed(host: RawStdio, method: string, name: string): Promise<void> {
  let round = 0;
  return eventually(async () => {
    const id = `${method} ${round++}`;
    host.request(id, method);
    expect(JSON.stringify((await host.reply(id)).result)).toContain(`"${name}"`);
  });
}

/** How often a server by hand has been started. */
export function startsIn(journal: string): number {
  return readJournal(journal).filter((entry) => "started" in Object(entry)).length;
}

/** What the host's own resource says of a plugin. */
export async function readPlugin(
  client: Client,
  id: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { contents } = await client.readResource({ uri: `agentflow://plugins/${id}` });
  return JSON.parse((contents[0] as { readonly text: string }).text) as Readonly<
    Record<string, unknown>
  >;
}
