import type { Client } from "@modelcontextprotocol/client";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../helpers/temp-folder.ts";
import { callWith, NO_AWS, PLUGINS, start, textOf } from "./app.ts";

const given = JSON.parse(
  readFileSync(join(PLUGINS, "schemas/json-schemas.json"), "utf8"),
) as Record<string, object>;

let client: Client;

beforeAll(async () => {
  const plugins = [join(PLUGINS, "schemas")];
  const host = await start({ config: { plugins: NO_AWS }, plugins, until: "file" });
  expect(host.plugin("schemas")).toMatchObject({ state: "serving", quarantined: [], warnings: [] });
  client = await host.connect();
});

/** What the handler was given, or the text of the error. */
async function answer(tool: string, args: object): Promise<unknown> {
  const result = await callWith(client, tool, args);
  if (result.isError) return textOf(result);
  return (result.structuredContent as { data?: unknown } | undefined)?.data;
}

async function published(tool: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { tools } = await client.listTools();
  return tools.find(({ name }) => name === tool)?.inputSchema;
}

describe.each(["zod_4", "zod_3", "arktype", "draft_2020", "draft_2019", "draft_7"])(
  "%s",
  (tool) => {
    test("defaults are applied and shown", async () => {
      expect(await answer(tool, { name: "Ann" })).toEqual({ name: "Ann", limit: 10 });
      expect(await answer(tool, { name: "Ann", limit: 3 })).toEqual({ name: "Ann", limit: 3 });
      expect(await published(tool)).toMatchObject({
        type: "object",
        // ArkType knows its defaults, but does not write them into its JSON Schema.
        properties: { limit: { type: "integer", ...(tool !== "arktype" && { default: 10 }) } },
        required: ["name"],
      });
    });

    test("an error names the field that is wrong, and the one that is missing", async () => {
      expect(await answer(tool, { name: "Ann", limit: "many" })).toMatch(
        /^\[invalid_arguments\] Invalid arguments: limit: .*(?:number|integer)/u,
      );
      expect(await answer(tool, { limit: 3 })).toMatch(
        /^\[invalid_arguments\] Invalid arguments: name: /u,
      );
    });
  },
);

test.each(["zod_4", "zod_3", "arktype"])(
  "%s: an error names a field inside a list",
  async (tool) => {
    const filters = [{ key: "a" }, { key: 7 }];
    expect(await answer(tool, { name: "Ann", filters })).toMatch(/: filters\[1\]\.key: .*string/u);
  },
);

test.each([
  ["draft_2020", { name: "" }, "name: must NOT have fewer than 1 characters"],
  ["draft_2020", { name: "Ann", extra: 1 }, "extra: is not known"],
  ["draft_2020", { name: "Ann", pair: ["a", "b"] }, "pair[1]: must be number"],
  ["draft_2020", { name: "Ann", pair: ["a", 1, 2] }, "pair: must NOT have more than 2 items"],
  ["draft_2019", { name: "Ann", card: "1" }, "cvc: is required"],
  ["draft_2019", { name: "Ann", extra: 1 }, "must NOT have unevaluated properties"],
  ["draft_7", { name: "two words" }, 'name: must match pattern "^\\S+$"'],
  ["draft_7", { name: "Ann", items: ["a", "b"] }, "items: must NOT have more than 1 items"],
  ["draft_7", { name: "Ann", day: "soon" }, 'day: must match format "date"'],
])("%s keeps its own dialect's rules: %j", async (tool, args, text) => {
  expect(await answer(tool, args)).toBe(`[invalid_arguments] Invalid arguments: ${text}.`);
});

test.each([
  ["draft_2020", given["draft2020"]],
  ["draft_2019", given["draft2019"]],
  ["draft_7", given["draft7"]],
])("%s is published verbatim", async (tool, schema) => {
  expect(await published(tool)).toStrictEqual(schema);
});

test("descriptions of zod schemas are published", async () => {
  for (const tool of ["zod_3", "zod_4"]) {
    expect(await published(tool)).toMatchObject({ properties: { name: { description: "Who" } } });
  }
});

test("what a schema transforms is what the handler gets", async () => {
  expect(await answer("transformed", { name: "  ann ", limit: "7" })).toEqual({
    name: "ANN",
    limit: 7,
  });
});

test("data that breaks the outputSchema is withheld", async () => {
  const good = await callWith(client, "checked_output", { name: "right" });
  expect(good.structuredContent).toEqual({ total: 1 });
  expect(await answer("checked_output", { name: "wrong" })).toMatch(
    /^\[invalid_result\] The plugin gave an answer that cannot be delivered\. \(error id \w+\)$/u,
  );
});

test("a schema that its author changes later stays as it was published", async () => {
  const folder = tempFolder({
    "plugins/late.mjs": `const inputSchema = { type: "object", properties: { day: { type: "string" } } };
export default {
  getPluginInfo: () => ({ name: "late", version: "1.0.0" }),
  getToolsConfig: () => ({ late: { inputSchema, handler: () => "fine" } }),
  onPluginLoad: () => { inputSchema.properties = { day: () => "not JSON any more" }; },
};`,
  });
  const host = await start({ folder, config: { plugins: NO_AWS } });
  expect(host.app.host.catalogue.tools.get("late")?.manifest.inputSchema).toEqual({
    type: "object",
    properties: { day: { type: "string" } },
  });
});
