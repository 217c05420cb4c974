import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Circuit, type Verdict } from "../../src/execution/circuit.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SETTINGS = { failures: 5, ratio: 0.5, windowMs: 10_000, openMs: 30_000 };

/** No jitter. */
function circuitWith(more: Partial<typeof SETTINGS> = {}, random = 0.5): Circuit {
  return new Circuit({ ...SETTINGS, ...more }, () => random);
}

function call(circuit: Circuit, ...verdicts: readonly Verdict[]): void {
  for (const verdict of verdicts) circuit.settle(circuit.enter(), verdict);
}

const BAD = Array.from({ length: 5 }, () => "bad" as const);

/** A circuit whose time is up. */
function halfOpen(): Circuit {
  const circuit = circuitWith();
  call(circuit, ...BAD);
  vi.advanceTimersByTime(30_000);
  return circuit;
}

describe("it opens", () => {
  test("after so many failures in a row", () => {
    const circuit = circuitWith();
    call(circuit, ...BAD.slice(1));
    expect(circuit.refusesForMs).toBe(0);
    call(circuit, "bad");
    expect(circuit.refusesForMs).toBe(30_000);
  });

  test("not if one call in between was good", () => {
    const circuit = circuitWith();
    call(circuit, ...BAD.slice(1), "good", ...BAD.slice(1));
    expect(circuit.refusesForMs).toBe(0);
  });

  test("whatever came in between that says nothing", () => {
    const circuit = circuitWith();
    call(circuit, ...BAD.slice(1), "none", "none", "bad");
    expect(circuit.refusesForMs).toBe(30_000);
  });

  test("when half of at least twenty calls failed, and not before", () => {
    const circuit = circuitWith();
    for (let pair = 0; pair < 9; pair++) call(circuit, "good", "bad");
    call(circuit, "good");
    expect(circuit.refusesForMs).toBe(0);
    call(circuit, "bad");
    expect(circuit.refusesForMs).toBe(30_000);
  });

  test("not for failures that are longer ago than its window", () => {
    const circuit = circuitWith();
    for (let pair = 0; pair < 9; pair++) call(circuit, "good", "bad");
    vi.advanceTimersByTime(11_000);
    for (let pair = 0; pair < 9; pair++) call(circuit, "good", "bad");
    expect(circuit.refusesForMs).toBe(0);
  });

  test("for failures in several parts of its window together", () => {
    const circuit = circuitWith();
    for (let pair = 0; pair < 10; pair++) {
      call(circuit, "good", "bad");
      vi.advanceTimersByTime(900);
    }
    expect(circuit.refusesForMs).toBeGreaterThan(0);
  });

  test.each([
    [0, 27_000],
    [1, 33_000],
  ])("for a time that is spread: %d", (random, ms) => {
    const circuit = circuitWith({}, random);
    call(circuit, ...BAD);
    expect(circuit.refusesForMs).toBe(ms);
  });

  test("for a time that is spread by chance, if nobody says otherwise", () => {
    const circuit = new Circuit(SETTINGS);
    call(circuit, ...BAD);
    expect(circuit.refusesForMs).toBeGreaterThanOrEqual(27_000);
    expect(circuit.refusesForMs).toBeLessThanOrEqual(33_000);
  });
});

describe("when its time is up", () => {
  test("one call is let through, and no other until that has ended", () => {
    const circuit = halfOpen();
    expect(circuit.refusesForMs).toBe(0);
    expect(circuit.enter()).toBe("probe");
    expect(circuit.refusesForMs).toBeGreaterThan(0);
  });

  test("a good one closes it, and nothing is left of what was before", () => {
    const circuit = halfOpen();
    call(circuit, "good");
    expect(circuit.isHealthy).toBe(true);
    call(circuit, ...BAD.slice(1));
    expect(circuit.refusesForMs).toBe(0);
  });

  test("a bad one opens it for as long again", () => {
    const circuit = halfOpen();
    call(circuit, "bad");
    expect(circuit.refusesForMs).toBe(30_000);
  });

  test("after one that says nothing, the next one is the probe", () => {
    const circuit = halfOpen();
    call(circuit, "none");
    expect(circuit.refusesForMs).toBe(0);
    expect(circuit.enter()).toBe("probe");
  });

  test("what began before it opened says nothing new", () => {
    const circuit = circuitWith();
    const late = circuit.enter();
    call(circuit, ...BAD);
    circuit.settle(late, "bad");
    circuit.settle(late, "good");
    expect(circuit.refusesForMs).toBe(30_000);
  });
});

test("it is healthy until something fails, and again when that is long ago", () => {
  const circuit = circuitWith();
  call(circuit, "good", "none");
  expect(circuit.isHealthy).toBe(true);
  call(circuit, "bad");
  expect(circuit.isHealthy).toBe(false);
  vi.advanceTimersByTime(11_000);
  expect(circuit.isHealthy).toBe(true);
  call(circuit, ...BAD);
  vi.advanceTimersByTime(60_000);
  expect(circuit.isHealthy).toBe(false);
});

test("whatever happens, an open circuit lets only one call through at a time", () => {
  const steps = fc.array(
    fc.oneof(
      fc.constant("enter" as const),
      fc.constantFrom<Verdict>("good", "bad", "none"),
      fc.integer({ min: 1, max: 20_000 }),
    ),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(steps, (happenings) => {
      const circuit = circuitWith({ failures: 2 });
      const under: ReturnType<Circuit["enter"]>[] = [];
      for (const one of happenings) {
        if (typeof one === "number") vi.advanceTimersByTime(one);
        else if (one !== "enter") {
          const passage = under.shift();
          if (passage !== undefined) circuit.settle(passage, one);
        } else if (circuit.refusesForMs === 0) under.push(circuit.enter());
        expect(under.filter((passage) => passage === "probe").length).toBeLessThanOrEqual(1);
      }
    }),
  );
});
