import { IsolationBench, writeConfig } from "./measure-isolation.mjs";
import { measureStart } from "./measure-start.mjs";
import { spread } from "./report.mjs";
import { median, ratios } from "./statistics.mjs";

/** Long enough for a child that does nothing to have come to rest. */
const SETTLE_MS = 1_000;
const MEMORY = "a process takes above a bare Node child, MiB (proportional)";

/**
 * What it costs that plugins run in processes of their own, beside the same plugin in the host's process, a bare Node
 * child, and a host with one of them.
 * @param {object} options
 * @param {string} options.cli
 * @param {string} options.folder
 * @param {number} options.rounds
 * @param {number} options.calls in a round, of each kind
 * @param {number} options.processes at a time
 * @param {number} options.plugins of the start with many
 * @param {number} options.idleMs after which a process counts as idle
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function isolationSeries(options) {
  const { cli, folder, rounds, calls, processes, plugins, idleMs, note } = options;
  note(`isolation: ${rounds} rounds of ${calls} calls, ${plugins} plugins at start`);
  const names = Array.from({ length: processes }, (_, index) => `process-${index + 1}`);
  const [first = ""] = names;
  /** @type {Record<"unknown" | "unknownIdle" | "called" | "idle", number[]>} */
  const memory = { unknown: [], unknownIdle: [], called: [], idle: [] };
  const unknown = await IsolationBench.start({ cli, folder, processes });
  try {
    memory.unknown = await unknown.memoryMib(SETTLE_MS);
    memory.unknownIdle = await unknown.memoryMib(idleMs);
  } finally {
    await unknown.stop();
  }
  const bench = await IsolationBench.start({ cli, folder, processes });
  /** @type {{ added: number[], inline: number[], isolated: number[], recovery: number[], idle: number[], spinning: number[] }} */
  const found = { added: [], inline: [], isolated: [], recovery: [], idle: [], spinning: [] };
  try {
    await bench.callOnce(names);
    memory.called = await bench.memoryMib(SETTLE_MS);
    // Both have run hot by then.
    await bench.callUs("inline", calls);
    await bench.callUs(first, calls);
    for (let round = 0; round < rounds; round++) {
      const inline = median(await bench.callUs("inline", calls));
      const isolated = median(await bench.callUs(first, calls));
      found.inline.push(inline);
      found.isolated.push(isolated);
      found.added.push((isolated - inline) / 1_000);
    }
    memory.idle = await bench.memoryMib(idleMs);
    for (let round = 0; round < rounds; round++) {
      found.recovery.push(await bench.recoveryMs(first));
      const { idle, spinning } = await bench.loopDelayMs(first);
      found.idle.push(idle);
      found.spinning.push(spinning);
    }
  } finally {
    await bench.stop();
  }
  const starts = await startMany({ cli, folder, rounds, plugins });
  const idleS = idleMs / 1_000;
  const rows = [
    ["a call inline, µs", spread(found.inline, 0), ""],
    ["a call through a process, µs", spread(found.isolated, 0), ""],
    ["a process adds to a call, ms (median)", spread(found.added, 3), "≤ 0.5"],
    [`${MEMORY}, a second after its first call`, spread(memory.called, 1), "≤ 4"],
    [`… idle for ${idleS} s, one of them after many calls`, spread(memory.idle, 1), "≤ 4"],
    ["… described for the first time, not called yet", spread(memory.unknown, 1), ""],
    [`… the same, idle for ${idleS} s`, spread(memory.unknownIdle, 1), ""],
    ["from a loop that was stopped to the next answer, ms", spread(found.recovery, 0), "≤ 1000"],
    ["the host's loop delay p99, nothing going on, ms", spread(found.idle, 1), ""],
    ["the host's loop delay p99, a plugin computing, ms", spread(found.spinning, 1), "≤ 20"],
    ["start with 1 plugin, ms", spread(starts.one, 0), ""],
    [`start with ${plugins} plugins, ms`, spread(starts.many, 0), ""],
    ["many against one", spread(ratios(starts.many, starts.one), 2), "≤ 2"],
  ];
  return [
    "### Plugins in processes of their own",
    "",
    "| what | found | goal |",
    "| --- | --: | --: |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

/**
 * @param {{ cli: string, folder: string, rounds: number, plugins: number }} options
 * @returns {Promise<{ one: number[], many: number[] }>} milliseconds to the first list
 */
async function startMany({ cli, folder, rounds, plugins }) {
  const names = Array.from({ length: plugins }, (_, index) => `plugin-${index + 1}`);
  const start = async (/** @type {readonly string[]} */ some) => {
    const args = [cli, "serve", "--config", writeConfig(folder, some)];
    const { ms } = await measureStart({ args }, `${folder}/stderr`);
    return ms;
  };
  /** @type {{ one: number[], many: number[] }} */
  const found = { one: [], many: [] };
  // In the first round every plugin is described, which is remembered from then on.
  for (let round = 0; round <= rounds; round++) {
    const [one, many] = [await start(names.slice(0, 1)), await start(names)];
    if (round === 0) continue;
    found.one.push(one);
    found.many.push(many);
  }
  return found;
}
