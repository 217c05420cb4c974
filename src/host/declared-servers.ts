import { shownAddress } from "../base/shown-address.ts";
import { declaredServers as settingsOfServers } from "../config/servers.ts";
import type { Config, ServerSettings } from "../config/schema.ts";
import type { Candidate } from "./candidate.ts";

/** The MCP servers that the configuration declares, as candidates: named, so that one that is not served is a fault. */
export function declaredServers(config: Config): readonly Candidate[] {
  return settingsOfServers(config).map(([id, settings]) => ({
    id,
    path: whereabouts(settings),
    origin: "server",
    found: { kind: "server", settings },
    named: true,
    byDefault: true,
  }));
}

/** Without arguments, which may hold secrets. */
function whereabouts({ command, url }: ServerSettings): string {
  return url === undefined ? (command ?? "") : shownAddress(new URL(url));
}
