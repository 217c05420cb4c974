import { LEFT_OUT_CHECKS, LEFT_OUT_SCENARIOS } from "./left-out.ts";
import type { Check, ScenarioResult } from "./suites.ts";

export interface Judged {
  readonly label: string;
  /** How many scored scenarios there must be. */
  readonly expected: number;
  readonly results: readonly ScenarioResult[];
}

/** Of a failure's text; some quote whole lists. */
const MOST_CHARS = 500;

/** Prints how many scored scenarios passed, and each failure; true if nothing failed, scored or not. */
export function report({ label, expected, results }: Judged): boolean {
  const scored = results.filter((result) => result.scored);
  const passed = scored.filter(hasPassed);
  const checks = results.flatMap((result) => result.checks);
  console.log(`${label} ${passed.length}/${expected}`);
  for (const result of results.filter((one) => failures(one).length > 0)) {
    const kind = result.scored ? "FAILED" : "not scored";
    const failed = failures(result);
    console.log(`  ${kind}: ${result.name}, ${failed.length} checks failed`);
    if (!result.scored) continue;
    for (const { id, errorMessage = "" } of failed) {
      console.log(`    ${id}: ${errorMessage.slice(0, MOST_CHARS)}`);
    }
  }
  const good = checks.filter(({ status }) => status === "SUCCESS").length;
  console.log(`  ${good} checks passed, ${results.length - scored.length} scenarios not scored`);
  reportTasks(results);
  const failed = results.flatMap(failures);
  return passed.length === expected && scored.length === expected && failed.length === 0;
}

/** No revision scores them, for they belong to an extension. */
function reportTasks(results: readonly ScenarioResult[]): void {
  const checks = results
    .filter(({ name }) => name.startsWith("tasks-"))
    .flatMap((result) => result.checks)
    .filter(({ status }) => status === "SUCCESS" || status === "FAILURE");
  if (checks.length === 0) return;
  const good = checks.filter(({ status }) => status === "SUCCESS").length;
  console.log(`  of the tasks extension: ${good}/${checks.length} checks`);
}

/** A set of scenarios without what is about HTTP. */
export function withoutHttp(set: Judged): Judged {
  const kept = set.results.filter(({ name }) => !Object.hasOwn(LEFT_OUT_SCENARIOS, name));
  const lost = set.results.filter((result) => result.scored && !kept.includes(result));
  return {
    label: `stdio ${set.label}`,
    expected: set.expected - lost.length,
    results: kept.map((result) => ({
      ...result,
      checks: result.checks.filter(({ id }) => !Object.hasOwn(LEFT_OUT_CHECKS, id)),
    })),
  };
}

/** Prints what was left out; false if the list names what no suite has. */
export function reportLeftOut(all: readonly ScenarioResult[]): boolean {
  const names = new Set(all.map(({ name }) => name));
  const ids = new Set(all.flatMap(({ checks }) => checks.map(({ id }) => id)));
  console.log("left out on stdio, being about HTTP itself");
  for (const [name, reason] of Object.entries(LEFT_OUT_SCENARIOS))
    console.log(`  ${name}: ${reason}`);
  for (const [id, reason] of Object.entries(LEFT_OUT_CHECKS))
    console.log(`  check ${id}: ${reason}`);
  const unknown = [
    ...Object.keys(LEFT_OUT_SCENARIOS).filter((name) => !names.has(name)),
    ...Object.keys(LEFT_OUT_CHECKS).filter((id) => !ids.has(id)),
  ];
  if (unknown.length > 0) console.log(`  FAILED: no suite has ${unknown.join(", ")}`);
  return unknown.length === 0;
}

export function failures({ checks }: ScenarioResult): readonly Check[] {
  return checks.filter(({ status }) => status === "FAILURE");
}

/** A scenario in which nothing was checked has not passed. */
function hasPassed(result: ScenarioResult): boolean {
  return failures(result).length === 0 && result.checks.some(({ status }) => status === "SUCCESS");
}
