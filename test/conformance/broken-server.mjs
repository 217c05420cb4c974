// A server on stdio with one fault: node broken-server.mjs <fault> <program> <argument>…
// What the real server writes goes through the fault; all else is as it was.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const [, , fault, program, ...args] = process.argv;

/** What becomes of a message; undefined: it is never sent. */
const FAULTS = {
  "lists tools without schemas": (message) => {
    for (const tool of message.result?.tools ?? []) delete tool.inputSchema;
    return message;
  },
  "reports no progress": (message) =>
    message.method === "notifications/progress" ? undefined : message,
  "asks the user nothing": (message) => {
    if (message.method === "elicitation/create") delete message.params.message;
    return message;
  },
  "gives no hints for caches": (message) => {
    delete message.result?.ttlMs;
    return message;
  },
  "tags no subscription": (message) => {
    if (message.method !== undefined) delete message.params?._meta;
    return message;
  },
  "mixes up the codes of errors": (message) => {
    if (message.error !== undefined) message.error.code = -32_000;
    return message;
  },
};

const server = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
process.stdin.pipe(server.stdin);
createInterface({ input: server.stdout }).on("line", (line) => {
  const message = FAULTS[fault](JSON.parse(line));
  if (message !== undefined) process.stdout.write(`${JSON.stringify(message)}\n`);
});
server.on("close", (code) => {
  process.exitCode = code;
});
