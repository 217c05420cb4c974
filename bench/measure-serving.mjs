import { join } from "node:path";
import { LoadedServer } from "./loaded-server.mjs";

/**
 * How much load each server gets.
 * @typedef {object} Load
 * @property {number} warmUpCalls before anything is measured, so that the compiled code is what counts
 * @property {number} warmUpMs at most
 * @property {number} slices
 * @property {number} callsMs in each slice
 * @property {number} listsMs in each slice
 * @property {number} concurrency
 */

/**
 * What one process showed. CPU is NaN where the system does not tell it.
 * @typedef {object} Serving
 * @property {number} callsPerSecond
 * @property {number} callCpuUs
 * @property {number} listMs
 * @property {number} listCpuMs
 */

/**
 * Starts all servers, warms them up, and gives them the load in turn, in short slices, so that what else happens on
 * the machine meets all of them alike.
 * @param {object} options
 * @param {readonly { command: import("./server-process.mjs").Command, tools: number }[]} options.subjects
 * @param {import("./subjects.mjs").Transport} options.transport
 * @param {Load} options.load
 * @param {string} options.folder
 * @returns {Promise<readonly Serving[]>} in the order of the subjects
 */
export async function measureServing({ subjects, transport, load, folder }) {
  /** @type {LoadedServer[]} */
  const servers = [];
  try {
    for (const [index, { command, tools }] of subjects.entries()) {
      const errors = join(folder, `stderr-${index}`);
      servers.push(await LoadedServer.start(command, { transport, tools, load, errors }));
    }
    for (const server of servers) await server.warmUp();
    for (let slice = 0; slice < load.slices; slice++) {
      // Forwards, then backwards: nobody always comes first.
      for (const server of slice % 2 === 0 ? servers : servers.toReversed()) await server.slice();
    }
    return servers.map(({ serving }) => serving);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
