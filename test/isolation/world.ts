import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { afterEach, expect, vi } from "vitest";
import { App } from "../../src/app.ts";
import { loadConfig } from "../../src/config/load.ts";
import { readPackageInfo } from "../../src/host/package-info.ts";
import { publishChanged } from "../../src/transports/change-notes.ts";
import { tellChanges } from "../../src/surface/changes.ts";
import { connectInProcess } from "../helpers/in-process.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

/** Longer than the slowest machine needs; only a test that fails waits this long. */
const PATIENCE = { timeout: 25_000, interval: 20 };

export interface WorldOptions {
  /** Source of each plugin by id, as the file `plugins/<id>.mjs`. */
  readonly plugins?: Readonly<Record<string, string>>;
  /** Settings of each plugin by id. */
  readonly settings?: Readonly<Record<string, object>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Loads plugins at once. */
  readonly eager?: boolean;
  /** Where the plugins and the server's data are. Default: a new folder. */
  readonly folder?: string;
  /** Keys of `server`. */
  readonly server?: object;
  /** Keys of `storage`. */
  readonly storage?: object;
}

interface Answer {
  readonly text: string;
  readonly data: unknown;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly jobId?: string;
}

type Call = (
  name: string,
  args?: object,
  options?: Parameters<Client["callTool"]>[1],
) => Promise<Answer>;

type PluginRecord = App["host"]["catalogue"]["plugins"][number];

export interface World {
  readonly app: App;
  readonly client: Client;
  readonly folder: string;
  /** Log lines so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly call: Call;
  tools(): Promise<readonly string[]>;
  /** What the plugin's own resource says of it. */
  plugin(id: string): Promise<Readonly<Record<string, unknown>>>;
  /** What the host knows of it. */
  record(id: string): PluginRecord;
  stop(): Promise<void>;
}

const open: World[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.stop();
  vi.restoreAllMocks();
});

/** A folder for a world, with an empty journal. */
export function worldFolder(): string {
  return tempFolder({ journal: "" });
}

/** What plugins have written down, each in one line: whoever dies right after has still said it. */
export function journal(folder: string): readonly string[] {
  return readFileSync(join(folder, "journal"), "utf8").split("\n").filter(Boolean);
}

/** The first line of the journal that fits, as soon as there is one. */
export async function written(folder: string, line: RegExp): Promise<string> {
  let found: string | undefined;
  await vi.waitFor(() => {
    found = journal(folder).find((text) => line.test(text));
    expect(found, journal(folder).join("; ")).toBeDefined();
  }, PATIENCE);
  return found ?? "";
}

export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, PATIENCE);
}

/** A plugin that writes down what becomes of it, with these tools and whatever else. */
export function plugin(
  folder: string,
  name: string,
  tools: string,
  more = "",
  before = "",
): string {
  return `import { appendFileSync, writeSync } from "node:fs";
const note = (text) => appendFileSync(${JSON.stringify(join(folder, "journal"))}, text + " " + process.pid + "\\n");
note("import ${name}");
const tool = (handler, more) => ({ description: "A tool.", inputSchema: { type: "object" }, handler, ...more });
const reading = { annotations: { readOnlyHint: true } };
const forever = () => new Promise(() => setInterval(() => {}, 1_000));
${before}
export default {
  getPluginInfo: () => ({ name: "${name}", version: "1.0.0" }),
  getToolsConfig: () => (${tools === "" ? "{}" : tools}),
  onPluginLoad: () => note("load ${name}"),
  onPluginUnload: () => note("unload ${name}"),
  ${more}
};`;
}

/** The host from source with these plugins in processes, and a real client on it. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const {
    folder = worldFolder(),
    plugins = {},
    settings = {},
    server = {},
    storage = {},
    env = {},
  } = options;
  const home = tempFolder();
  const config = join(folder, "host", "mcp.config.json");
  write(
    config,
    JSON.stringify({
      server: { dataDirectory: join(folder, "data"), ...server },
      storage,
      plugins: { "aws-operations": { enabled: false }, ...settings },
    }),
  );
  installHost(join(folder, "host/node_modules"));
  for (const [id, source] of Object.entries(plugins)) {
    write(join(folder, "host/plugins", `${id}.mjs`), source);
  }
  const log: Record<string, unknown>[] = [];
  const app = await App.start({
    loaded: loadConfig(config, { PATH: process.env["PATH"], HOME: home, ...env }),
    eager: options.eager ?? false,
    logLevel: "debug",
    writeLog: (line) => log.push(JSON.parse(line) as Record<string, unknown>),
  });
  const handler = createMcpHandler(app.createServer);
  tellChanges(app.host, {
    listsChanged: (lists) => publishChanged(handler, lists),
    resourceUpdated: (uri) => handler.notify.resourceUpdated(uri),
  });
  await app.host.settled();
  const client = await connectInProcess(handler);
  let stopped: Promise<void> | undefined;
  const world: World = {
    app,
    client,
    folder,
    log,
    call: async (name, args = {}, callOptions) =>
      asAnswer(await client.callTool({ name, arguments: { ...args } }, callOptions)),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    plugin: async (id) => {
      const { contents } = await client.readResource({ uri: `agentflow://plugins/${id}` });
      const [content] = contents;
      return JSON.parse(content && "text" in content ? content.text : "") as Record<
        string,
        unknown
      >;
    },
    record: (id) => {
      const found = app.host.catalogue.plugins.find((record) => record.id === id);
      if (found === undefined) throw new Error(`no plugin '${id}' was found`);
      return found;
    },
    stop: () => (stopped ??= closeAll(client, app, handler)),
  };
  open.push(world);
  return world;
}

/** As in a project that has the host beside its plugins: from source, the host could not make up for that on Node 20. */
function installHost(modules: string): void {
  if (existsSync(modules)) return;
  mkdirSync(modules, { recursive: true });
  const { root } = readPackageInfo();
  symlinkSync(root, join(modules, "agentflow-mcp"), "junction");
  symlinkSync(join(root, "node_modules/zod"), join(modules, "zod"), "junction");
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function closeAll(
  client: Client,
  app: App,
  handler: ReturnType<typeof createMcpHandler>,
): Promise<void> {
  await client.close();
  await app.stop(0);
  await handler.close();
}

function asAnswer(result: Awaited<ReturnType<Client["callTool"]>>): Answer {
  const text = result.content
    .map((block) => (block.type === "text" ? block.text : block.type))
    .join("");
  const { data } = (result.structuredContent ?? {}) as { readonly data?: unknown };
  const error = result._meta?.["agentflow/error"] as Omit<Answer, "text" | "data"> | undefined;
  return { text, data, ...error };
}

/** Moves the clock by which the host measures time. */
export function passMinutes(minutes: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + minutes * 60_000);
}
