import { IsolationBench, writeConfig } from "./measure-isolation.mjs";
import { measureStart } from "./measure-start.mjs";
import { spread } from "./report.mjs";
import { median, ratios } from "./statistics.mjs";

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
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function isolationSeries({ cli, folder, rounds, calls, processes, plugins, note }) {
  note(`isolation: ${rounds} rounds of ${calls} calls, ${plugins} plugins at start`);
  const names = Array.from({ length: processes }, (_, index) => `process-${index + 1}`);
  const [first = ""] = names;
  const bench = await IsolationBench.start({ cli, folder, processes });
  /** @type {{ added: number[], inline: number[], isolated: number[], recovery: number[], idle: number[], spinning: number[] }} */
  const found = { added: [], inline: [], isolated: [], recovery: [], idle: [], spinning: [] };
  let memory;
  try {
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
    memory = await bench.memoryMib(names);
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
  const rows = [
    ["a call inline, µs", spread(found.inline, 0), ""],
    ["a call through a process, µs", spread(found.isolated, 0), ""],
    ["a process adds to a call, ms (median)", spread(found.added, 3), "≤ 0.5"],
    ["memory above a bare Node child, MiB (proportional)", spread(memory, 1), "≤ 4"],
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
