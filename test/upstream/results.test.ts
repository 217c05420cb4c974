import { rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { Client } from "@modelcontextprotocol/client";
import { beforeAll, describe, expect, test } from "vitest";
import { tempFile } from "./files.ts";
import { bare, call, codeOf, ERAS, eventually, startHost, textOf, type TestHost } from "./host.ts";
import { startSessionsHttp } from "./http-servers.ts";

const meta = (result: { readonly _meta?: object | undefined }): object => {
  const { "io.modelcontextprotocol/serverInfo": _server, ...rest } = (result._meta ?? {}) as Record<
    string,
    unknown
  >;
  return rest;
};

describe.each(ERAS)("what a server answers, for a client of %s", (era) => {
  const connect = async (): Promise<{ host: TestHost; client: Client }> => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect(era);
    // Clients check structured content against the schemas that they have been shown.
    await client.listTools();
    return { host, client };
  };

  test("comes out as it was given: content, structured content, errors and _meta", async () => {
    const { client } = await connect();
    const structured = await call(client, "structured", { n: 3 });
    expect(structured).toMatchObject({
      content: [{ type: "text", text: "3" }],
      structuredContent: { n: 3, more: [1, { deep: null }] },
    });
    expect(structured.isError).toBeUndefined();
    expect(meta(structured)).toEqual({ "example.com/a": 1 });

    const loose = await call(client, "loose");
    expect(loose.structuredContent).toEqual({ free: true });

    const bad = await call(client, "bad");
    expect(bad).toMatchObject({ isError: true, content: [{ text: "it went wrong" }] });
    expect(meta(bad)).toEqual({ "example.com/why": "x" });
  });

  test("is a failure with the server's own words where it is a JSON-RPC error", async () => {
    const { client } = await connect();
    const refused = await call(client, "refuse");
    expect(codeOf(refused)).toBe("invalid_arguments");
    expect(textOf(refused)).toBe("[invalid_arguments] The server 'bare' answered: no such city");
    const failed = await call(client, "fail");
    expect(codeOf(failed)).toBe("upstream_error");
    expect(textOf(failed)).toContain("the database is down");
  });

  test("is refused alone where it could do harm", async () => {
    const { host, client } = await connect();
    for (const name of ["deep", "proto", "odd_block"]) {
      expect([name, codeOf(await call(client, name))]).toEqual([name, "invalid_result"]);
    }
    expect(textOf(await call(client, "echo", { say: "still here" }))).toBe("still here");
    expect(host.plugin("bare").state).toBe("serving");
  });
});

describe("an answer that is none", () => {
  test.each([
    ["result", { result: null }],
    ["result", { result: 5 }],
    ["result", { result: [] }],
    ["_meta", { result: { content: [], _meta: null } }],
    ["error", { error: null }],
    ["error", { error: "broken" }],
    ["error", { error: { code: 1, message: 5 } }],
    ["anything", {}],
  ])("without a proper %s fails its call at once: %j", async (_what, as) => {
    const host = await startHost({ bare: bare({}, { tools: { answer: { timeout: 20 } } }) });
    const client = await host.connect();
    expect(codeOf(await call(client, "answer", { as }))).toBe("invalid_result");
    expect(textOf(await call(client, "echo", { say: "still here" }))).toBe("still here");
  });

  test.each([
    ["null", { result: null }],
    ["no JSON", undefined],
  ])("fails its call at once over HTTP too: %s", async (_what, as) => {
    const { wire } = await startSessionsHttp();
    const host = await startHost({ server: { type: "mcp_server", url: wire.url } });
    const client = await host.connect();
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { id } = (await json(request)) as { readonly id?: number };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(as === undefined ? "{" : JSON.stringify({ jsonrpc: "2.0", id, ...as }));
    };
    wire.instead = (request, response) => {
      if (request.method === "POST") void answer(request, response);
      else response.writeHead(405).end();
    };
    expect(codeOf(await call(client, "echo", { say: "?" }))).toBe("invalid_result");
  });

  test("to the question what is offered leaves what was offered before, and harms nothing else", async () => {
    const nullLists = tempFile();
    const host = await startHost({ bare: bare({ nullLists }) });
    const client = await host.connect();
    writeFileSync(nullLists, "");
    await call(client, "change");
    await eventually(() =>
      expect(host.plugin("bare").warnings).toEqual([
        "its tools/list failed: the answer is not as MCP defines one",
      ]),
    );
    expect(textOf(await call(client, "echo", { say: "still here" }))).toBe("still here");
    rmSync(nullLists);
    await call(client, "change");
    await eventually(() => expect(host.tools()).toContain("added_2"));
  });

  test("in a batch without end ends the connection, and the host goes on", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect();
    expect(codeOf(await call(client, "batch", { of: 1_000_000 }))).toBe("plugin_restarted");
    await eventually(async () =>
      expect(textOf(await call(client, "echo", { say: "on" }))).toBe("on"),
    );
    expect(JSON.stringify(host.log)).toContain("sent a batch of more than 100 messages");
    expect(textOf(await call(client, "batch", { of: 100 }))).toBe("sent");
  });
});

describe("a server's definitions", () => {
  const FINE = { type: "object", properties: { a: { type: "string", "x-own": { b: [1] } } } };
  const TOOLS = [
    {
      name: "whole",
      title: "Whole",
      description: "All that a tool can say.",
      inputSchema: { $schema: "http://json-schema.org/draft-07/schema#", ...FINE },
      outputSchema: { type: "object", properties: { n: { type: "integer" } } },
      annotations: { title: "W", readOnlyHint: true, openWorldHint: false },
      icons: [{ src: "https://example.com/icon.png", sizes: ["48x48"] }],
      _meta: { "example.com/ui": { uri: "ui://x" } },
    },
    { name: "bad name", inputSchema: FINE },
    { name: "x".repeat(129), inputSchema: FINE },
    { name: "__proto__", inputSchema: FINE },
    { name: "no_schema" },
    { name: "text_schema", inputSchema: { type: "string" } },
    { name: "wrong_schema", inputSchema: { type: "object", properties: { a: { type: "strin" } } } },
    { name: "wrong_output", inputSchema: FINE, outputSchema: { minimum: "low" } },
    { name: "strange_dialect", inputSchema: { ...FINE, $schema: "constructor" } },
    { name: "wrong_hint", inputSchema: FINE, annotations: { readOnlyHint: "yes" } },
    { name: "task_only", inputSchema: FINE, execution: { taskSupport: "required" } },
    { name: "dotted.name", inputSchema: FINE },
    null,
    "text",
  ];
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost({ bare: bare({ tools: TOOLS, hugeTool: 300_000 }) }, { keep: true });
    return () => host.stop();
  });

  test("reach clients as they are", async () => {
    const { tools } = await (await host.connect()).listTools();
    const whole = tools.find(({ name }) => name === "whole");
    expect(whole).toEqual({
      ...(TOOLS[0] as object),
      _meta: { "example.com/ui": { uri: "ui://x" }, "agentflow/plugin": "bare" },
    });
    expect(tools.map(({ name }) => name)).toContain("dotted_name");
  });

  test("that cannot be served are set aside alone, each with its reason", () => {
    const reasons = host.plugin("bare").quarantined.map(({ name, reason }) => [name, reason]);
    expect(reasons).toEqual([
      ["huge", "is longer than 200000 characters of JSON"],
      ["bad name", expect.stringContaining("letters, digits")],
      [expect.stringMatching(/^x+…$/u), expect.stringContaining("letters, digits")],
      ["__proto__", "the name is reserved"],
      ["no_schema", expect.stringContaining("inputSchema")],
      ["text_schema", expect.stringContaining('expected "object"')],
      ["wrong_schema", expect.stringContaining("'inputSchema' is no JSON Schema")],
      ["wrong_output", expect.stringContaining("'outputSchema' is no JSON Schema")],
      ["wrong_hint", expect.stringContaining("annotations.readOnlyHint")],
      ["task_only", expect.stringContaining("as a task")],
      ["(without a name)", expect.stringContaining("not as MCP defines it")],
      ["(without a name)", expect.stringContaining("not as MCP defines it")],
    ]);
    // Nobody can say that a schema of an unknown dialect is wrong.
    expect(host.tools()).toContain("strange_dialect");
  });

  test("are read page by page", async () => {
    const paged = await startHost({ bare: bare({ pageOf: 3 }) });
    expect(paged.tools()).toEqual(
      host.tools().filter((name) => !["whole", "dotted_name", "strange_dialect"].includes(name)),
    );
  });

  test("that never end are cut off, with a warning", async () => {
    const endless = await startHost({ bare: bare({ pageOf: 0 }) });
    expect(endless.tools()).toHaveLength(100);
    expect(endless.plugin("bare").warnings).toEqual([
      "its tools/list has more than 100 pages; the rest is not served",
    ]);
  });

  test("are told to a model in the server's own first sentence", async () => {
    const instructions = (await host.connect()).getInstructions();
    expect(instructions).toContain("- bare: A server for tests. (use ");
    expect(instructions).not.toContain("odd things");
  });
});

describe("a server under the operator's settings", () => {
  test("is renamed, prefixed, shortened and hurried like a plugin", async () => {
    const host = await startHost({
      bare: bare(
        {},
        {
          prefix: "b",
          tools: {
            echo: { rename: "say" },
            pid: { enabled: false },
            hang: { timeout: 0.2 },
          },
        },
      ),
    });
    expect(host.tools()).toContain("b_say");
    expect(host.tools()).not.toContain("b_echo");
    expect(host.tools()).not.toContain("b_pid");
    const client = await host.connect();
    expect(textOf(await call(client, "b_say", { say: "hi" }))).toBe("hi");
    expect(codeOf(await call(client, "b_hang"))).toBe("outcome_unknown");
  });

  test("keeps a taken name from the server declared after it, which says whose it is", async () => {
    const host = await startHost({
      one: bare(),
      two: bare({}, { tools: { echo: { rename: "echo_two" } } }),
    });
    expect(host.tools()).toContain("echo_two");
    expect(host.plugin("one").quarantined).toEqual([]);
    expect(host.plugin("two").quarantined).toContainEqual({
      kind: "tool",
      name: "pid",
      reason: expect.stringContaining("plugin 'one' already provides") as string,
    });
  });

  test("never takes a name from a plugin, however early it is there", async () => {
    const slow = `export default {
      getPluginInfo: () => ({ name: "slow", version: "1.0.0" }),
      onPluginLoad: () => new Promise((resolve) => setTimeout(resolve, 500)),
      getToolsConfig: () => ({ echo: { handler: () => "the plugin's" } }),
    };`;
    const host = await startHost({ bare: bare() }, { files: { "plugins/slow.mjs": slow } });
    expect(host.app.host.catalogue.tools.get("echo")?.plugin).toBe("slow");
    expect(host.plugin("bare").quarantined.map(({ name }) => name)).toEqual(["echo"]);
  });

  test("whose id a plugin has is refused by name, and the plugin sees nothing of its settings", async () => {
    const twin = `export default {
      getPluginInfo: () => ({ name: "twin", version: "1.0.0" }),
      getToolsConfig: () => ({
        options: { inputSchema: { type: "object" }, handler: (args, { config }) => JSON.stringify(config) },
      }),
    };`;
    const server = bare({}, { env: { API_TOKEN: "very-secret-value" } });
    const host = await startHost({ twin: server }, { files: { "plugins/twin.mjs": twin } });
    const [plugin, refused] = host.app.host.catalogue.plugins.filter(({ id }) => id === "twin");
    expect(plugin).toMatchObject({ origin: "directory", state: "serving" });
    expect(refused).toMatchObject({ origin: "server", state: "failed", stage: "discover" });
    expect(refused?.reason).toMatch(/taken by .*twin\.mjs\. Give the server another name/u);
    const client = await host.connect();
    expect(textOf(await call(client, "options"))).toBe("{}");
  });
});

describe("prompts, resources and completions", () => {
  test("of a server are served beside its tools", async () => {
    const capabilities = { tools: {}, resources: {} };
    const host = await startHost({ bare: bare({ capabilities }) });
    const client = await host.connect();
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain("bare://one");
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain("bare://{id}");
    for (const uri of ["bare://one", "bare://seven"]) {
      const { contents } = await client.readResource({ uri });
      expect(contents).toEqual([{ uri, mimeType: "text/plain", text: `read ${uri}` }]);
    }
  });
});
