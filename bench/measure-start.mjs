import { message, resultOf } from "./load/messages.mjs";
import { StdioClient } from "./load/stdio-client.mjs";
import { ServerProcess } from "./server-process.mjs";

/**
 * @typedef {object} Start
 * @property {number} ms from the start of the process to its first list of tools
 * @property {number} cpuMs that it used for that; NaN where the system does not tell it
 * @property {number} memoryMib that it has then, proportional; NaN likewise
 */

/**
 * Starts a server over stdio as a client does and asks for its tools at once.
 * @param {import("./server-process.mjs").Command} command
 * @param {string} errors
 * @returns {Promise<Start>}
 */
export async function measureStart(command, errors) {
  const sent = message("tools/list");
  const from = performance.now();
  const server = new ServerProcess(command, errors);
  try {
    const client = new StdioClient(server.stdin, server.stdout);
    const text = await client.send(sent);
    const ms = performance.now() - from;
    const cpuMs = server.cpuUs() / 1_000;
    const memoryMib = server.memoryMib();
    resultOf(sent, text);
    client.close();
    return { ms, cpuMs, memoryMib };
  } finally {
    await server.stop();
  }
}
