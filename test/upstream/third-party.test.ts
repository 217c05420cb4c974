import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMBINATIONS, connect, type Connection } from "../helpers/clients.ts";
import { runCli } from "../helpers/cli.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { writeConfig } from "./files.ts";
import { eventually, startHost } from "./host.ts";

const { resolve } = createRequire(import.meta.url);

/** The program of an installed server. */
function program(name: string): string {
  return join(dirname(resolve(`${name}/package.json`)), "dist/index.js");
}

function thirdParty(folder: string): Readonly<Record<string, object>> {
  const command = { type: "mcp_server", command: process.execPath };
  return {
    everything: {
      ...command,
      args: [program("@modelcontextprotocol/server-everything")],
      tools: { "simulate-research-query": { enabled: false } },
    },
    files: {
      ...command,
      args: [program("@modelcontextprotocol/server-filesystem"), folder],
      prefix: "fs",
    },
  };
}

describe.each(COMBINATIONS)("$client over $transport, to servers from npm", (combination) => {
  const folder = tempFolder({ "notes.txt": "Buy milk." });
  let connection: Connection;

  beforeAll(async () => {
    connection = await connect(combination, writeConfig(thirdParty(folder)));
    // They may still be starting.
    await eventually(async () => {
      const names = (await connection.listTools()).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["get-sum", "fs_read_text_file"]));
    });
  });

  afterAll(() => connection?.close());

  test("sees their tools beside each other, with schemas and annotations", async () => {
    const tools = await connection.listTools();
    expect(tools.find(({ name }) => name === "get-structured-content")).toMatchObject({
      outputSchema: { type: "object" },
      _meta: { "agentflow/plugin": "everything" },
    });
    expect(tools.find(({ name }) => name === "fs_read_text_file")).toMatchObject({
      annotations: { readOnlyHint: true },
      _meta: { "agentflow/plugin": "files" },
    });
  });

  test("calls them", async () => {
    const sum = await connection.callTool("get-sum", { a: 2, b: 3 });
    expect(sum.content).toEqual([{ type: "text", text: "The sum of 2 and 3 is 5." }]);
    const weather = await connection.callTool("get-structured-content", { location: "Chicago" });
    expect(weather.structuredContent).toMatchObject({ conditions: expect.any(String) as string });
    const image = await connection.callTool("get-tiny-image");
    expect(image.content.map(({ type }) => type)).toContain("image");
    const refused = await connection.callTool("get-sum", { a: "two" });
    expect(refused.isError).toBe(true);
  });

  test("reads and writes where the server may, and nowhere else", async () => {
    const path = join(folder, `${combination.transport} ${combination.client}.txt`);
    const written = await connection.callTool("fs_write_file", { path, content: "Done." });
    expect(written.isError).not.toBe(true);
    expect(readFileSync(path, "utf8")).toBe("Done.");
    const read = await connection.callTool("fs_read_text_file", {
      path: join(folder, "notes.txt"),
    });
    expect(read.content).toEqual([{ type: "text", text: "Buy milk." }]);
    const outside = await connection.callTool("fs_read_text_file", { path: "/etc/hostname" });
    expect(outside.isError).toBe(true);
  });

  test("gets prompts and resources", async () => {
    const prompt = await connection.getPrompt("args-prompt", { city: "Oslo" });
    expect(prompt.text).toContain("Oslo");
    const uris = (await connection.listResources()).map(({ uri }) => uri);
    expect(uris).toContain("demo://resource/static/document/features.md");
    const templates = (await connection.listTemplates()).map(({ uriTemplate }) => uriTemplate);
    expect(templates).toContain("demo://resource/dynamic/text/{resourceId}");
  });
});

test("completes prompts and templates of a server from npm", async () => {
  const { everything = {} } = thirdParty(tempFolder());
  const host = await startHost({ everything });
  const client = await host.connect();
  const department = await client.complete({
    ref: { type: "ref/prompt", name: "completable-prompt" },
    argument: { name: "department", value: "E" },
  });
  expect(department.completion.values).toEqual(["Engineering"]);
  const name = await client.complete({
    ref: { type: "ref/prompt", name: "completable-prompt" },
    argument: { name: "name", value: "" },
    context: { arguments: { department: "Engineering" } },
  });
  expect(name.completion.values).toContain("Alice");
  const { contents } = await client.readResource({ uri: "demo://resource/dynamic/text/1" });
  expect(contents[0]).toMatchObject({ uri: "demo://resource/dynamic/text/1" });
});

describe("the command line with servers from npm", () => {
  const config = writeConfig(thirdParty(tempFolder()));

  test("checks them", async () => {
    const { code, stdout } = await runCli(["check", "--config", config]);
    expect(stdout).toContain("2 of 2 plugins serving (everything, files)");
    expect(code).toBe(0);
  });

  test("calls them, and waits for them to start", async () => {
    const { code, stdout } = await runCli(["call", "get-sum", "a=40", "b=2", "--config", config]);
    expect(stdout).toBe("The sum of 40 and 2 is 42.\n");
    expect(code).toBe(0);
  });
});
