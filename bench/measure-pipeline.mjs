import { pathToFileURL } from "node:url";
import { ABILITIES, caller, silent } from "./caller.mjs";

/** @typedef {{ name: string, run: (signal: AbortSignal) => Promise<unknown> }} Way */

const TEXT = "done";
const INPUT = { type: "object", properties: { n: { type: "integer" } } };
const log = { debug: silent, info: silent, warn: silent, error: silent };

/**
 * Times calls of the same handler on its own, behind its port, and through the host, in turn.
 * @param {object} options
 * @param {string} options.cli main.js of the build
 * @param {number} options.rounds
 * @param {number} options.calls
 * @returns {Promise<readonly { name: string, us: number[] }[]>} microseconds per call, for each round
 */
export async function measurePipeline({ cli, rounds, calls }) {
  const load = (/** @type {string} */ path) =>
    import(new URL(`../${path}`, pathToFileURL(cli)).href);
  const { Host } = await load("host/host.js");
  const { checkConfig } = await load("config/load.js");
  const { Redactor } = await load("base/redact.js");
  const { InlinePort } = await load("runtime/inline-port.js");

  const module = { default: plugin() };
  const host = await Host.start({
    candidates: [
      {
        id: "bench",
        path: "bench",
        origin: "program",
        found: { kind: "object", module },
        byDefault: true,
      },
    ],
    config: checkConfig({}),
    hostVersion: "0.0.0",
    log,
    redactor: new Redactor(),
  });
  const source = {
    id: "bench",
    entry: { module },
    builtin: false,
    config: {},
    hostVersion: "0.0.0",
  };
  const port = new InlinePort(source);
  await port.describe();

  /** @type {readonly Way[]} */
  const ways = [
    { name: "by itself", run: async () => handler() },
    { name: "behind the port", run: (signal) => invoke(port, signal) },
    { name: "through the pipeline", run: (signal) => call(host, "plain", signal) },
    { name: "with slots, a rate and retries", run: (signal) => call(host, "full", signal) },
    { name: "out of the cache", run: (signal) => call(host, "cached", signal) },
  ];
  const found = ways.map(({ name }) => ({ name, us: /** @type {number[]} */ ([]) }));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { run }] of ways.entries()) {
      const us = await timed(run, calls);
      if (round > 0) found[index]?.us.push(us);
    }
  }
  await host.stop(0);
  return found;
}

/**
 * @param {Way["run"]} run
 * @param {number} calls
 */
async function timed(run, calls) {
  const startedAt = performance.now();
  // A transport makes one for each request, whatever comes behind it, and forgets it with the request.
  for (let done = 0; done < calls; done++) await run(new AbortController().signal);
  return ((performance.now() - startedAt) * 1_000) / calls;
}

function handler() {
  return TEXT;
}

function plugin() {
  const tool = { description: "Does nothing.", inputSchema: INPUT, handler };
  const policy = { concurrency: 16, rate: { calls: 1_000_000_000, per: 3_600 } };
  return {
    getPluginInfo: () => ({ name: "bench", version: "1.0.0" }),
    getToolsConfig: () => ({
      plain: tool,
      full: { ...tool, config: { retryCount: 3, policy } },
      cached: {
        ...tool,
        annotations: { readOnlyHint: true },
        config: { policy: { cache: 3_600 } },
      },
    }),
  };
}

/**
 * @param {any} port
 * @param {AbortSignal} signal
 */
async function invoke(port, signal) {
  const invocation = {
    request: { kind: "tool", name: "plain", arguments: { n: 1 } },
    attempt: 1,
    long: false,
    retryCount: 0,
    idempotencyKey: "key",
    principal: { id: "local" },
    client: ABILITIES,
    inputs: {},
  };
  const services = {
    log: silent,
    storage: {},
    resourceUpdated: silent,
    definitionsChanged: silent,
    remainingMs: () => 30_000,
    background: silent,
    retriesItself: silent,
    onBegin: silent,
    onMoreTime: () => silent,
    callTool: silent,
    progress: silent,
    logToClient: silent,
  };
  return checked(await port.invoke(invocation, signal, services));
}

/**
 * @param {any} host
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function call(host, name, signal) {
  return checked(await host.callTool(host.catalogue.tools.get(name), { n: 1 }, caller(signal)));
}

/** @param {any} outcome */
function checked(outcome) {
  if (outcome.reply?.content[0]?.text !== TEXT)
    throw new Error(`wrong: ${JSON.stringify(outcome)}`);
  return outcome;
}
