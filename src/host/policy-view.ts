import type { PolicySettings } from "../base/policy-settings.ts";
import { softDeadlineMs } from "../execution/policy.ts";
import type { Json } from "../plugin-api/index.ts";
import type { CatalogueTool } from "./catalogue.ts";
import type { PluginLimits } from "./policy-layers.ts";

/** A value as it would be written in a configuration, and who has said it. */
export interface SaidValue {
  readonly value: Json;
  /** `default`, `author`, or the place in the configuration. */
  readonly source: string;
}

/** The whole policy of a tool, times in seconds; false stands for what it has not. */
export function policyView(tool: CatalogueTool): Readonly<Record<string, SaidValue>> {
  const { policy, policySources: sources } = tool;
  const { concurrency, rate, cacheMs, breaker, dedupMs } = policy;
  const said = (key: keyof PolicySettings, value: Json): SaidValue => ({
    value,
    source: sources[key] ?? "default",
  });
  return {
    timeout: said("timeoutMs", inSeconds(policy.timeoutMs)),
    deadline: said("deadlineMs", inSeconds(policy.deadlineMs)),
    retryCount: said("retryCount", policy.retryCount),
    long: said("long", policy.long),
    softDeadline: said(
      "softDeadlineMs",
      policy.softDeadlineMs === undefined
        ? {
            withTasks: inSeconds(softDeadlineMs(policy, true)),
            others: inSeconds(softDeadlineMs(policy, false)),
          }
        : inSeconds(policy.softDeadlineMs),
    ),
    longDeadline: said("longDeadlineMs", inSeconds(policy.longDeadlineMs)),
    concurrency: said("concurrency", concurrency === undefined ? false : { ...concurrency }),
    rate: said(
      "rate",
      rate === undefined ? false : { calls: rate.calls, per: inSeconds(rate.perMs) },
    ),
    cache: said("cacheMs", cacheMs === undefined ? false : inSeconds(cacheMs)),
    breaker: said(
      "breaker",
      breaker === undefined
        ? false
        : {
            failures: breaker.failures,
            ratio: breaker.ratio,
            window: inSeconds(breaker.windowMs),
            open: inSeconds(breaker.openMs),
          },
    ),
    dedupSeconds: said("dedupMs", inSeconds(dedupMs ?? 0)),
    ...(policy.maxResultChars !== undefined && {
      maxResultChars: said("maxResultChars", policy.maxResultChars),
    }),
  };
}

export function limitsView({ concurrency, source }: PluginLimits): SaidValue {
  return { value: { ...concurrency }, source };
}

function inSeconds(milliseconds: number): number {
  return milliseconds / 1_000;
}
