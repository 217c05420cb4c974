import { measureServing } from "./measure-serving.mjs";
import { table } from "./report.mjs";
import { BASELINE, servingSubjects } from "./subjects.mjs";

/** @typedef {import("./measure-serving.mjs").Serving} Serving */

/** @type {readonly import("./report.mjs").Column<Serving>[]} */
const COLUMNS = [
  { title: "calls/s", of: (value) => value.callsPerSecond, digits: 0 },
  { title: "CPU µs/call", of: (value) => value.callCpuUs, digits: 0 },
  { title: "list ms", of: (value) => value.listMs, digits: 2 },
  { title: "list CPU ms", of: (value) => value.listCpuMs, digits: 2 },
];

/**
 * Measures calls and lists of all servers, round after round, and writes the tables.
 * @param {object} options
 * @param {string} options.cli
 * @param {string} options.folder
 * @param {readonly import("./subjects.mjs").Transport[]} options.transports
 * @param {readonly number[]} options.sizes
 * @param {number} options.rounds
 * @param {import("./measure-serving.mjs").Load} options.load
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function servingSeries(options) {
  const { cli, folder, transports, sizes, rounds, load, note } = options;
  const subjects = servingSubjects(cli, folder);
  /** @type {Map<string, Serving[]>} */
  const found = new Map();
  for (let round = 1; round <= rounds; round++) {
    for (const transport of transports) {
      for (const tools of sizes) {
        note(`round ${round} of ${rounds}: ${transport}, ${tools} tools`);
        const servings = await measureServing({
          subjects: subjects.map((subject) => ({
            command: subject.command(transport, tools),
            tools,
          })),
          transport,
          load,
          folder,
        });
        for (const [index, { name }] of subjects.entries()) {
          const key = keyOf(transport, tools, name);
          found.set(key, [...(found.get(key) ?? []), ...servings.slice(index, index + 1)]);
        }
      }
    }
  }
  const of = (
    /** @type {string} */ transport,
    /** @type {number} */ tools,
    /** @type {string} */ name,
  ) => found.get(keyOf(transport, tools, name)) ?? [];
  const parts = transports.map((transport) => {
    const rows = sizes.flatMap((tools) =>
      subjects.map(({ name }) => ({
        labels: [String(tools), name],
        rounds: of(transport, tools, name),
        ...(name !== BASELINE && { base: of(transport, tools, BASELINE) }),
      })),
    );
    return `### Calls and lists over ${transport}\n\n${table(["tools", "server"], COLUMNS, rows)}`;
  });
  return parts.join("\n\n");
}

/**
 * @param {string} transport
 * @param {number} tools
 * @param {string} name
 */
function keyOf(transport, tools, name) {
  return [transport, tools, name].join("/");
}
