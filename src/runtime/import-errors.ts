import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, PluginError } from "../base/errors.ts";
import type { PluginProblem } from "../base/plugin-problem.ts";
import { findImportCycle } from "./import-cycle.ts";
import { lineInStack, placeAt } from "./source-place.ts";

interface Explanation {
  readonly text: string;
  readonly problem: PluginProblem;
}

/** Says in a newcomer's words why a file could not be imported, and what to do. */
export async function explainImportError(error: unknown, file: string): Promise<PluginError> {
  if (error instanceof PluginError) return error;
  const { text, problem } = await explain(error, file);
  return new PluginError("import", text, { cause: error, problem });
}

async function explain(error: unknown, file: string): Promise<Explanation> {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  const text = messageOf(error);
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    return at(undefined, file, missingModule(text, file));
  }
  const line = lineInStack(error, file);
  const what = firstLine(text)
    .replace(/^(?:ParseError|SyntaxError):/u, "")
    .trim();
  if (!isSyntaxError(error)) {
    const cycle = isOfCycle(error) ? findImportCycle(file) : undefined;
    if (cycle !== undefined) {
      return {
        text: `imports itself in a circle (${cycle.files}, at ${cycle.at}): ${what}`,
        problem: { code: "circular_import", at: cycle.at },
      };
    }
    return at(line, file, "threw while it was imported", what);
  }
  if (/does not provide an export named/u.test(text)) {
    return at(line, file, "imports a name that does not exist", what);
  }
  return at(line ?? (await checkedLine(file)), file, "has a syntax error", what);
}

function at(line: string | undefined, file: string, happened: string, what?: string): Explanation {
  const place = line === undefined ? undefined : placeAt(file, line);
  const where = place === undefined ? "" : ` (${place})`;
  return {
    text: `${happened}${where}${what === undefined ? "" : `: ${what}`}`,
    problem: { code: "import_error", ...(place !== undefined && { at: place }) },
  };
}

/** What somebody meets who uses a name of a module that is still waiting for this one. */
function isOfCycle(error: unknown): boolean {
  return error instanceof ReferenceError || error instanceof TypeError;
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
