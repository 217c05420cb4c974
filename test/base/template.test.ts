import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTemplate } from "../../src/base/template.ts";

const NAMES = ["name", "a_1", "_x", "constructor", "toString", "__proto__", "hasOwnProperty"];
const name = fc.constantFrom(...NAMES);
const suffix = fc.constantFrom("", ":.2f", ":>10", "!r", "!s:.3", ":");
/** Text in which braces stand for themselves. */
const plain = fc.string({
  unit: fc.constantFrom("a", " ", "\n", "$", "$&", "`", "\\", "é", "😀", "0"),
});
/** A value that looks like everything that means something in a template. */
const value = fc.oneof(
  fc.string(),
  fc.constantFrom("{name}", "{{", "}}", "{a_1:.2f}", "$&", "$1", "\\", "{", "}", ""),
);

type Part = { readonly text: string } | { readonly name: string; readonly written: string };
const part: fc.Arbitrary<Part> = fc.oneof(
  plain.map((text) => ({ text })),
  fc.tuple(name, suffix).map(([key, end]) => ({ name: key, written: `{${key}${end}}` })),
);

const values = fc
  .tuple(...NAMES.map(() => value))
  .map((list) => Object.fromEntries(NAMES.map((key, index) => [key, list[index] ?? ""])));

test("every placeholder becomes its value as it is, and nothing else changes", () => {
  fc.assert(
    fc.property(fc.array(part), values, (parts, given) => {
      const text = parts.map((item) => ("text" in item ? item.text : item.written)).join("");
      const expected = parts
        .map((item) => ("text" in item ? item.text : given[item.name]))
        .join("");
      const template = parseTemplate(text);
      expect(template.render(given)).toBe(expected);
      expect(template.placeholders).toEqual([
        ...new Set(parts.flatMap((item) => ("text" in item ? [] : [item.name]))),
      ]);
    }),
  );
});

test("doubled braces give one, whatever text they are around", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = text.replaceAll("{", "{{").replaceAll("}", "}}");
      const template = parseTemplate(escaped);
      expect(template.render({})).toBe(text);
      expect(template.placeholders).toEqual([]);
    }),
  );
});

test("any text at all is a template, and rendering never throws", () => {
  const braces = fc.string({ unit: fc.constantFrom("{", "}", "a", ":", "!", "r", "1", " ") });
  fc.assert(
    fc.property(braces, (text) => {
      const template = parseTemplate(text);
      const own = Object.fromEntries(template.placeholders.map((key) => [key, `<${key}>`]));
      expect(typeof template.render(own)).toBe("string");
      for (const key of template.placeholders) expect(template.render(own)).toContain(`<${key}>`);
    }),
  );
});

describe("an argument that was not given", () => {
  test.each(NAMES)("leaves nothing, also when it is called %s", (key) => {
    expect(parseTemplate(`[{${key}}]`).render({})).toBe("[]");
  });
});

test.each([
  ["{ name }", []],
  ["{name", []],
  ["name}", []],
  ["{}", []],
  ["{0}", []],
  ["{na-me}", []],
  ["{{name}}", []],
  ["{{{name}}}", ["name"]],
  ["{name:{width}}", ["width"]],
  ["{name!x}", []],
  ['{"key": {name}}', ["name"]],
])("%s names %j", (text, names) => {
  expect(parseTemplate(text).placeholders).toEqual(names);
});
