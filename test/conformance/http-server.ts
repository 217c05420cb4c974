import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Command } from "./stdio/server-process.ts";

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts a server that serves over HTTP, and finds out where. */
export async function startHttpServer([program, ...args]: Command): Promise<RunningServer> {
  const server = spawn(program, [...args, "--http", "127.0.0.1:0"], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => server.once("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then((code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: server.stderr }).on("line", (line) => {
      const port = /Serving MCP at http:\/\/[^:]+:(\d+)/u.exec(line)?.[1];
      // `localhost`, because one scenario wants that name.
      if (port !== undefined) resolve(`http://localhost:${port}/mcp`);
    });
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.kill("SIGTERM");
      await ended;
    },
  };
}
