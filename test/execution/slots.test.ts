import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Slots, type NoSlot, type Slot, type SlotRequest } from "../../src/execution/slots.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NEVER = new AbortController().signal;

function request(more: Partial<SlotRequest> = {}): SlotRequest {
  return {
    principal: "ada",
    plugin: "p",
    pluginLimits: { slots: 100, queue: 100 },
    tool: "t",
    toolLimits: undefined,
    signal: NEVER,
    remainingMs: () => 60_000,
    patienceMs: 60_000,
    ...more,
  };
}

const ONE_AT_A_TIME = { slots: 1, queue: 100 };
const isSlot = (entry: Slot | NoSlot): entry is Slot => "release" in entry;

/** Enters and notes under a name when it is let in or refused; what runs is let go with `finish`. */
class Watched {
  readonly slots: Slots;
  readonly events: string[] = [];
  readonly #held = new Map<string, Slot>();

  constructor(slots: Slots) {
    this.slots = slots;
  }

  enter(name: string, more: Partial<SlotRequest> = {}): void {
    const settle = (entry: Slot | NoSlot): void => {
      if (isSlot(entry)) this.#held.set(name, entry);
      this.events.push(isSlot(entry) ? name : `${name} ${entry.reason}`);
    };
    const entry = this.slots.enter(request(more));
    if (entry instanceof Promise) void entry.then(settle);
    else settle(entry);
  }

  async finish(name: string): Promise<void> {
    this.#held.get(name)?.release();
    this.#held.delete(name);
    await vi.advanceTimersByTimeAsync(0);
  }
}

function server(slots = 100, queue = 100, perPrincipal = 100): Watched {
  return new Watched(new Slots({ server: { slots, queue }, perPrincipal }));
}

const slotsOf = (slots: number): Partial<SlotRequest> => ({ pluginLimits: { slots, queue: 9 } });

describe("a slot", () => {
  test("is had at once where there is one", () => {
    const watched = server();
    watched.enter("a");
    expect(watched.events).toEqual(["a"]);
    expect(watched.slots.size).toEqual({ running: 1, waiting: 0, pools: 2 });
  });

  test("that is given back twice is given back once", async () => {
    const { slots } = server(1);
    const entry = await slots.enter(request());
    if (!isSlot(entry)) throw new Error("no slot");
    entry.release();
    entry.release();
    expect(slots.size).toEqual({ running: 0, waiting: 0, pools: 0 });
  });

  test.each<[string, Watched, Partial<SlotRequest>]>([
    ["the server", server(1), {}],
    ["the plugin", server(), { pluginLimits: ONE_AT_A_TIME }],
    ["the tool", server(), { toolLimits: ONE_AT_A_TIME }],
    ["the principal", server(100, 100, 1), {}],
  ])("of %s is waited for", async (_whose, watched, limits) => {
    watched.enter("first", limits);
    watched.enter("second", limits);
    expect(watched.events).toEqual(["first"]);
    await watched.finish("first");
    expect(watched.events).toEqual(["first", "second"]);
    await watched.finish("second");
    expect(watched.slots.size).toEqual({ running: 0, waiting: 0, pools: 0 });
  });

  test("is not held while another one is waited for", async () => {
    const watched = server();
    watched.enter("slow 1", { tool: "slow", toolLimits: ONE_AT_A_TIME });
    watched.enter("slow 2", { tool: "slow", toolLimits: ONE_AT_A_TIME });
    // Of two slots of the plugin one is in use, whoever waits for the tool's.
    watched.enter("other", { pluginLimits: { slots: 2, queue: 10 } });
    expect(watched.events).toEqual(["slow 1", "other"]);
  });
});

describe("whoever waits", () => {
  test("comes in the order of arrival", async () => {
    const watched = server(1);
    for (const name of ["a", "b", "c"]) watched.enter(name);
    for (const name of ["a", "b"]) await watched.finish(name);
    expect(watched.events).toEqual(["a", "b", "c"]);
  });

  test("comes in the order of arrival over several tools, too", async () => {
    const watched = server(1);
    watched.enter("a", { tool: "x" });
    watched.enter("b", { tool: "y" });
    watched.enter("c", { tool: "x" });
    watched.enter("d", { tool: "y" });
    for (const name of ["a", "b", "c"]) await watched.finish(name);
    expect(watched.events).toEqual(["a", "b", "c", "d"]);
  });

  test("takes turns with other principals, however many calls they have", async () => {
    const watched = server(1);
    for (const name of ["a1", "a2", "a3", "a4"]) watched.enter(name, { principal: "ada" });
    for (const name of ["b1", "b2"]) watched.enter(name, { principal: "bob" });
    for (const name of ["a1", "a2", "b1", "a3", "b2"]) await watched.finish(name);
    expect(watched.events).toEqual(["a1", "a2", "b1", "a3", "b2", "a4"]);
  });

  test("is overtaken by those who want something else, not by those who want the same", async () => {
    const watched = server();
    watched.enter("x1", { tool: "x", toolLimits: ONE_AT_A_TIME });
    watched.enter("x2", { tool: "x", toolLimits: ONE_AT_A_TIME });
    watched.enter("y1", { tool: "y" });
    watched.enter("x3", { tool: "x", toolLimits: ONE_AT_A_TIME });
    expect(watched.events).toEqual(["x1", "y1"]);
    await watched.finish("x1");
    expect(watched.events).toEqual(["x1", "y1", "x2"]);
  });

  test("is let in together with others that fit", async () => {
    const watched = server(2);
    watched.enter("a");
    watched.enter("b");
    watched.enter("c");
    watched.enter("d");
    await watched.finish("a");
    await watched.finish("b");
    expect(watched.events).toEqual(["a", "b", "c", "d"]);
  });

  test("and leaves gives up its place", async () => {
    const watched = server(1);
    const leaving = new AbortController();
    watched.enter("a");
    watched.enter("b", { signal: leaving.signal });
    watched.enter("c");
    leaving.abort();
    await watched.finish("a");
    expect(watched.events).toEqual(["a", "b cancelled", "c"]);
  });

  test("and has left before does not wait at all", () => {
    const watched = server(1);
    watched.enter("a");
    watched.enter("b", { signal: AbortSignal.abort() });
    expect(watched.events).toEqual(["a", "b cancelled"]);
  });

  test("until its time is up waits no longer", async () => {
    const watched = server(1);
    const until = performance.now() + 1_000;
    watched.enter("a");
    watched.enter("b", { remainingMs: () => Math.max(0, until - performance.now()) });
    await vi.advanceTimersByTimeAsync(1_001);
    expect(watched.events).toEqual(["a", "b expired"]);
    expect(watched.slots.size.waiting).toBe(0);
  });

  test("and gets more time meanwhile goes on waiting", async () => {
    const watched = server(1);
    let until = performance.now() + 1_000;
    watched.enter("a");
    watched.enter("b", { remainingMs: () => Math.max(0, until - performance.now()) });
    await vi.advanceTimersByTimeAsync(500);
    until += 10_000;
    await vi.advanceTimersByTimeAsync(5_000);
    await watched.finish("a");
    expect(watched.events).toEqual(["a", "b"]);
  });
});

describe("whoever cannot wait", () => {
  test.each<[string, Watched, Partial<SlotRequest>]>([
    ["the server's", server(1, 1), {}],
    ["the plugin's", server(), { pluginLimits: { slots: 1, queue: 1 } }],
    ["the tool's", server(), { toolLimits: { slots: 1, queue: 1 } }],
  ])("is refused at once: %s row is full", (_whose, watched, limits) => {
    for (const name of ["a", "b", "c"]) watched.enter(name, limits);
    expect(watched.events).toEqual(["a", "c full"]);
    expect(watched.slots.size).toMatchObject({ running: 1, waiting: 1 });
  });

  test("is refused at once: its time would be up before its turn", async () => {
    const watched = server(1);
    watched.enter("a");
    await vi.advanceTimersByTimeAsync(1_000);
    await watched.finish("a");
    watched.enter("b");
    // One run takes a second, and two are before it.
    watched.enter("c");
    watched.enter("patient", { patienceMs: 3_500 });
    watched.enter("hasty", { patienceMs: 1_500 });
    expect(watched.events).toEqual(["a", "b", "hasty too_late"]);
  });

  test("learns how long it would be", async () => {
    const { slots } = server(2, 0);
    const first = await slots.enter(request());
    const second = await slots.enter(request());
    expect(slots.enter(request())).toEqual({ reason: "full", waitMs: 0 });
    await vi.advanceTimersByTimeAsync(3_000);
    for (const entry of [first, second]) if (isSlot(entry)) entry.release();
    await slots.enter(request());
    await slots.enter(request());
    // Two at a time, three seconds each: one of them ends after one and a half.
    expect(slots.enter(request())).toEqual({ reason: "full", waitMs: 1_500 });
  });

  test("takes the last place of those who have most of them", async () => {
    const watched = server(1, 3);
    for (const name of ["a1", "a2", "a3", "a4"]) watched.enter(name, { principal: "ada" });
    watched.enter("b1", { principal: "bob" });
    await vi.advanceTimersByTimeAsync(0);
    expect(watched.events).toEqual(["a1", "a4 displaced"]);
    // With as many as the other has, there is nothing to take.
    watched.enter("b2", { principal: "bob" });
    expect(watched.events).toEqual(["a1", "a4 displaced", "b2 full"]);
    for (const name of ["a1", "a2", "b1"]) await watched.finish(name);
    expect(watched.events.slice(3)).toEqual(["a2", "b1", "a3"]);
  });

  test("takes one place where that makes room in two rows", async () => {
    const watched = server(1, 3);
    const limits = { pluginLimits: { slots: 1, queue: 3 } };
    for (const name of ["a1", "a2", "a3", "a4"]) watched.enter(name, limits);
    watched.enter("b1", { principal: "bob", ...limits });
    await vi.advanceTimersByTimeAsync(0);
    expect(watched.events).toEqual(["a1", "a4 displaced"]);
    expect(watched.slots.size.waiting).toBe(3);
  });

  test("is told of the turns that others have before it", async () => {
    const watched = server(1, 4);
    watched.enter("a");
    await vi.advanceTimersByTimeAsync(1_000);
    await watched.finish("a");
    for (const name of ["a1", "a2", "a3"]) watched.enter(name);
    watched.enter("b1", { principal: "bob" });
    // a1 runs; a2 and b1 come before what would be bob's second, and a3 after it or before.
    watched.enter("b2", { principal: "bob", patienceMs: 3_999 });
    expect(watched.events.at(-1)).toBe("b2 too_late");
    // For somebody new there is one turn of each before it.
    watched.enter("c1", { principal: "cyd", patienceMs: 3_001 });
    expect(watched.events.at(-1)).toBe("b2 too_late");
  });

  test("displaces nobody if it is refused all the same", () => {
    const watched = server(100, 100);
    const limits = { pluginLimits: { slots: 1, queue: 3 }, toolLimits: { slots: 1, queue: 0 } };
    watched.enter("a1", { principal: "ada", pluginLimits: limits.pluginLimits });
    for (const name of ["a2", "a3", "a4"]) {
      watched.enter(name, { principal: "ada", pluginLimits: limits.pluginLimits });
    }
    watched.enter("b1", { principal: "bob", tool: "narrow", ...limits });
    expect(watched.events).toEqual(["a1", "b1 full"]);
    expect(watched.slots.size.waiting).toBe(3);
  });
});

test("limits that have been read again hold from then on", async () => {
  const watched = server();
  watched.enter("a", slotsOf(1));
  watched.enter("b", slotsOf(1));
  watched.enter("c", slotsOf(3));
  expect(watched.events).toEqual(["a", "c"]);
  await watched.finish("c");
  expect(watched.events).toEqual(["a", "c", "b"]);
});

const PRINCIPALS = ["ada", "bob", "cyd"];
const LIMITS = {
  server: { slots: 6, queue: 8 },
  plugin: { slots: 3, queue: 5 },
  tool: { slots: 2, queue: 3 },
  principal: 4,
};

/** What can happen, in any order. */
const happening = fc.oneof(
  fc.record({
    kind: fc.constant("enter" as const),
    principal: fc.constantFrom(...PRINCIPALS),
    plugin: fc.constantFrom("p", "q"),
    tool: fc.constantFrom("free", "limited"),
    limitMs: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({ kind: fc.constant("finish" as const), which: fc.nat() }),
  fc.record({ kind: fc.constant("leave" as const), which: fc.nat() }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 200 }) }),
);

interface Entered {
  readonly principal: string;
  readonly plugin: string;
  readonly tool: string;
  readonly leaving: AbortController;
  outcomes: number;
  slot?: Slot;
  isOver: boolean;
}

test("whatever happens: every call has one outcome, no limit is passed, and no slot is lost", async () => {
  const property = fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (happenings) => {
    const slots = new Slots({ server: LIMITS.server, perPrincipal: LIMITS.principal });
    const calls: Entered[] = [];
    const settled = (call: Entered, entry: Slot | NoSlot): void => {
      call.outcomes += 1;
      if (isSlot(entry)) call.slot = entry;
      else call.isOver = true;
    };
    const running = (): Entered[] =>
      calls.filter(({ slot, isOver }) => slot !== undefined && !isOver);
    for (const one of happenings) {
      if (one.kind === "enter") {
        const { principal, plugin, tool, limitMs } = one;
        const leaving = new AbortController();
        const call: Entered = { principal, plugin, tool, leaving, outcomes: 0, isOver: false };
        calls.push(call);
        const until = performance.now() + limitMs;
        const entry = slots.enter({
          principal,
          plugin,
          pluginLimits: LIMITS.plugin,
          tool,
          toolLimits: tool === "limited" ? LIMITS.tool : undefined,
          signal: leaving.signal,
          remainingMs: () => Math.max(0, until - performance.now()),
          patienceMs: limitMs,
        });
        if (entry instanceof Promise) void entry.then((late) => settled(call, late));
        else settled(call, entry);
      } else if (one.kind === "wait") {
        await vi.advanceTimersByTimeAsync(one.ms);
      } else {
        const from = one.kind === "finish" ? running() : calls.filter(({ isOver }) => !isOver);
        const call = from[one.which % Math.max(1, from.length)];
        if (one.kind === "leave") call?.leaving.abort();
        else if (call !== undefined) {
          call.isOver = true;
          call.slot?.release();
        }
      }
      await vi.advanceTimersByTimeAsync(0);
      const count = (matches: (call: Entered) => boolean): number =>
        running().filter(matches).length;
      expect(slots.size.running).toBe(running().length);
      expect(slots.size.running).toBeLessThanOrEqual(LIMITS.server.slots);
      expect(slots.size.waiting).toBeLessThanOrEqual(LIMITS.server.queue);
      for (const id of PRINCIPALS) {
        expect(count(({ principal }) => principal === id)).toBeLessThanOrEqual(LIMITS.principal);
      }
      for (const id of ["p", "q"]) {
        expect(count(({ plugin }) => plugin === id)).toBeLessThanOrEqual(LIMITS.plugin.slots);
        const limited = count(({ plugin, tool }) => plugin === id && tool === "limited");
        expect(limited).toBeLessThanOrEqual(LIMITS.tool.slots);
      }
    }
    // Everybody who runs finishes, whoever is let in meanwhile, too.
    while (running().length > 0) {
      for (const call of running()) {
        call.isOver = true;
        call.slot?.release();
      }
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(calls.map(({ outcomes }) => outcomes)).toEqual(calls.map(() => 1));
    expect(slots.size).toEqual({ running: 0, waiting: 0, pools: 0 });
  });
  await fc.assert(property, { numRuns: 300 });
});
