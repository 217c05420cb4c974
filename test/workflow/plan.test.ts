import { describe, expect, test } from "vitest";
import { BadPlanError, checkPlan } from "../../src/workflow/plan.ts";
import type { TaskSpec } from "../../src/plugin-api/index.ts";

const LIMITS = { agents: new Set(["planner", "writer"]), maxTasks: 500 };

function task(id: string, dependencies: readonly string[] = [], agentType = "planner"): TaskSpec {
  return { id, name: id, agentType, description: "", parameters: {}, dependencies };
}

function complaint(tasks: readonly TaskSpec[]): string {
  try {
    checkPlan(tasks, LIMITS);
  } catch (error) {
    if (error instanceof BadPlanError) return error.message;
    throw error;
  }
  return "none";
}

describe("a plan is refused before anything runs", () => {
  test.each([
    ["without tasks", [], "it has no tasks"],
    [
      "with two tasks of one id",
      [task("a"), task("b"), task("a")],
      "several tasks have the id 'a'",
    ],
    [
      "with a dependency on nothing",
      [task("a"), task("b", ["a", "nobody"])],
      "task 'b' depends on 'nobody', which is no task of it",
    ],
    [
      "for an agent that is not there",
      [task("a", [], "ghost")],
      "task 'a' is for the agent 'ghost', which is not loaded; loaded are 'planner', 'writer'",
    ],
    ["with a task that waits for itself", [task("a", ["a"])], "a → a"],
    [
      "with a circle, of which it names every task, and none that only leads there",
      [task("in", ["a"]), task("a", ["c"]), task("b", ["a"]), task("c", ["b"]), task("free")],
      "its tasks wait for one another: a → c → b → a",
    ],
  ])("%s", (_, tasks, problem) => {
    expect(complaint(tasks)).toContain(problem);
    expect(complaint(tasks)).toContain("Nothing has been run.");
  });

  test("with more tasks than are taken", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => task(String(index)));
    expect(complaint(many)).toContain("it has 1000 tasks, more than the 500 that are taken");
  });

  test("naming no more of many than somebody reads", () => {
    const unknown = Array.from({ length: 100 }, (_, index) => `no-${index}`);
    expect(complaint([task("a", unknown)])).toContain("'no-9' and 90 more");
  });
});

describe("a plan is taken", () => {
  test("that forks and joins, names a dependency twice, and has ids like __proto__", () => {
    const tasks = [
      task("__proto__"),
      task("left", ["__proto__", "__proto__"]),
      task("right", ["__proto__"], "writer"),
      task("constructor", ["left", "right"]),
    ];
    expect(complaint(tasks)).toBe("none");
  });

  test("that is one long chain", () => {
    const chain = Array.from({ length: 100_000 }, (_, index) =>
      task(String(index), index === 0 ? [] : [String(index - 1)]),
    );
    expect(() => checkPlan(chain, { ...LIMITS, maxTasks: 100_000 })).not.toThrow();
  });
});
