import type { PluginStage } from "../base/errors.ts";
import type { Manifest, Quarantined } from "../base/manifest.ts";
import type { PluginProblem } from "../base/plugin-problem.ts";
import type { Candidate } from "./candidate.ts";

/** Where a plugin is in its life. */
export type PluginState =
  /** Its definitions are known; `onPluginLoad` has not finished. */
  | "loading"
  | "serving"
  /** What carries out its calls cannot be reached now; the host goes on trying. */
  | "unavailable"
  | "failed"
  /** Switched off, or a built-in that nobody named. */
  | "disabled"
  /** Not something that this host runs: a Python plugin, a module without a plugin. */
  | "skipped"
  | "stopped";

/** Whether what it offers is listed, and its port asked. */
export function isLive(state: PluginState): boolean {
  return state === "loading" || state === "serving" || state === "unavailable";
}

/** What is known of one candidate, for `list`, `check` and the plugin's resource. */
export interface PluginRecord {
  readonly id: string;
  readonly path: string;
  readonly origin: Candidate["origin"];
  readonly state: PluginState;
  /** Somebody named just this plugin. */
  readonly named: boolean;
  /** The last stage it entered. */
  readonly stage: PluginStage;
  /** Why it is not serving. */
  readonly reason?: string;
  /** What that is among the usual mistakes. */
  readonly problem?: PluginProblem;
  readonly manifest?: Manifest;
  readonly warnings: readonly string[];
  /** Definitions that are not served, those taken by another plugin included. */
  readonly quarantined: readonly Quarantined[];
  /** Put on every result. */
  readonly notice?: string;
}
