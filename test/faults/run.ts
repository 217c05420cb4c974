// Lets everything go wrong in the built server that the fault list names, and looks whether it holds: npm run faults
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import pLimit from "p-limit";
import type { Era } from "../helpers/era.ts";
import type { Fault, Transport } from "./fault.ts";
import { isGood, printTable, type Cell, type Row } from "./report.ts";
import { LIFE } from "./rows/life.ts";
import { PLUGINS_AT_WORK } from "./rows/plugins-at-work.ts";
import { PLUGINS_FOUND } from "./rows/plugins-found.ts";
import { UPSTREAM } from "./rows/upstream.ts";
import { WIRE } from "./rows/wire.ts";
import { runOnce } from "./scene.ts";

const ALL: readonly Fault[] = [...PLUGINS_AT_WORK, ...PLUGINS_FOUND, ...WIRE, ...UPSTREAM, ...LIFE];
/** Where a fault does not care, each transport has the era that is most at home there. */
const USUAL: Readonly<Record<Transport, Era>> = { stdio: "2025-11-25", HTTP: "2026-07-28" };

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    jobs: { type: "string" },
    // Each fault on one transport only, in turn.
    quick: { type: "boolean", default: false },
  },
});
const only = values.only?.split(",");
const faults = ALL.filter(({ id }) => only === undefined || only.includes(id));
const turn = pLimit(Number(values.jobs ?? Math.max(2, cpus().length)));

function alternating(fault: Fault): Transport {
  return ALL.indexOf(fault) % 2 === 0 ? "stdio" : "HTTP";
}

async function runOn(fault: Fault, transport: Transport): Promise<Cell> {
  const on = fault.on ?? (values.quick ? alternating(fault) : undefined);
  if (on !== undefined && on !== transport) return { wrong: undefined };
  const eras = fault.eras ?? [USUAL[transport]];
  const all = await Promise.all(eras.map((era) => turn(() => runTimed(fault, transport, era))));
  return { wrong: all.flat() };
}

async function runTimed(fault: Fault, ...where: [Transport, Era]): Promise<readonly string[]> {
  const began = performance.now();
  const wrong = await runOnce(fault, ...where);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  const how = wrong.length === 0 ? "contained" : "NOT contained";
  console.error(`${fault.id} ${fault.what}, ${where.join(", ")}: ${how}, ${seconds} s`);
  return wrong;
}

async function runFault(fault: Fault): Promise<Row> {
  const [stdio, HTTP] = await Promise.all([runOn(fault, "stdio"), runOn(fault, "HTTP")]);
  const row = { fault, stdio, HTTP };
  if (!isGood(row)) {
    const wrong = [...(stdio.wrong ?? []), ...(HTTP.wrong ?? [])];
    console.error(`${fault.id} ${fault.what}:\n${wrong.map((line) => `  ${line}`).join("\n")}\n`);
  }
  return row;
}

if (faults.length === 0) throw new Error(`There is no fault ${values.only}.`);
const rows = await Promise.all(faults.map(runFault));
printTable(rows);
process.exitCode = rows.every(isGood) ? 0 : 1;
