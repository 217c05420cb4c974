import { describe, expect, test } from "vitest";
import { tempFolder } from "../helpers/temp-folder.ts";
import { NO_AWS, start, type Started } from "./app.ts";

/** Starts with one plugin, whose members are these. */
function startWith(members: string, before = ""): Promise<Started> {
  const text = `${before}
const inputSchema = { type: "object" };
const handler = () => "fine";
const tool = (fields) => ({ description: "Works.", inputSchema, handler, ...fields });
export default { getPluginInfo: () => ({ name: "one", version: "1.0.0" }), ${members} };`;
  const folder = tempFolder({ "plugins/one.mjs": text });
  return start({ folder, config: { plugins: NO_AWS } });
}

describe("what works, but was hardly meant, is served with a warning", () => {
  test.each([
    [
      "a tool's field that is nearly a known one",
      'getToolsConfig: () => ({ t: { description: "Works.", inputShema: inputSchema, handler } })',
      "the tool 't' has an unknown field 'inputShema'. Did you mean 'inputSchema'?",
    ],
    [
      "one in snake_case",
      "getToolsConfig: () => ({ t: tool({ output_shema: {}, }) })",
      "the tool 't' has an unknown field 'output_shema'. Did you mean 'outputSchema'?",
    ],
    [
      "a setting",
      "getToolsConfig: () => ({ t: tool({ config: { retryCont: 2 } }) })",
      "the tool 't'.config has an unknown field 'retryCont'. Did you mean 'retryCount'?",
    ],
    [
      "an annotation",
      "getToolsConfig: () => ({ t: tool({ annotations: { readOnlyHnt: true } }) })",
      "the tool 't'.annotations has an unknown field 'readOnlyHnt'. Did you mean 'readOnlyHint'?",
    ],
    [
      "a method of the plugin",
      "getToolsConfig: () => ({ t: tool({}) }), onPluginLod: () => {}",
      "the plugin has an unknown field 'onPluginLod'. Did you mean 'onPluginLoad'?",
    ],
    [
      "a field of a prompt",
      'getPrompts: () => ({ p: { template: "Say it.", descripton: "Says it." } })',
      "the prompt 'p' has an unknown field 'descripton'. Did you mean 'description'?",
    ],
    [
      "a tool without a description",
      "getToolsConfig: () => ({ t: { inputSchema, handler } })",
      "the tool 't' has no description: a model has only its name to choose it by",
    ],
    [
      "a field of its policy",
      "getToolsConfig: () => ({ t: tool({ config: { policy: { dedupSecond: 2 } } }) })",
      "the tool 't'.config.policy has an unknown field 'dedupSecond'. Did you mean 'dedupSeconds'?",
    ],
    [
      "a field within its policy",
      "getToolsConfig: () => ({ t: tool({ config: { policy: { breaker: { failure: 2 } } } }) })",
      "the tool 't'.config.policy.breaker has an unknown field 'failure'. Did you mean 'failures'?",
    ],
    [
      "a cache of what changes something",
      "getToolsConfig: () => ({ t: tool({ config: { policy: { cache: 60 } } }) })",
      "the tool 't' has a cache, but does not say readOnlyHint: true: its answers are not kept",
    ],
  ])("%s", async (_what, members, warning) => {
    const host = await startWith(members);
    expect(host.plugin("one")).toMatchObject({
      state: "serving",
      quarantined: [],
      warnings: [warning],
    });
    expect(host.log.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ level: "warn", plugin: "one", msg: warning }),
    );
  });

  test.each([
    [
      "fields of the author's own",
      "getToolsConfig: () => ({ t: tool({ costCenter: 7, team: {} }) })",
    ],
    [
      "members of the author's own",
      "getToolsConfig: () => ({ t: tool({}) }), client: {}, cache: 1",
    ],
    [
      "retries of what may be repeated",
      "getToolsConfig: () => ({ t: tool({ config: { retry_count: 2 }, annotations: { idempotent_hint: true } }) })",
    ],
    ["resources", 'getResources: () => ({ "test://a": { name: "a", read: () => "text" } })'],
  ])("but there is none for %s", async (_what, members) => {
    const host = await startWith(members);
    expect(host.plugin("one")).toMatchObject({ state: "serving", warnings: [], quarantined: [] });
  });
});

describe("a plain object as the default export", () => {
  const TOOLS = `tools: { t: { description: "Works.", inputSchema: { type: "object" }, handler: () => "plain" } }`;

  test("with a name, a version and tools is a plugin", async () => {
    const text = `export default { name: "one", version: "1.0.0", ${TOOLS} };`;
    const folder = tempFolder({ "plugins/one.mjs": text });
    const host = await start({ folder, config: { plugins: NO_AWS } });
    expect(host.plugin("one")).toMatchObject({ state: "serving", warnings: [], named: false });
    expect(await host.call("t")).toBe("plain");
  });

  test("whose version is no text fails and says so", async () => {
    const text = `export default { name: "one", version: 1, ${TOOLS} };`;
    const folder = tempFolder({ "plugins/one.mjs": text });
    const host = await start({ folder, config: { plugins: NO_AWS } });
    expect(host.plugin("one")).toMatchObject({
      state: "failed",
      stage: "validate",
      reason: "'version' must be text like \"1.0.0\", found 1",
    });
  });

  test("without a version is none", async () => {
    const folder = tempFolder({ "plugins/one.mjs": `export default { name: "one", ${TOOLS} };` });
    const host = await start({ folder, config: { plugins: NO_AWS } });
    expect(host.plugin("one")).toMatchObject({ state: "skipped" });
  });
});

test.each([
  ['{ version: "1.0.0" }', "'name' must be text, found nothing"],
  ['{ name: 5, version: "1.0.0" }', "'name' must be text, found 5"],
  ['{ name: "", version: "1.0.0" }', "'name' must be text, found \"\""],
  ['{ name: "one" }', "'version' must be text like \"1.0.0\", found nothing"],
  ['{ name: "one", version: 2 }', "'version' must be text like \"1.0.0\", found 2"],
  ['{ name: "one", version: "1.0.0", requires: "zod" }', "'requires' has the wrong type"],
  ['"one"', "getPluginInfo() returned string, not an object"],
])("getPluginInfo() that returns %s fails the plugin", async (info, reason) => {
  const folder = tempFolder({
    "plugins/one.mjs": `export default { getPluginInfo: () => (${info}) };`,
  });
  const host = await start({ folder, config: { plugins: NO_AWS } });
  expect(host.plugin("one")).toMatchObject({ state: "failed", stage: "validate", reason });
});
