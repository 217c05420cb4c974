import { afterEach, describe, expect, test } from "vitest";
import { ToolError, type ToolConfig, type ToolContext } from "../../src/plugin-api/index.ts";
import type { TestHost } from "../../src/testing.ts";
import { callAs, errorOf, Gate, hostWith, textsOf, wordFor } from "../helpers/one-plugin.ts";
import { TaskClient } from "../helpers/task-client.ts";

let running: TestHost | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

type Work = (context: ToolContext) => unknown;

/** A host with a tool `pay` that does what the test says, and how often it did. */
async function hostWithPay(
  now: Work = () => "paid",
  tool: Partial<ToolConfig> = {},
  options: Parameters<typeof hostWith>[1] = {},
): Promise<{ host: TestHost; pay: { now: Work; runs: number; keys: string[] } }> {
  const pay: { now: Work; runs: number; keys: string[] } = { now, runs: 0, keys: [] };
  const handler = (_args: unknown, context: ToolContext): string => {
    pay.runs += 1;
    pay.keys.push(context.idempotencyKey);
    return pay.now(context) as string;
  };
  running = await hostWith({ pay: { ...tool, handler }, other: {} }, options);
  return { host: running, pay };
}

const KEY = { "agentflow/idempotencyKey": "order 7" };

const call = (
  { client }: TestHost,
  args = {},
  _meta: Record<string, unknown> = KEY,
  name = "pay",
): ReturnType<typeof client.callTool> => client.callTool({ name, arguments: args, _meta });

/** Pays as a task, with the key. */
async function startPaying(tasks: TaskClient): Promise<{ readonly taskId: string }> {
  const params = { name: "pay", arguments: {}, _meta: KEY };
  return (await tasks.result("tools/call", params)) as { readonly taskId: string };
}

describe.each(["2026-07-28", "2025-11-25"] as const)("a call with a key (%s)", (protocol) => {
  test("is carried out once; the second gets the first result, and is told so", async () => {
    const { host, pay } = await hostWithPay(() => `paid ${pay.runs}`, {}, { protocol });
    expect(textsOf(await call(host, { sum: 1 }))).toEqual(["paid 1"]);
    const again = await call(host, { sum: 1 });
    const { at } = (again._meta ?? {})["agentflow/deduplicated"] as { at: string };
    expect(new Date(at).toISOString()).toBe(at);
    expect(textsOf(again)).toEqual([
      `This call was already made at ${at} and is not carried out again; this is what came of it.`,
      "paid 1",
    ]);
    expect(pay.runs).toBe(1);
    expect(host.logs.at(-1)).toMatchObject({ msg: "call", from: "dedup" });
  });

  test("is refused with other arguments, or for another tool", async () => {
    const { host, pay } = await hostWithPay(undefined, {}, { protocol });
    await call(host, { sum: 1 });
    for (const wrong of [
      await call(host, { sum: 2 }),
      await call(host, { sum: 1 }, KEY, "other"),
    ]) {
      expect(errorOf(wrong)).toMatchObject({ code: "invalid_arguments", retryable: false });
      expect(textsOf(wrong)[0]).toContain("A new call needs a new key.");
    }
    expect(pay.runs).toBe(1);
  });
});

test.each<[string, unknown]>([
  ["no text", 7],
  ["empty", ""],
  ["an object", {}],
  ["too long", "x".repeat(257)],
  ["null", null],
])("a key that is %s is refused, and nothing is carried out", async (_what, key) => {
  const { host, pay } = await hostWithPay();
  const result = await call(host, {}, { "agentflow/idempotencyKey": key });
  expect(errorOf(result)?.code).toBe("invalid_arguments");
  expect(textsOf(result)[0]).toContain("must be text of 1 to 256 characters");
  expect(pay.runs).toBe(0);
});

describe("keys", () => {
  test("of different principals have nothing to do with each other", async () => {
    const { host, pay } = await hostWithPay();
    for (const who of ["ada", "bob", "ada"]) await callAs(host, who, "pay", { clientKey: "7" });
    expect(pay.runs).toBe(2);
  });

  test("give a handler the same key for its upstream, and different ones for others", async () => {
    const { host, pay } = await hostWithPay(() => {
      throw new ToolError("Not now.", { retryable: true });
    });
    for (const [who, clientKey] of [
      ["ada", "7"],
      ["ada", "7"],
      ["ada", "8"],
      ["bob", "7"],
    ] as const) {
      await callAs(host, who, "pay", { clientKey });
    }
    expect(pay.keys[0]).toMatch(/^\w{8}-\w{4}-\w{4}-\w{4}-\w{12}$/u);
    expect(pay.keys[1]).toBe(pay.keys[0]);
    expect(new Set(pay.keys).size).toBe(3);
  });
});

describe("a call at the same time", () => {
  test("waits for the first, and gets its answer", async () => {
    const gate = new Gate();
    const { host, pay } = await hostWithPay(async () => {
      await gate.pass();
      return "paid";
    });
    const calls = Array.from({ length: 10 }, () => callAs(host, "ada", "pay", { clientKey: "7" }));
    await expect.poll(() => gate.entered).toBe(1);
    gate.open();
    const outcomes = await Promise.all(calls);
    expect(outcomes.map(wordFor)).toEqual(calls.map(() => "ok"));
    expect(outcomes.filter((one) => "carriedOutAt" in one)).toHaveLength(9);
    expect(pay.runs).toBe(1);
  });

  test("is the one that is carried out when the first is cancelled before it began", async () => {
    const gate = new Gate();
    const { host, pay } = await hostWithPay(async () => {
      await gate.pass();
      return "paid";
    });
    const leaving = new AbortController();
    const first = callAs(host, "ada", "pay", { clientKey: "7", signal: leaving.signal });
    await expect.poll(() => gate.entered).toBe(1);
    const second = callAs(host, "ada", "pay", { clientKey: "7" });
    leaving.abort();
    expect(wordFor(await first)).toBe("cancelled");
    await expect.poll(() => gate.entered).toBe(2);
    gate.open();
    expect(wordFor(await second)).toBe("ok");
    expect(pay.runs).toBe(2);
  });

  test("does not wait longer than it has time, nor when its caller leaves", async () => {
    const gate = new Gate();
    const { host } = await hostWithPay(() => gate.pass().then(() => "paid"), {
      config: { timeout: 60, policy: { deadline: 0.3, softDeadline: 0.05, longDeadline: 60 } },
    });
    const tasks = TaskClient.inProcess(host);
    // The first goes on as a task, with a long deadline.
    const { taskId } = await startPaying(tasks);
    const leaving = new AbortController();
    const clientKey = KEY["agentflow/idempotencyKey"];
    const left = callAs(host, "local", "pay", { clientKey, signal: leaving.signal });
    leaving.abort();
    expect(wordFor(await left)).toBe("cancelled");
    gate.open();
    await tasks.settled(taskId);
  });
});

describe("what was not carried out can be called again with its key:", () => {
  test.each<[string, Work]>([
    [
      "an error that passes",
      () => {
        throw new ToolError("Not now.", { retryable: true });
      },
    ],
    [
      "an error for a reason",
      () => {
        throw new ToolError("No such account.");
      },
    ],
    ["an error that was returned", () => ({ content: "No.", error: "no" })],
  ])("%s", async (_what, fails) => {
    const { host, pay } = await hostWithPay(fails);
    expect((await call(host)).isError).toBe(true);
    pay.now = () => "paid";
    expect(textsOf(await call(host))).toEqual(["paid"]);
    expect(pay.runs).toBe(2);
  });

  test("what was turned away", async () => {
    const config = { policy: { concurrency: { slots: 1, queue: 0 } } };
    const gate = new Gate();
    const { host, pay } = await hostWithPay(() => gate.pass().then(() => "paid"), { config });
    const busy = callAs(host, "local", "pay");
    await expect.poll(() => gate.entered).toBe(1);
    expect(errorOf(await call(host))?.code).toBe("overloaded");
    gate.open();
    await busy;
    pay.now = () => "paid";
    expect(textsOf(await call(host))).toEqual(["paid"]);
  });
});

describe("what may have been carried out is not called again with its key:", () => {
  test("a timeout of a tool that must not be repeated", async () => {
    const { host, pay } = await hostWithPay(() => new Promise(() => undefined), {
      config: { timeout: 0.02 },
    });
    expect(errorOf(await call(host))?.code).toBe("outcome_unknown");
    pay.now = () => "paid twice";
    const again = await call(host);
    expect(errorOf(again)).toMatchObject({ code: "outcome_unknown", retryable: false });
    expect(again._meta?.["agentflow/deduplicated"]).toBeDefined();
    expect(pay.runs).toBe(1);
  });

  test("an answer that could not be delivered", async () => {
    const { host, pay } = await hostWithPay(() => ({ content: "paid", data: 1n }));
    expect(errorOf(await call(host))?.code).toBe("invalid_result");
    expect(errorOf(await call(host))?.code).toBe("invalid_result");
    expect(pay.runs).toBe(1);
  });

  test("one whose answer was too long to be kept", async () => {
    const config = { server: { dedup: { maxChars: 1_000 } } };
    const { host, pay } = await hostWithPay(() => "x".repeat(5_000), {}, { config });
    await call(host);
    expect(textsOf(await call(host)).at(-1)).toBe("Its answer was too long to be kept.");
    expect(pay.runs).toBe(1);
  });
});

describe("dedupSeconds", () => {
  const config = { policy: { dedupSeconds: 60 } };

  test("protects each principal's calls with the same arguments, without a key", async () => {
    const { host, pay } = await hostWithPay(undefined, { config });
    await call(host, { sum: 1, to: "bob" }, {});
    const again = await call(host, { to: "bob", sum: 1 }, {});
    expect(again._meta?.["agentflow/deduplicated"]).toBeDefined();
    await call(host, { sum: 2, to: "bob" }, {});
    await callAs(host, "ada", "pay", { args: { sum: 1, to: "bob" } });
    expect(pay.runs).toBe(3);
  });

  test("ends after its time", async () => {
    const { host, pay } = await hostWithPay(undefined, {
      config: { policy: { dedupSeconds: 0.02 } },
    });
    await call(host, {}, {});
    await expect
      .poll(async () => {
        await call(host, {}, {});
        return pay.runs;
      })
      .toBeGreaterThan(1);
  });
});

test("as many calls are remembered as there is room for; more at a time are turned away", async () => {
  const gate = new Gate();
  const config = { server: { dedup: { max: 2 } } };
  const { host } = await hostWithPay(() => gate.pass().then(() => "paid"), {}, { config });
  const calls = ["1", "2"].map((clientKey) => callAs(host, "ada", "pay", { clientKey }));
  await expect.poll(() => gate.entered).toBe(2);
  const third = await callAs(host, "ada", "pay", { clientKey: "3" });
  expect(third).toMatchObject({ failure: { code: "overloaded", retryAfterMs: 1_000 } });
  gate.open();
  await Promise.all(calls);
  expect(wordFor(await callAs(host, "ada", "pay", { clientKey: "3" }))).toBe("ok");
});

test("a task's answer is the first result, too", async () => {
  const { host, pay } = await hostWithPay(undefined, { config: { policy: { long: true } } });
  const tasks = TaskClient.inProcess(host);
  const { taskId } = await startPaying(tasks);
  expect((await tasks.settled(taskId)).status).toBe("completed");
  const again = await call(host);
  expect(textsOf(again).at(-1)).toBe("paid");
  expect(again._meta?.["agentflow/deduplicated"]).toBeDefined();
  expect(pay.runs).toBe(1);
});
