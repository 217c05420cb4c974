import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, member, method, snake } from "../../src/runtime/spelling.ts";

const KNOWN = ["name", "toolName", "retryCount", "confidenceThreshold", "getPluginInfo"];
const known = fc.constantFrom(...KNOWN);
const other = fc
  .string({ minLength: 1 })
  .filter(
    (key) => key !== "__proto__" && !KNOWN.some((name) => name === key || snake(name) === key),
  );

test("known fields come out in camelCase whichever way they are spelled, others unchanged", () => {
  fc.assert(
    fc.property(
      fc.dictionary(known, fc.tuple(fc.integer(), fc.boolean()), { noNullPrototype: true }),
      fc.dictionary(other, fc.integer(), { noNullPrototype: true }),
      (fields, others) => {
        const written = Object.entries(fields).map(([name, [value, asSnake]]) => [
          asSnake ? snake(name) : name,
          value,
        ]);
        const given = { ...(Object.fromEntries(written) as object), ...others };
        expect(canonical(given, KNOWN)).toEqual({
          ...Object.fromEntries(Object.entries(fields).map(([name, [value]]) => [name, value])),
          ...others,
        });
      },
    ),
  );
});

test("doing it twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(known, known.map(snake), other), fc.integer()), (given) => {
      const once = canonical(given, KNOWN);
      expect(canonical(once, KNOWN)).toEqual(once);
    }),
  );
});

test("of both spellings the camelCase one wins, in either order, unless it is undefined", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (camel, snaked) => {
      for (const value of [camel, undefined]) {
        const expected = { toolName: value ?? snaked };
        expect(canonical({ toolName: value, tool_name: snaked }, KNOWN)).toEqual(expected);
        expect(canonical({ tool_name: snaked, toolName: value }, KNOWN)).toEqual(expected);
        expect(member({ tool_name: snaked, toolName: value }, "toolName")).toBe(value ?? snaked);
      }
    }),
  );
});

test("a method is found in either spelling, on classes too, and keeps its this", () => {
  class Snake {
    readonly answer = 42;
    get_plugin_info(): number {
      return this.answer;
    }
  }
  expect(method(new Snake(), "getPluginInfo")?.()).toBe(42);
  expect(method({ answer: 7, getPluginInfo: returnAnswer }, "getPluginInfo")?.()).toBe(7);
  expect(method({ getPluginInfo: "text" }, "getPluginInfo")).toBeUndefined();
  expect(method(undefined, "getPluginInfo")).toBeUndefined();
});

function returnAnswer(this: { answer: number }): number {
  return this.answer;
}
