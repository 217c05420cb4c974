import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serveBare } from "../helpers/bare-server.ts";
import { Journal } from "../helpers/journal.ts";
import { JSON_HEADERS } from "../helpers/raw-http.ts";
import { ENVELOPE, ERAS } from "../helpers/raw-stdio.ts";

/** For a change of tools and resources, one of prompts, and one of a resource. */
const NOTES = [
  "notifications/tools/list_changed",
  "notifications/resources/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/updated",
];
const LISTEN = {
  jsonrpc: "2.0",
  id: "listen",
  method: "subscriptions/listen",
  params: {
    notifications: {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      resourceSubscriptions: ["test://mine"],
    },
    _meta: ENVELOPE,
  },
};

function changesIn(text: string): readonly string[] {
  return [
    ...text.matchAll(/"method":"(notifications\/(?:\w+\/list_changed|resources\/updated))"/gu),
  ].map(([, name = ""]) => name);
}

test("a listener of 2026-07-28 over HTTP hears of each change once, and of its resources alone", async () => {
  const server = await serveBare();
  const response = await fetch(server.url, {
    method: "POST",
    headers: {
      ...JSON_HEADERS,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify(LISTEN),
  });
  const reader = response.body?.getReader();
  await reader?.read();
  server.serving.notifyChanged(new Set(["tools", "resources"]));
  server.serving.notifyChanged(new Set(["prompts"]));
  server.serving.notifyResourceUpdated("test://other");
  server.serving.notifyResourceUpdated("test://mine");
  const stopped = server.serving.stop();
  let text = "";
  for (;;) {
    const { done, value } = (await reader?.read().catch(() => undefined)) ?? { done: true };
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  await stopped;
  expect(changesIn(text)).toEqual(NOTES);
});

/** A server on stdio whose lists change whenever somebody sends it SIGUSR2. */
const PROGRAM = `
import { serveStdio } from ${JSON.stringify(
  pathToFileURL(join(import.meta.dirname, "../../dist/src/transports/stdio.js")).href,
)};
import { McpServer } from "@modelcontextprotocol/server";
const log = { debug() {}, info() {}, warn() {}, error() {} };
const createServer = () => {
  const mcp = new McpServer({ name: "bare", version: "1.0.0" });
  const listChanged = true;
  mcp.server.registerCapabilities({
    tools: { listChanged },
    prompts: { listChanged },
    resources: { listChanged, subscribe: true },
  });
  mcp.isSubscribed = (uri) => uri === "test://mine";
  return mcp;
};
const serving = serveStdio({ createServer, log, maxMessageBytes: 100000, drainMs: 1000 });
process.on("SIGUSR2", () => {
  serving.notifyChanged(new Set(["tools", "resources"]));
  serving.notifyChanged(new Set(["prompts"]));
  serving.notifyResourceUpdated("test://other");
  serving.notifyResourceUpdated("test://mine");
  console.error("told");
});
console.error("ready");
`;

test.skipIf(process.platform === "win32").each(ERAS)(
  "a client of %s on stdio hears of each change once, and of its resources alone",
  async (era) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
      cwd: join(import.meta.dirname, "../.."),
    });
    try {
      const out = new Journal();
      const log = new Journal();
      out.follow(child.stdout);
      log.follow(child.stderr);
      const say = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
      await log.line(/ready/u);
      // The discovery that negotiating clients begin with must not make a second listener.
      say({ jsonrpc: "2.0", id: 1, method: "server/discover", params: { _meta: ENVELOPE } });
      await out.entry({ id: 1 });
      if (era === "2026-07-28") {
        say(LISTEN);
        await out.line(/subscriptions\/acknowledged/u);
      } else {
        const clientInfo = { name: "raw", version: "1.0.0" };
        const params = { protocolVersion: era, capabilities: {}, clientInfo };
        say({ jsonrpc: "2.0", id: 2, method: "initialize", params });
        await out.entry({ id: 2 });
        say({ jsonrpc: "2.0", method: "notifications/initialized" });
        say({ jsonrpc: "2.0", id: 3, method: "ping" });
        await out.entry({ id: 3 });
      }
      child.kill("SIGUSR2");
      await log.line(/told/u);
      await out.line(/resources\/updated/u);
      expect(changesIn(out.text)).toEqual(NOTES);
      expect(out.text).not.toContain("test://other");
    } finally {
      child.kill("SIGKILL");
    }
  },
);
