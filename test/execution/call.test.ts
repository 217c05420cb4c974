import { afterEach, describe, expect, test, vi } from "vitest";
import {
  definePlugin,
  ToolError,
  type ToolConfig,
  type ToolContext,
} from "../../src/plugin-api/index.ts";
import { createTestHost, type TestHost } from "../../src/testing.ts";

let running: TestHost | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** A host with one tool `work`, and how often its handler ran. */
async function hostWith(
  handler: (attempt: number, context: ToolContext) => unknown,
  config: Partial<ToolConfig> = {},
): Promise<{
  host: TestHost;
  runs: () => number;
  call: () => ReturnType<TestHost["client"]["callTool"]>;
}> {
  let runs = 0;
  const work = {
    ...config,
    inputSchema: { type: "object" },
    handler: (_args: unknown, context: ToolContext) => handler((runs += 1), context) as string,
  };
  const plugin = definePlugin({ name: "p", version: "1.0.0", tools: { work } });
  running = await createTestHost({ plugins: { p: plugin } });
  const { client } = running;
  return {
    host: running,
    runs: () => runs,
    call: () => client.callTool({ name: "work", arguments: {} }),
  };
}

const hang = (): Promise<never> => new Promise(() => undefined);
const busy = (): never => {
  throw new ToolError("Busy.", { code: "busy", retryable: true });
};

describe("retries", () => {
  test("a transient error is repeated as often as the author asked", async () => {
    const { call, runs } = await hostWith((attempt) => (attempt < 3 ? busy() : "done"), {
      config: { retryCount: 2 },
    });
    expect(await call()).toMatchObject({ content: [{ text: "done" }] });
    expect(runs()).toBe(3);
  });

  test("without retryCount nothing is repeated, even on a read-only tool", async () => {
    const { call, runs } = await hostWith(busy, { annotations: { readOnlyHint: true } });
    expect(await call()).toMatchObject({ isError: true, content: [{ text: "[busy] Busy." }] });
    expect(runs()).toBe(1);
  });

  test.each([
    ["idempotentHint: false", { idempotentHint: false }],
    ["destructiveHint: true", { destructiveHint: true }],
  ])("a tool with %s is not repeated", async (_name, annotations) => {
    const { call, runs } = await hostWith(busy, { annotations, config: { retryCount: 3 } });
    expect(await call()).toMatchObject({ isError: true });
    expect(runs()).toBe(1);
  });

  test("an error that does not pass by itself is not repeated", async () => {
    const { call, runs } = await hostWith(
      () => {
        throw new Error("broken");
      },
      { config: { retryCount: 3 } },
    );
    await call();
    expect(runs()).toBe(1);
  });

  test("a timeout is repeated on a read-only tool, and only there", async () => {
    const config = { timeout: 0.05, retryCount: 1 };
    const safe = await hostWith(hang, { config, annotations: { readOnlyHint: true } });
    expect(await safe.call()).toMatchObject({ isError: true });
    expect(safe.runs()).toBe(2);
    await running?.close();
    const unsafe = await hostWith(hang, { config });
    expect(await unsafe.call()).toMatchObject({ isError: true });
    expect(unsafe.runs()).toBe(1);
  });

  test("context.retry repeats one request; the tool as a whole is not repeated then", async () => {
    let requests = 0;
    const { call, runs } = await hostWith(
      async (_attempt, context) =>
        context.retry(async () => {
          requests += 1;
          return busy();
        }),
      { config: { retryCount: 2 } },
    );
    expect(await call()).toMatchObject({ isError: true, content: [{ text: "[busy] Busy." }] });
    expect({ runs: runs(), requests }).toEqual({ runs: 1, requests: 3 });
  });

  test("the idempotency key is the same for all attempts and differs between calls", async () => {
    const keys: string[] = [];
    const { call } = await hostWith(
      (attempt, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        return attempt === 1 ? busy() : "done";
      },
      { config: { retryCount: 1 } },
    );
    await call();
    await call();
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });
});

describe("time", () => {
  test("a handler that hands on a copy of its context hands on the signal with it", async () => {
    const { call } = await hostWith(
      async (_attempt, context) => {
        const { signal } = { ...context };
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        copied = signal;
      },
      { config: { timeout: 0.05 } },
    );
    let copied: AbortSignal | undefined;
    expect(await call()).toMatchObject({ isError: true });
    await vi.waitFor(() => expect(copied?.reason).toMatchObject({ name: "AttemptTimedOutError" }));
  });

  test("a tool that ignores its signal is still answered, and its signal has fired", async () => {
    let signal: AbortSignal | undefined;
    const { call } = await hostWith(
      (_attempt, context) => {
        ({ signal } = context);
        return new Promise(() => undefined);
      },
      { config: { timeout: 0.05 } },
    );
    expect(await call()).toMatchObject({
      isError: true,
      content: [
        {
          text: expect.stringContaining(
            "[outcome_unknown] The tool 'work' did not answer within 0.05 s and was stopped. It may or may not",
          ) as string,
        },
      ],
      _meta: { "agentflow/error": { code: "outcome_unknown", retryable: false } },
    });
    expect(signal?.aborted).toBe(true);
  });

  test("what a handler still brings after its time is dropped", async () => {
    let finish: ((text: string) => void) | undefined;
    const { call, host } = await hostWith(
      () => new Promise<string>((resolve) => (finish = resolve)),
      { config: { timeout: 0.05 } },
    );
    expect(await call()).toMatchObject({ isError: true });
    finish?.("late");
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(host.logs.filter(({ msg }) => msg === "call")).toHaveLength(1);
  });

  test("the deadline holds for all attempts together", async () => {
    const { call, runs } = await hostWith(
      (_attempt, { remainingMs, signal }) =>
        new Promise((_resolve, reject) => {
          expect(remainingMs()).toBeLessThanOrEqual(120);
          signal.addEventListener("abort", () => reject(new Error("stopped")));
        }),
      {
        annotations: { readOnlyHint: true },
        config: { timeout: 0.1, retryCount: 10, policy: { deadline: 0.12 } },
      },
    );
    expect(await call()).toMatchObject({ isError: true });
    expect(runs()).toBeLessThanOrEqual(2);
  });
});

describe("what leaves the host", () => {
  test("a secret of the configuration is redacted from results, errors and logs", async () => {
    const secret = "correct-horse-battery";
    const plugin = definePlugin({
      name: "p",
      version: "1.0.0",
      tools: {
        leak: {
          inputSchema: { type: "object" },
          handler: (_args, { config }) => `key ${String(config["apiKey"])}`,
        },
        fail: {
          inputSchema: { type: "object" },
          handler: (_args, { config, log }) => {
            log.info("using", { header: `key ${String(config["apiKey"])}` });
            throw new ToolError(`refused ${String(config["apiKey"])}`);
          },
        },
      },
    });
    running = await createTestHost({
      plugins: { p: plugin },
      config: { plugins: { p: { apiKey: secret } } },
    });
    const { client, logs } = running;
    const results = [
      await client.callTool({ name: "leak", arguments: {} }),
      await client.callTool({ name: "fail", arguments: {} }),
    ];
    expect(JSON.stringify(results)).toContain("[redacted]");
    expect(JSON.stringify([results, logs])).not.toContain(secret);
  });
});
