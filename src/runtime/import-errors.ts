import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { messageOf, PluginError } from "../base/errors.ts";

/** Says in a newcomer's words why a file could not be imported, and what to do. */
export async function explainImportError(error: unknown, file: string): Promise<PluginError> {
  if (error instanceof PluginError) return error;
  return new PluginError("import", await explain(error, file), { cause: error });
}

async function explain(error: unknown, file: string): Promise<string> {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  const text = messageOf(error);
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    return missingModule(text, file);
  }
  const line = lineOf(error, file);
  const what = firstLine(text)
    .replace(/^(?:ParseError|SyntaxError):/u, "")
    .trim();
  if (!isSyntaxError(error)) return `threw while it was imported${place(file, line)}: ${what}`;
  if (/does not provide an export named/u.test(text)) {
    return `imports a name that does not exist${place(file, line)}: ${what}`;
  }
  return `has a syntax error${place(file, line ?? (await checkedLine(file)))}: ${what}`;
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

/** ` (plugins/plugin.mjs:3)`. */
function place(file: string, line: string | undefined): string {
  return line === undefined ? "" : ` (${relative(dirname(dirname(file)), file)}:${line})`;
}

/** The line in the plugin's own file, read off the stack where it names that. */
function lineOf(error: unknown, file: string): string | undefined {
  const stack = error instanceof Error ? `${error.stack ?? ""}\n${error.message}` : "";
  // Stacks name ES modules by URL, where a space is `%20`.
  const names = [file, pathToFileURL(file).href].map((name) =>
    name.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"),
  );
  return new RegExp(`(?:${names.join("|")}):(\\d+)`, "u").exec(stack)?.[1];
}

/** V8 keeps the line of an ES module's syntax error to itself; Node prints it when it is asked to check the file. */
function checkedLine(file: string): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(process.execPath, ["--check", file], { timeout: 5_000 }, (_error, _stdout, stderr) =>
      done(/^.*:(\d+)$/mu.exec(stderr)?.[1]),
    );
  });
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.trim() !== "") ?? "no message";
}
