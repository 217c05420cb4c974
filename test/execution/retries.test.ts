import { once } from "node:events";
import { createServer, get, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ToolError, type ToolConfig, type ToolContext } from "../../src/plugin-api/index.ts";
import type { TestHost } from "../../src/testing.ts";
import { callAs, errorOf, Gate, hostWith, textsOf } from "../helpers/one-plugin.ts";
import { TaskClient } from "../helpers/task-client.ts";

let running: TestHost | undefined;
let upstream: Server | undefined;
afterEach(async () => {
  await running?.close();
  upstream?.closeAllConnections();
  upstream?.close();
  [running, upstream] = [undefined, undefined];
});

/** An HTTP server on loopback, and how many requests it has counted. */
async function startUpstream(
  listener: RequestListener,
): Promise<{ url: string; counted: () => number }> {
  let count = 0;
  upstream = createServer((request, response) => {
    count += 1;
    listener(request, response);
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const { port } = upstream.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, counted: () => count };
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(code, { connection: "close", ...headers }).end();
const reset: RequestListener = (request) => void request.socket.destroy();

/** What an author's client does: it throws what went wrong. */
function ask(url: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, ...(signal && { signal }) }, (response) => {
      response.resume();
      const { statusCode = 0, headers } = response;
      if (statusCode < 300) resolve("asked");
      else {
        reject(Object.assign(new Error(`HTTP ${statusCode}`), { status: statusCode, headers }));
      }
    }).on("error", reject);
  });
}

const hang = (): Promise<never> => new Promise(() => undefined);

type Handler = (context: ToolContext) => unknown;

async function hostWithAsk(handler: Handler, tool: Partial<ToolConfig> = {}): Promise<TestHost> {
  running = await hostWith({
    ask: { ...tool, handler: (_args: unknown, context: ToolContext) => handler(context) as string },
  });
  return running;
}

const QUIET = { breaker: false } as const;
const READS = { annotations: { readOnlyHint: true } };
const call = ({ client }: TestHost): ReturnType<typeof client.callTool> =>
  client.callTool({ name: "ask", arguments: {} });

describe("the upstream is asked", () => {
  test.each<[string, RequestListener, number]>([
    ["HTTP 500", status(500), 3],
    ["HTTP 503", status(503), 3],
    ["HTTP 429 with a short Retry-After", status(429, { "retry-after": "0" }), 3],
    ["a reset connection", reset, 3],
    ["HTTP 429 with a Retry-After beyond the deadline", status(429, { "retry-after": "3600" }), 1],
    ["HTTP 429 with an endless Retry-After", status(429, { "retry-after": "9".repeat(30) }), 1],
    ["HTTP 400", status(400), 1],
    ["HTTP 401", status(401), 1],
    ["HTTP 501", status(501), 1],
  ])("after %s, %#: so many times in all", async (_what, listener, times) => {
    const { url, counted } = await startUpstream(listener);
    const host = await hostWithAsk(() => ask(url), { config: { retryCount: 2 } });
    expect((await call(host)).isError).toBe(true);
    expect(counted()).toBe(times);
  });

  test("once, if the author asks for no retries", async () => {
    const { url, counted } = await startUpstream(status(503));
    const host = await hostWithAsk(({ retry }) => retry(() => ask(url)), READS);
    await call(host);
    expect(counted()).toBe(1);
  });

  test("and a wait that does not fit is passed on to the client at once", async () => {
    const { url } = await startUpstream(status(429, { "retry-after": "3600" }));
    const host = await hostWithAsk(() => ask(url), { config: { retryCount: 2 } });
    expect(errorOf(await call(host))).toMatchObject({ retryable: true, retryAfterMs: 3_600_000 });
  });
});

describe("one layer repeats: a tool that uses context.retry", () => {
  test("asks as often as its retryCount says, not that many times that many", async () => {
    const { url, counted } = await startUpstream(status(503));
    const host = await hostWithAsk(({ retry }) => retry(() => ask(url)), {
      ...READS,
      config: { retryCount: 2 },
    });
    await call(host);
    expect(counted()).toBe(3);
  });

  test("is not repeated as a whole when it runs out of time, either", async () => {
    let requests = 0;
    const hangs: RequestListener = (_request, response) => {
      requests += 1;
      // The first fails at once, the second never answers.
      if (requests % 2 === 1) response.writeHead(503, { connection: "close" }).end();
    };
    const { url, counted } = await startUpstream(hangs);
    const host = await hostWithAsk(({ retry }) => retry((signal) => ask(url, signal)), {
      ...READS,
      config: { timeout: 0.5, retryCount: 2 },
    });
    expect(errorOf(await call(host))?.code).toBe("timeout");
    expect(counted()).toBe(2);
  });

  test("keeps to that in a task, too", async () => {
    const { url, counted } = await startUpstream(status(503));
    const host = await hostWithAsk(({ retry }) => retry(() => ask(url)), {
      ...READS,
      config: { retryCount: 2, policy: { long: true } },
    });
    const tasks = TaskClient.inProcess(host);
    const { taskId } = await tasks.start("ask");
    expect(await tasks.settled(taskId)).toMatchObject({ result: { isError: true } });
    expect(counted()).toBe(3);
  });
});

describe("in an outage", () => {
  test.each<[string, number, number]>([
    // 500 are there: a retry costs 14, or 5 where the upstream throttles.
    ["errors", 503, 35],
    ["throttling", 429, 100],
  ])("so many retries are made because of %s, and then none", async (_what, code, retries) => {
    const { url, counted } = await startUpstream(status(code, { "retry-after": "0" }));
    const host = await hostWithAsk(() => ask(url), { config: { retryCount: 1, policy: QUIET } });
    const calls = 120;
    for (let one = 0; one < calls; one++) await callAs(host, "ada", "ask");
    expect(counted()).toBe(calls + retries);
    expect(host.logs.at(-1)).toMatchObject({
      msg: "call",
      attempts: 1,
      notRepeated: "the retry budget of its upstream is spent",
    });
  });

  test("the requests of context.retry share one budget for all calls", async () => {
    const { url, counted } = await startUpstream(status(503));
    const host = await hostWithAsk(({ retry }) => retry(() => ask(url)), {
      config: { retryCount: 1, policy: QUIET },
    });
    for (let one = 0; one < 50; one++) await callAs(host, "ada", "ask");
    expect(counted()).toBe(50 + 35);
    expect(host.logs.at(-1)).toMatchObject({
      notRepeated: "the retry budget of its upstream is spent",
    });
  });

  test("each success gives back a little", async () => {
    let isDown = true;
    const { url, counted } = await startUpstream((request, response) =>
      status(isDown ? 503 : 200)(request, response),
    );
    const host = await hostWithAsk(() => ask(url), { config: { retryCount: 1, policy: QUIET } });
    for (let one = 0; one < 36; one++) await callAs(host, "ada", "ask");
    expect(counted()).toBe(36 + 35);
    isDown = false;
    // Ten are left; four more are enough for one retry.
    for (let one = 0; one < 4; one++) await callAs(host, "ada", "ask");
    isDown = true;
    const before = counted();
    await callAs(host, "ada", "ask");
    await callAs(host, "ada", "ask");
    expect(counted() - before).toBe(3);
  });
});

describe("when nobody knows whether the work was done", () => {
  const config = { timeout: 0.03, retryCount: 3 };

  test("the client is told so, and what to check with first", async () => {
    running = await hostWith({
      write: { handler: hang, config },
      look: READS,
      other: {},
    });
    const result = await running.client.callTool({ name: "write", arguments: {} });
    expect(errorOf(result)).toMatchObject({ code: "outcome_unknown", retryable: false });
    expect(textsOf(result)[0]).toBe(
      "[outcome_unknown] The tool 'write' did not answer within 0.03 s and was stopped. " +
        "It may or may not have taken effect: check with 'look' before you call it again.",
    );
  });

  test("and there is nothing to check with, its user is to be asked", async () => {
    const host = await hostWithAsk(hang, { config });
    expect(textsOf(await call(host))[0]).toContain(
      "ask the user to check before you call it again",
    );
  });

  test("of many tools to check with, three are named", async () => {
    running = await hostWith({
      write: { handler: hang, config },
      ...Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, READS])),
    });
    const result = await running.client.callTool({ name: "write", arguments: {} });
    expect(textsOf(result)[0]).toContain("check with 'a' or 'b' or 'c' before");
  });

  test.each([["readOnlyHint"], ["idempotentHint"]])(
    "a tool with %s is repeated, and its timeout is a timeout",
    async (hint) => {
      let runs = 0;
      const host = await hostWithAsk(
        () => {
          runs += 1;
          return hang();
        },
        { annotations: { [hint]: true }, config },
      );
      expect(errorOf(await call(host))).toMatchObject({ code: "timeout", retryable: true });
      expect(runs).toBe(4);
    },
  );

  test("it was done at most once", async () => {
    let effects = 0;
    const host = await hostWithAsk(
      () => {
        effects += 1;
        return hang();
      },
      { config },
    );
    expect(errorOf(await call(host))?.code).toBe("outcome_unknown");
    expect(effects).toBe(1);
  });

  test("a task ends with that", async () => {
    const host = await hostWithAsk(hang, { config: { ...config, policy: { long: true } } });
    const tasks = TaskClient.inProcess(host);
    const { taskId } = await tasks.start("ask");
    expect(await tasks.settled(taskId)).toMatchObject({
      status: "completed",
      result: { isError: true, _meta: { "agentflow/error": { code: "outcome_unknown" } } },
    });
  });

  test("a call that waited for a slot in vain was certainly not begun", async () => {
    const gate = new Gate();
    const short = { config: { policy: { deadline: 0.05 } } };
    const info = { concurrency: { slots: 1, queue: 5 } };
    running = await hostWith({ hold: { handler: () => gate.pass() as never }, short }, { info });
    const held = callAs(running, "ada", "hold");
    await expect.poll(() => gate.entered).toBe(1);
    const result = await running.client.callTool({ name: "short", arguments: {} });
    expect(errorOf(result)).toMatchObject({ code: "overloaded", retryable: true });
    gate.open();
    await held;
  });
});

test("a failed attempt before one that was turned away is what the client hears of", async () => {
  let runs = 0;
  const host = await hostWithAsk(
    () => {
      runs += 1;
      throw new ToolError("Busy.", { code: "busy", retryable: true });
    },
    { config: { retryCount: 5, policy: { breaker: { failures: 2 } } } },
  );
  const result = await call(host);
  expect(textsOf(result)).toEqual(["[busy] Busy."]);
  expect(errorOf(result)?.retryAfterMs).toBeGreaterThan(20_000);
  expect(runs).toBe(2);
});
