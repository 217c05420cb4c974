import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NotJsonError, toJson } from "../../src/runtime/json-value.ts";

const json = fc.jsonValue({ maxDepth: 5, noUnicodeString: false }).filter(isWellFormed);

function isWellFormed(value: unknown): boolean {
  return (
    !/"__proto__"/u.test(JSON.stringify(value)) && !/\\ud[89a-f]/iu.test(JSON.stringify(value))
  );
}

/** The same value with a place replaced by something else. */
function planted(bad: unknown): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constant(bad),
    fc.array(json, { maxLength: 3 }).map((list) => [...list, bad]),
    json.map((other) => ({ other, deep: { list: [other, { bad }] } })),
  );
}

test("a JSON value comes out equal, and as a copy", () => {
  fc.assert(
    fc.property(json, (value) => {
      const copy = toJson(value);
      // JSON has no -0.
      expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)));
      if (typeof value === "object" && value !== null) expect(copy).not.toBe(value);
    }),
  );
});

test("what comes out is carried by JSON without loss", () => {
  const anything = fc.anything({
    withDate: true,
    withBigInt: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withNullPrototype: true,
    withBoxedValues: true,
  });
  let accepted = 0;
  fc.assert(
    fc.property(anything, (value) => {
      let copy: unknown;
      try {
        copy = toJson(value);
      } catch (error) {
        expect(error).toBeInstanceOf(NotJsonError);
        return;
      }
      accepted += 1;
      expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test.each([
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["a BigInt", 10n],
  ["a symbol", Symbol("s")],
  ["a function", () => 1],
  ["a Map", new Map()],
  ["a Set", new Set()],
  ["a promise", Promise.resolve()],
  ["an Error", new TypeError("lost")],
  ["a RegExp", /a/u],
  ["an invalid date", new Date(Number.NaN)],
  ["half a character", "\udc00"],
  ["a hole", Object.assign([], { 1: "after a hole" })],
  ["undefined in a list", [undefined]],
])("%s is refused wherever it stands", (_what, bad) => {
  fc.assert(
    fc.property(planted(bad), (value) => {
      expect(() => toJson(value)).toThrow(NotJsonError);
    }),
    { numRuns: 20 },
  );
});

describe("the error says where and what", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = { back: cycle };

  test.each([
    [{ a: [1, { "b/c": Number.NaN }] }, "/a/1/b/c is NaN, not a finite number"],
    [() => 1, "the result is of type function, which JSON does not have"],
    [{ m: new Map() }, "/m is a Map; return a plain object or array"],
    [{ later: Promise.resolve(1) }, "/later is a Promise; await it"],
    [{ e: new RangeError("x") }, "/e is a Error; return its message, or throw it"],
    [cycle, "/self/back is part of a cycle"],
    [JSON.parse('{"__proto__": {"a": 1}}'), "/__proto__ is not an allowed name"],
  ])("%o", (value, message) => {
    expect(() => toJson(value)).toThrow(message);
  });

  test("a value that occurs twice is no cycle", () => {
    const shared = { a: 1 };
    expect(toJson([shared, { shared }])).toEqual([{ a: 1 }, { shared: { a: 1 } }]);
  });

  test("nesting ends at 100 levels, without exhausting the stack", () => {
    expect(() => toJson(nested(100))).not.toThrow();
    expect(() => toJson(nested(101))).toThrow("nested deeper than 100 levels");
    expect(() => toJson(nested(100_000))).toThrow("nested deeper than 100 levels");
  });
});

test("dates, toJSON and undefined members are what JSON.stringify makes of them", () => {
  class Money {
    readonly amount = 5;
    toJSON(): unknown {
      return { amount: this.amount, at: new Date(0), none: undefined };
    }
  }
  expect(toJson({ money: new Money(), gone: undefined })).toStrictEqual({
    money: { amount: 5, at: "1970-01-01T00:00:00.000Z" },
  });
});

function nested(levels: number): unknown {
  return Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1);
}

test("-0, which JSON does not have, is 0", () => {
  expect(toJson({ change: [-0] })).toStrictEqual({ change: [0] });
});
