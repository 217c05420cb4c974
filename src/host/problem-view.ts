import { FIXES, type PluginProblem } from "../base/plugin-problem.ts";

/** A usual mistake with where it is and what to do, for the log, `list` and the plugin's resource. */
export function problemView(problem: PluginProblem | undefined): {
  readonly problem?: string;
  readonly at?: string;
  readonly fix?: string;
} {
  if (problem === undefined) return {};
  const { code, at } = problem;
  return { problem: code, ...(at !== undefined && { at }), fix: FIXES[code] };
}

/** ` (plugins/my_agent.ts:12). Add the method …`: what follows on a reason, without what that says already. */
export function problemText(reason: string, problem: PluginProblem | undefined): string {
  if (problem === undefined) return reason;
  const { code, at } = problem;
  const place = at === undefined || reason.includes(at) ? "" : ` (${at})`;
  return `${reason}${place}. ${FIXES[code]}`;
}
