// Runs the MCP conformance suites against the built server: npm run conformance
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const suites = join(here, "suites");

/** Which sets are run, and how many scenarios of each are scored. */
const RUNS = [
  { label: "0.1.16", suite: "conformance-0-1", args: [], scored: 30 },
  {
    label: "2025-11-25",
    suite: "conformance-0-2",
    args: ["--requirements", "2025-11-25"],
    scored: 30,
  },
  {
    label: "2026-07-28",
    suite: "conformance-0-2",
    args: ["--requirements", "2026-07-28"],
    scored: 37,
  },
];

if (!existsSync(join(suites, "node_modules"))) {
  // Apart from the project, whose Node is older than the suites ask for.
  execFileSync(
    "npm",
    ["ci", "--engine-strict=false", "--ignore-scripts", "--no-audit", "--no-fund"],
    {
      cwd: suites,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
}

const server = spawn(
  process.execPath,
  [
    join(root, "dist/src/cli/main.js"),
    "serve",
    "--http",
    "127.0.0.1:0",
    "--config",
    join(here, "conformance.config.json"),
    "--plugins",
    join(root, "test/fixtures/conformance"),
  ],
  { stdio: ["ignore", "inherit", "pipe"] },
);
let failed = false;
try {
  const url = await listening();
  for (const run of RUNS) failed = !report(run, output(run, url)) || failed;
} finally {
  server.kill("SIGTERM");
}
process.exitCode = failed ? 1 : 0;

/** Where the server listens; `localhost`, because one scenario wants that name. */
function listening() {
  return new Promise((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: server.stderr }).on("line", (line) => {
      const port = /Serving MCP at http:\/\/[^:]+:(\d+)/u.exec(line)?.[1];
      if (port !== undefined) resolve(`http://localhost:${port}/mcp`);
    });
  });
}

function output({ suite, args }, url) {
  const hook = join(here, "glob-sync-hook.mjs");
  const main = join(suites, "node_modules", suite, "dist/index.js");
  try {
    return execFileSync(
      process.execPath,
      ["--import", hook, main, "server", "--url", url, ...args],
      { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1e8, timeout: 300_000 },
    );
  } catch (error) {
    return `${error.stdout ?? ""}${error.stderr ?? ""}`;
  }
}

/** Prints one line for the scored scenarios and one for each that failed; true if all passed. */
function report({ label, scored }, text) {
  const [summary = "", unscoredText = ""] = text
    .slice(text.indexOf("=== SUMMARY"))
    .split("Not scored");
  const unscored = new Set(
    [...unscoredText.matchAll(/^\s*[✓✗] (\S+) \(/gmu)].map(([, name]) => name),
  );
  const results = [...summary.matchAll(/^([✓✗]) (\S+): (\d+) passed, (\d+) failed/gmu)].map(
    ([, , name, passed, bad]) => ({ name, passed: Number(passed), failed: Number(bad) }),
  );
  const counted = results.filter(({ name }) => !unscored.has(name));
  const passed = counted.filter((result) => result.failed === 0);
  const checks = results.reduce((sum, result) => sum + result.passed, 0);
  console.log(`${label} ${passed.length}/${scored}`);
  for (const { name, failed: bad } of results.filter((result) => result.failed > 0)) {
    console.log(`  ${unscored.has(name) ? "not scored" : "FAILED"}: ${name}, ${bad} checks failed`);
  }
  console.log(`  ${checks} checks passed, ${results.length - counted.length} scenarios not scored`);
  return passed.length === scored && counted.length === scored;
}
