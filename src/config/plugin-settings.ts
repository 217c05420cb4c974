import type { Config, PluginSettings } from "./schema.ts";
import { isKnownHostKey } from "./problems.ts";
import { declaresServer } from "./servers.ts";

/** Ids are compared in this form: `-` and `_` are equal. */
export function canonicalId(id: string): string {
  return id.toLowerCase().replaceAll("_", "-");
}

/** The operator's settings of one plugin. */
export function settingsOf(config: Pick<Config, "plugins">, id: string): PluginSettings {
  const wanted = canonicalId(id);
  const entry = Object.entries(config.plugins).find(([key]) => canonicalId(key) === wanted);
  return entry?.[1] ?? {};
}

/** The plugin's own part of its settings: every key that is not the host's, and `config`, which wins. */
export function ownConfig(settings: PluginSettings): Readonly<Record<string, unknown>> {
  // What is meant for a server, its secrets among it, is for no plugin that happens to have the same id.
  if (declaresServer(settings)) return {};
  const own = Object.entries(settings).filter(([key]) => !isKnownHostKey(key));
  return { ...Object.fromEntries(own), ...settings.config };
}
