import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { message, resultOf } from "./load/messages.mjs";
import { StdioClient } from "./load/stdio-client.mjs";
import { ServerProcess } from "./server-process.mjs";

/**
 * One question to a server that has answered nothing before, and the same once more.
 * @typedef {object} Asked
 * @property {number} firstMs
 * @property {number} againMs
 * @property {number} firstPaid requests to Cost Explorer
 * @property {number} againPaid
 */

/**
 * The demo account of aws-operations, in a process of its own.
 * @param {string} cli main.js of the build
 * @returns {Promise<{ config: Readonly<Record<string, string>>, stop: () => Promise<void> }>}
 */
export async function startDemoAccount(cli) {
  const file = join(cli, "../../../plugins/aws-operations/demo-account/main.js");
  const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return {
    config: JSON.parse(line).config,
    stop: async () => {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {object} settings of the plugin
 * @returns {string} a configuration's file
 */
export function writeConfig(folder, name, settings) {
  const file = join(folder, `${name}.json`);
  const server = { dataDirectory: join(folder, "data"), logLevel: "silent" };
  writeFileSync(file, JSON.stringify({ server, plugins: { "aws-operations": settings } }));
  return file;
}

/**
 * @param {{ cli: string, config: string, folder: string, tool: string, args: object }} options
 * @returns {Promise<Asked>}
 */
export async function ask({ cli, config, folder, tool, args }) {
  const server = new ServerProcess(
    { args: [cli, "serve", "--config", config] },
    join(folder, "stderr"),
  );
  try {
    const client = new StdioClient(server.stdin, server.stdout);
    const list = message("tools/list");
    resultOf(list, await client.send(list));
    const call = async () => {
      const sent = message("tools/call", { name: tool, arguments: args });
      const from = performance.now();
      const text = await client.send(sent);
      const ms = performance.now() - from;
      const { meta } = resultOf(sent, text).structuredContent;
      return { ms, paid: meta?.ceRequests ?? 0 };
    };
    const [first, again] = [await call(), await call()];
    client.close();
    return {
      firstMs: first.ms,
      againMs: again.ms,
      firstPaid: first.paid,
      againPaid: again.paid,
    };
  } finally {
    await server.stop();
  }
}

/** Every tool of the plugin, with the arguments of a plain question. */
export const TOOLS = [
  "aws_cost_analysis",
  "aws_cost_compare",
  "aws_commitments",
  "aws_service_health",
  "aws_resource_inventory",
  "aws_unused_resources",
  "aws_security_scan",
  "aws_iam_review",
  "aws_api_activity",
  "aws_account_status",
];
