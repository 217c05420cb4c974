import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { BoundedMap } from "../../src/base/bounded-map.ts";

test("values that were put in first make room for others", () => {
  const map = new BoundedMap<string>({ maxEntries: 2, maxChars: 100 });
  for (const key of ["a", "b", "c"]) expect(map.set(key, key, 1, 1_000)).toBe(true);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([undefined, "b", "c"]);
  expect(map.size).toBe(2);
});

test("a value that is longer than a quarter of all is not taken, nor is what stood there kept", () => {
  const map = new BoundedMap<string>({ maxEntries: 10, maxChars: 100 });
  map.set("a", "short", 5, 1_000);
  expect(map.set("a", "long", 26, 1_000)).toBe(false);
  expect(map.get("a")).toBeUndefined();
  expect(map.chars).toBe(0);
});

test("a value is gone after its time", () => {
  let now = 0;
  const map = new BoundedMap<string>({ maxEntries: 10, maxChars: 100 }, () => now);
  map.set("a", "a", 1, 10);
  now = 9;
  expect(map.get("a")).toBe("a");
  now = 10;
  expect(map.get("a")).toBeUndefined();
  expect(map.size).toBe(0);
});

test("by default it goes by the clock on the wall", () => {
  vi.useFakeTimers({ now: 1_000 });
  const map = new BoundedMap<string>({ maxEntries: 10, maxChars: 100 });
  map.set("a", "a", 1, 10);
  vi.setSystemTime(2_000);
  expect(map.get("a")).toBeUndefined();
  vi.useRealTimers();
});

test("those that something is true of can be taken out together", () => {
  const map = new BoundedMap<number>({ maxEntries: 10, maxChars: 100 });
  for (let n = 0; n < 6; n++) map.set(String(n), n, 2, 1_000);
  map.deleteWhere((n) => n % 2 === 0);
  expect(map.size).toBe(3);
  expect(map.chars).toBe(6);
});

test("whatever happens, it stays within its bounds and counts right", () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c", "d", "e"),
    chars: fc.nat(40),
    keepMs: fc.integer({ min: 1, max: 20 }),
    wait: fc.nat(10),
    deletes: fc.boolean(),
  });
  const property = fc.property(fc.array(step), (steps) => {
    let now = 0;
    const map = new BoundedMap<string>({ maxEntries: 3, maxChars: 100 }, () => now);
    for (const { key, chars, keepMs, wait, deletes } of steps) {
      now += wait;
      if (deletes) map.delete(key);
      else if (map.set(key, key, chars, keepMs)) expect(map.get(key)).toBe(key);
      expect(map.size).toBeLessThanOrEqual(3);
      expect(map.chars).toBeLessThanOrEqual(100);
      expect(map.chars).toBeGreaterThanOrEqual(0);
      if (map.size === 0) expect(map.chars).toBe(0);
    }
  });
  fc.assert(property);
});
