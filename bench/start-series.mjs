import { measureStart } from "./measure-start.mjs";
import { table } from "./report.mjs";
import { START_BASELINE, startSubjects } from "./subjects.mjs";

/** @typedef {import("./measure-start.mjs").Start} Start */

/** @type {readonly import("./report.mjs").Column<Start>[]} */
const COLUMNS = [
  { title: "ms to the first list", of: (value) => value.ms, digits: 0 },
  { title: "CPU ms", of: (value) => value.cpuMs, digits: 0 },
];

/**
 * Starts every program in turn, round after round, and writes the table.
 * @param {object} options
 * @param {string} options.cli
 * @param {string} options.folder
 * @param {number} options.rounds
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function startSeries({ cli, folder, rounds, note }) {
  const subjects = startSubjects(cli, folder);
  /** @type {Map<string, Start[]>} */
  const found = new Map(subjects.map(({ name }) => [name, []]));
  note(`start: ${rounds} rounds`);
  // The first round reads everything from the disk and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const { name, ...command } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const start = await measureStart(command, `${folder}/stderr`);
      if (round > 0) found.get(name)?.push(start);
    }
  }
  const base = found.get(START_BASELINE) ?? [];
  const rows = subjects.map(({ name }) => ({
    labels: [name],
    rounds: found.get(name) ?? [],
    ...(name !== START_BASELINE && { base }),
  }));
  return `### Start over stdio\n\n${table(["program"], COLUMNS, rows)}`;
}
