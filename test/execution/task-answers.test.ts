import { describe, expect, test } from "vitest";
import { errorOf, TaskClient } from "../helpers/task-client.ts";
import { LONG, openWork } from "../helpers/work-host.ts";
import { ToolError, type ToolConfig } from "../../src/plugin-api/index.ts";

const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const action = { title: "Again", tool: "work", arguments: { n: 1 } };
const throws = (error: unknown) => () => {
  throw error;
};

/** One of everything that a tool can answer. */
const ANSWERS: Readonly<Record<string, Partial<ToolConfig>>> = {
  text: { handler: () => "done" },
  blocks: { handler: () => [{ type: "image", data: "aGk=", mimeType: "image/png" }] },
  "data with an outputSchema": {
    outputSchema: schema,
    handler: () => ({ content: "one", data: { n: 1 }, confidence: 0.5 }),
  },
  "data whose root is a list": {
    outputSchema: { type: "array", items: { type: "integer" } },
    handler: () => ({ data: [3, 1, 2] }),
  },
  "data without an outputSchema": {
    handler: () => ({ data: { n: 1 }, analysisType: "quick", fallback: true }),
  },
  "data that break the outputSchema": { outputSchema: schema, handler: () => ({ data: {} }) },
  "suggested actions": {
    handler: () => ({ content: "one", suggestedActions: [action, "Rest"] }),
  },
  "fields of the author's own": {
    outputSchema: schema,
    handler: () => ({ data: { n: 1 }, _meta: { "example.com/own": [1] }, more: "yes" }),
  },
  "an error that it answers with": {
    outputSchema: schema,
    handler: () => ({ error: { code: "no_budget", message: "There is no budget." } }),
  },
  "a ToolError": {
    handler: throws(new ToolError("Busy.", { code: "busy", retryable: true, retryAfterMs: 1_500 })),
  },
  "something else that it throws": { handler: throws(new Error("a secret of the inside")) },
  "nothing at all": { handler: (() => undefined) as never },
  "too much": { handler: () => "x".repeat(2_000) },
};

/** All but what differs between any two calls. */
function comparable({ _meta, ...result }: Readonly<Record<string, unknown>>): unknown {
  const { "io.modelcontextprotocol/serverInfo": _server, ...meta } = { ...(_meta as object) } as {
    readonly "io.modelcontextprotocol/serverInfo"?: unknown;
  };
  const text = JSON.stringify({ ...result, meta });
  const changing = /(?<="errorId":"|error id |result:\/\/)[\w-]+|(?<=kept until )[\w:.-]+/gu;
  return JSON.parse(text.replaceAll(changing, "…"));
}

/** The answer of a call that stays a request, the result of the task, and what `job_result` gives for a job. */
async function threeWays(tool: Partial<ToolConfig>, settings: object = {}): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const long of [false, true]) {
    const { host, tasks } = await openWork(LONG, {
      tool,
      config: {
        server: { limits: { maxResultChars: 1_000 } },
        plugins: { p: { ...settings, tools: { work: { rename: "renamed", long } } } },
      },
    });
    const name = [...host.host.catalogue.tools.keys()].find((key) => key.endsWith("renamed")) ?? "";
    if (long) {
      const { result } = await tasks.settled((await tasks.start(name)).taskId);
      found.push(comparable({ ...result }));
      const plain = TaskClient.inProcess(host, {});
      const id = await plain.startJob(name);
      found.push(comparable({ ...(await plain.call("job_result", { job_id: id })) }));
    } else found.push(comparable({ ...(await tasks.call(name)) }));
    await host.close();
  }
  return found;
}

describe("the answer of a task", () => {
  test.each(Object.entries(ANSWERS))(
    "is what a direct call gives, and so is that of a job: %s",
    async (_what, tool) => {
      const [direct, task, job] = await threeWays(tool);
      expect(task).toEqual(direct);
      expect(job).toEqual(direct);
    },
  );

  test("is what a direct call gives where the plugin has a prefix", async () => {
    const tool = ANSWERS["data with an outputSchema"] ?? {};
    const [direct, task, job] = await threeWays(tool, { prefix: "shop" });
    expect(direct).toMatchObject({ structuredContent: { n: 1 } });
    expect(task).toEqual(direct);
    expect(job).toEqual(direct);
  });

  test("has the error id of the line in the log, also where a job's is asked for twice", async () => {
    const { host } = await openWork(LONG, {
      tool: { handler: throws(new Error("a secret of the inside")) },
    });
    const plain = TaskClient.inProcess(host, {});
    const id = await plain.startJob("work");
    const first = errorOf(await plain.call("job_result", { job_id: id }));
    const second = errorOf(await plain.call("job_result", { job_id: id }));
    expect(second.errorId).toBe(first.errorId);
    expect(host.logs).toContainEqual(
      expect.objectContaining({
        tool: "work",
        errorId: first.errorId,
        reason: expect.stringContaining("a secret of the inside") as string,
      }),
    );
  });
});
