import { HttpClient } from "./load/http-client.mjs";
import { message, resultOf } from "./load/messages.mjs";
import { StdioClient } from "./load/stdio-client.mjs";
import { ServerProcess } from "./server-process.mjs";
import { median } from "./statistics.mjs";
import { toolNames } from "./tools.mjs";

/** @typedef {import("./measure-serving.mjs").Load} Load */
/** @typedef {import("./measure-serving.mjs").Serving} Serving */
/**
 * @typedef {object} Client
 * @property {() => Promise<void>} connect
 * @property {(sent: import("./load/messages.mjs").Message) => Promise<string>} send
 * @property {() => void} close
 */

/** Whatever the load runs into, a slice ends after this many requests. */
const MOST_REQUESTS = 100_000;

/** A server with a client that calls and lists its tools. Throws at the first answer that is not right. */
export class LoadedServer {
  #server;
  #client;
  #names;
  #load;
  #calls = { count: 0, ms: 0, cpuUs: 0 };
  #lists = { count: 0, ms: 0, cpuUs: 0 };
  /** @type {number[]} */
  #listTimes = [];

  /**
   * @param {import("./server-process.mjs").Command} command
   * @param {{ transport: import("./subjects.mjs").Transport, tools: number, load: Load, errors: string }} options
   */
  static async start(command, { transport, tools, load, errors }) {
    const server = new ServerProcess(command, errors);
    try {
      const client =
        transport === "http"
          ? new HttpClient(await server.url(), load.concurrency)
          : new StdioClient(server.stdin, server.stdout);
      return new LoadedServer(server, client, tools, load);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /**
   * @param {ServerProcess} server
   * @param {Client} client
   * @param {number} tools
   * @param {Load} load
   */
  constructor(server, client, tools, load) {
    this.#server = server;
    this.#client = client;
    this.#names = toolNames(tools);
    this.#load = load;
  }

  async warmUp() {
    const { warmUpMs: ms, warmUpCalls: most, concurrency } = this.#load;
    await this.#client.connect();
    await this.#list();
    await repeat((index) => this.#call(index), { ms, most, concurrency });
    this.#listTimes = [];
  }

  /** Measures for a while; `serving` tells what all slices showed together. */
  async slice() {
    const { callsMs, listsMs, concurrency } = this.#load;
    await this.#client.connect();
    await this.#measure(this.#calls, () =>
      repeat((index) => this.#call(index), { ms: callsMs, concurrency }),
    );
    await this.#measure(this.#lists, () => repeat(() => this.#list(), { ms: listsMs }));
  }

  /** @returns {Serving} */
  get serving() {
    const [calls, lists] = [this.#calls, this.#lists];
    return {
      callsPerSecond: (calls.count * 1_000) / calls.ms,
      callCpuUs: calls.cpuUs / calls.count,
      listMs: median(this.#listTimes),
      listCpuMs: lists.cpuUs / lists.count / 1_000,
    };
  }

  async stop() {
    this.#client.close();
    await this.#server.stop();
  }

  /**
   * Calls the tools in turn, far apart in the list, and checks the echo.
   * @param {number} index
   */
  async #call(index) {
    const text = `hello ${index}`;
    const name = this.#names[(index * 7_919) % this.#names.length];
    const sent = message("tools/call", { name, arguments: { text } });
    const result = resultOf(sent, await this.#client.send(sent));
    if (result.content[0]?.text !== text) throw new Error(`${name} did not echo '${text}'`);
  }

  async #list() {
    const sent = message("tools/list");
    const from = performance.now();
    const text = await this.#client.send(sent);
    this.#listTimes.push(performance.now() - from);
    const found = resultOf(sent, text).tools.length;
    const expected = this.#names.length;
    if (found !== expected) throw new Error(`${found} tools are listed instead of ${expected}`);
  }

  /**
   * @param {{ count: number, ms: number, cpuUs: number }} sum
   * @param {() => Promise<{ count: number, ms: number }>} work
   */
  async #measure(sum, work) {
    const before = this.#server.cpuUs();
    const { count, ms } = await work();
    sum.cpuUs += this.#server.cpuUs() - before;
    sum.count += count;
    sum.ms += ms;
  }
}

/**
 * Keeps `concurrency` of them running until the time is up or the count is reached.
 * @param {(index: number) => Promise<void>} run
 * @param {{ ms: number, concurrency?: number, most?: number }} limits
 */
async function repeat(run, { ms, concurrency = 1, most = MOST_REQUESTS }) {
  let count = 0;
  const from = performance.now();
  const worker = async () => {
    do await run(count++);
    while (performance.now() - from < ms && count < most);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { count, ms: performance.now() - from };
}
