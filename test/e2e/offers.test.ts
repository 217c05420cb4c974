import type { Client as ClientV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { cliCommand, cliEnv } from "../helpers/cli.ts";
import {
  CLIENT_KINDS,
  createClient,
  type ClientKind,
  type FormSchema,
} from "../helpers/clients.ts";
import { RawStdio } from "../helpers/raw-stdio.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const OFFERS = fileURLToPath(new URL("../fixtures/conformance/", import.meta.url));
/** What the user says to each form, by the field that it asks for. */
function fillIn({ properties }: FormSchema): Record<string, string | boolean> {
  const answers: Readonly<Record<string, string>> = { name: "Ada", color: "green" };
  return Object.fromEntries(
    Object.entries(properties).map(([key, { type }]) => [
      key,
      type === "boolean" ? true : (answers[key] ?? "yes"),
    ]),
  );
}

function configFile(): string {
  const config = {
    server: { limits: { maxListItems: 2 } },
    pluginDirectories: [OFFERS],
    plugins: { "aws-operations": { enabled: false } },
  };
  const folder = tempFolder({ "mcp.config.json": JSON.stringify(config) });
  return join(folder, "mcp.config.json");
}

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

async function connect(kind: ClientKind): Promise<ClientV1 | ClientV2> {
  const client = createClient(kind, fillIn);
  const parameters = {
    ...cliCommand(["serve", "--config", configFile()]),
    env: cliEnv(),
    stderr: "ignore" as const,
  };
  close = () => client.close();
  if (client instanceof ClientV1) await client.connect(new StdioV1(parameters));
  else await client.connect(new StdioV2(parameters));
  return client;
}

type Result = { readonly content: readonly { readonly text?: string }[] };

async function call(client: ClientV1 | ClientV2, name: string): Promise<string | undefined> {
  const result = (await client.callTool({ name, arguments: {} })) as unknown as Result;
  return result.content[0]?.text;
}

describe.each(CLIENT_KINDS)("a client of the %s", (kind) => {
  test("is asked what a tool wants to know, and gets the tool's answer", async () => {
    const client = await connect(kind);
    expect(await call(client, "test_input_required_result_elicitation")).toBe("Hello, Ada!");
    expect(await call(client, "test_input_required_result_multi_round")).toBe(
      "Multi-round complete: Ada likes green",
    );
    expect(await call(client, "test_input_required_result_request_state")).toBe("state-ok: kept");
  });

  test("reads resources and what a template stands for", async () => {
    const client = await connect(kind);
    const text = await client.readResource({ uri: "test://static-text" });
    expect(text.contents).toMatchObject([
      { mimeType: "text/plain", text: "This is the content of the static text resource." },
    ]);
    const { contents } = await client.readResource({ uri: "test://template/7/data" });
    expect(contents).toMatchObject([
      { uri: "test://template/7/data", text: expect.stringContaining('"id":"7"') as string },
    ]);
    await expect(client.readResource({ uri: "test://nothing" })).rejects.toThrow(/test:\/\//u);
  });

  test("gets values suggested for arguments of prompts and of templates", async () => {
    const client = await connect(kind);
    const values = async (
      ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string },
      name: string,
      value: string,
    ): Promise<readonly string[]> =>
      (await client.complete({ ref, argument: { name, value } })).completion.values;
    const prompt = { type: "ref/prompt", name: "test_prompt_with_arguments" } as const;
    expect(await values(prompt, "arg1", "par")).toEqual(["paris", "park", "party"]);
    expect(await values(prompt, "arg1", "park")).toEqual(["park"]);
    expect(await values(prompt, "arg2", "so")).toEqual(["so!"]);
    const template = { type: "ref/resource", uri: "test://template/{id}/data" } as const;
    expect(await values(template, "id", "12")).toEqual(["12", "123"]);
  });
});

describe.each(["2025-11-25", "2026-07-28"] as const)("by the revision %s", (era) => {
  test.each([
    ["tools/list", "tools", "name"],
    ["prompts/list", "prompts", "name"],
    ["resources/list", "resources", "uri"],
  ])("%s comes in pages of two that make up the whole list", async (method, field, key) => {
    await using server = await RawStdio.open(era, configFile());
    const seen: unknown[] = [];
    let cursor: unknown;
    do {
      const id = `page ${seen.length}`;
      server.request(id, method, cursor === undefined ? {} : { cursor });
      const { result = {} } = await server.reply(id);
      const page = result[field] as readonly Record<string, unknown>[];
      expect(page.length).toBeGreaterThan(0);
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page.map((item) => item[key]));
      cursor = result["nextCursor"];
    } while (cursor !== undefined);
    expect(seen.length).toBeGreaterThan(2);
    expect(new Set(seen).size).toBe(seen.length);
    server.request("astray", method, { cursor: "no cursor of ours" });
    expect((await server.reply("astray")).error).toMatchObject({ code: -32_602 });
  });
});

test("a subscriber over stdio hears of its resource, and of no other", async () => {
  const folder = tempFolder({
    "mcp.config.json": JSON.stringify({ plugins: { "aws-operations": { enabled: false } } }),
    "plugins/watched.mjs": `let context;
const tool = (handler) => ({ description: "Works.", inputSchema: { type: "object" }, handler });
export default {
  getPluginInfo: () => ({ name: "watched", version: "1.0.0" }),
  getResources: () => ({
    "test://one": { name: "one", read: () => "1" },
    "test://two": { name: "two", read: () => "2" },
  }),
  getToolsConfig: () => ({
    touch: tool(({ uri }) => {
      context.resourceUpdated(uri);
      return "touched";
    }),
  }),
  onPluginLoad: (given) => {
    context = given;
  },
};`,
  });
  await using server = await RawStdio.open("2025-11-25", join(folder, "mcp.config.json"));
  const heard = (): readonly unknown[] =>
    server
      .messages()
      .filter(({ method }) => method === "notifications/resources/updated")
      .map(({ params }) => params?.["uri"]);
  const touch = async (id: string, uri: string): Promise<void> => {
    server.callTool(id, "touch", { uri });
    expect(await server.answer(id)).toBe("touched");
  };
  server.request("subscribe", "resources/subscribe", { uri: "test://one" });
  expect((await server.reply("subscribe")).error).toBeUndefined();
  await touch("other", "test://two");
  await touch("own", "test://one");
  await expect.poll(heard).toEqual(["test://one"]);
  server.request("unsubscribe", "resources/unsubscribe", { uri: "test://one" });
  expect((await server.reply("unsubscribe")).error).toBeUndefined();
  await touch("after", "test://one");
  await touch("later", "test://two");
  expect(heard()).toEqual(["test://one"]);
});

test("a connection subscribes to 1,000 resources, and to more when it has let some go", async () => {
  await using server = await RawStdio.open("2025-11-25", configFile());
  const ask = async (what: "subscribe" | "unsubscribe", number: number): Promise<unknown> => {
    const id = `${what} ${number}`;
    const uri = `test://template/${number}/data`;
    server.request(id, `resources/${what}`, { uri });
    return (await server.reply(id)).error;
  };
  const first = await Promise.all(Array.from({ length: 1_000 }, (_, n) => ask("subscribe", n)));
  expect(first.filter((error) => error !== undefined)).toEqual([]);
  expect(await ask("subscribe", 1_000)).toMatchObject({
    code: -32_602,
    message: expect.stringMatching(/1000 resources.*resources\/unsubscribe/u) as string,
  });
  expect(await ask("subscribe", 0)).toBeUndefined();
  expect(await ask("unsubscribe", 0)).toBeUndefined();
  expect(await ask("subscribe", 1_001)).toBeUndefined();
});
