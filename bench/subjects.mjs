import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A server under measurement.
 * @typedef {object} Subject
 * @property {string} name
 * @property {(transport: Transport, tools: number) => import("./server-process.mjs").Command} command
 */
/** @typedef {"http" | "stdio"} Transport */
/** @typedef {"silent" | "info"} LogLevel */

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

export const BASELINE = "SDK McpServer";
export const SILENT = "agentflow, log silent";
export const LOGGING = "agentflow, log info";

/**
 * The servers whose calls are compared.
 * @param {string} cli the host's main.js
 * @param {string} folder for configurations
 * @returns {readonly Subject[]}
 */
export function servingSubjects(cli, folder) {
  const host =
    (/** @type {LogLevel} */ logLevel) =>
    (/** @type {Transport} */ transport, /** @type {number} */ tools) => ({
      args: [
        ...hostArgs(cli, folder, { tools, logLevel }),
        ...(transport === "http" ? ["--http", "0"] : []),
      ],
      env: cleanHome(folder),
    });
  return [
    {
      name: BASELINE,
      command: (transport, tools) => ({
        args: [here(`servers/sdk-${transport}.mjs`), String(tools)],
      }),
    },
    { name: SILENT, command: host("silent") },
    { name: LOGGING, command: host("info") },
  ];
}

export const START_BASELINE = "SDK hello world";

/**
 * The programs whose start is compared, all over stdio.
 * @param {string} cli
 * @param {string} folder
 * @returns {readonly (import("./server-process.mjs").Command & { name: string })[]}
 */
export function startSubjects(cli, folder) {
  const env = cleanHome(folder);
  const onlyBench = hostArgs(cli, folder, { tools: 1, logLevel: "info" });
  return [
    { name: START_BASELINE, args: [here("servers/sdk-hello.mjs")] },
    { name: "agentflow, default configuration", args: [cli, "serve"], env },
    { name: "agentflow, only one plugin of one tool", args: onlyBench, env },
    { name: "Node alone", args: [here("servers/node-floor.mjs")] },
  ];
}

/**
 * @param {string} cli
 * @param {string} folder
 * @param {{ tools: number, logLevel: LogLevel }} options
 */
function hostArgs(cli, folder, { tools, logLevel }) {
  const config = join(folder, `${tools}-tools-${logLevel}.json`);
  const content = {
    server: { logLevel },
    plugins: {
      "aws-operations": { enabled: false },
      "echo-tools": { isolation: "inline", config: { count: tools } },
    },
  };
  writeFileSync(config, JSON.stringify(content));
  return [cli, "serve", "--config", config, "--plugins", here("plugins/echo-tools.mjs")];
}

/**
 * A home without anybody's own plugins and configuration.
 * @param {string} folder
 */
function cleanHome(folder) {
  const home = join(folder, "home");
  mkdirSync(home, { recursive: true });
  return { HOME: home, USERPROFILE: home, AGENTFLOW_CONFIG: "" };
}
