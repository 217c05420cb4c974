import { messageOf } from "../base/errors.ts";
import type { PluginRunner } from "./plugin-runner.ts";

/** What has become of a plugin that was to be loaded anew. */
export interface Reloaded {
  readonly plugin: string;
  /** Why the one before still serves; undefined if the new one does. */
  readonly problem?: string;
}

/** The replaceable plugins among those named, or all, with the others of their groups: those share a process. */
export function withGroups(
  runners: readonly PluginRunner[],
  ids: ReadonlySet<string> | undefined,
  groupOf: (id: string) => string | undefined,
): readonly PluginRunner[] {
  const replaceable = runners.filter(({ isReplaceable }) => isReplaceable);
  if (ids === undefined) return replaceable;
  const groups = new Set([...ids].map(groupOf).filter((group) => group !== undefined));
  return replaceable.filter(({ record }) => {
    const group = groupOf(record.id);
    return ids.has(record.id) || (group !== undefined && groups.has(group));
  });
}

/** Makes new instances ready side by side, and puts all that can serve in place at once. */
export async function replaceAll(
  runners: readonly PluginRunner[],
  onReplaced: () => void,
): Promise<readonly Reloaded[]> {
  const prepared = await Promise.allSettled(runners.map((runner) => runner.prepareReplacement()));
  for (const replacement of prepared) if (replacement.status === "fulfilled") replacement.value();
  if (prepared.some(({ status }) => status === "fulfilled")) onReplaced();
  return runners.map(({ record }, index): Reloaded => {
    const outcome = prepared[index];
    return outcome?.status === "rejected"
      ? { plugin: record.id, problem: messageOf(outcome.reason) }
      : { plugin: record.id };
  });
}
