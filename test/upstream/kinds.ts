import { fileURLToPath } from "node:url";
import { bare, ERAS, type Era } from "./host.ts";
import { startModernHttp, startSessionsHttp } from "./http-servers.ts";

const MODERN = fileURLToPath(new URL("../fixtures/upstream/modern-server.mjs", import.meta.url));

export const modernStdio: object = {
  type: "mcp_server",
  command: process.execPath,
  args: [MODERN],
};

/** A server of each era on each transport, as it is configured. */
const KINDS: Readonly<Record<string, () => Promise<object>>> = {
  "2025 over stdio": () => Promise.resolve(bare()),
  "2025 over HTTP": async () => ({ type: "mcp_server", url: (await startSessionsHttp()).wire.url }),
  "2026 over stdio": () => Promise.resolve(modernStdio),
  "2026 over HTTP": async () => ({ type: "mcp_server", url: (await startModernHttp()).wire.url }),
};

/** Each of them with a client of each era. */
export const PAIRS: readonly { readonly server: string; readonly era: Era }[] = Object.keys(
  KINDS,
).flatMap((server) => ERAS.map((era) => ({ server, era })));

export function start(server: string): Promise<object> {
  const kind = KINDS[server];
  if (kind === undefined) throw new Error(`There is no kind '${server}'`);
  return kind();
}
