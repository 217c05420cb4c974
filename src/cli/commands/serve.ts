import type { App } from "../../app.ts";
import { HostError } from "../../base/errors.ts";
import { openApp, type CommonOptions } from "../open-app.ts";
import { note } from "../output.ts";
import { listenForStop, runUntilStopped } from "../run-until-stopped.ts";

export interface ServeOptions extends CommonOptions {
  /** `true` for the configured address, else `[host:]port`. */
  readonly http?: string | true;
  /** No sessions for anybody. */
  readonly stateless?: boolean;
}

export async function serve(options: ServeOptions): Promise<number> {
  const address = options.http === undefined ? undefined : parseAddress(options.http);
  if (options.stateless && address === undefined) {
    throw new HostError("USAGE", "--stateless is for --http: on stdio there is one client.");
  }
  const stopSignal = listenForStop();
  const app = await openApp(options);
  listenForReload(app);
  try {
    if (address === undefined) {
      return await runUntilStopped(app, await app.serveStdio(), stopSignal);
    }
    const serving = await app.serveHttp({
      ...address,
      ...(options.stateless && { stateless: true }),
    });
    note(`Serving MCP at ${serving.url}`);
    return await runUntilStopped(app, serving, stopSignal);
  } finally {
    await app.stop();
  }
}

/** SIGHUP loads plugins anew. From a terminal it means that the terminal is gone, and ends the server as ever. */
function listenForReload(app: App): void {
  if (!process.stdin.isTTY) process.on("SIGHUP", () => void app.host.reload());
}

/** `8080`, `0.0.0.0:8080` or `[::1]:8080`. */
export function parseAddress(text: string | true): { host?: string; port?: number } {
  if (text === true) return {};
  const { host, port } = /^(?:(?<host>.+):)?(?<port>\d{1,5})$/u.exec(text)?.groups ?? {};
  if (port === undefined || Number(port) > 65_535) {
    throw new HostError(
      "USAGE",
      `--http takes [host:]port, found '${text}'. For example: --http 8080`,
    );
  }
  return { ...(host !== undefined && { host: host.replace(/^\[|\]$/gu, "") }), port: Number(port) };
}
