import { describe, expect, test } from "vitest";
import { jsonLength } from "../../src/base/json-length.ts";

const LIMIT = 1_000_000;

describe("the length of JSON", () => {
  test.each<[string, unknown]>([
    ["text", "hello"],
    ["text with quotes", 'say "hi"\n'],
    ["a number", -12.5],
    ["an empty list", []],
    ["a list", [1, "two", true, null]],
    ["an object", { a: 1, b: { c: ["d"] } }],
  ])("is never taken for shorter than it is, nor for much longer: %s", (_what, value) => {
    const { length } = JSON.stringify(value);
    expect(jsonLength(value, LIMIT)).toBeGreaterThanOrEqual(length);
    expect(jsonLength(value, LIMIT)).toBeLessThanOrEqual(length * 1.5 + 5);
  });

  test("counts control characters as the six characters that JSON makes of each", () => {
    expect(jsonLength("\u0001".repeat(900_000), LIMIT)).toBeGreaterThan(LIMIT);
  });

  test("counts 90,000 ones as about 180,000 characters", () => {
    const ones = Array.from({ length: 90_000 }, () => 1);
    expect(jsonLength(ones, LIMIT)).toBeLessThan(200_000);
  });

  test("is found of a value that is nested deeper than the stack", () => {
    let nested: unknown = [];
    for (let depth = 0; depth < 200_000; depth++) nested = [nested];
    expect(jsonLength(nested, LIMIT)).toBeGreaterThan(400_000);
  });
});
