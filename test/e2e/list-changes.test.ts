import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { until } from "../helpers/bare-server.ts";
import { cliCommand, cliEnv } from "../helpers/cli.ts";
import { startHttpServer } from "../helpers/http-server.ts";
import { ERAS, type Era } from "../helpers/raw-stdio.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const CONFIG = fileURLToPath(new URL("../fixtures/changing/mcp.config.json", import.meta.url));
const LISTS = ["tools", "prompts", "resources"] as const;
/** A resource that every client here has subscribed to. */
const WATCHED = "agentflow://plugins/slow-to-fail";

type Listening = AsyncDisposable & {
  /** The lists and resources of which a note has come, in that order. */
  readonly heard: readonly string[];
  call(name: string, args?: Record<string, unknown>): Promise<void>;
};

/** A client that listens for all changes of a server of its own. */
async function listen(transport: "stdio" | "HTTP", era: Era): Promise<Listening> {
  const server = transport === "HTTP" ? await startHttpServer({ config: CONFIG }) : undefined;
  const heard: string[] = [];
  const client = new Client(
    { name: "listening", version: "1.0.0" },
    era === "2026-07-28" ? { versionNegotiation: { mode: { pin: era } } } : {},
  );
  for (const list of LISTS) {
    client.setNotificationHandler(`notifications/${list}/list_changed`, () => {
      heard.push(list);
    });
  }
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    heard.push(params.uri);
  });
  const command = { ...cliCommand(["serve", "--config", CONFIG]), env: cliEnv() };
  await client.connect(
    server === undefined
      ? new StdioClientTransport({ ...command, cwd: tempFolder(), stderr: "ignore" })
      : new StreamableHTTPClientTransport(server.url),
  );
  if (era === "2026-07-28") {
    await client.listen({
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      resourceSubscriptions: [WATCHED],
    });
  } else {
    await client.subscribeResource({ uri: WATCHED });
  }
  return {
    heard,
    call: async (name, args = {}) => {
      const { isError, content } = await client.callTool({ name, arguments: args });
      if (isError === true) throw new Error(JSON.stringify(content));
    },
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server?.cli.dispose();
    },
  };
}

/** What changes at once, and the lists in which clients see it. */
const CHANGES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["tool"], ["tools"]],
  [["prompt"], ["prompts"]],
  [["resource"], ["resources"]],
  [["template"], ["resources"]],
  [["category"], ["resources"]],
  [["description"], ["resources"]],
  [
    ["prompt", "tool"],
    ["tools", "prompts"],
  ],
  [["category", "resource"], ["resources"]],
  // What no list shows.
  [[], []],
  [["timeout"], []],
  [["text"], []],
  [["content"], []],
  [["examples"], []],
];

describe.each(["stdio", "HTTP"] as const)("over %s", (transport) => {
  describe.each(ERAS)("a client of %s", (era) => {
    test("hears once of each list that a change shows in, and of no other", async () => {
      await using client = await listen(transport, era);
      // What waits in its loading would change things by itself, in the end.
      await client.call("settle");
      await until(() => client.heard.includes(WATCHED));
      const expected = [...client.heard];
      for (const [parts, lists] of CHANGES) {
        await client.call("change", { parts });
        expected.push(...lists);
        await until(() => client.heard.length >= expected.length);
        // One more change, in whose wake anything too much would have come.
        await client.call("change", { parts: ["prompt"] });
        expected.push("prompts");
        await until(() => client.heard.length >= expected.length);
        expect(client.heard).toEqual(expected);
      }
    });

    test("hears that tools are gone with a plugin that fails while loading, and nothing of one that succeeds", async () => {
      await using client = await listen(transport, era);
      await client.call("settle");
      await until(() => client.heard.includes(WATCHED));
      await client.call("change", { parts: ["prompt"] });
      await until(() => client.heard.includes("prompts"));
      expect(client.heard).toEqual(["tools", WATCHED, "prompts"]);
    });
  });
});
