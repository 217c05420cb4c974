import { nearest } from "../base/nearest.ts";
import { canonicalId } from "../config/plugin-settings.ts";
import type { Config } from "../config/schema.ts";
import { declaresServer } from "../config/servers.ts";
import type { PluginRecord } from "./record.ts";

/** Settings that no plugin, agent or backend will ever read are a slip of the pen, or its file lies elsewhere. */
export function unknownIds(
  plugins: readonly PluginRecord[],
  config: Config,
  searched: readonly string[],
): readonly string[] {
  const files = new Map<string, string>();
  for (const { id, path, manifest } of plugins) {
    const roles = manifest && [manifest.agents, manifest.llmBackends, manifest.storageBackends];
    for (const { name } of (roles ?? []).flat()) files.set(name, path);
    files.set(id, path);
  }
  const known = new Set([...files.keys()].map(canonicalId));
  const where = searched.length === 0 ? "" : ` in ${searched.join(", ")}`;
  return Object.keys(config.plugins)
    .filter((id) => !known.has(canonicalId(id)))
    .map((id) => {
      const meant = nearest(id, [...files.keys()], 3);
      const hint =
        meant === undefined
          ? serverHint(config, id)
          : ` Did you mean '${meant}' (${files.get(meant) ?? ""})?`;
      return `plugins.${id}: not found${where}.${hint}`;
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
