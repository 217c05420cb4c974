import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { proportionalMib } from "./proportional-memory.mjs";

/**
 * How to start a server.
 * @typedef {object} Command
 * @property {readonly string[]} args of `node`
 * @property {Readonly<Record<string, string>>} [env]
 */

const READY_MS = 30_000;
const STOP_MS = 5_000;

/** One server in a process of its own. Its stderr goes to a file. */
export class ServerProcess {
  #child;
  #errors;

  /**
   * @param {Command} command
   * @param {string} errors file for its stderr
   */
  constructor({ args, env }, errors) {
    const stderr = openSync(errors, "w");
    this.#errors = errors;
    this.#child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", stderr],
    });
    closeSync(stderr);
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new Error("the server has no pipes");
    this.stdin = stdin;
    this.stdout = stdout;
  }

  /** The address that a server over HTTP writes to stderr when it is ready. */
  async url() {
    const before = performance.now() + READY_MS;
    while (performance.now() < before && this.#child.exitCode === null) {
      const url = /Serving MCP at (\S+)\n/u.exec(readFileSync(this.#errors, "utf8"))?.[1];
      if (url !== undefined) return url;
      await sleep(5);
    }
    throw new Error(`the server did not start: ${readFileSync(this.#errors, "utf8")}`);
  }

  /**
   * CPU time of all its threads so far, in microseconds; NaN where there is no Linux `/proc`.
   */
  cpuUs() {
    const tasks = `/proc/${this.#child.pid}/task`;
    try {
      const times = readdirSync(tasks).map((task) =>
        Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]),
      );
      return times.reduce((sum, time) => sum + time, 0) / 1_000;
    } catch {
      return NaN;
    }
  }

  /** Its proportional memory, in MiB; NaN likewise. */
  memoryMib() {
    return proportionalMib(this.#child.pid);
  }

  /** Asks it to stop, and ends it if it does not. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    this.#child.kill("SIGTERM");
    await exited;
    clearTimeout(kill);
  }
}
