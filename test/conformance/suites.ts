import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One set of scenarios. */
export interface ScenarioSet {
  readonly label: string;
  /** The folder of the suite it belongs to. */
  readonly suite: string;
  readonly args: readonly string[];
  /** How many of its scenarios count. */
  readonly scored: number;
  /** Whether its clients have sessions. */
  readonly sessions: boolean;
}

export const SETS: readonly ScenarioSet[] = [
  { label: "0.1.16", suite: "conformance-0-1", args: [], scored: 30, sessions: true },
  {
    label: "2025-11-25",
    suite: "conformance-0-2",
    args: ["--requirements", "2025-11-25"],
    scored: 30,
    sessions: true,
  },
  {
    label: "2026-07-28",
    suite: "conformance-0-2",
    args: ["--requirements", "2026-07-28"],
    scored: 37,
    sessions: false,
  },
];

export interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly errorMessage?: string;
}

export interface ScenarioResult {
  readonly name: string;
  /** False for extensions, and for what was added after a revision was finished. */
  readonly scored: boolean;
  readonly checks: readonly Check[];
}

const SUITES = join(import.meta.dirname, "suites");

/** Installs the suites apart from the project, whose Node is older than they ask for. */
export function installSuites(): void {
  if (existsSync(join(SUITES, "node_modules"))) return;
  const args = ["ci", "--engine-strict=false", "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", args, { cwd: SUITES, stdio: ["ignore", "ignore", "inherit"] });
}

/** Runs a set, or other arguments of its suite, against the server at this URL. */
export async function runSet(
  { suite, args }: Pick<ScenarioSet, "suite" | "args">,
  url: string,
): Promise<readonly ScenarioResult[]> {
  const out = mkdtempSync(join(tmpdir(), "agentflow-conformance-"));
  try {
    const text = await runSuite(suite, ["--url", url, ...args, "-o", out]);
    return readResults(text, out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function runSuite(suite: string, args: readonly string[]): Promise<string> {
  const hook = join(import.meta.dirname, "glob-sync-hook.mjs");
  const main = join(SUITES, "node_modules", suite, "dist/index.js");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", hook, main, "server", ...args],
      { maxBuffer: 1e8, timeout: 600_000 },
      // It ends with 1 where a check has failed.
      (_error, stdout, stderr) => resolve(`${stdout}${stderr}`),
    );
  });
}

/** Each scenario has a folder, in which the suite writes its checks; what does not count it only says. */
function readResults(text: string, out: string): readonly ScenarioResult[] {
  const [, unscoredText = ""] = text.split("Not scored");
  const unscored = new Set([...unscoredText.matchAll(/^\s*[✓✗] (\S+) \(/gmu)].map(([, n]) => n));
  return readdirSync(out).map((folder) => {
    const name = folder.replace(/^server-/u, "").replace(/-\d{4}-\d{2}-\d{2}T[\dZ-]+$/u, "");
    const file = join(out, folder, "checks.json");
    const checks = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as readonly Check[])
      : [NO_RESULT];
    return { name, scored: !unscored.has(name), checks };
  });
}

const NO_RESULT: Check = { id: "result", status: "FAILURE", errorMessage: "The scenario crashed" };
