import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import greeter from "../examples/greeter.ts";
import { createTestHost, type TestHost } from "../src/testing.ts";

const ROOT = resolve(import.meta.dirname, "..");
const GREETER = readFileSync(join(ROOT, "examples/greeter.ts"), "utf8");

let running: TestHost | undefined;
afterEach(() => running?.close());

test("the greeter greets", async () => {
  running = await createTestHost({ plugins: { greeter } });
  const result = await running.client.callTool({ name: "greet", arguments: { name: "Ada" } });
  expect(result.content).toEqual([{ type: "text", text: "Hello, Ada!" }]);
});

test.each(["README.md", "docs/writing-plugins.md"])("%s shows the greeter as it is", (page) => {
  expect(readFileSync(join(ROOT, page), "utf8")).toContain(GREETER.trim());
});
