import { measurePipeline } from "./measure-pipeline.mjs";
import { spread } from "./report.mjs";

/** What the host promises: what it adds to a handler, its plugin's side included. */
const GOAL_US = 20;

/**
 * Measures what the host adds to a handler that does nothing, all in this process, and writes the table.
 * @param {object} options
 * @param {string} options.cli
 * @param {number} options.rounds
 * @param {number} options.calls of each kind in a round
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function pipelineSeries({ cli, rounds, calls, note }) {
  note(`pipeline: ${rounds} rounds of ${calls} calls`);
  const found = await measurePipeline({ cli, rounds, calls });
  const rows = found.map(({ name, us }) => `| ${name} | ${spread(us, 2)} |`);
  const bare = found.find(({ name }) => name === "by itself")?.us ?? [];
  const host = found.find(({ name }) => name === "through the pipeline")?.us ?? [];
  const pipeline = host.map((us, round) => us - (bare[round] ?? NaN));
  return [
    "### The pipeline around a call",
    "",
    "| a handler that does nothing | µs/call |",
    "| --- | --: |",
    ...rows,
    "",
    `Goal: the pipeline, with what holds by default, adds at most ${GOAL_US} µs to the handler.`,
    `Found: ${spread(pipeline, 2)} µs.`,
  ].join("\n");
}
