import type { TaskSpec } from "../plugin-api/index.ts";
import { dependantsOf } from "./plan.ts";

/** Which tasks of a checked plan can begin, as others end. Knows nothing of what they do. */
export class GraphRun {
  readonly #dependants: ReadonlyMap<string, readonly string[]>;
  /** What each task that has not begun still waits for. */
  readonly #open: Map<string, Set<string>>;
  readonly #ready: string[] = [];

  /** `done`: the tasks that have been completed before. */
  constructor(tasks: readonly TaskSpec[], done: ReadonlySet<string> = new Set()) {
    this.#dependants = dependantsOf(tasks);
    const left = tasks.filter(({ id }) => !done.has(id));
    this.#open = new Map(
      left.map(({ id, dependencies }) => [
        id,
        new Set(dependencies.filter((other) => !done.has(other))),
      ]),
    );
    for (const { id } of left) this.#settle(id);
  }

  /** The next task that can begin; undefined if all others wait, or there is none. */
  take(): string | undefined {
    return this.#ready.shift();
  }

  completed(id: string): void {
    for (const dependant of this.#dependants.get(id) ?? []) {
      this.#open.get(dependant)?.delete(id);
      this.#settle(dependant);
    }
  }

  /** All that will not begin because this task has not been completed, each once. */
  failed(id: string): readonly string[] {
    const lost: string[] = [];
    const from = [id];
    for (let next = from.pop(); next !== undefined; next = from.pop()) {
      for (const dependant of this.#dependants.get(next) ?? []) {
        if (!this.#open.delete(dependant)) continue;
        lost.push(dependant);
        from.push(dependant);
      }
    }
    return lost;
  }

  /** Whatever has not begun never will. */
  stop(): readonly string[] {
    const left = [...this.#ready.splice(0), ...this.#open.keys()];
    this.#open.clear();
    return left;
  }

  #settle(id: string): void {
    if (this.#open.get(id)?.size !== 0) return;
    this.#open.delete(id);
    this.#ready.push(id);
  }
}
