import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ToolError, type ToolConfig, type ToolContext } from "../../src/plugin-api/index.ts";
import type { TestHost } from "../../src/testing.ts";
import { callAs, errorOf, Gate, hostWith, textsOf, wordFor } from "../helpers/one-plugin.ts";

let running: TestHost | undefined;
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(async () => {
  vi.useRealTimers();
  await running?.close();
  running = undefined;
});

const busy = (): never => {
  throw new ToolError("Busy.", { code: "busy", retryable: true });
};

/** A host with one tool `work` that does what the test says, and how often it did. */
async function hostWithWork(
  config: Partial<ToolConfig> = {},
): Promise<{ host: TestHost; work: { now: (context: ToolContext) => unknown; runs: number } }> {
  const work = { now: (_context: ToolContext): unknown => busy(), runs: 0 };
  const handler = (_args: unknown, context: ToolContext): string => {
    work.runs += 1;
    return work.now(context) as string;
  };
  running = await hostWith({ work: { ...config, handler }, other: {} });
  return { host: running, work };
}

async function fail(host: TestHost, times = 5): Promise<void> {
  for (let call = 0; call < times; call++) await callAs(host, "ada", "work");
}

describe("a tool that fails five times in a row", () => {
  test("is left alone, and its callers learn at once when to come back", async () => {
    const { host, work } = await hostWithWork();
    await fail(host);
    const result = await host.client.callTool({ name: "work", arguments: {} });
    expect(work.runs).toBe(5);
    expect(errorOf(result)).toMatchObject({ code: "circuit_open", retryable: true });
    expect(errorOf(result)?.retryAfterMs).toBeGreaterThan(26_000);
    expect(errorOf(result)?.retryAfterMs).toBeLessThanOrEqual(33_000);
    expect(textsOf(result)[0]).toMatch(
      /^\[circuit_open\] 'work' has failed too often and is left alone for a while\. Try again in \d+ s\.$/u,
    );
  });

  test("harms no other tool", async () => {
    const { host } = await hostWithWork();
    await fail(host);
    expect(wordFor(await callAs(host, "ada", "other"))).toBe("ok");
  });

  test("is tried with exactly one call when its time is up, however many come", async () => {
    const { host, work } = await hostWithWork();
    await fail(host);
    await vi.advanceTimersByTimeAsync(33_001);
    const gate = new Gate();
    work.now = async () => {
      await gate.pass();
      return "works again";
    };
    const calls = Array.from({ length: 20 }, () => callAs(host, "ada", "work"));
    await expect.poll(() => gate.entered).toBe(1);
    gate.open();
    const words = (await Promise.all(calls)).map(wordFor);
    expect(words.filter((word) => word === "ok")).toHaveLength(1);
    expect(words.filter((word) => word === "circuit_open")).toHaveLength(19);
    expect(work.runs).toBe(6);
    // That one was good: all is as before.
    expect(wordFor(await callAs(host, "ada", "work"))).toBe("ok");
  });

  test("and fails again when it is tried is left alone for as long again", async () => {
    const { host, work } = await hostWithWork();
    await fail(host);
    await vi.advanceTimersByTimeAsync(33_001);
    expect(wordFor(await callAs(host, "ada", "work"))).toBe("busy");
    expect(wordFor(await callAs(host, "ada", "work"))).toBe("circuit_open");
    expect(work.runs).toBe(6);
  });

  test("and whose probe is cancelled is tried with the next call", async () => {
    const { host, work } = await hostWithWork();
    await fail(host);
    await vi.advanceTimersByTimeAsync(33_001);
    const gate = new Gate();
    work.now = () => gate.pass();
    const leaving = new AbortController();
    const probe = callAs(host, "ada", "work", { signal: leaving.signal });
    await expect.poll(() => gate.entered).toBe(1);
    leaving.abort();
    expect(wordFor(await probe)).toBe("cancelled");
    work.now = () => "works again";
    expect(wordFor(await callAs(host, "ada", "work"))).toBe("ok");
  });

  test("is not asked again by the retries of the call that opened the circuit", async () => {
    const { host, work } = await hostWithWork({ config: { retryCount: 10 } });
    const call = callAs(host, "ada", "work");
    await vi.advanceTimersByTimeAsync(60_000);
    const outcome = await call;
    // What came of the last attempt that was made, and when it is worth coming back.
    expect(outcome).toMatchObject({ kind: "failure", failure: { code: "busy", retryable: true } });
    expect(outcome.kind === "failure" && outcome.failure.retryAfterMs).toBeGreaterThan(20_000);
    expect(work.runs).toBe(5);
  });
});

test("timeouts count as failures", async () => {
  const annotations = { readOnlyHint: true };
  const { host, work } = await hostWithWork({ annotations, config: { timeout: 1 } });
  work.now = () => new Promise(() => undefined);
  for (let call = 0; call < 5; call++) {
    const outcome = callAs(host, "ada", "work");
    await vi.advanceTimersByTimeAsync(1_001);
    expect(wordFor(await outcome)).toBe("timeout");
  }
  expect(wordFor(await callAs(host, "ada", "work"))).toBe("circuit_open");
});

describe("nothing is said about a tool by", () => {
  test.each<[string, (context: ToolContext) => unknown, Partial<ToolConfig>, object]>([
    [
      "errors that it gives for a reason",
      () => {
        throw new ToolError("No such account.");
      },
      {},
      {},
    ],
    ["errors that it returns", () => ({ content: "No.", error: "no" }), {}, {}],
    [
      "what it wants to know",
      ({ inputRequired }) => inputRequired({ sure: { kind: "roots" } }),
      {},
      {},
    ],
    [
      "arguments that are refused",
      busy,
      { inputSchema: { type: "object", required: ["day"] } },
      {},
    ],
  ])("%s", async (_what, now, config, args) => {
    const { host, work } = await hostWithWork(config);
    work.now = now;
    for (let call = 0; call < 30; call++) {
      const word = wordFor(await callAs(host, "ada", "work", { args }));
      expect(word).not.toBe("circuit_open");
    }
  });

  test("calls that are cancelled", async () => {
    const { host, work } = await hostWithWork();
    work.now = () => new Promise(() => undefined);
    for (let call = 1; call <= 10; call++) {
      const leaving = new AbortController();
      const outcome = callAs(host, "ada", "work", { signal: leaving.signal });
      await expect.poll(() => work.runs).toBe(call);
      leaving.abort();
      expect(wordFor(await outcome)).toBe("cancelled");
    }
  });

  test("an attempt that was begun when its call's time was nearly up", async () => {
    const annotations = { readOnlyHint: true };
    const policy = { deadline: 10, concurrency: { slots: 1, queue: 100 } };
    const { host, work } = await hostWithWork({ annotations, config: { timeout: 10, policy } });
    for (let round = 0; round < 6; round++) {
      // One call has the only slot for so long that the next has hardly any time left.
      const gate = new Gate();
      const runs = work.runs;
      work.now = () => gate.pass();
      const first = callAs(host, "ada", "work");
      await expect.poll(() => work.runs).toBe(runs + 1);
      const second = callAs(host, "ada", "work");
      await vi.advanceTimersByTimeAsync(8_000);
      work.now = () => new Promise(() => undefined);
      gate.open();
      await first;
      await expect.poll(() => work.runs).toBe(runs + 2);
      await vi.advanceTimersByTimeAsync(2_001);
      expect(wordFor(await second)).toBe("timeout");
    }
    work.now = () => "fine";
    expect(wordFor(await callAs(host, "ada", "work"))).toBe("ok");
  });
});

test("breaker: false never leaves a tool alone", async () => {
  const { host, work } = await hostWithWork({ config: { policy: { breaker: false } } });
  await fail(host, 30);
  expect(work.runs).toBe(30);
});

test("its own numbers hold where the policy has some", async () => {
  const policy = { breaker: { failures: 2, open: 5 } };
  const { host, work } = await hostWithWork({ config: { policy } });
  await fail(host, 3);
  expect(work.runs).toBe(2);
  await vi.advanceTimersByTimeAsync(5_501);
  await fail(host, 1);
  expect(work.runs).toBe(3);
});
