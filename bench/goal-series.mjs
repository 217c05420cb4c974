import { measureServing } from "./measure-serving.mjs";
import { spread } from "./report.mjs";
import { ratios } from "./statistics.mjs";
import { SILENT, servingSubjects } from "./subjects.mjs";

/** What the host promises: calls over HTTP with many tools, against its own with few. */
const GOAL = { few: 1, many: 1_000, ratio: 0.9 };

/**
 * Measures the host beside itself, with few tools and with many, and writes what became of the promise.
 * @param {object} options
 * @param {string} options.cli
 * @param {string} options.folder
 * @param {number} options.rounds
 * @param {import("./measure-serving.mjs").Load} options.load
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function goalSeries({ cli, folder, rounds, load, note }) {
  const host = servingSubjects(cli, folder).filter(({ name }) => name === SILENT);
  const subjects = host.flatMap(({ command }) =>
    [GOAL.few, GOAL.many].map((tools) => ({ command: command("http", tools), tools })),
  );
  /** @type {number[]} */
  const rates = [];
  /** @type {number[]} */
  const cpu = [];
  for (let round = 1; round <= rounds; round++) {
    note(`goal: round ${round} of ${rounds}`);
    const [few, many] = await measureServing({ subjects, transport: "http", load, folder });
    if (few === undefined || many === undefined) throw new Error("two servers were measured");
    rates.push(...ratios([many.callsPerSecond], [few.callsPerSecond]));
    cpu.push(...ratios([many.callCpuUs], [few.callCpuUs]));
  }
  return [
    "### Many tools against one",
    "",
    `Goal: over HTTP, at ${GOAL.many} tools at least ${GOAL.ratio} of the calls/s at ${GOAL.few}.`,
    `Found: ${spread(rates, 2)} of the calls/s, ${spread(cpu, 2)} of the CPU per call.`,
  ].join("\n");
}
