import type { TaskSpec } from "../plugin-api/index.ts";

/** What a plan is checked against. */
export interface PlanLimits {
  /** Names of the agents that can execute tasks. */
  readonly agents: ReadonlySet<string>;
  readonly maxTasks: number;
}

/** So many tasks are named in a message at most. */
const MOST_NAMED = 10;

/** A plan that cannot be carried out. Its message names the tasks, and is for whoever made the plan. */
export class BadPlanError extends Error {
  constructor(problem: string) {
    super(`The plan cannot be carried out: ${problem}. Nothing has been run.`);
    this.name = "BadPlanError";
  }
}

/** Throws a {@link BadPlanError} for a plan that is empty, too large, or contradicts itself. */
export function checkPlan(tasks: readonly TaskSpec[], { agents, maxTasks }: PlanLimits): void {
  if (tasks.length === 0) throw new BadPlanError("it has no tasks");
  if (tasks.length > maxTasks) {
    throw new BadPlanError(
      `it has ${tasks.length} tasks, more than the ${maxTasks} that are taken`,
    );
  }
  const twice = repeated(tasks.map(({ id }) => id));
  if (twice.length > 0) throw new BadPlanError(`several tasks have the id ${named(twice)}`);
  const ids = new Set(tasks.map(({ id }) => id));
  for (const { id, dependencies, agentType } of tasks) {
    const unknown = dependencies.filter((other) => !ids.has(other));
    if (unknown.length > 0) {
      throw new BadPlanError(`task '${id}' depends on ${named(unknown)}, which is no task of it`);
    }
    if (!agents.has(agentType)) {
      throw new BadPlanError(
        `task '${id}' is for the agent '${agentType}', which is not loaded; loaded are ${named([...agents])}`,
      );
    }
  }
  const circle = findCircle(tasks);
  if (circle !== undefined) {
    throw new BadPlanError(`its tasks wait for one another: ${circle.join(" → ")}`);
  }
}

function repeated(ids: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  return [...twice];
}

function named(names: readonly string[]): string {
  const some = names.slice(0, MOST_NAMED).map((name) => `'${name}'`);
  const more = names.length - some.length;
  return `${some.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The ids along a circle of dependencies, the first again at its end; without recursion, for plans may be long chains. */
function findCircle(tasks: readonly TaskSpec[]): readonly string[] | undefined {
  const open = new Map(tasks.map(({ id, dependencies }) => [id, new Set(dependencies)]));
  const dependants = dependantsOf(tasks);
  const free = [...open].filter(([, { size }]) => size === 0).map(([id]) => id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    open.delete(id);
    for (const dependant of dependants.get(id) ?? []) {
      const left = open.get(dependant);
      left?.delete(id);
      if (left?.size === 0) free.push(dependant);
    }
  }
  const path: string[] = [];
  // Everything that is left waits for something that is left.
  for (let [id] = open.keys(); id !== undefined; [id] = open.get(id) ?? []) {
    const from = path.indexOf(id);
    path.push(id);
    if (from !== -1) return path.slice(from);
  }
  return undefined;
}

/** The tasks that wait for each task. */
export function dependantsOf(tasks: readonly TaskSpec[]): ReadonlyMap<string, readonly string[]> {
  const dependants = new Map<string, string[]>(tasks.map(({ id }) => [id, []]));
  for (const { id, dependencies } of tasks) {
    for (const other of new Set(dependencies)) dependants.get(other)?.push(id);
  }
  return dependants;
}
