import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { until } from "../helpers/bare-server.ts";
import { TaskClient } from "../helpers/task-client.ts";
import { LONG, openWork, turn } from "../helpers/work-host.ts";
import type { Caller, ProgressNote } from "../../src/base/port.ts";
import { Redactor } from "../../src/base/redact.ts";
import type { Call } from "../../src/execution/call.ts";
import { createHeartbeat } from "../../src/execution/heartbeat.ts";
import { createProgress, type Progress } from "../../src/execution/progress.ts";

const EVERY_MS = 10_000;

function listen(): { readonly progress: Progress; readonly heard: ProgressNote[] } {
  const heard: ProgressNote[] = [];
  return { progress: createProgress((note) => heard.push(note), new Redactor()), heard };
}

describe("a sign of life", () => {
  const count = fc.oneof(
    fc.integer({ min: 0, max: 100 }),
    // Bytes, up to a tebibyte.
    fc.integer({ min: 0, max: 2 ** 40 }),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }).map(Math.fround),
  );

  test("is more than the one before, and less than what the plugin counts next", () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 1, max: 100 }), (done, beats) => {
        const { progress, heard } = listen();
        progress.note({ done });
        for (let beat = 0; beat < beats; beat++) progress.beat();
        progress.note({ done: done + 1 });
        expect(heard).toHaveLength(beats + 2);
        for (const [index, { done: told }] of heard.entries()) {
          if (index > 0) expect(told).toBeGreaterThan(heard[index - 1]?.done ?? 0);
        }
        expect(heard.at(-1)).toEqual({ done: done + 1 });
      }),
    );
  });

  test("comes with the total that the plugin gave", () => {
    const { progress, heard } = listen();
    progress.note({ done: 3, total: 10 });
    progress.beat();
    expect(heard[1]).toMatchObject({ total: 10, message: "Still at work after 0 s." });
  });

  test("comes also where the plugin has said nothing", () => {
    const { progress, heard } = listen();
    progress.beat();
    progress.note({ done: 1, total: 3 });
    expect(heard.map(({ total }) => total)).toEqual([undefined, 3]);
    expect(heard[0]?.done).toBeGreaterThan(0);
    expect(heard[0]?.done).toBeLessThan(0.001);
  });

  test("is heard also in a later round of questions within one request, and notes go on growing", async () => {
    const { host, runs } = await openWork({});
    const [tool] = host.host.catalogue.tools.values();
    if (tool === undefined) throw new Error("no tool");
    const heard: number[] = [];
    // Before 2026-07-28, the SDK enters a call again for each round, within the same request.
    const caller: Caller = {
      principal: { id: "local" },
      client: { form: true, url: false, sampling: false, roots: false },
      inputs: {},
      takesTasks: false,
      wantsProgress: true,
      staysOpen: true,
      signal: new AbortController().signal,
      progress: ({ done }) => heard.push(done),
      logToClient: () => undefined,
    };
    const rounds = [
      [1, 2],
      [1, 2, 3],
    ];
    for (const [round, counts] of rounds.entries()) {
      const call = host.host.callTool(tool, {}, caller);
      const { context, answer } = await runs.begun(round);
      for (const done of counts) context.progress(done);
      answer("done");
      await call;
    }
    expect(heard).toEqual([1, 2, 3]);
    const told = { done: 7 };
    const later = createProgress(({ done }) => heard.push(done), new Redactor(), told);
    later.beat();
    expect(heard.at(-1)).toBeGreaterThan(7);
  });

  test("is not what a plugin's note is, and does not go where those are redirected to", () => {
    const { progress, heard } = listen();
    progress.note({ done: 1, message: "own" });
    progress.beat();
    const elsewhere: ProgressNote[] = [];
    progress.redirect((note) => elsewhere.push(note));
    progress.beat();
    progress.note({ done: 1, message: "again" });
    expect(elsewhere.map(({ message }) => message)).toEqual(["own", "again"]);
    expect(heard).toHaveLength(3);
  });
});

describe("every ten seconds", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("a call says that it is at work, until it has ended", async () => {
    const beat = vi.fn();
    let end: ((outcome: never) => void) | undefined;
    const stage = createHeartbeat();
    const work = stage(
      { wantsProgress: true, beat } as never,
      () => new Promise((resolve) => (end = resolve)),
    );
    vi.advanceTimersByTime(EVERY_MS - 1);
    expect(beat).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2 * EVERY_MS + 1);
    expect(beat).toHaveBeenCalledTimes(3);
    end?.(undefined as never);
    await work;
    vi.advanceTimersByTime(10 * EVERY_MS);
    expect(beat).toHaveBeenCalledTimes(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("nothing happens where nobody has asked for progress", async () => {
    const stage = createHeartbeat();
    void stage({ wantsProgress: false } as Call, () => new Promise(() => undefined));
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a client hears it that asked for progress, between what the tool says", async () => {
    const { tasks, runs } = await openWork({});
    const exchange = tasks.exchange("tools/call", { name: "work" }, { progressToken: "mine" });
    const { context, answer } = await runs.begun(0);
    vi.advanceTimersByTime(2 * EVERY_MS);
    context.progress(1, 2, "half");
    vi.advanceTimersByTime(EVERY_MS);
    await turn();
    answer("done");
    const notes = (await exchange).filter(({ method }) => method === "notifications/progress");
    expect(notes.map(({ params }) => params)).toMatchObject([
      { progressToken: "mine", message: expect.stringMatching(/^Still at work/u) as string },
      { progressToken: "mine", message: expect.stringMatching(/^Still at work/u) as string },
      { progress: 1, total: 2, message: "half" },
      { total: 2, message: expect.stringMatching(/^Still at work/u) as string },
    ]);
    const counts = notes.map(({ params }) => Number(params?.["progress"]));
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(new Set(counts).size).toBe(counts.length);
  });

  test("a client hears nothing any more of a call that has left its request", async () => {
    const { tasks, runs } = await openWork(LONG);
    const { taskId } = await tasks.start("work", {}, { progressToken: "mine" });
    await runs.begun(0);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(3 * EVERY_MS);
    expect(await tasks.get(taskId)).not.toHaveProperty("statusMessage");
  });

  test("a client hears it that waits for a job", async () => {
    const { host, runs } = await openWork(LONG);
    const plain = TaskClient.inProcess(host, {});
    const id = await plain.startJob("work");
    const exchange = plain.exchange(
      "tools/call",
      { name: "job_result", arguments: { job_id: id } },
      { progressToken: "mine" },
    );
    await until(() => vi.getTimerCount() === 1);
    vi.advanceTimersByTime(EVERY_MS);
    const { context, answer } = await runs.begun(0);
    context.progress(1, 2, "half");
    context.progress(1, 2, "no more than half");
    context.progress(2, 2, "whole");
    await turn();
    answer("done");
    const messages = await exchange;
    expect(messages.at(-1)).toMatchObject({ result: { content: [{ text: "done" }] } });
    expect(messages.slice(0, -1).map(({ params }) => params)).toMatchObject([
      { progressToken: "mine", message: expect.stringMatching(/^Still at work/u) as string },
      { progress: 1, total: 2, message: "half" },
      { progress: 2, total: 2, message: "whole" },
    ]);
  });
});
