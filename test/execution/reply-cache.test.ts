import { afterEach, describe, expect, test } from "vitest";
import { ToolError, type ToolConfig, type ToolContext } from "../../src/plugin-api/index.ts";
import type { TestHost } from "../../src/testing.ts";
import { callAs, Gate, hostWith, textsOf, wordFor } from "../helpers/one-plugin.ts";
import { TaskClient } from "../helpers/task-client.ts";

let running: TestHost | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

type Work = (context: ToolContext, args: unknown) => unknown;

/** A host with a read-only tool `work` whose answers are kept for a minute, and how often it ran. */
async function hostWithCache(
  now: Work = () => "answer",
  tool: Partial<ToolConfig> = {},
  options: Parameters<typeof hostWith>[1] = {},
): Promise<{ host: TestHost; work: { now: Work; runs: number } }> {
  const work = { now, runs: 0 };
  running = await hostWith(
    {
      work: {
        annotations: { readOnlyHint: true },
        config: { policy: { cache: 60 } },
        ...tool,
        handler: (args: unknown, context: ToolContext) => {
          work.runs += 1;
          return work.now(context, args) as string;
        },
      },
    },
    options,
  );
  return { host: running, work };
}

const call = ({ client }: TestHost, args = {}, _meta = {}): ReturnType<typeof client.callTool> =>
  client.callTool({ name: "work", arguments: args, _meta });

describe("nothing is given again", () => {
  test("of a tool that does not say that it only reads; the operator is told", async () => {
    const { host, work } = await hostWithCache(undefined, { annotations: {} });
    await call(host);
    expect((await call(host))._meta?.["agentflow/cache"]).toBeUndefined();
    expect(work.runs).toBe(2);
    expect(host.host.catalogue.plugins[0]?.warnings).toEqual([
      "the tool 'work' has a cache, but does not say readOnlyHint: true: its answers are not kept",
    ]);
  });

  test("to somebody else", async () => {
    const { host, work } = await hostWithCache();
    await callAs(host, "ada", "work");
    await callAs(host, "bob", "work");
    expect(work.runs).toBe(2);
  });

  test("for other arguments", async () => {
    const { host, work } = await hostWithCache();
    await call(host, { day: 1 });
    await call(host, { day: 2 });
    await call(host, { day: "1" });
    expect(work.runs).toBe(3);
  });

  test.each<[string, Work]>([
    [
      "that was thrown",
      () => {
        throw new ToolError("No.");
      },
    ],
    ["that was returned as an error", () => ({ content: "No.", error: "no" })],
    ["that is a question", ({ inputRequired }) => inputRequired({ where: { kind: "roots" } })],
  ])("%s", async (_what, now) => {
    const { host, work } = await hostWithCache(now);
    await callAs(host, "ada", "work");
    await callAs(host, "ada", "work");
    expect(work.runs).toBe(2);
  });

  test("of what comes with an answer of the user", async () => {
    const { host, work } = await hostWithCache();
    const inputs = { name: { action: "decline" } } as const;
    for (const more of [{ inputs }, { inputs }, { state: "sealed" }, { state: "sealed" }]) {
      await callAs(host, "ada", "work", more);
    }
    expect(work.runs).toBe(4);
  });

  test("after its time", async () => {
    const { host, work } = await hostWithCache(undefined, { config: { policy: { cache: 0.02 } } });
    await call(host);
    await expect
      .poll(async () => {
        await call(host);
        return work.runs;
      })
      .toBeGreaterThan(1);
  });
});

describe("an answer that is kept", () => {
  test("is given again, with its age, whatever the order of the arguments", async () => {
    const { host, work } = await hostWithCache();
    const first = await call(host, { a: 1, b: [{ c: 2, d: 3 }] });
    expect(first._meta?.["agentflow/cache"]).toBeUndefined();
    const again = await call(host, { b: [{ d: 3, c: 2 }], a: 1 });
    expect(textsOf(again)).toEqual(["answer"]);
    expect(again._meta?.["agentflow/cache"]).toEqual({ ageSeconds: 0 });
    expect(work.runs).toBe(1);
    expect(host.logs.filter(({ msg }) => msg === "call")).toMatchObject([
      { outcome: "ok" },
      { outcome: "ok", from: "cache" },
    ]);
  });

  test("is made anew for a client that wants it, and is the one that is kept then", async () => {
    const { host, work } = await hostWithCache(() => `answer ${work.runs}`);
    await call(host);
    expect(textsOf(await call(host, {}, { "agentflow/refresh": true }))).toEqual(["answer 2"]);
    expect(textsOf(await call(host))).toEqual(["answer 2"]);
    expect(textsOf(await call(host, {}, { "agentflow/refresh": "yes" }))).toEqual(["answer 2"]);
  });

  test("that a task has brought is given at once to who asks the same", async () => {
    const { host, work } = await hostWithCache(undefined, {
      config: { policy: { cache: 60, long: true } },
    });
    const tasks = TaskClient.inProcess(host);
    const { taskId } = await tasks.start("work");
    expect((await tasks.settled(taskId)).status).toBe("completed");
    expect(await tasks.call("work")).toMatchObject({
      resultType: "complete",
      _meta: { "agentflow/cache": { ageSeconds: 0 } },
    });
    expect(work.runs).toBe(1);
  });

  test("is gone when its plugin's definitions are read again", async () => {
    let changed: () => void = expect.unreachable;
    const { host, work } = await hostWithCache(
      undefined,
      {},
      { onPluginLoad: ({ definitionsChanged }) => void (changed = definitionsChanged) },
    );
    await call(host);
    changed();
    await expect
      .poll(async () => {
        await call(host);
        return work.runs;
      })
      .toBe(2);
  });

  test("makes room for newer ones, within the bounds", async () => {
    const config = { server: { cache: { max: 3, maxChars: 100_000 } } };
    const { host, work } = await hostWithCache(undefined, {}, { config });
    for (let n = 0; n < 10; n++) await call(host, { n });
    await call(host, { n: 9 });
    expect(work.runs).toBe(10);
    await call(host, { n: 0 });
    expect(work.runs).toBe(11);
  });
});

describe("calls at the same time", () => {
  test("share one run", async () => {
    const gate = new Gate();
    const { host, work } = await hostWithCache(async () => {
      await gate.pass();
      return "answer";
    });
    const calls = Array.from({ length: 20 }, () => callAs(host, "ada", "work"));
    await expect.poll(() => gate.entered).toBe(1);
    gate.open();
    expect((await Promise.all(calls)).map(wordFor)).toEqual(calls.map(() => "ok"));
    expect(work.runs).toBe(1);
  });

  test("share its failure too", async () => {
    const gate = new Gate();
    const { host, work } = await hostWithCache(async () => {
      await gate.pass();
      throw new ToolError("No.", { code: "no" });
    });
    const calls = Array.from({ length: 5 }, () => callAs(host, "ada", "work"));
    await expect.poll(() => gate.entered).toBe(1);
    gate.open();
    expect((await Promise.all(calls)).map(wordFor)).toEqual(calls.map(() => "no"));
    expect(work.runs).toBe(1);
  });

  test("go on with a run of their own when the first caller leaves", async () => {
    const gate = new Gate();
    const { host, work } = await hostWithCache(async () => {
      await gate.pass();
      return "answer";
    });
    const leaving = new AbortController();
    const first = callAs(host, "ada", "work", { signal: leaving.signal });
    await expect.poll(() => gate.entered).toBe(1);
    const second = callAs(host, "ada", "work");
    leaving.abort();
    expect(wordFor(await first)).toBe("cancelled");
    await expect.poll(() => gate.entered).toBe(2);
    gate.open();
    expect(wordFor(await second)).toBe("ok");
    expect(work.runs).toBe(2);
  });

  test("end by themselves when their callers leave, or their time is up", async () => {
    const gate = new Gate();
    const { host, work } = await hostWithCache(() => gate.pass(), {
      config: { timeout: 60, policy: { cache: 60, deadline: 0.2, softDeadline: 0.05 } },
    });
    const leaving = new AbortController();
    const tasks = TaskClient.inProcess(host);
    // The first goes on as a task; the others have the time of a request.
    const { taskId } = await tasks.start("work");
    const left = callAs(host, "local", "work", { signal: leaving.signal });
    leaving.abort();
    expect(wordFor(await left)).toBe("cancelled");
    gate.open();
    await tasks.settled(taskId);
    expect(work.runs).toBe(1);
  });
});
