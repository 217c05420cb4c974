import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { connectHttp } from "../helpers/clients.ts";
import { startHttpServer } from "../helpers/http-server.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const CLIENT = "v2 SDK negotiating";

const NOTES = `export default {
  getPluginInfo: () => ({ name: "notes", version: "1.0.0" }),
  getToolsConfig: () => ({
    note: {
      description: "Keeps a note.",
      inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      handler: async ({ text }, { storage }) => {
        await storage.set("note " + (await storage.keys()).length, text);
        return "kept";
      },
    },
    notes: {
      description: "Gives all notes.",
      inputSchema: { type: "object" },
      handler: async (_args, { storage }) => {
        const notes = [];
        for (const key of await storage.keys()) notes.push(await storage.get(key));
        return notes.join(", ");
      },
    },
  }),
};`;

function configured(storage: object = {}): string {
  const folder = tempFolder({
    "mcp.config.json": JSON.stringify({
      server: { dataDirectory: "data" },
      storage,
      plugins: { "aws-operations": { enabled: false } },
    }),
    "plugins/notes.mjs": NOTES,
  });
  return join(folder, "mcp.config.json");
}

describe.concurrent("storage", () => {
  test("what a tool has stored and answered is there after the server is killed, and for commands beside it", async () => {
    const config = configured();
    const texts: string[] = [];
    for (let round = 0; round < 3; round++) {
      await using server = await startHttpServer({ config });
      const client = await connectHttp(CLIENT, server.url, server.cli.stderr);
      for (let note = 0; note < 5; note++) {
        const text = `${round}.${note}`;
        await client.callTool("note", { text });
        texts.push(text);
      }
      const beside = await runCli(["call", "notes", "--config", config]);
      expect(beside.stdout.trim().split(", ").toSorted()).toEqual(texts);
      server.cli.kill("SIGKILL");
      await client.close().catch(() => undefined);
    }
    const { code, stdout } = await runCli(["call", "notes", "--config", config]);
    expect({ code, notes: stdout.trim().split(", ").toSorted() }).toEqual({
      code: 0,
      notes: texts,
    });
  });

  test("check says which backend is used, and that it works", async () => {
    const config = configured();
    const { code, stdout } = await runCli(["check", "--config", config]);
    const file = join(config, "..", "data", "storage.sqlite");
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Storage: sqlite (${file}): works.`) as string,
    });
    const memory = await runCli(["check", "--config", configured({ backend: "memory" })]);
    expect(memory.stdout).toContain("Storage: memory: works.");
  });

  test("check says what is wrong, and exits 1", async () => {
    const config = configured({ file: "kept.sqlite" });
    const file = join(config, "..", "kept.sqlite");
    writeFileSync(file, "This is something else. ".repeat(100));
    const { code, stdout } = await runCli(["check", "--config", config]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `Storage sqlite (${file}): file is not a database. The file is damaged`,
    );
    expect(stdout).toContain("Not in order: storage");
    rmSync(file);
    expect((await runCli(["check", "--config", config])).code).toBe(0);
  });

  test("a folder that cannot be written is said when the server starts, and everything else is served", async () => {
    const config = configured({ file: "mcp.config.json/below/kept.sqlite" });
    await using server = await startHttpServer({ config });
    await server.cli.stderr.line(/cannot be written to.+storage does not work/u);
    const client = await connectHttp(CLIENT, server.url, server.cli.stderr);
    expect(await client.callTool("notes", {})).toMatchObject({
      isError: true,
      _meta: { "agentflow/error": { code: "storage_unavailable", retryable: false } },
    });
    await client.close();
  });
});
