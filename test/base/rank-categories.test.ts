import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CategoryManifest } from "../../src/base/manifest.ts";
import { createRanker } from "../../src/base/rank-categories.ts";

const WORDS = ["bill", "costs", "down", "timeout", "iam", "policies", "EC2", "the", "größe", "$50"];
const phrase = fc
  .array(fc.constantFrom(...WORDS), { maxLength: 6 })
  .map((words) => words.join(" "));
const text = fc.oneof(phrase, fc.string());

const category: fc.Arbitrary<CategoryManifest> = fc.record({
  name: fc.string(),
  description: fc.string(),
  examples: fc.array(text, { maxLength: 4 }),
  keywords: fc.array(text, { maxLength: 4 }),
  patterns: fc.array(fc.constantFrom("bill.*high", "\\$\\d+", "", "(ec2|s3).*down"), {
    maxLength: 2,
  }),
  confidenceThreshold: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("scores are from 0 to 1, best first, and match exactly from the threshold on", () => {
  fc.assert(
    fc.property(fc.array(category, { maxLength: 5 }), text, (categories, message) => {
      const ranked = createRanker(categories)(message);
      expect(ranked).toHaveLength(categories.length);
      expect(new Set(ranked.map((entry) => entry.category))).toEqual(new Set(categories));
      ranked.forEach(({ score, matches, category: { confidenceThreshold } }, index) => {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(matches).toBe(score >= confidenceThreshold);
        expect(score).toBeLessThanOrEqual(ranked[index - 1]?.score ?? 1);
      });
    }),
  );
});

test("the order of the categories changes nothing where names differ", () => {
  const distinct = fc.uniqueArray(category, { maxLength: 5, selector: ({ name }) => name });
  fc.assert(
    fc.property(distinct, text, (categories, message) => {
      const names = (list: readonly CategoryManifest[]): readonly string[] =>
        createRanker(list)(message).map((entry) => entry.category.name);
      expect(names(categories.toReversed())).toEqual(names(categories));
    }),
  );
});

test("one more keyword that is met never lowers the score", () => {
  fc.assert(
    fc.property(category, phrase, fc.constantFrom(...WORDS), (given, message, word) => {
      const asked = `${message} ${word}`;
      const score = (manifest: CategoryManifest): number =>
        createRanker([manifest])(asked)[0]?.score ?? Number.NaN;
      const more = { ...given, keywords: [...given.keywords, word] };
      expect(score(more)).toBeGreaterThanOrEqual(score(given));
    }),
  );
});

describe("an example", () => {
  const manifest: CategoryManifest = {
    name: "A",
    description: "",
    examples: ["Why is my AWS bill so high?"],
    keywords: [],
    patterns: [],
    confidenceThreshold: 0.7,
  };

  test.each([
    ["Why is my AWS bill so high?", 0.95],
    ["why is my aws bill so high", 0.95],
    ["Good morning", 0],
    ["", 0],
  ])("scores '%s' with %d", (message, score) => {
    expect(createRanker([manifest])(message)[0]?.score).toBe(score);
  });
});
