import type { ToolManifest } from "../base/manifest.ts";
import {
  DEFAULT_SETTINGS,
  type BreakerSettings,
  type Concurrency,
  type PolicySettings,
  type Rate,
} from "../base/policy-settings.ts";
import { longestBackoffMs } from "../base/retry.ts";

/** What the host does around a call of one tool. */
export interface Policy {
  /** Limit of the whole call. */
  readonly deadlineMs: number;
  /** Limit of one attempt. */
  readonly timeoutMs: number;
  /** Limit of an attempt of a call that has left its request: the same if anybody has set it, else none but the deadline. */
  readonly longTimeoutMs: number;
  /** Further attempts after the first that the author asked for. */
  readonly retryCount: number;
  /** Whether a transient error that was thrown may be followed by another attempt. */
  readonly retriesErrors: boolean;
  /** Whether an attempt that may have been carried out (a timeout, a crash) may be followed by another one. */
  readonly retriesTimeouts: boolean;
  /** True: the call leaves its request as soon as its arguments are good. `required`: it is only for clients with tasks. */
  readonly long: boolean | "required";
  /** When a call leaves its request that is not done. Undefined: as the client's kind has it. */
  readonly softDeadlineMs?: number;
  /** Limit of a call that has left its request, from then on. */
  readonly longDeadlineMs: number;
  /** Calls of the tool at a time, within what its plugin has. */
  readonly concurrency?: Concurrency;
  /** For each principal. */
  readonly rate?: Rate;
  /** How long an answer is given again. Only for read-only tools. */
  readonly cacheMs?: number;
  readonly breaker?: BreakerSettings;
  /** How long a call with the same arguments is not carried out again. */
  readonly dedupMs?: number;
  /** Instead of the host's own limit. */
  readonly maxResultChars?: number;
}

/** One level that has a word in a policy. */
interface PolicyLayer {
  /** How `list --policy` names it. */
  readonly source: string;
  readonly settings: PolicySettings;
}

export interface PolicyLayers {
  /** What holds where the author says nothing. */
  readonly defaults?: readonly PolicyLayer[];
  /** What holds whatever the author says; the last has the last word. */
  readonly overrides?: readonly PolicyLayer[];
}

/** Where each value comes from; what nobody says has no entry. */
export type PolicySources = Readonly<Partial<Record<keyof PolicySettings, string>>>;

export interface EffectivePolicy {
  readonly policy: Policy;
  readonly sources: PolicySources;
}

const BUILT_IN = "default";
const DEFAULT_TIMEOUT_MS = 30_000;
/** Clients give up after 60 s: our own answer must come before. */
const LONGEST_DEADLINE_MS = 50_000;
/** Of a deadline that nobody has set: for a slot, and for a plugin whose process has to be started first. */
const BEGIN_MS = 5_000;
const LONG_DEADLINE_MS = 900_000;
/** A task costs its client nothing; a job costs a model another call. */
const SOFT_DEADLINE_MS = { task: 20_000, job: 45_000 };

/** Of prompts, resources and completions, which have no policy of their own. */
export const READ_POLICY: Policy = {
  deadlineMs: DEFAULT_TIMEOUT_MS,
  timeoutMs: DEFAULT_TIMEOUT_MS,
  longTimeoutMs: LONG_DEADLINE_MS,
  retryCount: 0,
  retriesErrors: false,
  retriesTimeouts: true,
  long: false,
  longDeadlineMs: LONG_DEADLINE_MS,
};

export function softDeadlineMs(policy: Policy, takesTasks: boolean): number {
  return policy.softDeadlineMs ?? SOFT_DEADLINE_MS[takesTasks ? "task" : "job"];
}

/** Whether a call may leave its request for a client without tasks, and its client needs tools to come back for it. */
export function becomesJob(policy: Policy): boolean {
  if (policy.long === "required") return false;
  return policy.long || softDeadlineMs(policy, false) < policy.deadlineMs;
}

/** The one place that computes a policy: built-in defaults ← operator's defaults ← author ← operator. */
export function effectivePolicy(
  { settings, annotations }: Pick<ToolManifest, "settings" | "annotations">,
  { defaults = [], overrides = [] }: PolicyLayers = {},
): EffectivePolicy {
  const author = { source: "author", settings };
  const known = [...overrides.toReversed(), author];
  const sources: Partial<Record<keyof PolicySettings, string>> = {};
  const said = <Key extends keyof PolicySettings>(
    key: Key,
    layers: readonly PolicyLayer[],
  ): PolicySettings[Key] | undefined => {
    const layer = layers.find((one) => one.settings[key] !== undefined);
    if (layer !== undefined) sources[key] = layer.source;
    return layer?.settings[key];
  };
  const builtIn = { source: BUILT_IN, settings: DEFAULT_SETTINGS };
  const all = [...known, ...defaults.toReversed(), builtIn];
  const usual = <Key extends keyof PolicySettings>(key: Key): PolicySettings[Key] | undefined =>
    said(key, all);

  const long = usual("long") ?? false;
  const longDeadlineMs = usual("longDeadlineMs") ?? LONG_DEADLINE_MS;
  // An operator's default is meant for ordinary tools, not for those that their authors call long.
  const timeoutMs =
    said("timeoutMs", long === false ? all : known) ??
    (long === false ? DEFAULT_TIMEOUT_MS : longDeadlineMs);
  const retryCount = usual("retryCount") ?? 0;
  const deadlineMs =
    usual("deadlineMs") ??
    Math.min(
      LONGEST_DEADLINE_MS,
      BEGIN_MS + timeoutMs * (retryCount + 1) + longestBackoffMs(retryCount),
    );
  const softMs = usual("softDeadlineMs");
  const readOnly = annotations.readOnlyHint === true;
  const cacheMs = usual("cacheMs");
  const [concurrency, rate, breaker] = [usual("concurrency"), usual("rate"), usual("breaker")];
  const [dedupMs, maxResultChars] = [usual("dedupMs"), usual("maxResultChars")];
  const policy: Policy = {
    deadlineMs,
    timeoutMs,
    longTimeoutMs: said("timeoutMs", known) ?? longDeadlineMs,
    retryCount,
    retriesErrors:
      readOnly || (annotations.idempotentHint !== false && annotations.destructiveHint !== true),
    retriesTimeouts: readOnly || annotations.idempotentHint === true,
    long,
    ...(softMs !== undefined && { softDeadlineMs: softMs }),
    longDeadlineMs,
    ...(concurrency && { concurrency }),
    ...(rate && { rate }),
    ...(readOnly && cacheMs && { cacheMs }),
    ...(breaker && { breaker }),
    ...(dedupMs && { dedupMs }),
    ...(maxResultChars !== undefined && { maxResultChars }),
  };
  return { policy, sources };
}
