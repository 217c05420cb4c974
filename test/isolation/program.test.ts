import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const FOLDER = new URL("../../dist/src/isolation/", import.meta.url);

function importsOf(file: string): readonly string[] {
  const text = readFileSync(new URL(file, FOLDER), "utf8");
  const found = text.matchAll(/^(?:import|export|\} from) ?(?:.*? from )?"(?<name>[^"]+)";$/gmu);
  return [...found].map(({ groups }) => groups?.["name"] ?? "");
}

function lateImportsOf(file: string): readonly string[] {
  const text = readFileSync(new URL(file, FOLDER), "utf8");
  return [...text.matchAll(/\bimport\("(?<name>[^"]+)"\)/gu)].map(
    ({ groups }) => groups?.["name"] ?? "",
  );
}

const parts = readdirSync(FOLDER).filter((name) => /^child(?:-.+-[A-Z0-9]{8})?\.js$/u.test(name));

test("the program of a plugin's process consists of a few files, which load nothing but one another and what Node has", () => {
  expect(parts.length).toBeGreaterThan(3);
  const strangers = parts
    .flatMap(importsOf)
    .filter((name) => !name.startsWith("node:") && !parts.includes(name.replace("./", "")));
  expect(strangers).toEqual([]);
});

test("what many plugins never need is not loaded at first", () => {
  const open = ["child.js"];
  const loaded = new Set(open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const name of importsOf(next).filter((part) => part.startsWith("./"))) {
      const part = name.slice(2);
      if (!loaded.has(part)) open.push(part);
      loaded.add(part);
    }
  }
  const texts = [...loaded].map((part) => readFileSync(new URL(part, FOLDER), "utf8"));
  expect(texts.join("\n")).toContain("// node_modules/p-timeout/");
  expect(texts.join("\n")).not.toMatch(/\/\/ node_modules\/(?:ajv|ajv-formats|semver)\//u);
});

test("packages that are large are loaded for plugins that bring them", () => {
  const packages = parts.flatMap(lateImportsOf).filter((name) => !/^(?:\.\/|node:)/u.test(name));
  expect([...new Set(packages)].toSorted()).toEqual(["jiti", "zod", "zod-to-json-schema"]);
});
