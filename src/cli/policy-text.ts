import { softDeadlineMs } from "../execution/policy.ts";
import type { CatalogueTool } from "../host/catalogue.ts";
import type { PluginLimits } from "../host/policy-layers.ts";
import { retriesInWords } from "../host/retries-in-words.ts";

/** What the host does around the calls of a tool, for a person: a line for each thing that it does. */
export function policyText(tool: CatalogueTool): string {
  const { policy } = tool;
  const { concurrency, rate, breaker, cacheMs, dedupMs, maxResultChars } = policy;
  const lines: readonly (readonly [string, string] | undefined)[] = [
    ["time", `${seconds(policy.timeoutMs)} for an attempt, ${seconds(policy.deadlineMs)} in all`],
    ["long", longText(tool)],
    ["retries", retriesInWords(tool)],
    concurrency && ["slots", `${concurrency.slots} running, ${concurrency.queue} waiting`],
    rate && ["rate", `${rate.calls} calls in ${seconds(rate.perMs)} for each principal`],
    cacheMs === undefined ? undefined : ["cache", seconds(cacheMs)],
    dedupMs === undefined ? undefined : ["dedup", seconds(dedupMs)],
    breaker && [
      "breaker",
      `${breaker.failures} failures in a row, or ${percent(breaker.ratio)} of at least 20 calls in ${seconds(breaker.windowMs)}: ` +
        `off for ${seconds(breaker.openMs)}`,
    ],
    maxResultChars === undefined ? undefined : ["answer", `${maxResultChars} characters at once`],
  ];
  const shown = lines.filter((line) => line !== undefined);
  return [tool.name, ...shown.map(([label, text]) => `  ${label.padEnd(8)}${text}`)].join("\n");
}

/** How much of the server a plugin may take up. */
export function limitsText(id: string, { concurrency: { slots, queue } }: PluginLimits): string {
  return `${id}\n  ${"slots".padEnd(8)}${slots} running, ${queue} waiting`;
}

/** When a call leaves its request, and what it has from then on. */
function longText({ policy }: CatalogueTool): string {
  const { long, longDeadlineMs } = policy;
  const limit = `then ${seconds(longDeadlineMs)}`;
  if (long === "required")
    return `leaves its request at once, only for clients with tasks, ${limit}`;
  if (long) return `leaves its request at once, ${limit}`;
  const [withTasks, others] = [softDeadlineMs(policy, true), softDeadlineMs(policy, false)];
  const after =
    withTasks === others
      ? seconds(others)
      : `${seconds(withTasks)} with tasks, ${seconds(others)} without`;
  return `leaves its request after ${after}, ${limit}`;
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1_000} s`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
