import * as fc from "fast-check";
import { expect, test } from "vitest";
import { substitute } from "../../src/config/substitute.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "$", "{", "}", ":", "-", "A", "_", "1", " ", "\\"),
});
const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/u);
const value = fc.oneof(text, fc.constantFrom("${HOME}", "$&", "$1", "$${X}", "${X:-y}", ""));
const json = fc.jsonValue({ maxDepth: 4 });

test("what holds no variable comes out equal, keys included", () => {
  const free = json.filter((tree) => !JSON.stringify(tree).includes("${"));
  fc.assert(
    fc.property(free, (tree) => {
      expect(substitute(tree, { A: "x" })).toEqual({ value: tree, problems: [] });
    }),
  );
});

test("a value goes in as it is, and is not substituted again", () => {
  fc.assert(
    fc.property(name, value, (key, given) => {
      fc.pre(given !== "");
      const env = { [key]: given, HOME: "no", X: "no" };
      expect(substitute([`<\${${key}}>`, { "${HOME}": `\${${key}:-d}` }], env)).toEqual({
        value: [`<${env[key]}>`, { "${HOME}": env[key] }],
        problems: [],
      });
    }),
  );
});

test("an escaped variable is literal text", () => {
  fc.assert(
    fc.property(name, (key) => {
      const written = `\${${key}}`;
      expect(substitute(`a $${written} b`, { [key]: "no" }).value).toBe(`a ${written} b`);
      expect(substitute(`a $${written} b`, {}).problems).toEqual([]);
    }),
  );
});

test("a default stands in for what is unset or empty, and for nothing else", () => {
  fc.assert(
    fc.property(
      name,
      text.filter((written) => !written.includes("}")),
      value,
      (key, fallback, given) => {
        const written = `\${${key}:-${fallback}}`;
        expect(substitute(written, {}).value).toBe(fallback);
        expect(substitute(written, { [key]: "" }).value).toBe(fallback);
        if (given !== "") expect(substitute(written, { [key]: given }).value).toBe(given);
      },
    ),
  );
});

test("each missing variable is a problem at its own path", () => {
  fc.assert(
    fc.property(name, fc.nat(3), (key, index) => {
      const list = Array.from({ length: 4 }, (_, at) => (at === index ? `x\${${key}}` : "fine"));
      const { problems } = substitute({ plugins: { list } }, {});
      expect(problems).toEqual([
        {
          path: ["plugins", "list", index],
          text: `needs the environment variable ${key}, which is not set. Set it, or give a default: \${${key}:-…}`,
        },
      ]);
    }),
  );
});

test("an empty variable without a default is an empty text, not a problem", () => {
  expect(substitute("[${EMPTY}]", { EMPTY: "" })).toEqual({ value: "[]", problems: [] });
});
