import { expect, test } from "vitest";
import * as built from "../../dist/src/base/json-schema-dialects.js";
import { compiledMetaSchema } from "../../dist/src/base/meta-schemas.js";
import * as source from "../../src/base/json-schema-dialects.ts";
import type { JsonSchema } from "../../src/plugin-api/index.ts";

const SCHEMAS: readonly JsonSchema[] = [
  {},
  { type: "object", properties: { n: { type: "integer", minimum: 1 } }, required: ["n"] },
  { type: "nope" },
  { type: ["string", "string"] },
  { properties: { n: { type: 7 } } },
  { properties: [] },
  { required: "n" },
  { minimum: "1", maxLength: -1, pattern: 3 },
  { $id: "#/not/an/id", $ref: 7 },
  { items: [{ type: "string" }, { type: "nope" }] },
  { prefixItems: [], dependentRequired: { a: "b" } },
  { $defs: { a: { not: { enum: {} } } }, anyOf: [] },
  { allOf: [{ if: { type: "object" }, else: { properties: { a: 1 } } }] },
  { $anchor: "1a", $dynamicAnchor: "1b", $recursiveAnchor: "yes" },
  { unevaluatedProperties: 5, contains: 5, propertyNames: 5, additionalProperties: 5 },
];

test.each(source.KNOWN_DIALECTS)(
  "the built host has the schema of %s compiled, with the verdicts of one that is compiled when it is needed",
  async (dialect) => {
    const ajv = await source.ajvFor({ $schema: dialect });
    const builtAjv = await built.ajvFor({ $schema: dialect });
    expect(await compiledMetaSchema(dialect)).toBe(builtAjv?.getSchema(dialect));
    const verdicts = SCHEMAS.map((schema) => {
      const given = { $schema: dialect, ...schema };
      const verdict = ajv?.validateSchema(given);
      expect([builtAjv?.validateSchema(given), builtAjv?.errorsText()]).toEqual([
        verdict,
        ajv?.errorsText(),
      ]);
      return verdict;
    });
    expect(verdicts).toContain(true);
    expect(verdicts.filter((verdict) => verdict === false).length).toBeGreaterThan(8);
  },
);

test.each(source.KNOWN_DIALECTS)(
  "a schema may refer to that of %s, in the built host too",
  async (dialect) => {
    const schema = { $schema: dialect, type: "object", properties: { schema: { $ref: dialect } } };
    for (const { ajvFor } of [source, built]) {
      const validate = (await ajvFor(schema))?.compile(schema);
      expect(validate?.({ schema: { type: "string" } })).toBe(true);
      expect(validate?.({ schema: { type: "nope" } })).toBe(false);
    }
  },
);
