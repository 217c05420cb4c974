import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

/** Folder to the folders it may import: the table of docs/architecture.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "plugin-api": [],
  base: ["plugin-api"],
  config: ["plugin-api", "base"],
  runtime: ["plugin-api", "base"],
  execution: ["plugin-api", "base"],
  backends: ["plugin-api", "base"],
  isolation: ["plugin-api", "base", "runtime"],
  host: [
    "plugin-api",
    "base",
    "config",
    "execution",
    "runtime",
    "isolation",
    "backends",
    "workflow",
  ],
  workflow: ["plugin-api", "base"],
  surface: ["plugin-api", "base", "host"],
  transports: ["plugin-api", "base"],
  upstream: ["plugin-api", "base"],
};

function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const pattern = /(?:from|import)\s*\(?\s*"(?<specifier>[^"]+)"/gu;
  return [...text.matchAll(pattern)].map((match) => match.groups?.["specifier"] ?? "");
}

/** `src/<folder>` of a relative import, seen from the file. */
function folderOf(file: string, specifier: string): string {
  const target = relative(join(ROOT, "src"), resolve(ROOT, dirname(file), specifier));
  return target.includes("/") ? (target.split("/")[0] ?? "") : target;
}

test("every folder of src stands in the table", () => {
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(folders.toSorted()).toEqual([...Object.keys(MAY_IMPORT), "cli"].toSorted());
});

test.each(Object.entries(MAY_IMPORT))("src/%s imports only what it may", (folder, allowed) => {
  const strangers = sources(`src/${folder}`).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => folderOf(file, specifier))
      .filter((target) => target !== folder && !allowed.includes(target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(strangers).toEqual([]);
});

test("only the surface, the transports, the client side and the compositions know the MCP SDK", () => {
  const strangers = sources("src")
    .filter((file) => !/^src\/(?:surface|transports|upstream|cli)\/|^src\/testing\.ts$/u.test(file))
    .filter((file) =>
      importsOf(file).some((specifier) => specifier.startsWith("@modelcontextprotocol/")),
    );
  expect(strangers).toEqual([]);
});

test("plugins import nothing of ours but the author's entry", () => {
  const strangers = sources("plugins").flatMap((file) =>
    importsOf(file)
      .filter(
        (specifier) =>
          (specifier.startsWith("agentflow-mcp") && specifier !== "agentflow-mcp/plugin") ||
          (specifier.startsWith(".") &&
            !resolve(ROOT, dirname(file), specifier).startsWith(join(ROOT, "plugins"))),
      )
      .map((specifier) => `${file} imports ${specifier}`),
  );
  expect(strangers).toEqual([]);
});

test("the environment is read in few places", () => {
  const readers = sources("src").filter((file) =>
    readFileSync(join(ROOT, file), "utf8").includes("process.env"),
  );
  const destructured = sources("src").filter((file) =>
    /\{ env \} = process/u.test(readFileSync(join(ROOT, file), "utf8")),
  );
  expect([...readers, ...destructured]).toEqual(["src/plugin-manager.ts", "src/cli/open-app.ts"]);
});
