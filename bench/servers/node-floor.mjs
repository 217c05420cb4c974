// What Node itself costs before any library: answers every line with an empty list of tools.
import { createInterface } from "node:readline";

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: { tools: [] } })}\n`);
});
