import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { caller } from "./caller.mjs";
import { proportionalMib } from "./proportional-memory.mjs";

const TEXT = "done";
const REST_MS = 500;
const PROGRAM = "isolation/child.js";
const SPIN_S = 1;

/** Needs nothing but Node: what is measured is the host's. */
const PLUGIN = `
const inputSchema = { type: "object", properties: { n: { type: "integer" } } };
export function createPlugin() {
  return {
    getPluginInfo: () => ({ name: "bench", version: "1.0.0" }),
    getToolsConfig: () => ({
      plain: { description: "Does nothing.", inputSchema, annotations: { readOnlyHint: true }, handler: () => "${TEXT}" },
      spin: {
        description: "Never ends.", inputSchema, config: { timeout: ${SPIN_S} },
        handler: () => { for (;;); },
      },
    }),
  };
}
`;

/** A host in this process, with the same plugin inline and in processes of its own. */
export class IsolationBench {
  #app;

  /** @param {any} app */
  constructor(app) {
    this.#app = app;
  }

  /**
   * @param {object} options
   * @param {string} options.cli main.js of the build
   * @param {string} options.folder
   * @param {number} options.processes
   */
  static async start({ cli, folder, processes }) {
    const { AgentFlowApp, loadConfig } = await import(
      new URL("../index.js", pathToFileURL(cli)).href
    );
    const names = Array.from({ length: processes }, (_, index) => `process-${index + 1}`);
    const config = writeConfig(folder, ["inline", ...names], { inline: { isolation: "inline" } });
    const app = await AgentFlowApp.start({
      loaded: loadConfig(config, process.env),
      logLevel: "silent",
    });
    await app.host.settled();
    return new IsolationBench(app);
  }

  stop() {
    return this.#app.stop(0);
  }

  /**
   * Microseconds for one call, one after the other.
   * @param {string} plugin
   * @param {number} calls
   */
  async callUs(plugin, calls) {
    const times = [];
    for (let call = 0; call < calls; call++) {
      const from = performance.now();
      await this.#answer(`${plugin}_plain`);
      times.push((performance.now() - from) * 1_000);
    }
    return times;
  }

  /**
   * Calls each of the plugins once.
   * @param {readonly string[]} plugins
   */
  async callOnce(plugins) {
    for (const plugin of plugins) await this.#answer(`${plugin}_plain`);
  }

  /**
   * Proportional memory above a Node child that does nothing, in MiB, of every plugin's process, when they have had
   * nothing to do for so long. NaN where there is no Linux `/proc`.
   * @param {number} idleMs
   */
  async memoryMib(idleMs) {
    const pids = pluginProcesses();
    if (pids.length === 0) return [NaN];
    const children = pids.map(() =>
      spawn(process.execPath, ["-e", "process.stdin.resume()"], {
        stdio: ["pipe", "ignore", "ignore"],
      }),
    );
    try {
      await sleep(idleMs);
      const bare = await restingMib(children.map(({ pid }) => pid));
      return pids.map((pid) => proportionalMib(pid) - bare);
    } finally {
      for (const child of children) child.kill();
    }
  }

  /**
   * Milliseconds from the answer of a call that never ends to the next good answer of its plugin.
   * @param {string} plugin
   */
  async recoveryMs(plugin) {
    await this.#call(`${plugin}_spin`);
    const from = performance.now();
    await this.#answer(`${plugin}_plain`);
    return performance.now() - from;
  }

  /**
   * The host's event loop delay while a plugin's process computes, and while it does not: p99 in milliseconds.
   * @param {string} plugin
   */
  async loopDelayMs(plugin) {
    const idle = await delayDuring(() => sleep(SPIN_S * 1_000));
    const spinning = await delayDuring(() => this.#call(`${plugin}_spin`));
    return { idle, spinning };
  }

  /** @param {string} name */
  async #answer(name) {
    const outcome = await this.#call(name);
    const text = outcome.reply?.content[0]?.text;
    if (text === undefined) throw new Error(`wrong: ${JSON.stringify(outcome)}`);
    return text;
  }

  /** @param {string} name */
  #call(name) {
    const { host } = this.#app;
    return host.callTool(host.catalogue.tools.get(name), { n: 1 }, caller());
  }
}

/**
 * Writes plugins with their names as prefixes, and the configuration of a host that has them and no other.
 * @param {string} folder
 * @param {readonly string[]} names
 * @param {Readonly<Record<string, object>>} [settings]
 * @returns {string} path of the configuration
 */
export function writeConfig(folder, names, settings = {}) {
  const own = join(folder, `isolation-${names.length}`);
  mkdirSync(join(own, "plugins"), { recursive: true });
  for (const name of names) writeFileSync(join(own, "plugins", `${name}.mjs`), PLUGIN);
  const plugins = names.map((name) => [name, { prefix: name, ...settings[name] }]);
  const config = join(own, "mcp.config.json");
  const content = {
    server: { dataDirectory: join(own, "data"), logLevel: "silent" },
    plugins: { "aws-operations": { enabled: false }, ...Object.fromEntries(plugins) },
  };
  writeFileSync(config, JSON.stringify(content));
  return config;
}

/** @param {() => Promise<unknown>} work */
async function delayDuring(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
}

/** The processes in which this process runs plugins. */
function pluginProcesses() {
  const children = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(children)) return [];
  return readFileSync(children, "utf8")
    .split(" ")
    .filter((pid) => pid !== "" && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(PROGRAM))
    .map(Number);
}

/**
 * What processes that have just been started take on average, when they have come to rest.
 * @param {readonly (number | undefined)[]} pids
 */
async function restingMib(pids) {
  for (let before = 0; ; await sleep(REST_MS)) {
    const now = pids.reduce((sum, pid) => sum + proportionalMib(pid), 0) / pids.length;
    if (Math.abs(now - before) < 0.05) return now;
    before = now;
  }
}
