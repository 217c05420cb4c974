import { describe, expect, test } from "vitest";
import type { JsonSchema } from "../../src/plugin-api/index.ts";
import { compileJsonSchema } from "../../src/runtime/json-schema.ts";
import { collectCode } from "../../src/runtime/validator-code.ts";

const CASES: readonly (readonly [string, JsonSchema, readonly unknown[]])[] = [
  [
    "types, numbers and text",
    {
      type: "object",
      properties: {
        n: { type: "integer", minimum: 1, multipleOf: 2 },
        text: { type: "string", minLength: 2, maxLength: 3, pattern: "^\\p{L}+$" },
        constructor: { type: "boolean" },
      },
      required: ["n", "constructor"],
      additionalProperties: false,
    },
    [{ n: 2, constructor: true }, { n: 1.5, text: "💥" }, { n: 4, text: "abcd", x: 1 }, [], null],
  ],
  [
    "formats",
    {
      type: "object",
      properties: {
        at: { type: "string", format: "date-time" },
        mail: { type: "string", format: "email" },
        small: { type: "number", format: "int32" },
        other: { type: "string", format: "unheard-of" },
      },
    },
    [
      { at: "2026-01-01T00:00:00Z", mail: "a@b.example", small: 1, other: "" },
      { at: "now", mail: "me", small: 2 ** 40 },
    ],
  ],
  [
    "defaults, also inside",
    {
      type: "object",
      properties: {
        limit: { default: 10 },
        deep: { type: "object", default: {}, properties: { list: { default: [{ a: 1 }] } } },
      },
    },
    [{}, { limit: 1, deep: {} }],
  ],
  [
    "constants, choices and what is alike",
    {
      type: "object",
      properties: {
        one: { const: { a: [1] } },
        some: { enum: ["a", { b: 2 }, null] },
        set: { type: "array", uniqueItems: true },
      },
    },
    [
      { one: { a: [1] }, some: { b: 2 }, set: [{ a: 1 }, { a: 2 }] },
      { one: {}, some: "c", set: [{ a: 1 }, { a: 1 }] },
    ],
  ],
  [
    "references, to itself too",
    {
      type: "object",
      $defs: { name: { type: "string" } },
      properties: { name: { $ref: "#/$defs/name" }, children: { items: { $ref: "#" } } },
    },
    [{ name: "a", children: [{ name: "b" }] }, { children: [{ children: [{ name: 1 }] }] }],
  ],
  [
    "what is left over, and conditions",
    {
      type: "object",
      allOf: [{ properties: { a: true } }],
      if: { required: ["a"] },
      else: { required: ["b"] },
      properties: { b: true },
      unevaluatedProperties: false,
    },
    [{ a: 1, b: 2 }, { a: 1 }, { c: 1 }],
  ],
  [
    "an older dialect",
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      properties: { pair: { items: [{ type: "string" }, { type: "number" }] } },
      dependencies: { pair: ["key"] },
    },
    [{ pair: ["a", 1], key: 1 }, { pair: [1, "a"] }],
  ],
];

describe.each(CASES)("the code of a validator says what the validator says: %s", (...given) => {
  const [, schema, values] = given;

  test("of each value, defaults included", async () => {
    const compiled = await compileJsonSchema(schema, {});
    const code = await collectCode([compiled, undefined]);
    expect(Object.keys(code)).toEqual([JSON.stringify(schema)]);
    const known = await compileJsonSchema(schema, code);
    expect(known.json).toEqual(schema);
    for (const value of values) {
      const [one, other] = [structuredClone(value), structuredClone(value)];
      expect(await known.validate(other)).toEqual(await compiled.validate(one));
      expect(other).toEqual(one);
    }
  });
});

test("code is there for whoever is going to keep it", async () => {
  const schema = { type: "object" };
  expect(await collectCode([await compileJsonSchema(schema)])).toEqual({});
});

test("what is known stays known", async () => {
  const schema = { type: "object", required: ["a"] };
  const code = await collectCode([await compileJsonSchema(schema, {})]);
  expect(await collectCode([await compileJsonSchema(schema, code)])).toEqual(code);
});

test.each(["no code at all {", "module.exports = undefined", 'require("no-such-module")'])(
  "a schema whose code is none is compiled: %s",
  async (code) => {
    const schema = { type: "object", required: ["a"] };
    const compiled = await compileJsonSchema(schema, { [JSON.stringify(schema)]: code });
    expect(await compiled.validate({ a: 1 })).toEqual({ ok: true, value: { a: 1 } });
    expect(await compiled.validate({})).toEqual({
      ok: false,
      issues: [{ path: "a", message: "is required" }],
    });
  },
);

test("a schema that is not good is refused, whatever is known of others", async () => {
  const known = await collectCode([await compileJsonSchema({ type: "object" }, {})]);
  await expect(compileJsonSchema({ type: "nope" }, known)).rejects.toThrow(/^schema is invalid/u);
});
