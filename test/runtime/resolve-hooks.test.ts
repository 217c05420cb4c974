import { expect, test } from "vitest";
import { importsAnything } from "../../src/runtime/resolve-hooks.ts";

test.each([
  `import { z } from "zod";`,
  `import{z}from"zod";`,
  `import "./setup.js";`,
  `export * from './tools.js';`,
  "const { z } = await import(`zod`);",
  `const { z } = require("zod");`,
  `import { createRequire } from "node:module"; const load = createRequire(import.meta.url); load("zod");`,
])("a plugin may load other modules: %s", (text) => {
  expect(importsAnything(text)).toBe(true);
});

test.each([
  `export default { name: "one" };`,
  `import { readFileSync } from "node:fs";`,
  `import fs from 'node:fs'; const os = require("node:os");`,
  `export const bytes = Buffer.from("text");`,
  "export const list = Array.from({ length: 3 }); Array.from(`ab`);",
  `export const required = ["name"];`,
])("a plugin loads nothing that Node does not have: %s", (text) => {
  expect(importsAnything(text)).toBe(false);
});
