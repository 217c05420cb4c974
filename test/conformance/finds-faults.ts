import { join } from "node:path";
import { failures } from "./report.ts";
import { openBridge } from "./stdio/bridge.ts";
import type { Command } from "./stdio/server-process.ts";
import { runSet } from "./suites.ts";

/** Faults that broken-server.mjs can have, and the check that must see each. */
const FAULTS = [
  {
    fault: "lists tools without schemas",
    scenario: "tools-list",
    check: "tools-list",
    sessions: true,
  },
  {
    fault: "reports no progress",
    scenario: "tools-call-with-progress",
    check: "tools-call-with-progress",
    sessions: true,
  },
  {
    fault: "asks the user nothing",
    scenario: "tools-call-elicitation",
    check: "tools-call-elicitation",
    sessions: true,
  },
  {
    fault: "gives no hints for caches",
    scenario: "caching",
    check: "sep-2549-tools-list-caching-hints",
    sessions: false,
  },
  {
    fault: "tags no subscription",
    scenario: "server-stateless",
    check: "sep-2575-server-tags-subscription-id",
    sessions: false,
  },
  {
    fault: "mixes up the codes of errors",
    scenario: "server-stateless",
    check: "sep-2575-request-meta-invalid-missing-meta",
    sessions: false,
  },
];

/** Runs servers with a fault over the same bridge; false if one passes, for then a pass would mean nothing. */
export async function findsFaults([program, ...args]: Command): Promise<boolean> {
  const broken = join(import.meta.dirname, "broken-server.mjs");
  const missed: string[] = [];
  for (const { fault, scenario, check, sessions } of FAULTS) {
    const command = [process.execPath, broken, fault, program, ...args] as const;
    const bridge = await openBridge({ command, sessions });
    const revision = sessions ? "2025-11-25" : "2026-07-28";
    const only = ["--scenario", scenario, "--spec-version", revision, "--timeout", "10000"];
    const [result] = await runSet({ suite: "conformance-0-2", args: only }, bridge.url);
    await bridge.close();
    const found = result === undefined ? [] : failures(result).map(({ id }) => id);
    if (!found.includes(check)) missed.push(`${fault} (${found.join(", ")})`);
  }
  console.log(`stdio faults found ${FAULTS.length - missed.length}/${FAULTS.length}`);
  for (const fault of missed) console.log(`  FAILED: a server that ${fault} passed`);
  return missed.length === 0;
}
