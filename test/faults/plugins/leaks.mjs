import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { createServer } from "node:net";
import { faulty, tool } from "./_parts.mjs";

export default faulty("leaks", {
  leak: tool(async () => {
    for (let count = 0; count < 100; count++) {
      setInterval(() => undefined, 10_000);
      process.on("SIGUSR2", () => undefined);
      openSync("/dev/null");
    }
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    return String(spawn("sleep", ["600"], { stdio: "inherit" }).pid);
  }),
  crash: tool(() => process.exit(3)),
});
