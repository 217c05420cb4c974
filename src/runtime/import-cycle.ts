import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { placeAt } from "./source-place.ts";

export interface ImportCycle {
  /** The files in a circle, each imported by the one before: `a.ts → b.ts → a.ts`. */
  readonly files: string;
  /** Where the first of them imports the second. */
  readonly at: string;
}

const IMPORT = /(?:\bfrom|\bimport|\brequire\s*\()\s*["'](\.{1,2}\/[^"']+)["']/gu;
const ENDS = ["", ".ts", ".mts", ".js", ".mjs", ".cjs", "/index.ts", "/index.js"];
/** Who imports more than that is not a plugin of one person any more. */
const MOST_FILES = 200;

/** A circle among the plugin's own files, read off their texts: what fails because of it never says so. */
export function findImportCycle(file: string): ImportCycle | undefined {
  const done = new Set<string>();
  const visit = (path: string, above: readonly string[]): ImportCycle | undefined => {
    const from = above.indexOf(path);
    if (from !== -1) return toCycle([...above.slice(from), path], dirname(file));
    if (done.has(path) || done.size > MOST_FILES) return undefined;
    done.add(path);
    for (const { target } of importsOf(path)) {
      const found = visit(target, [...above, path]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(file, []);
}

function toCycle(circle: readonly string[], folder: string): ImportCycle {
  const [first = "", second = ""] = circle;
  const line = importsOf(first).find(({ target }) => target === second)?.line ?? 1;
  return {
    files: circle.map((path) => relative(folder, path)).join(" → "),
    at: placeAt(first, line),
  };
}

interface Import {
  readonly target: string;
  readonly line: number;
}

function importsOf(file: string): readonly Import[] {
  const text = readText(file);
  return [...text.matchAll(IMPORT)].flatMap((match) => {
    // A file of TypeScript may name the JavaScript that it becomes.
    const path = resolve(dirname(file), match[1] ?? "");
    const source = path.replace(/\.([cm]?)js$/u, ".$1ts");
    const target = [...ENDS.map((end) => path + end), source].find(isFile);
    const line = text.slice(0, match.index).split("\n").length;
    return target === undefined ? [] : [{ target, line }];
  });
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
