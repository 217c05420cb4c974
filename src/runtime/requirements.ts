import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";
import { PluginError } from "../base/errors.ts";

const HOST = "agentflow-mcp";
/** Names that only mean something to pip, met in plugins carried over from Python. */
const PYTHON_PACKAGES = new Set([
  "agentflow",
  "aiohttp",
  "boto3",
  "botocore",
  "fastapi",
  "fastmcp",
  "httpx",
  "langchain",
  "numpy",
  "openai-python",
  "pandas",
  "pydantic",
  "python",
  "requests",
  "sqlalchemy",
]);
const ENTRY = /^(?<name>(?:@[\w.-]+\/)?[\w.-]+)\s*(?:\[[^\]]*\])?\s*@?\s*(?<range>.*)$/u;

/**
 * Checks `requires`: what is missing or too old fails the plugin, saying wanted, found and how to get it.
 * Returns warnings for names that npm does not know.
 */
export function checkRequirements(
  requires: readonly string[],
  file: string,
  hostVersion: string,
): readonly string[] {
  const warnings: string[] = [];
  for (const entry of requires) {
    const { name = "", range: written = "" } = ENTRY.exec(entry.trim())?.groups ?? {};
    const range = validRange(written.replaceAll(",", " ").replaceAll("==", "=").trim() || "*");
    if (name === "" || range === null) {
      warnings.push(`requires '${entry}', which is not a package name with a version range`);
      continue;
    }
    if (name === HOST) checkHost(entry, range, hostVersion);
    else checkPackage(entry, name, range, file, warnings);
  }
  return warnings;
}

function checkHost(entry: string, range: string, hostVersion: string): void {
  if (satisfies(hostVersion, range, { includePrerelease: true })) return;
  throw new PluginError(
    "import",
    `requires ${entry}, found ${HOST} ${hostVersion}. Run: npm install ${HOST}@latest`,
  );
}

function checkPackage(
  entry: string,
  name: string,
  range: string,
  file: string,
  warnings: string[],
): void {
  const found = installedVersion(name, file);
  if (found === undefined && PYTHON_PACKAGES.has(name.toLowerCase())) {
    warnings.push(`requires '${entry}', which is a Python package and means nothing here`);
    return;
  }
  if (found !== undefined && satisfies(found, range, { includePrerelease: true })) return;
  const wanted = range === "*" ? name : `"${name}@${range}"`;
  throw new PluginError(
    "import",
    `requires ${entry}, found ${found === undefined ? "nothing" : `${name} ${found}`}. ` +
      `Run: npm install ${wanted} (in ${dirname(file)})`,
  );
}

/** The version of the package that an import from the file would get; `zod` comes from the host where it is not found. */
function installedVersion(name: string, file: string): string | undefined {
  return (
    versionFrom(name, file) ?? (name === "zod" ? versionFrom(name, import.meta.url) : undefined)
  );
}

function versionFrom(name: string, file: string): string | undefined {
  const folders = createRequire(file).resolve.paths(name) ?? [];
  for (const folder of folders) {
    const manifest = join(folder, name, "package.json");
    if (!existsSync(manifest)) continue;
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version?: unknown };
    return typeof version === "string" ? version : undefined;
  }
  return undefined;
}
