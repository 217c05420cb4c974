import { afterEach, describe, expect, test, vi } from "vitest";
import type { Agent, TaskSpec } from "../../src/plugin-api/index.ts";
import { definePlugin } from "../../src/plugin-api/index.ts";
import { createTestHost, type TestHost } from "../../src/testing.ts";
import { deferred } from "../../src/base/deferred.ts";

const running: TestHost[] = [];
afterEach(async () => {
  for (const host of running.splice(0)) await host.close();
});

type Execute = Agent["execute"];

/** An agent whose plan is what the context's metadata says. */
function agent(name: string, execute: Execute): Agent {
  return {
    name,
    version: "1.0.0",
    description: `The agent ${name}.`,
    plan: ({ metadata }) => metadata["tasks"] as readonly TaskSpec[],
    execute,
  };
}

async function hostWith(agents: readonly Agent[], protocol?: "2025-11-25"): Promise<TestHost> {
  const host = await createTestHost({
    plugins: { crew: definePlugin({ name: "crew", version: "1.0.0", agents }) },
    ...(protocol && { protocol }),
  });
  running.push(host);
  return host;
}

const complete: Execute = ({ id, parameters }) => ({
  status: "completed",
  result: { id, ...parameters },
});

async function call(
  { client }: TestHost,
  name: string,
  args: object,
): Promise<{ text: string; data: Readonly<Record<string, unknown>>; isError: boolean }> {
  const result = await client.callTool({ name, arguments: args as never });
  const [block] = result.content as readonly { readonly text: string }[];
  return {
    text: block?.text ?? "",
    data: (result.structuredContent ?? {}) as Readonly<Record<string, unknown>>,
    isError: result.isError === true,
  };
}

function planned(...tasks: readonly (Partial<TaskSpec> & { readonly id: string })[]): object {
  return { context: { userId: "u", metadata: { tasks } } };
}

describe("an agent", () => {
  test("is three tools, and workflows have four", async () => {
    const { client } = await hostWith([agent("writer", complete)]);
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "workflow_cancel",
        "workflow_list",
        "workflow_retry",
        "workflow_show",
        "writer_execute",
        "writer_plan",
        "writer_run",
      ]),
    );
  });

  test("plans, and changes nothing", async () => {
    const host = await hostWith([agent("writer", complete)]);
    const { data, text } = await call(
      host,
      "writer_plan",
      planned({ id: "a" }, { id: "b", dependencies: ["a"] }),
    );
    expect(data).toEqual({
      tasks: [
        {
          id: "a",
          name: "a",
          agentType: "writer",
          description: "",
          parameters: {},
          dependencies: [],
        },
        {
          id: "b",
          name: "b",
          agentType: "writer",
          description: "",
          parameters: {},
          dependencies: ["a"],
        },
      ],
    });
    expect(text).toContain("- b: b (after a)");
  });

  test("executes one task, with the time that it took", async () => {
    const host = await hostWith([agent("writer", complete)]);
    const { data } = await call(host, "writer_execute", {
      task: { id: "a", parameters: { n: 1 } },
    });
    expect(data).toMatchObject({
      taskId: "a",
      status: "completed",
      result: { id: "a", n: 1 },
      metadata: { executionTime: expect.any(Number) as number },
    });
  });

  test("says what is wrong with a task", async () => {
    const host = await hostWith([agent("writer", complete)]);
    const { text, isError } = await call(host, "writer_execute", { task: { name: "no id" } });
    expect(isError).toBe(true);
    expect(text).toContain("id");
  });
});

describe("a run", () => {
  test("carries out the plan, each task by the agent that it is for, and tells results and a diagram", async () => {
    const seen: string[] = [];
    const by =
      (name: string): Execute =>
      (task, context) => {
        seen.push(`${name} ${task.id} for ${String(context.userId)}`);
        return complete(task, context, undefined as never);
      };
    const host = await hostWith([agent("planner", by("planner")), agent("writer", by("writer"))]);
    const { data, text } = await call(
      host,
      "planner_run",
      planned(
        { id: "a", parameters: { n: 1 } },
        { id: "b", agentType: "writer", dependencies: ["a"] },
      ),
    );
    expect(data).toEqual({
      workflowId: expect.any(String) as string,
      status: "completed",
      results: {
        a: expect.objectContaining({ status: "completed", result: { id: "a", n: 1 } }) as object,
        b: expect.objectContaining({ status: "completed" }) as object,
      },
    });
    expect(seen).toEqual(["planner a for u", "writer b for u"]);
    expect(text).toContain("2 of 2 tasks are completed");
    expect(text).toContain("```mermaid\nflowchart TD\n");
    expect(text).toContain("t1 --> t2");
  });

  test.each([
    [
      "a circle",
      [
        { id: "a", dependencies: ["b"] },
        { id: "b", dependencies: ["a"] },
      ],
      "a → b → a",
    ],
    ["an unknown dependency", [{ id: "a", dependencies: ["x"] }], "'x'"],
    ["an id twice", [{ id: "a" }, { id: "a" }], "'a'"],
    ["an agent that is not there", [{ id: "a", agentType: "ghost" }], "'ghost'"],
    ["a thousand tasks", Array.from({ length: 1_000 }, (_, n) => ({ id: String(n) })), "1000"],
    ["no task", [], "no tasks"],
  ])("of a plan with %s is refused before anything runs", async (_, tasks, named) => {
    const execute = vi.fn(complete);
    const host = await hostWith([agent("writer", execute)]);
    const { isError, text } = await call(host, "writer_run", planned(...tasks));
    expect(isError).toBe(true);
    expect(text).toContain("[bad_plan]");
    expect(text).toContain(named);
    expect(execute).not.toHaveBeenCalled();
  });

  test("goes on without what waits for a failed task, and says why; tried again, it does the rest", async () => {
    let works = false;
    const calls: string[] = [];
    const host = await hostWith([
      agent("writer", (task, context, ctx) => {
        calls.push(task.id);
        if (task.id === "b" && !works) throw new Error("secret of the inside");
        return complete(task, context, ctx);
      }),
    ]);
    const run = await call(
      host,
      "writer_run",
      planned({ id: "a" }, { id: "b" }, { id: "c", dependencies: ["b"] }),
    );
    expect(run.data["status"]).toBe("failed");
    expect(run.data["results"]).toMatchObject({
      a: { status: "completed" },
      b: { status: "failed", error: expect.stringContaining("writer.execute failed") as string },
      c: { status: "skipped", error: expect.stringContaining("'b'") as string },
    });
    expect(JSON.stringify(run)).not.toContain("secret");
    works = true;
    calls.length = 0;
    const workflow_id = run.data["workflowId"];
    const again = await call(host, "workflow_retry", { workflow_id });
    expect(again.data["status"]).toBe("completed");
    expect(calls).toEqual(["b", "c"]);
  });

  test("is listed, shown and read as a resource", async () => {
    const host = await hostWith([agent("writer", complete)]);
    const { data } = await call(host, "writer_run", planned({ id: "a" }));
    const id = String(data["workflowId"]);
    const listed = await call(host, "workflow_list", {});
    expect(listed.data["workflows"]).toMatchObject([
      { workflowId: id, agent: "writer", status: "completed", tasks: 1, ended: 1 },
    ]);
    const shown = await call(host, "workflow_show", { workflow_id: id });
    expect(shown.data["tasks"]).toMatchObject([{ id: "a", status: "completed" }]);
    const { contents } = await host.client.readResource({ uri: `agentflow://workflows/${id}` });
    const [content] = contents as readonly { readonly text: string }[];
    expect(JSON.parse(content?.text ?? "")).toEqual(shown.data);
    expect((await call(host, "workflow_show", { workflow_id: "nobody's" })).text).toContain(
      "[unknown_workflow]",
    );
  });

  test("ends with its request when that is cancelled", async () => {
    const begun = deferred<void>();
    const told: boolean[] = [];
    const host = await hostWith([
      agent("writer", async (_task, _context, { signal }) => {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        told.push(signal.aborted);
        return { status: "cancelled" };
      }),
    ]);
    const leaving = new AbortController();
    const work = host.client.callTool(
      {
        name: "writer_run",
        arguments: planned({ id: "a" }, { id: "b", dependencies: ["a"] }) as never,
      },
      { signal: leaving.signal },
    );
    await begun.promise;
    leaving.abort();
    await expect(work).rejects.toThrow();
    await vi.waitFor(async () => {
      const { data } = await call(host, "workflow_list", {});
      expect(data["workflows"]).toMatchObject([{ status: "cancelled" }]);
    });
    expect(told).toEqual([true]);
  });

  test("tells how many of its tasks have ended", async () => {
    const host = await hostWith([
      agent("writer", async (task, context, ctx) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return complete(task, context, ctx);
      }),
    ]);
    const notes: (string | undefined)[] = [];
    await host.client.callTool(
      {
        name: "writer_run",
        arguments: planned({ id: "a" }, { id: "b", dependencies: ["a"] }) as never,
      },
      { onprogress: ({ message }) => notes.push(message) },
    );
    expect(notes).toContain("1 of 2 tasks");
  });
});
