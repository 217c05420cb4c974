import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "../../src/base/nearest.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), maxLength: 8 });

/** The definition itself, slow and plain. */
function distance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [x, y] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return distance(x, y);
  return 1 + Math.min(distance(x, y), distance(a, y), distance(x, b));
}

test("finds the first of the closest words, or none that is close enough", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 }),
      fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 }), { maxLength: 5 }),
      fc.integer({ min: 0, max: 4 }),
      (given, known, most) => {
        const distances = known.map((candidate) => distance(given, candidate));
        const best = Math.min(...distances);
        const expected = best <= most ? known[distances.indexOf(best)] : undefined;
        expect(nearest(given, known, most)).toBe(expected);
      },
    ),
  );
});

test("a known word is nearest to itself, in any case", () => {
  fc.assert(
    fc.property(word, fc.uniqueArray(word), (given, others) => {
      const known = [...others.filter((other) => other !== given), given];
      expect(nearest(given.toUpperCase(), known)).toBe(given);
    }),
  );
});

test("one edit is always near", () => {
  fc.assert(
    fc.property(word, fc.nat(8), fc.constantFrom("a", "z", ""), (given, at, put) => {
      const edited = given.slice(0, at) + put + given.slice(at + 1);
      expect(nearest(edited, [given], 1)).toBe(given);
    }),
  );
});

test.each([
  ["enable", "enabled"],
  ["ENABLED", "enabled"],
  ["prefx", "prefix"],
  ["tol", "tools"],
  ["region", undefined],
  ["timeout", undefined],
])("'%s' means %s", (given, expected) => {
  expect(nearest(given, ["enabled", "isolation", "prefix", "tools", "config"])).toBe(expected);
});
