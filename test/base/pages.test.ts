import { assert, constantFrom, integer, property, string } from "fast-check";
import { expect, test } from "vitest";
import { pagesOf } from "../../src/base/pages.ts";

const text = string({ unit: constantFrom("a", "\n", "é", "😀"), maxLength: 300 });

test("the pages of a text are the text, none longer than it may be, no character torn", () => {
  assert(
    property(text, integer({ min: 2, max: 50 }), (whole, most) => {
      const pages = pagesOf(whole, most);
      expect(pages.join("")).toBe(whole);
      for (const page of pages) {
        expect(page.length).toBeLessThanOrEqual(most);
        expect(page.isWellFormed()).toBe(true);
      }
    }),
  );
});

test("a page ends after a line where one ends near its end", () => {
  expect(pagesOf("12345678\nabcdefgh", 10)).toEqual(["12345678\n", "abcdefgh"]);
  expect(pagesOf("1\n2345678abcdefgh", 10)).toEqual(["1\n2345678a", "bcdefgh"]);
});

test("an empty text is one empty page", () => {
  expect(pagesOf("", 10)).toEqual([""]);
});
