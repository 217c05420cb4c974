import { expect, test } from "vitest";
import { array, assert, infiniteStream, nat, property } from "fast-check";
import { GraphRun } from "../../src/workflow/graph-run.ts";
import type { TaskSpec } from "../../src/plugin-api/index.ts";

function task(id: string, dependencies: readonly string[] = []): TaskSpec {
  return { id, name: id, agentType: "a", description: "", parameters: {}, dependencies };
}

function takeAll(run: GraphRun): readonly string[] {
  const taken: string[] = [];
  for (let id = run.take(); id !== undefined; id = run.take()) taken.push(id);
  return taken;
}

const DIAMOND = [
  task("top"),
  task("left", ["top"]),
  task("right", ["top"]),
  task("end", ["left", "right"]),
];

test("a task begins when all that it depends on is completed, and not before", () => {
  const run = new GraphRun(DIAMOND);
  expect(takeAll(run)).toEqual(["top"]);
  run.completed("top");
  expect(takeAll(run)).toEqual(["left", "right"]);
  run.completed("right");
  expect(takeAll(run)).toEqual([]);
  run.completed("left");
  expect(takeAll(run)).toEqual(["end"]);
});

test("what depends on a failed task is lost once, by however many ways", () => {
  const run = new GraphRun([...DIAMOND, task("other")]);
  expect(takeAll(run)).toEqual(["top", "other"]);
  expect([...run.failed("top")].toSorted()).toEqual(["end", "left", "right"]);
  expect(run.failed("top")).toEqual([]);
  run.completed("other");
  expect(takeAll(run)).toEqual([]);
});

test("what was completed before is not begun again, and what it held back begins", () => {
  const run = new GraphRun(DIAMOND, new Set(["top", "left"]));
  expect(takeAll(run)).toEqual(["right"]);
  run.completed("right");
  expect(takeAll(run)).toEqual(["end"]);
});

test("after it is stopped nothing begins, and all that has not begun is told once", () => {
  const run = new GraphRun(DIAMOND);
  run.take();
  run.completed("top");
  expect([...run.stop()].toSorted()).toEqual(["end", "left", "right"]);
  expect(takeAll(run)).toEqual([]);
  run.completed("left");
  expect(takeAll(run)).toEqual([]);
});

test("of any plan, in any order of ends, every task is begun or lost exactly once, after all that it depends on", () => {
  const plans = array(array(nat({ max: 30 }), { maxLength: 4 }), {
    minLength: 1,
    maxLength: 30,
  }).map((rows) =>
    rows.map((row, index) => task(String(index), row.filter((other) => other < index).map(String))),
  );
  assert(
    property(plans, infiniteStream(nat()), (tasks, chance) => {
      const run = new GraphRun(tasks);
      const begun: string[] = [];
      const lost: string[] = [];
      const done = new Set<string>();
      const atWork: string[] = [];
      const pick = (): number => chance.next().value;
      for (;;) {
        for (const id of takeAll(run)) {
          const { dependencies } = tasks.find((one) => one.id === id) ?? task(id);
          expect(dependencies.every((other) => done.has(other))).toBe(true);
          begun.push(id);
          atWork.push(id);
        }
        const [id] = atWork.splice(pick() % Math.max(1, atWork.length), 1);
        if (id === undefined) break;
        if (pick() % 4 === 0) lost.push(...run.failed(id));
        else {
          done.add(id);
          run.completed(id);
        }
      }
      expect([...begun, ...lost].toSorted()).toEqual(tasks.map(({ id }) => id).toSorted());
    }),
  );
});
