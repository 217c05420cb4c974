import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { HOST_ERROR_CODES } from "../src/base/errors.ts";
import { CALL_FAILURE_CODES } from "../src/base/failure.ts";

const ROOT = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const PAGES = ["README.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)];

test("every error code is documented, and nothing else is", () => {
  const documented = [...read("docs/errors.md").matchAll(/^### (\S+)$/gmu)].map(
    (match) => match[1] ?? "",
  );
  expect(documented.toSorted()).toEqual([...HOST_ERROR_CODES, ...CALL_FAILURE_CODES].toSorted());
});

describe.each(PAGES)("%s", (page) => {
  test("links to files and headings that exist", () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/gu)].map(
      (match) => match[1] ?? "",
    );
    const dead = links.filter((link) => {
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(dead).toEqual([]);
  });
});

function anchorsOf(file: string): readonly string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gmu)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, "")
      .trim()
      .replace(/\s/gu, "-"),
  );
}
