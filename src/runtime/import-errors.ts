import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, PluginError } from "../base/errors.ts";

/** Says in a newcomer's words why a file could not be imported, and what to do. */
export function explainImportError(error: unknown, file: string): PluginError {
  if (error instanceof PluginError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const text = messageOf(error);
  const message =
    code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND"
      ? missingModule(text, file)
      : isSyntaxError(error)
        ? `has a syntax error${place(error, file)}: ${firstLine(text)}`
        : `threw while it was imported${place(error, file)}: ${firstLine(text)}`;
  return new PluginError("import", message, { cause: error });
}

function missingModule(text: string, file: string): string {
  const specifier = /(?:package|module) '([^']+)'/u.exec(text)?.[1] ?? "a module";
  const folder = dirname(file);
  if (!/^(?:[./]|file:|[A-Za-z]:[\\/])/u.test(specifier)) {
    const name = packageName(specifier);
    return `needs the npm package '${name}', which is not installed. Run: npm install ${name} (in ${folder})`;
  }
  const path = specifier.startsWith("file:")
    ? fileURLToPath(specifier)
    : resolve(folder, specifier);
  const shown = relative(folder, path) || path;
  const candidate = [".js", ".mjs", ".cjs", ".ts", ".mts", "/index.js"].find((end) =>
    existsSync(path + end),
  );
  const hint = candidate === undefined ? "" : ` Did you mean './${shown}${candidate}'?`;
  return `imports './${shown}', which does not exist.${hint}`;
}

function packageName(specifier: string): string {
  const [first = specifier, second] = specifier.split("/");
  return first.startsWith("@") && second !== undefined ? `${first}/${second}` : first;
}

function isSyntaxError(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "SyntaxError" || error.message.startsWith("ParseError"))
  );
}

/** ` (plugin.mjs:3)`, read off the stack where it names the plugin's own file. */
function place(error: unknown, file: string): string {
  const stack = error instanceof Error ? `${error.stack ?? ""}\n${error.message}` : "";
  const escaped = file.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
  const line = new RegExp(`${escaped}:(\\d+)`, "u").exec(decode(stack))?.[1];
  const name = relative(dirname(dirname(file)), file);
  return line === undefined ? "" : ` (${name}:${line})`;
}

/** Stacks name ES modules by URL, where a space is `%20`. */
function decode(stack: string): string {
  try {
    return decodeURI(stack);
  } catch {
    return stack;
  }
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.trim() !== "") ?? "no message";
}
