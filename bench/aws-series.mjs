import { join } from "node:path";
import { ask, startDemoAccount, TOOLS, writeConfig } from "./measure-aws.mjs";
import { measureStart } from "./measure-start.mjs";
import { askAsOriginal } from "./original-calls.mjs";
import { spread } from "./report.mjs";
import { median, ratios } from "./statistics.mjs";

/** @typedef {import("./measure-aws.mjs").Asked} Asked */

/** What the original asks for each kind of question; it knows no other. */
const QUESTIONS = ["overview", "trends", "anomalies"];
const GOAL_MS = 10;
const GOAL_MIB = 2;

/**
 * The plugin aws-operations against its demo account: first answers and repeated ones, what they cost beside the calls of
 * the plugin that it carries over, and what it adds to a start before it is needed.
 * @param {object} options
 * @param {string} options.cli
 * @param {string} options.folder
 * @param {number} options.rounds
 * @param {number} options.starts
 * @param {number} options.tools of the ten that are asked
 * @param {(text: string) => void} options.note
 * @returns {Promise<string>}
 */
export async function awsSeries({ cli, folder, rounds, starts, tools, note }) {
  note(`aws: ${rounds} rounds of ${tools} tools, ${starts} starts`);
  const account = await startDemoAccount(cli);
  try {
    const config = writeConfig(folder, "demo", { config: account.config });
    const about = { cli, config, folder };
    return [
      "### aws-operations, on its demo account",
      "",
      await answers(about, rounds, TOOLS.slice(0, tools)),
      "",
      await requests(about, account.config),
      "",
      await added({ cli, folder, starts }),
    ].join("\n");
  } finally {
    await account.stop();
  }
}

/**
 * @param {{ cli: string, config: string, folder: string }} about
 * @param {number} rounds
 * @param {readonly string[]} tools
 */
async function answers(about, rounds, tools) {
  /** @type {Map<string, Asked[]>} */
  const found = new Map(tools.map((tool) => [tool, []]));
  // The first round is not counted: in it, the plugin is not remembered yet.
  for (let round = 0; round <= rounds; round++) {
    for (const tool of tools) {
      const asked = await ask({ ...about, tool, args: {} });
      if (round > 0) found.get(tool)?.push(asked);
    }
  }
  const rows = [...found].map(([tool, asked]) => {
    const [first, again] = [asked.map(({ firstMs }) => firstMs), asked.map((one) => one.againMs)];
    const paid = [asked.at(-1)?.firstPaid, asked.at(-1)?.againPaid].join(" / ");
    return `| ${tool} | ${spread(first, 0)} | ${spread(again, 1)} | ${spread(ratios(again, first), 3)} | ${paid} |`;
  });
  return [
    "| the first question to a server, and the same again | first, ms | again, ms | again / first | paid requests |",
    "| --- | --: | --: | --: | --: |",
    ...rows,
  ].join("\n");
}

/**
 * @param {{ cli: string, config: string, folder: string }} about
 * @param {Readonly<Record<string, string>>} demo
 */
async function requests(about, demo) {
  const sdk = {
    region: "us-east-1",
    endpoint: demo["endpoint"] ?? "",
    credentials: {
      accessKeyId: demo["awsAccessKey"] ?? "",
      secretAccessKey: demo["awsSecretKey"] ?? "",
    },
  };
  const rows = [];
  for (const analysis of QUESTIONS) {
    const ours = await ask({ ...about, tool: "aws_cost_analysis", args: { analysis } });
    const theirs = await askAsOriginal(sdk, analysis, new Date());
    rows.push(
      `| ${analysis} | ${ours.firstPaid}, then ${ours.againPaid} | ${theirs}, then ${theirs} |`,
    );
  }
  return [
    "| paid requests for a question about costs | ours | the original's calls |",
    "| --- | --: | --: |",
    ...rows,
  ].join("\n");
}

/** @param {{ cli: string, folder: string, starts: number }} options */
async function added({ cli, folder, starts }) {
  const of = (/** @type {string} */ name, /** @type {object} */ settings) => ({
    args: [cli, "serve", "--config", writeConfig(folder, name, settings)],
  });
  const without = of("without", { enabled: false });
  const remembered = of("remembered", { config: {} });
  /** @type {Record<"ms" | "mib", number[]>} */
  const found = { ms: [], mib: [] };
  for (let round = 0; round <= starts; round++) {
    const base = await measureStart(without, join(folder, "stderr"));
    const own = await measureStart(remembered, join(folder, "stderr"));
    if (round === 0) continue;
    found.ms.push(own.cpuMs - base.cpuMs);
    found.mib.push(own.memoryMib - base.memoryMib);
  }
  return [
    `Before its first call, the plugin adds ${spread(found.ms, 0)} ms of CPU time to a start (goal: under ${GOAL_MS}; median ${median(found.ms).toFixed(1)})`,
    `and ${spread(found.mib, 1)} MiB (goal: under ${GOAL_MIB}), beside the same server without it, once its definitions are known.`,
  ].join("\n");
}
