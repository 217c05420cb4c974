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
}

/** The operator's word on one tool, in milliseconds. */
export interface PolicyOverride {
  readonly deadlineMs?: number;
  readonly timeoutMs?: number;
  readonly retryCount?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** Clients give up after 60 s: our own answer must come before. */
const LONGEST_DEADLINE_MS = 50_000;

/** Of prompts, resources and completions, which have no policy of their own. */
export const READ_POLICY: Policy = {
  deadlineMs: DEFAULT_TIMEOUT_MS,
  timeoutMs: DEFAULT_TIMEOUT_MS,
  retryCount: 0,
  retriesErrors: false,
  retriesTimeouts: true,
};

/** defaults ← tool ← operator. */
export function effectivePolicy(tool: ToolManifest, override: PolicyOverride = {}): Policy {
  const { settings, annotations } = tool;
  const timeoutMs = override.timeoutMs ?? settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
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
  };
}
