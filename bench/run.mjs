// Compares the built host with the SDK's own server. See README.md.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { awsSeries } from "./aws-series.mjs";
import { goalSeries } from "./goal-series.mjs";
import { isolationSeries } from "./isolation-series.mjs";
import { pipelineSeries } from "./pipeline-series.mjs";
import { machine } from "./report.mjs";
import { servingSeries } from "./serving-series.mjs";
import { startSeries } from "./start-series.mjs";
import { storageSeries } from "./storage-series.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string" },
    postgres: { type: "string" },
    cli: {
      type: "string",
      default: fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url)),
    },
  },
});

const FULL = {
  rounds: 5,
  startRounds: 15,
  pipeline: { rounds: 100, calls: 500 },
  storage: { rounds: 20, operations: 500 },
  isolation: { rounds: 9, calls: 1_000, processes: 8, plugins: 100, idleMs: 60_000 },
  aws: { rounds: 3, starts: 15, tools: 10 },
  load: {
    warmUpCalls: 4_000,
    warmUpMs: 4_000,
    slices: 8,
    callsMs: 300,
    listsMs: 80,
    concurrency: 32,
  },
};
const QUICK = {
  rounds: 1,
  startRounds: 1,
  pipeline: { rounds: 5, calls: 200 },
  storage: { rounds: 2, operations: 50 },
  isolation: { rounds: 1, calls: 20, processes: 2, plugins: 5, idleMs: 1_000 },
  aws: { rounds: 1, starts: 1, tools: 2 },
  load: { warmUpCalls: 100, warmUpMs: 300, slices: 2, callsMs: 100, listsMs: 20, concurrency: 32 },
};

const cli = resolve(options.cli);
if (!existsSync(cli)) throw new Error(`there is no ${cli}; run: npm run build`);
const series = ["http", "stdio", "goal", "start", "pipeline", "storage", "isolation", "aws"];
if (options.only !== undefined && !series.includes(options.only)) {
  throw new Error(`--only takes one of ${series.join(", ")}`);
}
if (options.rounds !== undefined && !/^[1-9]\d*$/u.test(options.rounds)) {
  throw new Error("--rounds takes a whole number above 0");
}

const { rounds, startRounds, pipeline, storage, isolation, aws, load } = options.quick
  ? QUICK
  : FULL;
const chosen = Number(options.rounds ?? rounds);
const wants = (/** @type {string} */ one) => options.only === undefined || options.only === one;
const transports = /** @type {const} */ (["http", "stdio"]).filter(wants);
const folder = mkdtempSync(join(realpathSync(tmpdir()), "bench-"));
const shared = {
  cli,
  folder,
  note: (/** @type {string} */ text) => process.stderr.write(`${text}\n`),
};

const parts = [`## Benchmark\n\n${machine()}. Medians (least–most), ratios by round.`];
try {
  if (transports.length > 0) {
    const sizes = [1, 100, 1_000];
    parts.push(await servingSeries({ ...shared, transports, sizes, rounds: chosen, load }));
  }
  if (wants("goal")) parts.push(await goalSeries({ ...shared, rounds: chosen, load }));
  if (wants("start")) {
    const startsOf = options.rounds === undefined ? startRounds : chosen;
    parts.push(await startSeries({ ...shared, rounds: startsOf }));
  }
  if (wants("pipeline")) {
    const roundsOf = options.rounds === undefined ? pipeline.rounds : chosen;
    parts.push(await pipelineSeries({ ...shared, ...pipeline, rounds: roundsOf }));
  }
  if (wants("storage")) {
    const roundsOf = options.rounds === undefined ? storage.rounds : chosen;
    const { postgres } = options;
    parts.push(await storageSeries({ ...shared, ...storage, postgres, rounds: roundsOf }));
  }
  if (wants("isolation")) {
    const roundsOf = options.rounds === undefined ? isolation.rounds : chosen;
    parts.push(await isolationSeries({ ...shared, ...isolation, rounds: roundsOf }));
  }
  if (wants("aws")) {
    const roundsOf = options.rounds === undefined ? aws.rounds : chosen;
    parts.push(await awsSeries({ ...shared, ...aws, rounds: roundsOf }));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const report = `${parts.join("\n\n")}\n`;
process.stdout.write(report);
if (options.save) {
  const results = fileURLToPath(new URL("results", import.meta.url));
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, "latest.md"), report);
}
