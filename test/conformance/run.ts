// Runs the MCP conformance suites against the built server, over HTTP and stdio: npm run conformance
import { join } from "node:path";
import { startHttpServer } from "./http-server.ts";
import { report, reportLeftOut, withoutHttp } from "./report.ts";
import { openBridge } from "./stdio/bridge.ts";
import type { Command } from "./stdio/server-process.ts";
import { installSuites, runSet, SETS, type ScenarioResult } from "./suites.ts";
import { findsFaults } from "./finds-faults.ts";

const ROOT = join(import.meta.dirname, "../..");
const SERVER: Command = [
  process.execPath,
  join(ROOT, "dist/src/cli/main.js"),
  "serve",
  "--config",
  join(import.meta.dirname, "conformance.config.json"),
  "--plugins",
  join(ROOT, "test/fixtures/conformance"),
];

async function overHttp(): Promise<boolean> {
  await using server = await startHttpServer(SERVER);
  let good = true;
  for (const set of SETS) {
    const results = await runSet(set, server.url);
    good = report({ label: set.label, expected: set.scored, results }) && good;
  }
  return good;
}

async function overStdio(): Promise<boolean> {
  let good = true;
  const all: ScenarioResult[] = [];
  for (const set of SETS) {
    const bridge = await openBridge({ command: SERVER, sessions: set.sessions });
    const results = await runSet(set, bridge.url);
    await bridge.close();
    all.push(...results);
    good = report(withoutHttp({ label: set.label, expected: set.scored, results })) && good;
    for (const fault of bridge.faults) console.log(`  FAILED: ${fault}`);
    good &&= bridge.faults.length === 0;
  }
  return reportLeftOut(all) && good;
}

installSuites();
const outcomes = [await overHttp(), await overStdio(), await findsFaults(SERVER)];
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
