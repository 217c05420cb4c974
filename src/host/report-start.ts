import type { Logger } from "../plugin-api/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { problemView } from "./problem-view.ts";

/** One line for each thing that is not as somebody wanted it, and one that sums up. */
export function reportStart(log: Logger, { plugins, tools, prompts, resources }: Catalogue): void {
  for (const { id, state, named, reason, quarantined, warnings, stage, problem } of plugins) {
    const about = { plugin: id, reason, ...problemView(problem) };
    // What failed after discovery has said so itself.
    const unsaid = state === "failed" ? stage === "discover" : named && state === "skipped";
    if (unsaid) log.error("plugin not served", about);
    else if (state === "skipped" && problem !== undefined) log.warn("plugin not served", about);
    for (const { kind, name, reason: why, problem: what } of quarantined) {
      const one = { plugin: id, [kind]: name, reason: why, ...problemView(what) };
      log.warn("definition not served", one);
    }
    for (const warning of warnings) log.warn(warning, { plugin: id });
  }
  log.info("ready", {
    serving: plugins.filter(({ state }) => state === "serving").map(({ id }) => id),
    failed: plugins.filter(({ state }) => state === "failed").map(({ id }) => id),
    tools: tools.size,
    prompts: prompts.size,
    resources: resources.size,
  });
}
