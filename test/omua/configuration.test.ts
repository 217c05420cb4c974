import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../helpers/temp-folder.ts";
import { MODES, openFiles } from "./system.ts";

/** Answers with what it was constructed and initialised with. */
const TELLING = `
  constructor(options) { this.options = options ?? "none"; }
  initialize(config) { this.config = config; }
  plan() { return []; }
  execute() { return { status: "completed", result: { options: this.options, config: this.config } }; }
`;
const telling = (name: string, more = ""): string =>
  `export class ${name[0]?.toUpperCase()}${name.slice(1)} { name = "${name}"; version = "1.0.0"; ${more} ${TELLING} }`;

/** Writes down when it begins and ends, under its name and its number. */
const noting = (name: string): string => `export class ${name} {
  constructor(options) { this.who = "${name}" + (options?.n ?? ""); }
  name = "${name.toLowerCase()}"; version = "1.0.0";
  initialize(config) { this.file = config.file; this.note("begins"); }
  shutdown() { this.note("ends"); }
  note(what) { appendFileSync(this.file, this.who + " " + what + "\\n"); }
  plan() { return []; } execute() { return { status: "completed" }; }
}`;

describe.each(MODES)("configuration, %s", (mode) => {
  test("an agent gets that of its file, then its own, then its options, and the last wins", async () => {
    const { manager } = await openFiles(
      mode,
      { "my_agents.mjs": `${telling("first")}\n${telling("second")}` },
      { my_agents: { region: "north", api_key: "a" }, first: { api_key: "b", deep: { x: 1 } } },
    );
    const first = await manager.createAgentInstance("First", { api_key: "c", more: [1] });
    expect(await first.execute({ id: "t" })).toMatchObject({
      result: {
        options: { api_key: "c", more: [1] },
        config: { region: "north", api_key: "c", deep: { x: 1 }, more: [1] },
      },
    });
    const second = await manager.createAgentInstance("second");
    expect(await second.execute({ id: "t" })).toMatchObject({
      result: { options: {}, config: { region: "north", api_key: "a" } },
    });
  });

  test("nobody gets what belongs to another plugin or to another agent of that name", async () => {
    const { manager } = await openFiles(
      mode,
      {
        "a_shop.mjs": `export const createPlugin = () => ({ getPluginInfo: () => ({ name: "a_shop", version: "1.0.0" }) });`,
        "b_agent.mjs": telling("mine"),
        "thief.mjs": `${telling("a_shop")}\n${telling("mine", 'type = "agent";')}`,
      },
      { a_shop: { secret: "s" }, mine: { secret: "m" }, thief: { own: true } },
    );
    const thief = await manager.createAgentInstance("a_shop");
    expect(await thief.execute({ id: "t" })).toMatchObject({ result: { config: { own: true } } });
    const mine = await manager.createAgentInstance("mine");
    expect(await mine.execute({ id: "t" })).toMatchObject({ result: { config: { secret: "m" } } });
    expect(JSON.stringify(await thief.execute({ id: "t" }))).not.toContain('"s"');
  });

  test("a class's configSchema fills in defaults, and names what is wrong", async () => {
    const schema = `static configSchema = {
      type: "object", additionalProperties: false,
      properties: { apiKey: { type: "string" }, tone: { type: "string", default: "warm" } },
    };`;
    const files = { "one.mjs": telling("mailer", schema) };
    const good = await openFiles(mode, files, { mailer: { api_key: "k" } });
    const mailer = await good.manager.createAgentInstance("mailer");
    expect(await mailer.execute({ id: "t" })).toMatchObject({
      result: { config: { apiKey: "k", tone: "warm" } },
    });
    await expect(good.manager.createAgentInstance("mailer", { tone: 7 })).rejects.toThrow(
      "its configuration (plugins.mailer) is not valid: tone: must be string",
    );
  });

  test("an LLM backend's configuration sets options, and the call's beat it", async () => {
    const { manager } = await openFiles(
      mode,
      {
        "llm.mjs": `export class Llm {
          name = "llm"; version = "1.0.0";
          generate(prompt, options) { return JSON.stringify({ ...options, signal: undefined, max: options.max_tokens }); }
          chat() { return ""; }
        }`,
      },
      { llm: { model: "gpt-4", temperature: 0.7, max_tokens: 5, api_key: "k" } },
    );
    const llm = await manager.createLlmBackendInstance("llm", { temperature: 0.5 });
    const { content } = await llm.generate("", { temperature: 0.1, top_p: 0.9 });
    expect(JSON.parse(content)).toEqual({
      model: "gpt-4",
      temperature: 0.1,
      maxTokens: 5,
      topP: 0.9,
      max: 5,
    });
  });

  test("everything is initialised once and shut down in reverse, instances before plugins", async () => {
    const journal = join(tempFolder({ journal: "" }), "journal");
    const file = `import { appendFileSync } from "node:fs";\n${noting("A")}\n${noting("B")}`;
    const { manager } = await openFiles(mode, { "one.mjs": file }, { one: { file: journal } });
    await manager.createAgentInstance("A", { n: 1 });
    const third = await manager.createAgentInstance("B", { n: 2 });
    await manager.createAgentInstance("A", { n: 3 });
    await third.shutdown();
    await expect(third.plan()).rejects.toThrow("'b' has been shut down");
    await manager.shutdown();
    const lines = readFileSync(journal, "utf8").trim().split("\n");
    expect(lines).toEqual([
      "A begins",
      "B begins",
      "A1 begins",
      "B2 begins",
      "A3 begins",
      "B2 ends",
      "A3 ends",
      "A1 ends",
      "B ends",
      "A ends",
    ]);
    await expect(manager.createAgentInstance("A")).rejects.toThrow("has been shut down");
  });
});
