import { describe, expect, test } from "vitest";
import { createMemoryDedup } from "../../src/backends/dedup/memory.ts";
import { deferred } from "../../src/base/deferred.ts";
import { hostFailure, type Failure } from "../../src/base/failure.ts";
import { failed, type Outcome } from "../../src/base/port.ts";
import { Breaker } from "../../src/execution/breaker.ts";
import type { Call, Stage } from "../../src/execution/call.ts";
import { Deadline } from "../../src/execution/deadline.ts";
import { createDedup } from "../../src/execution/dedup.ts";
import { createOutcomeUnknown } from "../../src/execution/outcome-unknown.ts";
import { READ_POLICY } from "../../src/execution/policy.ts";
import { ReplyCache } from "../../src/execution/reply-cache.ts";
import { createRetry } from "../../src/execution/retry.ts";
import { createSlot } from "../../src/execution/slot.ts";
import { Slots } from "../../src/execution/slots.ts";
import { timeout } from "../../src/execution/timeout.ts";

// What a plugin's code in this process cannot bring about: ends of processes, stages that break.

const nothing = (): void => undefined;
const GOOD: Outcome = { kind: "reply", reply: { content: [{ type: "text", text: "done" }] } };

function callOf(more: Partial<Call> = {}): Call {
  const deadline = more.deadline ?? new Deadline(10_000);
  return {
    name: "work",
    plugin: "p",
    request: { kind: "tool", name: "work", arguments: {} },
    policy: { ...READ_POLICY, retriesTimeouts: false },
    upstream: "work",
    owesData: false,
    mayLeave: false,
    continued: false,
    principal: { id: "ada" },
    sessionId: undefined,
    client: { form: false, url: false, sampling: false, roots: false },
    takesTasks: false,
    wantsProgress: false,
    refresh: false,
    clientKey: undefined,
    depth: 0,
    inputs: {},
    state: undefined,
    signal: new AbortController().signal,
    abort: nothing,
    detach: nothing,
    progress: nothing,
    beat: nothing,
    logToClient: nothing,
    chunk: nothing,
    idempotencyKey: "key",
    attempt: 1,
    deadline,
    remainingMs: () => deadline.remainingMs(),
    background: nothing,
    onAttempt: nothing,
    onBegin: nothing,
    onSelfRetry: nothing,
    ...more,
  };
}

/** Runs a stage over what comes of each attempt, and counts them. */
async function run(
  stage: Stage,
  outcomes: readonly Outcome[],
  call = callOf(),
): Promise<{ outcome: Outcome; attempts: number }> {
  let attempts = 0;
  const outcome = await stage(call, async () => outcomes[attempts++] ?? GOOD);
  return { outcome, attempts };
}

function lost(code: "plugin_crashed" | "plugin_restarted", more: Partial<Failure> = {}): Outcome {
  return failed(hostFailure(code, "It ended.", { transient: true, ...more }));
}

const SAFE = callOf({ policy: { ...READ_POLICY, retriesTimeouts: true } });
const broken = new Error("a stage is broken");

const breaks = (): Promise<never> => Promise.reject(broken);
const oneSlot = (): Slots => new Slots({ server: { slots: 1, queue: 5 }, perPrincipal: 5 });
const memory = (): Stage =>
  createDedup(createMemoryDedup({ maxEntries: 10, maxChars: 1_000 }), 1_000);

describe("when a plugin's process ends", () => {
  test("its call is repeated as often as its retryCount says, if it is safe", async () => {
    const policy = { ...READ_POLICY, retriesTimeouts: true, retryCount: 2 };
    const crashes = [1, 2, 3].map(() => lost("plugin_crashed"));
    expect((await run(createRetry(), crashes, callOf({ policy }))).attempts).toBe(3);
    expect((await run(createRetry(), crashes, SAFE)).attempts).toBe(1);
  });

  test("a call that was not to blame is repeated once, whatever its retryCount, if it is safe", async () => {
    const crashes = [1, 2, 3].map(() => lost("plugin_restarted", { bystander: true }));
    expect((await run(createRetry(), crashes, SAFE)).attempts).toBe(2);
    expect((await run(createRetry(), crashes)).attempts).toBe(1);
  });

  test("a call that never began is repeated once, whatever its tool does", async () => {
    const never = lost("plugin_crashed", { notStarted: true });
    expect(await run(createRetry(), [never])).toEqual({ outcome: GOOD, attempts: 2 });
  });

  test("and never comes back, the first failure is what the client hears of", async () => {
    const crash = lost("plugin_restarted", { bystander: true });
    const gone = failed(hostFailure("plugin_unavailable", "Gone.", { notStarted: true }));
    expect((await run(createRetry(), [crash, gone], SAFE)).outcome).toEqual(crash);
  });

  test.each([
    ["plugin_crashed", "outcome_unknown"],
    ["plugin_restarted", "plugin_restarted"],
    ["shutting_down", "shutting_down"],
  ] as const)("%s of an unsafe call says so as %s", async (code, expected) => {
    const stage = createOutcomeUnknown(() => ["look"]);
    const failure = hostFailure(code, "It ended.", { retryable: true, retryAfterMs: 5 });
    const { outcome } = await run(stage, [failed(failure)]);
    expect(outcome).toMatchObject({ failure: { code: expected, retryable: false } });
    expect(outcome).not.toHaveProperty("failure.retryAfterMs");
    expect((await run(stage, [failed(failure)], SAFE)).outcome).toEqual(failed(failure));
  });

  test("a prompt's or resource's end is no secret work", async () => {
    const request = { kind: "prompt", name: "work", arguments: {} } as const;
    const stage = createOutcomeUnknown(() => []);
    const crash = lost("plugin_crashed");
    expect((await run(stage, [crash], callOf({ request }))).outcome).toBe(crash);
  });

  test.each([
    [lost("plugin_crashed"), 1],
    [lost("plugin_restarted"), 0],
    [lost("plugin_crashed", { notStarted: true }), 0],
  ])("the breaker counts it if the call can be blamed, %#", async (outcome, circuits) => {
    const breaker = new Breaker();
    const settings = { failures: 5, ratio: 0.5, windowMs: 1_000, openMs: 1_000 };
    const call = callOf({ policy: { ...READ_POLICY, breaker: settings } });
    await run(breaker.watch, [outcome], call);
    expect(breaker.size).toBe(circuits);
    await run(breaker.watch, [GOOD], call);
  });
});

test("a call that has waited for a slot while its tool's circuit opened is turned away", async () => {
  const breaker = new Breaker();
  const settings = { failures: 1, ratio: 1, windowMs: 1_000, openMs: 30_000 };
  const call = callOf({ policy: { ...READ_POLICY, breaker: settings } });
  await run(breaker.watch, [lost("plugin_crashed")], call);
  const { outcome, attempts } = await run(breaker.watch, [GOOD], call);
  expect(outcome).toMatchObject({ failure: { code: "circuit_open", notStarted: true } });
  expect(attempts).toBe(0);
});

describe("a slot", () => {
  test("is not needed by what only waits", async () => {
    const stage = createSlot(oneSlot(), () => undefined);
    const { outcome } = await run((call) => stage(call, () => stage(call, async () => GOOD)), []);
    expect(outcome).toBe(GOOD);
  });

  test("is not waited for by who has left", async () => {
    const stage = createSlot(oneSlot(), () => ({ slots: 1, queue: 5 }));
    const end = deferred<Outcome>();
    const first = stage(callOf(), () => end.promise);
    const leaving = new AbortController();
    const second = run(stage, [], callOf({ signal: leaving.signal }));
    leaving.abort();
    expect(await second).toMatchObject({
      outcome: { failure: { code: "cancelled", notStarted: true } },
      attempts: 0,
    });
    end.resolve(GOOD);
    expect(await first).toBe(GOOD);
  });
});

describe("a stage that breaks is not mistaken for a failed attempt:", () => {
  test("not by retries", async () => {
    await expect(createRetry()(SAFE, breaks)).rejects.toBe(broken);
  });

  test("not by timeouts, at once or later", async () => {
    await expect(timeout(callOf(), breaks)).rejects.toBe(broken);
    const later = (): Promise<never> =>
      new Promise((_resolve, reject) => setTimeout(reject, 5, broken));
    await expect(timeout(callOf(), later)).rejects.toBe(broken);
  });

  test("not by the cache or the memory of calls: both let go of it", async () => {
    const cache = new ReplyCache({ maxEntries: 10, maxChars: 1_000 });
    const cached = callOf({ policy: { ...READ_POLICY, cacheMs: 1_000 } });
    const both = [cache.stage(cached, breaks), cache.stage(cached, breaks)];
    for (const one of both) await expect(one).rejects.toBe(broken);
    expect(cache.size).toEqual({ kept: 0, chars: 0, running: 0 });
    const dedup = memory();
    const keyed = callOf({ clientKey: "7" });
    await expect(dedup(keyed, breaks)).rejects.toBe(broken);
    expect(await dedup(keyed, async () => GOOD)).toBe(GOOD);
  });
});

describe("an attempt", () => {
  test("is not begun when its call's time is up", async () => {
    const { outcome, attempts } = await run(timeout, [GOOD], callOf({ deadline: new Deadline(0) }));
    expect(outcome).toMatchObject({ failure: { code: "timeout", notStarted: true } });
    expect(attempts).toBe(0);
  });

  test("is not begun when its caller has left", async () => {
    const { outcome, attempts } = await run(
      timeout,
      [GOOD],
      callOf({ signal: AbortSignal.abort() }),
    );
    expect(outcome).toMatchObject({ failure: { code: "cancelled", notStarted: true } });
    expect(attempts).toBe(0);
  });

  test("has its time from when it reaches its plugin, which may have to be started first", async () => {
    const policy = { ...READ_POLICY, timeoutMs: 150 };
    const outcome = await timeout(callOf({ policy }), async (attempt) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      attempt.onBegin();
      return GOOD;
    });
    expect(outcome).toBe(GOOD);
    const late = await timeout(callOf({ policy }), async (attempt) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      attempt.onBegin();
      return new Promise<Outcome>(nothing);
    });
    expect(late).toMatchObject({ failure: { code: "timeout" } });
  });

  test("whose caller leaves in its very first turn is told so", async () => {
    const leaving = new AbortController();
    let told: Call["signal"] | undefined;
    const outcome = await timeout(callOf({ signal: leaving.signal }), (attempt) => {
      told = attempt.signal;
      attempt.onBegin();
      leaving.abort();
      return new Promise(nothing);
    });
    expect(outcome).toMatchObject({ failure: { code: "cancelled" } });
    expect(told?.aborted).toBe(true);
  });
});

describe("who waits for another call that does the same", () => {
  test("does not wait longer than it has time", async () => {
    const [stage, end] = [memory(), deferred<Outcome>()];
    const first = stage(callOf({ clientKey: "7" }), () => end.promise);
    const second = callOf({ clientKey: "7", deadline: new Deadline(10) });
    const { outcome } = await run(stage, [], second);
    expect(outcome).toMatchObject({
      failure: { code: "timeout", retryable: true, retryAfterMs: 1_000, notStarted: true },
    });
    end.resolve(GOOD);
    await first;
  });

  test("does not wait when it has left", async () => {
    const [stage, end] = [memory(), deferred<Outcome>()];
    const first = stage(callOf({ clientKey: "7" }), () => end.promise);
    const leaving = new AbortController();
    const second = run(stage, [], callOf({ clientKey: "7", signal: leaving.signal }));
    leaving.abort();
    expect((await second).outcome).toMatchObject({ failure: { code: "cancelled" } });
    end.resolve(GOOD);
    await first;
  });

  test("does the work itself where the first has broken or was only asked something", async () => {
    const cache = new ReplyCache({ maxEntries: 10, maxChars: 1_000 });
    const call = callOf({ policy: { ...READ_POLICY, cacheMs: 1_000 } });
    const end = deferred<Outcome>();
    const first = cache.stage(call, () => end.promise);
    const second = cache.stage(call, async () => GOOD);
    end.resolve({ kind: "input_required", requests: {} });
    await first;
    expect(await second).toBe(GOOD);
  });

  test("is told of a plugin's new definitions by doing the work itself", async () => {
    const cache = new ReplyCache({ maxEntries: 10, maxChars: 1_000 });
    const call = callOf({ policy: { ...READ_POLICY, cacheMs: 1_000 } });
    const end = deferred<Outcome>();
    const first = cache.stage(call, () => end.promise);
    const other = callOf({ ...call, plugin: "q" });
    const others = cache.stage(other, () => end.promise);
    cache.forget("p");
    expect(cache.size.running).toBe(1);
    end.resolve(GOOD);
    await Promise.all([first, others]);
    // Only what was not forgotten is kept.
    expect(cache.size.kept).toBe(1);
  });
});

test("prompts and resources are neither cached nor remembered by a key", async () => {
  const request = { kind: "prompt", name: "work", arguments: {} } as const;
  const policy = { ...READ_POLICY, cacheMs: 1_000 };
  const call = callOf({ request, policy, clientKey: "7" });
  const cache = new ReplyCache({ maxEntries: 10, maxChars: 1_000 });
  const dedup = memory();
  for (const stage of [cache.stage, dedup]) {
    await run(stage, [GOOD], call);
    expect((await run(stage, [GOOD], call)).attempts).toBe(1);
  }
});

test("of more than ten thousand tools out of order, those that failed first are forgotten", async () => {
  const breaker = new Breaker();
  const settings = { failures: 5, ratio: 0.5, windowMs: 1_000_000, openMs: 1_000 };
  const policy = { ...READ_POLICY, breaker: settings };
  for (let n = 0; n < 10_001; n++) {
    await run(breaker.watch, [lost("plugin_crashed")], callOf({ policy, upstream: String(n) }));
  }
  expect(breaker.size).toBe(10_000);
});
