import type { ToolManifest } from "../base/manifest.ts";
import { longestBackoffMs } from "../base/retry.ts";

/** What the host does around a call of one tool. */
export interface Policy {
  /** Limit of the whole call. */
  readonly deadlineMs: number;
  /** Limit of one attempt. */
  readonly timeoutMs: number;
  /** Further attempts after the first that the author asked for. */
  readonly retryCount: number;
  /** Whether a transient error that was thrown may be followed by another attempt. */
  readonly retriesErrors: boolean;
  /** Whether a timeout may be followed by another attempt. */
  readonly retriesTimeouts: boolean;
  /** True: the call leaves its request as soon as its arguments are good. `required`: it is only for clients with tasks. */
  readonly long: boolean | "required";
  /** When a call leaves its request that is not done. Undefined: as the client's kind has it. */
  readonly softDeadlineMs?: number;
  /** Limit of a call that has left its request, from then on. */
  readonly longDeadlineMs: number;
}

/** The operator's word on one tool, in milliseconds. */
export type PolicyOverride = Partial<
  Pick<
    Policy,
    "deadlineMs" | "timeoutMs" | "retryCount" | "long" | "softDeadlineMs" | "longDeadlineMs"
  >
>;

const DEFAULT_TIMEOUT_MS = 30_000;
/** Clients give up after 60 s: our own answer must come before. */
const LONGEST_DEADLINE_MS = 50_000;
const LONG_DEADLINE_MS = 900_000;
/** A task costs its client nothing; a job costs a model another call. */
const SOFT_DEADLINE_MS = { task: 20_000, job: 45_000 };

/** Of prompts, resources and completions, which have no policy of their own. */
export const READ_POLICY: Policy = {
  deadlineMs: DEFAULT_TIMEOUT_MS,
  timeoutMs: DEFAULT_TIMEOUT_MS,
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

/** defaults ← tool ← operator. */
export function effectivePolicy(tool: ToolManifest, override: PolicyOverride = {}): Policy {
  const { settings, annotations } = tool;
  const long = override.long ?? settings.long ?? false;
  const longDeadlineMs = override.longDeadlineMs ?? settings.longDeadlineMs ?? LONG_DEADLINE_MS;
  const usualTimeoutMs = long === false ? DEFAULT_TIMEOUT_MS : longDeadlineMs;
  const timeoutMs = override.timeoutMs ?? settings.timeoutMs ?? usualTimeoutMs;
  const softMs = override.softDeadlineMs ?? settings.softDeadlineMs;
  const retryCount = override.retryCount ?? settings.retryCount ?? 0;
  const deadlineMs =
    override.deadlineMs ??
    settings.deadlineMs ??
    Math.min(LONGEST_DEADLINE_MS, timeoutMs * (retryCount + 1) + longestBackoffMs(retryCount));
  const readOnly = annotations.readOnlyHint === true;
  return {
    deadlineMs,
    timeoutMs,
    retryCount,
    retriesErrors:
      readOnly || (annotations.idempotentHint !== false && annotations.destructiveHint !== true),
    retriesTimeouts: readOnly || annotations.idempotentHint === true,
    long,
    ...(softMs !== undefined && { softDeadlineMs: softMs }),
    longDeadlineMs,
  };
}
