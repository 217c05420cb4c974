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

/** Where it is and what to do, as lines that follow on the reason's. */
export function problemLines(problem: PluginProblem | undefined): readonly string[] {
  if (problem === undefined) return [];
  const { code, at } = problem;
  return [`    ${at === undefined ? "" : `${at}: `}${FIXES[code]}`];
}
