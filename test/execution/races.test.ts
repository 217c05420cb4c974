import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { RaceWorld, TOOLS, turns, type Run } from "../helpers/race-world.ts";
import { ERAS } from "../helpers/raw-stdio.ts";
import { ASKS_USER, TAKES_TASKS } from "../helpers/task-client.ts";
import { ToolError, type InputRequest } from "../../src/plugin-api/index.ts";

/** For each revision. `SCHEDULES=20000` for the long way. */
const SCHEDULES = Number(process.env["SCHEDULES"] ?? 2_500);

/** What must have come about in some of them. */
const REACHED = [
  "cancelled: tools/call",
  "working",
  "input_required",
  "cancelled",
  "failed",
  "completed: answered",
  "completed: busy",
  "completed: timeout",
  "completed: tool_error",
];

/** Which of what there is a step is about; 0 is none of it. */
const which = fc.nat({ max: 6 });

function pick<T>(all: readonly T[], index: number): T | undefined {
  return index === 0 ? undefined : all.at(-1 - ((index - 1) % Math.max(1, all.length)));
}

const QUESTION: InputRequest = {
  kind: "form",
  message: "Who?",
  schema: { type: "object", properties: { name: { type: "string" } } },
};
/** Whatever a task has asked under the plugin's one key. */
const ANSWERS = Object.fromEntries(
  ["name", "name-2", "name-3"].map((key) => [key, { action: "accept", content: { name: "A" } }]),
);

/** What a handler does next. */
const DEEDS = {
  answer: ({ answer }: Run) => answer("done"),
  crash: ({ fail }: Run) => fail(new Error("broken")),
  busy: ({ fail }: Run) =>
    fail(new ToolError("Busy.", { code: "busy", retryable: true, retryAfterMs: 10 })),
  ask: ({ answer, context }: Run) => answer(context.inputRequired({ name: QUESTION }, "a state")),
  background: ({ context }: Run) => context.background(),
  progress: (run: Run) => run.context.progress((run.notes += 1)),
};
const LASTING: ReadonlySet<string> = new Set(["background", "progress"]);

type Step = (world: RaceWorld) => void | Promise<void>;

interface Named {
  readonly name: string;
  readonly step: Step;
  /** Turns of the event loop before the next step; none lets them meet. */
  readonly rest: number | undefined;
}

function named(name: string, step: Step): fc.Arbitrary<Named> {
  const rest = fc.constantFrom(0, 0, 1, 2, undefined);
  return rest.map((turnsAfter) => ({
    name: turnsAfter === undefined ? `${name}.` : `${name}${"|".repeat(turnsAfter)}`,
    step,
    rest: turnsAfter,
  }));
}

const call = fc
  .tuple(
    fc.constantFrom(...TOOLS),
    fc.constantFrom({}, { elicitation: { form: {} } }, TAKES_TASKS, ASKS_USER),
    fc.boolean(),
  )
  .chain(([tool, capabilities, polite]) =>
    named(`call ${tool}${"extensions" in capabilities ? " as a task" : ""}`, (world) =>
      world.call(tool, { polite }, capabilities),
    ),
  );

const deed = fc
  .tuple(fc.constantFrom(...(Object.keys(DEEDS) as (keyof typeof DEEDS)[])), which)
  .chain(([kind, index]) =>
    named(`${kind} ${index}`, ({ runs }) => {
      const open = runs.filter(({ done }) => !done);
      const run = pick(open, index);
      if (run === undefined) return;
      if (!LASTING.has(kind)) run.done = true;
      DEEDS[kind](run);
    }),
  );

const cancel = fc
  .tuple(which, fc.constantFrom(true, true, true, false))
  .chain(([index, onlyOpen]) =>
    named(`cancel ${index}${onlyOpen ? "" : " of all"}`, (world) =>
      world.cancel(pick(onlyOpen ? world.open : [...world.requests.keys()], index) ?? 1_000),
    ),
  );

const taskRequest = fc
  .tuple(fc.constantFrom("tasks/get", "tasks/update", "tasks/update", "tasks/cancel"), which)
  .chain(([method, index]) =>
    named(`${method} ${index}`, (world) => {
      const taskId = pick([...world.tasks.keys()], index) ?? "unknown";
      world.request(method, { taskId, inputResponses: ANSWERS });
    }),
  );

const jobRequest = fc
  .tuple(
    fc.constantFrom("job_status", "job_result", "job_result", "job_cancel"),
    which,
    fc.constantFrom(0, 0.02, 40),
    fc.constantFrom({}, { inputResponses: ANSWERS }),
  )
  .chain(([name, index, wait, answers]) =>
    named(`${name} ${index}`, (world) => {
      const job_id = pick([...world.tasks.keys()], index) ?? "unknown";
      const args = { job_id, ...(name === "job_result" && { wait }) };
      world.request("tools/call", { name, arguments: args, ...answers });
    }),
  );

const pass = fc
  .integer({ min: 1, max: 4 })
  .chain((ticks) => named(`${ticks * 10} ms`, (world) => world.pass(ticks)));

const step = fc.oneof(
  { weight: 4, arbitrary: call },
  { weight: 12, arbitrary: deed },
  { weight: 6, arbitrary: pass },
  { weight: 5, arbitrary: cancel },
  { weight: 6, arbitrary: taskRequest },
  { weight: 5, arbitrary: jobRequest },
  { weight: 2, arbitrary: named("respond", (world) => world.respond()) },
  { weight: 1, arbitrary: named("leave", (world) => world.leave()) },
  { weight: 1, arbitrary: named("stop", (world) => world.stop()) },
);

const schedule = fc
  .tuple(
    fc.array(call, { minLength: 1, maxLength: 3 }),
    fc.array(step, { minLength: 1, maxLength: 10 }),
  )
  .map(([calls, others]) => [...calls, ...others])
  .map((steps) => ({ steps, [fc.toStringMethod]: () => steps.map(({ name }) => name).join(" ") }));

describe("whatever happens to calls, in whatever order", () => {
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    // Turns of the event loop stay real: they let promises settle between the steps.
    const toFake = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] as const;
    vi.useFakeTimers({ toFake: [...toFake, "Date", "performance"] });
    vi.spyOn(Math, "random").mockReturnValue(0.2);
    // Stacks that nobody reads would take a tenth of the time.
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test.each(ERAS)(
    "each request has one answer, none after it was cancelled, and each task one end: %s",
    async (era) => {
      const reached = new Set<string>();
      await fc.assert(
        fc.asyncProperty(schedule, async ({ steps }) => {
          const world = await RaceWorld.open(era);
          for (const { step: take, rest } of steps) {
            await take(world);
            await (rest === undefined ? world.quiet() : turns(rest));
          }
          await world.finish();
          for (const word of world.reached) reached.add(word);
          expect(world.faults).toEqual([]);
        }),
        { numRuns: SCHEDULES },
      );
      // What never comes about is not tried, either.
      expect([...reached]).toEqual(expect.arrayContaining(REACHED));
    },
    600_000,
  );
});
