import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { throttleNotes } from "../../src/base/throttle-notes.ts";
import { createClientLog } from "../../src/execution/client-log.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("notes", () => {
  test("that come slowly are passed on at once, each of them", () => {
    const heard: number[] = [];
    const notes = throttleNotes<number>((note) => heard.push(note));
    for (let n = 1; n <= 30; n++) {
      notes.send(n);
      expect(heard.at(-1)).toBe(n);
      vi.advanceTimersByTime(100);
    }
  });

  test("that come too fast are stood for by the latest, ten times a second", () => {
    const heard: number[] = [];
    const notes = throttleNotes<number>((note) => heard.push(note));
    for (let n = 1; n <= 1_000; n++) notes.send(n);
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    vi.advanceTimersByTime(100);
    expect(heard.slice(10)).toEqual([1_000]);
    for (let n = 1_001; n <= 2_000; n++) {
      notes.send(n);
      vi.advanceTimersByTime(10);
    }
    expect(heard.length).toBeLessThanOrEqual(11 + 101);
    notes.end();
    expect(heard.at(-1)).toBe(2_000);
  });

  test("a million cost no more than ten", () => {
    let heard = 0;
    const notes = throttleNotes<number>(() => (heard += 1));
    for (let n = 0; n < 1_000_000; n++) notes.send(n);
    notes.end();
    expect(heard).toBe(11);
  });

  test("are over at the end: the one that waits comes, and nothing after it", () => {
    const heard: number[] = [];
    const notes = throttleNotes<number>((note) => heard.push(note));
    for (let n = 1; n <= 12; n++) notes.send(n);
    notes.end();
    expect(heard.at(-1)).toBe(12);
    notes.send(13);
    vi.advanceTimersByTime(1_000);
    notes.end();
    expect(heard.at(-1)).toBe(12);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("log messages for a client", () => {
  test("are a hundred at once, then ten a second, and it is told how many are missing", () => {
    const heard: unknown[] = [];
    const log = createClientLog((level, data) => heard.push([level, data]));
    for (let n = 1; n <= 1_000; n++) log.send("info", n);
    expect(heard).toHaveLength(100);
    vi.advanceTimersByTime(1_000);
    for (let n = 0; n < 50; n++) log.send("info", "later");
    expect(heard.slice(100)).toEqual([
      ["warning", "900 messages were left out: too many at once."],
      ...Array.from({ length: 10 }, () => ["info", "later"]),
    ]);
    log.end();
    expect(heard.at(-1)).toEqual(["warning", "40 messages were left out: too many at once."]);
    log.end();
    expect(heard).toHaveLength(112);
  });
});
