import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { pathToFileURL } from "node:url";

/** `plugins/plugin.mjs:3`. */
export function placeAt(file: string, line: string | number): string {
  return `${relative(dirname(dirname(file)), file)}:${line}`;
}

/** The line in the plugin's own file, read off the stack where it names that. */
export function lineInStack(error: unknown, file: string): string | undefined {
  const stack = error instanceof Error ? `${error.stack ?? ""}\n${error.message}` : "";
  // Stacks name ES modules by URL, where a space is `%20`.
  const names = [file, pathToFileURL(file).href].map((name) =>
    name.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"),
  );
  return new RegExp(`(?:${names.join("|")}):(\\d+)`, "u").exec(stack)?.[1];
}

export function placeInStack(error: unknown, file: string | undefined): string | undefined {
  const line = file === undefined ? undefined : lineInStack(error, file);
  return file === undefined || line === undefined ? undefined : placeAt(file, line);
}

/** Where a class is declared. */
export function placeOfClass(file: string | undefined, className: string): string | undefined {
  if (file === undefined || !/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(className)) return undefined;
  const lines = readText(file).split("\n");
  const declared = new RegExp(`\\bclass\\s+${className.replaceAll("$", "\\$")}\\b`, "u");
  const index = lines.findIndex((line) => declared.test(line));
  return index === -1 ? undefined : placeAt(file, index + 1);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
