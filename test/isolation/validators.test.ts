import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, openWorld, plugin, worldFolder } from "./world.ts";

const LIMIT = `{ show: { description: "Shows it.", handler: (args) => JSON.stringify(args),
  inputSchema: { type: "object", properties: { limit: { type: "integer", default: 10 } } } } }`;
/** Refuses everything, so that it can be told from the schema's own. */
const REFUSING = `module.exports = validate; function validate() {
  validate.errors = [{ instancePath: "", params: {}, message: "comes from the code that was kept" }];
  return false;
}`;

function files(folder: string): readonly string[] {
  const kept = join(folder, "data/validators");
  return readdirSync(kept).map((name) => join(kept, name));
}

/** The file with the validators of a plugin that has been described once, and has ended. */
async function described(folder: string, tools = LIMIT): Promise<string> {
  const world = await openWorld({ folder, plugins: { one: plugin(folder, "one", tools) } });
  await eventually(() => expect(files(folder)).toHaveLength(1));
  await world.stop();
  const [file = ""] = files(folder);
  return file;
}

function replaceCode(file: string, code: string): void {
  const kept = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  writeFileSync(file, JSON.stringify(Object.fromEntries(Object.keys(kept).map((k) => [k, code]))));
}

test("the validators of a plugin's tools are kept where nobody else may read them, and used by its next process", async () => {
  const folder = worldFolder();
  const file = await described(folder);
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  const world = await openWorld({ folder });
  expect((await world.call("show")).text).toBe('{"limit":10}');
  expect(await world.call("show", { limit: "x" })).toMatchObject({ code: "invalid_arguments" });
  await world.stop();
  replaceCode(file, REFUSING);
  const next = await openWorld({ folder });
  const { code, text } = await next.call("show");
  expect(code).toBe("invalid_arguments");
  expect(text).toContain("comes from the code that was kept");
});

test.each([
  ["no JSON", (file: string) => writeFileSync(file, "{")],
  ["a list", (file: string) => writeFileSync(file, "[1]")],
  ["not code", (file: string) => replaceCode(file, "}")],
])("validators that cannot be used are compiled: %s", async (_what, spoil) => {
  const folder = worldFolder();
  spoil(await described(folder));
  const world = await openWorld({ folder });
  expect((await world.call("show")).text).toBe('{"limit":10}');
  expect(await world.call("show", { limit: "x" })).toMatchObject({ code: "invalid_arguments" });
});

test("a tool with another schema has another validator", async () => {
  const folder = worldFolder();
  replaceCode(await described(folder), REFUSING);
  const before = files(folder);
  const plugins = { one: plugin(folder, "one", LIMIT.replace("10", "20")) };
  const world = await openWorld({ folder, plugins });
  expect((await world.call("show")).text).toBe('{"limit":20}');
  await eventually(() => {
    expect(files(folder)).toHaveLength(1);
    expect(files(folder)).not.toEqual(before);
  });
});
