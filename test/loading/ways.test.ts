import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../helpers/temp-folder.ts";
import { NO_AWS, PLUGINS, start } from "./app.ts";

const WAYS = join(PLUGINS, "ways");
const files = readdirSync(WAYS).toSorted();
const ids = files.map((file) => basename(file, extname(file)));

function config(): object {
  const greeting = Object.fromEntries(
    // The configured spelling of an id is not the file's: they are equal.
    ids.map((id) => [id.replaceAll("-", "_"), { greeting: "hello" }]),
  );
  return { plugins: { ...NO_AWS, ...greeting } };
}

test("every way to write a plugin is served, without a warning", async () => {
  const { plugins } = await start({ config: config(), plugins: [WAYS] });
  expect(plugins.map(({ id, state, warnings }) => ({ id, state, warnings }))).toEqual(
    ids.map((id) => ({ id, state: "serving", warnings: [] })),
  );
});

test("every way to write a plugin gets its configuration and answers", async () => {
  const { app, call } = await start({ config: config(), plugins: [WAYS] });
  const answers: Record<string, string> = {};
  for (const id of ids) answers[id] = await call(id.replaceAll("-", "_"), { message: "hi" });
  expect(answers).toEqual({
    ...Object.fromEntries(ids.map((id) => [id, `${id} hello`])),
    // A handler that is a method finds its own object in `this`.
    "plugin-class": "plugin-class",
  });
  expect(app.host.catalogue.prompts.get("plugin_class")?.manifest.template).toBe(
    "A prompt of hello",
  );
});

test.each(files)("%s works alone, named as one file", async (file) => {
  const id = basename(file, extname(file));
  const { plugins, tools } = await start({
    config: config(),
    plugins: [join(WAYS, file)],
  });
  expect(plugins).toMatchObject([{ id, state: "serving", path: join(WAYS, file) }]);
  expect(tools).toEqual([id.replaceAll("-", "_")]);
});

test("PLUGIN_INFO fills in what getPluginInfo() leaves out, and does not override it", async () => {
  const { plugin } = await start({ config: config(), plugins: [join(WAYS, "entry-point.mjs")] });
  expect(plugin("entry-point").manifest?.info).toEqual({
    name: "entry-point",
    version: "1.0.0",
    description: "Its name is told by PLUGIN_INFO alone.",
  });
});

const SCHEMA =
  '{ type: "object", properties: { region: { type: "string", default: "north" } }, additionalProperties: false }';
const PLUGIN =
  '{ getPluginInfo: () => ({ name: "one", version: "1.0.0" }), getPrompts: () => ({ p: options.region }) }';
const DEFINED = `definePlugin({ name: "one", version: "1.0.0", configSchema: ${SCHEMA},
  tools: { t: { handler: (_args, { config }) => config.region } } })`;
const IMPORT = 'import { definePlugin } from "agentflow-mcp/plugin";';

test.each([
  [
    "the module",
    "mjs",
    `export const configSchema = ${SCHEMA}; export const createPlugin = (options) => (${PLUGIN});`,
  ],
  [
    "the module, in snake_case",
    "mjs",
    `export const config_schema = ${SCHEMA}; export default (options) => (${PLUGIN});`,
  ],
  [
    "PLUGIN_INFO",
    "mjs",
    `export const PLUGIN_INFO = { configSchema: ${SCHEMA}, entryPoint: (options) => (${PLUGIN}) };`,
  ],
  [
    "the Plugin class",
    "mjs",
    `export class Plugin { static configSchema = ${SCHEMA}; constructor(options) { Object.assign(this, ${PLUGIN}); } }`,
  ],
  [
    "module.exports",
    "cjs",
    `module.exports = { configSchema: ${SCHEMA}, createPlugin: (options) => (${PLUGIN}) };`,
  ],
  ["definePlugin as the default", "mjs", `${IMPORT} export default ${DEFINED};`],
  ["definePlugin as 'plugin'", "mjs", `${IMPORT} export const plugin = ${DEFINED};`],
  [
    "definePlugin as exports.plugin",
    "cjs",
    `const { definePlugin } = require("agentflow-mcp/plugin"); exports.plugin = ${DEFINED};`,
  ],
])("a configSchema counts on %s", async (_where, end, text) => {
  const folder = tempFolder({ [`plugins/one.${end}`]: text });
  const good = await start({ folder, config: { plugins: NO_AWS } });
  expect(good.plugin("one")).toMatchObject({ state: "serving" });
  const said =
    good.app.host.catalogue.prompts.get("p")?.manifest.template ??
    (await good.call("t", { message: "hi" }));
  expect(said).toBe("north");
  const bad = await start({ folder, config: { plugins: { ...NO_AWS, one: { regoin: "x" } } } });
  expect(bad.plugin("one")).toMatchObject({
    state: "failed",
    stage: "create",
    reason: "its configuration (plugins.one) is not valid: regoin: is not known",
  });
});

const ROLE = `class Mine {
  name = "mine"; version = "1.0.0";
  async plan() { return [{ id: "a" }]; } async execute() {}
}`;

test.each([
  ["named", "mjs", `export ${ROLE}`],
  ["default", "mjs", `export default ${ROLE}`],
  ["in a list of exports", "cjs", `${ROLE} module.exports = { Mine };`],
  [
    "in an object that says nothing of its names",
    "cjs",
    `module.exports = Object.fromEntries([["x", ${ROLE}]]);`,
  ],
  ["as module.exports", "cjs", `module.exports = ${ROLE};`],
])("a class of the other style is served as what it is: %s", async (_where, end, text) => {
  const folder = tempFolder({ [`plugins/one.${end}`]: text });
  const { plugin, app } = await start({ folder, config: { plugins: NO_AWS } });
  expect(plugin("one")).toMatchObject({ state: "serving", quarantined: [], warnings: [] });
  expect([...app.host.catalogue.agents.keys()]).toEqual(["mine"]);
});
