import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test as anyTest } from "vitest";
import { COMBINATIONS, connect, type Connection, type ToolResult } from "../helpers/clients.ts";
import { errorOf } from "../helpers/task-client.ts";

const CONFIG = fileURLToPath(new URL("../fixtures/tasks/mcp.config.json", import.meta.url));

// The clients below talk at the same time, each one test after the other.
const { sequential: test } = anyTest;

function textOf({ content }: ToolResult): string {
  return content.map(({ text }) => text).join("");
}

describe.concurrent.each(COMBINATIONS)("$client over $transport", (combination) => {
  let connection: Connection;
  /** What the user fills in, in turn. */
  let names: string[] = [];

  beforeAll(async () => {
    connection = await connect(combination, CONFIG, () => ({ name: names.shift() ?? "" }));
    // The SDKs' clients check structured content against the output schemas that they have been shown.
    await connection.listTools();
  });

  afterAll(() => connection?.close());

  /** Calls a tool whose call becomes a job, and gives its id. */
  async function start(name: string, tag: string): Promise<string> {
    const result = await connection.callTool(name, { tag });
    const { code, jobId = "" } = errorOf(result);
    expect({ isError: result.isError, code }).toEqual({ isError: true, code: "still_running" });
    expect(textOf(result)).toContain(`job_result {"job_id":"${jobId}"}`);
    return jobId;
  }

  const answer = (id: string): Promise<ToolResult> =>
    connection.callTool("job_result", { job_id: id });

  test("is shown the tools with which it comes back", async () => {
    const listed = (await connection.listTools()).map(({ name }) => name);
    expect(listed).toEqual(expect.arrayContaining(["job_cancel", "job_result", "job_status"]));
  });

  test("gets the answer of what is quick at once", async () => {
    expect(textOf(await connection.callTool("quick", { tag: "a" }))).toBe("quick a");
  });

  test.each(["hold", "hold_long"])("comes back for the answer of a long call: %s", async (name) => {
    const tag = randomUUID();
    const id = await start(name, tag);
    const status = await connection.callTool("job_status", { job_id: id });
    expect(textOf(status)).toBe(`The call of '${name}' is working (at work).`);
    const waiting = answer(id);
    await connection.callTool("release", { tag, text: "a hammer" });
    const result = await waiting;
    expect(textOf(result)).toContain("a hammer");
    expect(result.isError).not.toBe(true);
    if (name === "hold_long") expect(result.structuredContent).toEqual({ tag, with: "a hammer" });
    expect(await answer(id)).toEqual(result);
  });

  test("stops a job, and the work with it", async () => {
    const tag = randomUUID();
    const id = await start("hold_long", tag);
    await connection.callTool("job_cancel", { job_id: id });
    await connection.log.entry({ tag, event: "stopped" });
    expect(errorOf(await answer(id)).code).toBe("cancelled");
  });

  test("reads the error of a tool that failed as a job", async () => {
    const id = await start("break_down", randomUUID());
    expect(await answer(id)).toMatchObject({
      isError: true,
      content: [{ text: "[cold] The furnace is cold." }],
      _meta: { "agentflow/error": { code: "cold", retryable: true } },
    });
  });

  test("sees how far a job is while it waits", async () => {
    const tag = randomUUID();
    const id = await start("hold", tag);
    const heard: number[] = [];
    const waiting = connection.callTool(
      "job_result",
      { job_id: id },
      { onprogress: ({ progress }) => heard.push(progress) },
    );
    // What is told before it waits is not told again, and of what comes together, the SDKs' clients may miss some.
    for (let done = 1; heard.length < 3; done++) {
      expect(textOf(await connection.callTool("tell", { tag, done }))).toBe("told");
    }
    await connection.callTool("release", { tag, text: "done" });
    expect(textOf(await waiting)).toBe("done");
    expect(heard).toEqual(heard.toSorted((one, other) => one - other));
    expect(new Set(heard).size).toBe(heard.length);
  });

  test("asks its user what a job wants to know, as often as it does", async () => {
    names = ["A", "Ad", "Ada"];
    const id = await start("name_it", randomUUID());
    expect(textOf(await answer(id))).toBe("Ada after 3 rounds");
    expect(names).toEqual([]);
  });

  test("asks its user first, and comes back for what takes long then", async () => {
    names = ["Ada"];
    const tag = randomUUID();
    const id = await start("ask_then_hold", tag);
    const waiting = answer(id);
    await connection.callTool("release", { tag, text: "has her hammer" });
    expect(textOf(await waiting)).toBe("Ada has her hammer");
  });

  test("is told that there is no job of an id that it made up", async () => {
    expect(errorOf(await answer("made up")).code).toBe("unknown_job");
  });
});

describe.concurrent.each(COMBINATIONS)("$client over $transport, without a user", (combination) => {
  test("gets no answer to what it cannot ask, and neither hangs", async () => {
    const connection = await connect(combination, CONFIG);
    try {
      const id = errorOf(await connection.callTool("name_it", { tag: randomUUID() })).jobId ?? "";
      const asked = await connection
        .callTool("job_result", { job_id: id })
        .then(textOf, (error: Error) => error.message);
      expect(asked).toMatch(/did not declare|do not declare/u);
      const status = await connection.callTool("job_status", { job_id: id });
      expect(textOf(status)).toContain("is input_required");
    } finally {
      await connection.close();
    }
  });
});
