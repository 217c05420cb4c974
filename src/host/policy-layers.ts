import { toConcurrency, toPolicySettings, type Concurrency } from "../base/policy-settings.ts";
import type { Config, PluginSettings } from "../config/schema.ts";
import type { PolicyLayers } from "../execution/policy.ts";
import type { PluginInfo } from "../plugin-api/index.ts";

/** What the operator says of each tool of a plugin, by the author's name, from the least of its levels to the last. */
export function policyLayers(
  { limits, policy: usual }: Config["server"],
  id: string,
  { policy, tools }: PluginSettings,
): (tool: string) => PolicyLayers {
  const defaults = [
    { source: "server.limits", settings: { maxResultChars: limits.maxResultChars } },
    { source: "server.policy", settings: toPolicySettings(usual) },
  ];
  const plugin =
    policy === undefined
      ? []
      : [{ source: `plugins.${id}.policy`, settings: toPolicySettings(policy) }];
  return (tool) => {
    const own = tools?.[tool];
    if (own === undefined) return { defaults, overrides: plugin };
    const last = { source: `plugins.${id}.tools.${tool}`, settings: toPolicySettings(own) };
    return { defaults, overrides: [...plugin, last] };
  };
}

/** Where a plugin's share of the server comes from. */
export interface PluginLimits {
  readonly concurrency: Concurrency;
  readonly source: string;
}

/** How many calls of a plugin may run and wait: the operator's word, else its own, else what all have. */
export function pluginLimits(
  { concurrency: usual }: Config["server"],
  id: string,
  settings: PluginSettings,
  info: PluginInfo,
): PluginLimits {
  if (settings.concurrency !== undefined) {
    const concurrency = toConcurrency(settings.concurrency);
    return { concurrency, source: `plugins.${id}.concurrency` };
  }
  if (info.concurrency !== undefined) {
    return { concurrency: toConcurrency(info.concurrency), source: "author" };
  }
  return { concurrency: toConcurrency(usual.perPlugin), source: "server.concurrency" };
}
