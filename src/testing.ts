import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { createLogger } from "./base/logger.ts";
import type { PluginPort } from "./base/port.ts";
import { Redactor } from "./base/redact.ts";
import { checkConfig } from "./config/load.ts";
import { Host } from "./host/host.ts";
import { readPackageInfo } from "./host/package-info.ts";
import type { AgentPlugin, CreatePlugin } from "./plugin-api/index.ts";
import type { PluginSource } from "./runtime/inline-port.ts";
import { tellChanges } from "./surface/changes.ts";
import { PluginServer } from "./surface/mcp-server.ts";
import { resultPages } from "./surface/read-kept-result.ts";
import { StateSealer } from "./surface/sealed-state.ts";
import { publishChanged } from "./transports/change-notes.ts";

export type TestPlugin = AgentPlugin | CreatePlugin | Readonly<Record<string, unknown>>;

export interface TestHostOptions {
  /** Plugins by id: what a module would export (a `definePlugin({…})`, a `createPlugin` function, or all exports). */
  readonly plugins: Readonly<Record<string, TestPlugin>>;
  /** As in `mcp.config.json`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Start even if a plugin fails. Default false: a test should hear of it. */
  readonly allowFailures?: boolean;
  /** Protocol revision that the client speaks. Default `2026-07-28`; `2025-11-25` is the era before. */
  readonly protocol?: "2026-07-28" | "2025-11-25";
  /** How the host reaches a plugin's code. Default: directly. */
  readonly openPort?: (source: PluginSource) => PluginPort;
}

export interface TestHost {
  /** A real MCP client, connected. */
  readonly client: Client;
  readonly host: Host;
  /** Log lines so far, parsed. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  /** Another client of the same host. */
  connect(): Promise<Client>;
  close(): Promise<void>;
}

/** A host in this process with a real client on it, for authors' tests: everything but the sockets is what users get. */
export async function createTestHost(options: TestHostOptions): Promise<TestHost> {
  const { version } = readPackageInfo();
  const logs: Record<string, unknown>[] = [];
  const redactor = new Redactor();
  const config = checkConfig(options.config ?? {});
  redactor.addFrom(config.plugins);
  const host = await Host.start({
    candidates: Object.entries(options.plugins).map(([id, plugin]) => ({
      id,
      path: `test:${id}`,
      origin: "program",
      found: { kind: "object", module: asModule(plugin) },
      byDefault: true,
    })),
    config,
    hostVersion: version,
    redactor,
    log: createLogger({
      level: "debug",
      redactor,
      write: (line) => logs.push(JSON.parse(line) as Record<string, unknown>),
    }),
    ...(options.openPort && { openPort: options.openPort }),
  });
  const surface = {
    name: config.server.name,
    version,
    pageSize: config.server.limits.maxListItems,
    resultPages: resultPages(config.server.limits),
    sealer: new StateSealer(undefined),
  };
  const broken = host.catalogue.plugins.filter(({ state }) => state === "failed");
  if (broken.length > 0 && !options.allowFailures) {
    await host.stop(0);
    throw new Error(
      broken.map(({ id, reason }) => `Plugin '${id}' failed: ${reason ?? ""}`).join("\n"),
    );
  }
  const handler = createMcpHandler(() => new PluginServer(host, surface));
  tellChanges(host, {
    listsChanged: (lists) => publishChanged(handler, lists),
    resourceUpdated: (uri) => handler.notify.resourceUpdated(uri),
  });
  const clients: Client[] = [];
  const connect = async (): Promise<Client> => {
    const client = new Client(
      { name: "agentflow-testing", version },
      negotiation(options.protocol),
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), {
        fetch: (url, init) => handler.fetch(new Request(url, init)),
      }),
    );
    clients.push(client);
    return client;
  };
  const close = async (): Promise<void> => {
    await Promise.allSettled(clients.map((client) => client.close()));
    await host.stop(0);
    await handler.close();
  };
  return { client: await connect(), host, logs, connect, close };
}

function asModule(plugin: TestPlugin): Readonly<Record<string, unknown>> {
  return typeof plugin === "function" || "getPluginInfo" in plugin ? { default: plugin } : plugin;
}

function negotiation(
  protocol: TestHostOptions["protocol"],
): ConstructorParameters<typeof Client>[1] {
  if (protocol === "2025-11-25") return {};
  return { versionNegotiation: { mode: { pin: "2026-07-28" } } };
}
