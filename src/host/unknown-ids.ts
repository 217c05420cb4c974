import { nearest } from "../base/nearest.ts";
import { canonicalId } from "../config/plugin-settings.ts";
import type { Config } from "../config/schema.ts";
import { declaresServer } from "../config/servers.ts";
import type { Candidate } from "./candidate.ts";

/** Settings that no plugin will ever read are a slip of the pen. */
export function unknownIds(candidates: readonly Candidate[], config: Config): readonly string[] {
  const ids = candidates.map(({ id }) => id);
  const known = new Set(ids.map(canonicalId));
  return Object.keys(config.plugins)
    .filter((id) => !known.has(canonicalId(id)))
    .map((id) => {
      const meant = nearest(id, ids, 3);
      const hint = meant === undefined ? serverHint(config, id) : ` Did you mean '${meant}'?`;
      return `plugins.${id}: no plugin of that id was found.${hint}`;
    });
}

/** Whoever copies a server from another client's configuration may miss the one key that it has not. */
function serverHint({ plugins }: Config, id: string): string {
  const settings = plugins[id] ?? {};
  const { command, url } = settings;
  if (declaresServer(settings)) return "";
  if (typeof command !== "string" && typeof url !== "string") return "";
  return ' If it is an MCP server, say so: "type": "mcp_server"';
}
