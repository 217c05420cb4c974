import { describe, expect, test } from "vitest";
import { until } from "../helpers/bare-server.ts";
import { errorOf, TaskClient } from "../helpers/task-client.ts";
import { LONG, openWork, turn, type ToolPolicy, type WorkHost } from "../helpers/work-host.ts";
import type { AgentPlugin } from "../../src/plugin-api/index.ts";
import { createTestHost, type TestHost } from "../../src/testing.ts";

const JOB_TOOLS = ["job_cancel", "job_result", "job_status"];

type Result = Readonly<Record<string, unknown>>;

function toolsOf({ host }: TestHost): readonly string[] {
  return [...host.catalogue.tools.keys()];
}

function textOf(result: Result): string {
  return (result["content"] as readonly { text: string }[])[0]?.text ?? "";
}

interface Job extends WorkHost {
  /** A client that takes no tasks. */
  readonly plain: TaskClient;
  readonly id: string;
}

async function openJob(policy: ToolPolicy = LONG): Promise<Job> {
  const opened = await openWork(policy);
  const plain = TaskClient.inProcess(opened.host, {});
  return { ...opened, plain, id: await plain.startJob("work") };
}

describe("the tools for jobs are listed", () => {
  test.each<[string, ToolPolicy, Record<string, unknown>, boolean]>([
    ["is quick", {}, {}, false],
    ["may run past its soft deadline", { softDeadline: 5 }, {}, true],
    ["ends before its soft deadline", { softDeadline: 40, deadline: 40 }, {}, false],
    ["has attempts that take a minute", {}, { timeout: 60 }, true],
    ["says that it is long", LONG, {}, true],
    ["is for clients with tasks alone", { long: "required" }, {}, false],
  ])("where a tool %s: %j %j %s", async (_what, policy, config, listed) => {
    const { host } = await openWork(policy, { tool: { config } });
    expect(toolsOf(host)).toEqual(listed ? [...JOB_TOOLS, "work"] : ["work"]);
  });

  test.each([
    ["makes a tool long", {}, { long: true }, [...JOB_TOOLS, "work"]],
    ["gives it a soft deadline", {}, { softDeadline: 5 }, [...JOB_TOOLS, "work"]],
    ["lets it take longer", {}, { deadline: 100 }, [...JOB_TOOLS, "work"]],
    ["makes it a quick one", LONG, { long: false, deadline: 5 }, ["work"]],
    ["keeps it for clients with tasks", LONG, { long: "required" }, ["work"]],
    ["switches it off", LONG, { enabled: false }, []],
  ])("where the operator %s: %j %j", async (_what, policy, settings, tools) => {
    const config = { plugins: { p: { tools: { work: settings } } } };
    const { host } = await openWork(policy, { config });
    expect(toolsOf(host)).toEqual(tools);
  });

  test("as soon as a plugin gets its first long tool, and only as long as it has one", async () => {
    let long = false;
    let changed: (() => void) | undefined;
    const plugin: AgentPlugin = {
      getPluginInfo: () => ({ name: "p", version: "1.0.0" }),
      getToolsConfig: () => ({
        work: {
          description: "Works.",
          inputSchema: { type: "object" },
          config: { policy: { long } },
          handler: () => "done",
        },
      }),
      onPluginLoad: (context) => {
        changed = () => context.definitionsChanged();
      },
    };
    const host = await createTestHost({ plugins: { p: plugin } });
    try {
      await host.host.settled();
      for (const tools of [["work"], [...JOB_TOOLS, "work"], ["work"]]) {
        await until(() => toolsOf(host).length === tools.length);
        expect((await host.client.listTools()).tools.map(({ name }) => name)).toEqual(tools);
        long = !long;
        changed?.();
      }
    } finally {
      await host.close();
    }
  });

  test("under names that no plugin gets, whether they are needed or not", async () => {
    const { handler } = { handler: () => "mine" };
    const job_status = { description: "Mine.", inputSchema: { type: "object" }, handler };
    const plugin = {
      getPluginInfo: () => ({ name: "p", version: "1.0.0" }),
      getToolsConfig: () => ({ job_status }),
    };
    const host = await createTestHost({ plugins: { p: plugin } });
    try {
      expect(toolsOf(host)).toEqual([]);
      expect(host.host.catalogue.plugins[0]?.quarantined).toMatchObject([
        {
          kind: "tool",
          name: "job_status",
          reason: expect.stringContaining("plugins.p.prefix") as string,
        },
      ]);
    } finally {
      await host.close();
    }
  });
});

describe("a job", () => {
  test("is named in the answer of its call, with what to do about it", async () => {
    const { host } = await openWork(LONG);
    const result = await TaskClient.inProcess(host, {}).call("work");
    const { jobId } = errorOf(result);
    expect(result).toMatchObject({
      isError: true,
      _meta: { "agentflow/error": { code: "still_running", retryable: false } },
    });
    expect(jobId).toMatch(/^[\w-]{32}$/u);
    expect(textOf(result)).toContain(`job_result {"job_id":"${jobId}"}`);
    expect(textOf(result)).toMatch(/job_status.*job_cancel.*Do not call 'work' again/u);
  });

  test("says how far it is", async () => {
    const { plain, id, runs } = await openJob();
    const status = async (): Promise<Result> => plain.call("job_status", { job_id: id });
    expect(await status()).toMatchObject({
      content: [{ text: "The call of 'work' is working." }],
      structuredContent: {
        data: {
          jobId: id,
          tool: "work",
          status: "working",
          createdAt: expect.stringMatching(/Z$/u) as string,
          updatedAt: expect.stringMatching(/Z$/u) as string,
        },
      },
    });
    const { context, answer } = await runs.begun(0);
    context.progress(3, 10);
    expect(textOf(await status())).toBe("The call of 'work' is working (3/10).");
    context.progress(4, 10, "counting");
    expect(await status()).toMatchObject({
      content: [{ text: "The call of 'work' is working (counting)." }],
      structuredContent: { data: { progress: { done: 4, total: 10, message: "counting" } } },
    });
    answer("done");
    await turn();
    expect(textOf(await status())).toMatch(/^The call of 'work' is completed after \d+ s/u);
  });

  test("is waited for by as many as want to, and each gets its answer", async () => {
    const { plain, id, runs } = await openJob();
    const waiting = [1, 2, 3].map(() => plain.call("job_result", { job_id: id }));
    (await runs.begun(0)).answer("done");
    for (const result of await Promise.all(waiting)) expect(textOf(result)).toBe("done");
    expect(textOf(await plain.call("job_result", { job_id: id, wait: 0 }))).toBe("done");
  });

  test.each([0, 0.05])(
    "is still running for a client that waits %s s, and goes on",
    async (wait) => {
      const { plain, id, runs } = await openJob();
      const result = await plain.call("job_result", { job_id: id, wait });
      expect(errorOf(result).code).toBe("still_running");
      expect(textOf(result)).toContain(id);
      expect(runs.all).toHaveLength(1);
      expect(runs.all[0]?.context.signal.aborted).toBe(false);
    },
  );

  test("goes on when a client that waits for it hangs up", async () => {
    const { plain, id, runs } = await openJob();
    const leaving = new AbortController();
    const waiting = plain.call("job_result", { job_id: id }, { signal: leaving.signal });
    const gone = waiting.catch(() => "gone");
    await turn();
    leaving.abort();
    expect(await gone).toBe("gone");
    const { context, answer } = await runs.begun(0);
    expect(context.signal.aborted).toBe(false);
    answer("done");
    expect(textOf(await plain.call("job_result", { job_id: id }))).toBe("done");
  });

  test("can be stopped, twice, and its answer is that it was", async () => {
    const { plain, id, runs } = await openJob();
    const waiting = plain.call("job_result", { job_id: id });
    const { context, answer } = await runs.begun(0);
    const cancel = async (): Promise<string> =>
      textOf(await plain.call("job_cancel", { job_id: id }));
    expect(await cancel()).toMatch(/^The call of 'work' is cancelled after \d+ s\.$/u);
    expect(context.signal.aborted).toBe(true);
    expect(errorOf(await waiting).code).toBe("cancelled");
    answer("late");
    expect(await cancel()).toMatch(/^The call of 'work' is cancelled after \d+ s\.$/u);
    expect(errorOf(await plain.call("job_result", { job_id: id })).code).toBe("cancelled");
  });

  test("keeps its answer when it is stopped after its end", async () => {
    const { plain, id, runs } = await openJob();
    (await runs.begun(0)).answer("done");
    await turn();
    expect(textOf(await plain.call("job_cancel", { job_id: id }))).toContain("is completed");
    expect(textOf(await plain.call("job_result", { job_id: id }))).toBe("done");
  });

  test.each([
    ["job_status", {}, /job_id/u],
    ["job_result", { job_id: 7 }, /job_id/u],
    ["job_cancel", { job_id: null }, /job_id/u],
    ["job_result", { job_id: "x", wait: -1 }, /wait/u],
    ["job_result", { job_id: "x", wait: 41 }, /wait/u],
    ["job_result", { job_id: "x", wait: "5" }, /wait/u],
    ["job_result", { job_id: "x", wait: null }, /wait/u],
  ])("is asked for in the right way, or the text says what is wrong: %s %j", async (...given) => {
    const [name, args, text] = given;
    const { plain } = await openJob();
    const result = await plain.call(name, args);
    expect(errorOf(result).code).toBe("invalid_arguments");
    expect(textOf(result)).toMatch(text);
  });

  test.each(["job_status", "job_result", "job_cancel"])(
    "that there is not is no job: %s",
    async (name) => {
      const { plain } = await openJob();
      for (const id of ["", "x".repeat(32), "__proto__", "constructor"]) {
        expect(errorOf(await plain.call(name, { job_id: id })).code).toBe("unknown_job");
      }
    },
  );

  test("is the same thing as a task: its client may change its mind", async () => {
    const { host, tasks, plain, id, runs } = await openJob();
    expect(await tasks.get(id)).toMatchObject({ status: "working" });
    const { taskId } = await tasks.start("work");
    (await runs.begun(1)).answer("done");
    expect(textOf(await plain.call("job_result", { job_id: taskId }))).toBe("done");
    await tasks.cancel(id);
    expect(errorOf(await plain.call("job_result", { job_id: id })).code).toBe("cancelled");
    expect(toolsOf(host)).toContain("job_result");
  });
});

test("a client of 2025-11-25 gets jobs, and the server speaks of no tasks to it", async () => {
  const { host, runs } = await openWork(LONG, { protocol: "2025-11-25" });
  const { client } = host;
  expect(client.getServerCapabilities()?.tasks).toBeUndefined();
  const started = await client.callTool({ name: "work", arguments: {} });
  const { jobId } = errorOf(started);
  const waiting = client.callTool({ name: "job_result", arguments: { job_id: jobId } });
  (await runs.begun(0)).answer({ content: "done", data: [1] });
  expect(await waiting).toMatchObject({
    content: [{ text: "done" }],
    structuredContent: { data: [1] },
  });
});
