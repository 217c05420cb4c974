import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test as anyTest } from "vitest";
import { COMBINATIONS, connect, type Connection, type ToolResult } from "../helpers/clients.ts";

// The clients below talk at the same time, each one test after the other.
const { sequential: test } = anyTest;

const TOOLS = [
  "answer_error",
  "ask",
  "big",
  "blocks",
  "constructor",
  "cost",
  "count",
  "crash",
  "date",
  "dotted_name",
  "echo",
  "flaky",
  "flaky_write",
  "inherited",
  "job_cancel",
  "job_result",
  "job_status",
  "keys",
  "late_throw",
  "list_data",
  "loose",
  "odd",
  "refund",
  "refuse",
  "shout",
  "slow",
  "stuck",
  "whoami",
  "wrong_output",
];

describe.concurrent.each(COMBINATIONS)("$client over $transport", (combination) => {
  const { protocol } = combination;
  let connection: Connection;

  beforeAll(async () => {
    connection = await connect(combination);
    // The SDKs' clients check structured content against the output schemas that they have been shown.
    await connection.listTools();
  });

  afterAll(() => connection?.close());

  test("agrees on the newest revision that both speak", () => {
    expect(connection.protocol).toBe(protocol);
    expect(connection.serverName).toBe("e2e");
  });

  test("is told in a few words what the server is for", () => {
    expect(connection.instructions).toContain("COSTS: What things cost. (use cost)");
    expect(connection.instructions).toContain("REFUNDS: Money back. (use refund)");
    expect(connection.instructions).not.toContain("More than one sentence");
    expect(connection.instructions?.length).toBeLessThanOrEqual(2_000);
  });

  test("is shown all tools in the order of their names, and none that was refused", async () => {
    expect(names(await connection.listTools())).toEqual(TOOLS);
  });

  test("is shown a tool as its author described it", async () => {
    const tools = await connection.listTools();
    expect(tools.find(({ name }) => name === "cost")).toMatchObject({
      description: "A structured answer.",
      inputSchema: {
        type: "object",
        properties: { month: { type: "number" } },
        required: ["month"],
      },
      outputSchema: { type: "object", required: ["month", "amount"] },
      _meta: { "agentflow/plugin": "workshop", "agentflow/category": "COSTS" },
    });
    expect(tools.find(({ name }) => name === "echo")).toMatchObject({
      title: "Echo",
      annotations: { readOnlyHint: true },
      // An argument with a default need not be given.
      inputSchema: { required: ["text"] },
    });
  });

  test("is shown prompts, resources and templates in a fixed order", async () => {
    const prompts = await connection.listPrompts();
    expect(names(prompts)).toEqual(["plain", "report"]);
    expect(prompts[1]).toMatchObject({
      title: "Report",
      description: "Writes a report.",
      arguments: [
        { name: "subject", description: "What it is about.", required: true },
        { name: "audience", required: false },
        { name: "figures", required: false },
      ],
    });
    expect((await connection.listResources()).map(({ uri }) => uri)).toEqual([
      "agentflow://categories",
      "agentflow://categories/desk/OPENING_HOURS",
      "agentflow://categories/desk/REFUNDS",
      "agentflow://categories/workshop/COSTS",
      "agentflow://plugins",
      "agentflow://plugins/desk",
      "agentflow://plugins/noisy",
      "agentflow://plugins/workshop",
    ]);
    expect((await connection.listTemplates()).map(({ uriTemplate }) => uriTemplate)).toEqual([
      "agentflow://categories/{plugin}/{name}",
      "agentflow://plugins/{id}",
      "result://{id}/blocks/{number}/{page}",
      "result://{id}/data/{page}",
      "result://{id}/meta/{page}",
      "result://{id}/text/{page}",
    ]);
  });

  test("calls a tool, with defaults filled in", async () => {
    expect(textOf(await connection.callTool("echo", { text: "hello" }))).toBe("hello");
    expect(textOf(await connection.callTool("echo", { text: "ho", times: 3 }))).toBe("ho ho ho");
  });

  test("calls tools with unusual names", async () => {
    expect(textOf(await connection.callTool("dotted_name"))).toBe("dotted");
    const result = await connection.callTool("constructor", { constructor: "plain" });
    expect(textOf(result)).toBe("plain");
  });

  test("gets content of every kind as the plugin gave it", async () => {
    const { content } = await connection.callTool("blocks");
    expect(content).toEqual([
      { type: "text", text: "text" },
      { type: "image", data: "aGk=", mimeType: "image/png" },
      { type: "audio", data: "aGk=", mimeType: "audio/wav" },
      { type: "resource", resource: { uri: "test://a", text: "inside" } },
      { type: "resource_link", uri: "test://b", name: "b" },
    ]);
  });

  test("gets exactly the data that the outputSchema promises, and the rest beside it", async () => {
    const result = await connection.callTool("cost", { month: 3 });
    expect(result.structuredContent).toEqual({ month: 3, amount: 12.5 });
    expect(result._meta?.["agentflow/result"]).toEqual({
      toolsUsed: ["ledger"],
      confidence: 0.9,
      suggestedActions: [
        "Look again tomorrow",
        { title: "Say it", reason: "it helps", tool: "echo", arguments: { text: "12.50" } },
      ],
    });
    expect(result.content.map(({ text }) => text)).toEqual([
      "Month 3 cost 12.50.",
      expect.stringMatching(/Look again tomorrow[\s\S]*Say it: it helps \(`echo` with/u),
    ]);
    expect(result.isError).not.toBe(true);
  });

  test("gets the whole answer as structured content where there is no outputSchema", async () => {
    const result = await connection.callTool("loose");
    expect(result.structuredContent).toEqual({
      data: { n: 1 },
      analysisType: "quick",
      fallback: true,
    });
    expect(textOf(result)).toBe("Done.");
  });

  test("gets an array as structured content in the form that its revision allows", async () => {
    const { structuredContent } = await connection.callTool("list_data");
    const wrapped = protocol === "2025-11-25";
    expect(structuredContent).toEqual(wrapped ? { result: [3, 1, 2] } : [3, 1, 2]);
  });

  test("gets dates as text, and nothing for what is undefined", async () => {
    const { structuredContent } = await connection.callTool("date");
    expect(structuredContent).toEqual({ data: { at: "1970-01-01T00:00:00.000Z" } });
  });

  test.each([
    ["of the wrong type", { text: 5 }, /\[invalid_arguments\].*\btext: /u],
    ["missing", {}, /\[invalid_arguments\].*\btext: /u],
    ["out of range", { text: "a", times: 0 }, /\[invalid_arguments\].*\btimes: /u],
  ])("learns from the error which argument is %s", async (_what, args, text) => {
    const result = await connection.callTool("echo", args);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(text);
    expect(errorOf(result)).toMatchObject({ code: "invalid_arguments", retryable: false });
  });

  test("gets a protocol error for a tool that does not exist", async () => {
    const error = await failure(connection.callTool("echoo", {}));
    expect(error).toMatchObject({ code: -32_602 });
    expect(error.message).toContain("Unknown tool: echoo");
  });

  test.each(["toString", "__proto__", "hasOwnProperty"])(
    "gets a protocol error for a tool named like the built-in %s",
    async (name) => {
      const error = await failure(connection.callTool(name, {}));
      expect(error).toMatchObject({ code: -32_602 });
      expect(error.message).toContain(`Unknown tool: ${name}`);
    },
  );

  test("fills in a prompt with what is given, with defaults and with what stands in", async () => {
    expect(await connection.getPrompt("report", { subject: "{audience}" })).toEqual({
      description: "Writes a report.",
      text: "Report on {audience} for everyone: Call `echo` first. {literally} {not a name}",
    });
    const all = { subject: "rain", audience: "us", figures: "1.5" };
    expect((await connection.getPrompt("report", all)).text).toBe(
      "Report on rain for us: 1.5 {literally} {not a name}",
    );
  });

  test("learns which argument of a prompt is missing", async () => {
    const error = await failure(connection.getPrompt("report", { audience: "us" }));
    expect(error).toMatchObject({ code: -32_602 });
    expect(error.message).toContain("Prompt 'report' needs the argument 'subject'");
  });

  test("gets a protocol error for a prompt that does not exist", async () => {
    const error = await failure(connection.getPrompt("constructor", {}));
    expect(error).toMatchObject({ code: -32_602 });
    expect(error.message).toContain("Unknown prompt: constructor");
  });

  test("reads the categories, one category and the plugins", async () => {
    expect(await connection.readJson("agentflow://categories")).toContainEqual({
      uri: "agentflow://categories/desk/REFUNDS",
      plugin: "desk",
      name: "REFUNDS",
      description: "Money back.",
      tools: ["refund"],
    });
    expect(await connection.readJson("agentflow://categories/desk/REFUNDS")).toEqual({
      plugin: "desk",
      name: "REFUNDS",
      description: "Money back.",
      examples: ["I want my money back"],
      keywords: ["refund", "reimburse", "money back"],
      patterns: ["\\brefund\\b"],
      confidenceThreshold: 0.7,
      tools: ["refund"],
    });
    expect(await connection.readJson("agentflow://plugins")).toEqual([
      { uri: "agentflow://plugins/desk", id: "desk", state: "serving", version: "0.1.0" },
      { uri: "agentflow://plugins/noisy", id: "noisy", state: "serving", version: "1.0.0" },
      { uri: "agentflow://plugins/workshop", id: "workshop", state: "serving", version: "1.2.3" },
    ]);
    expect(await connection.readJson("agentflow://plugins/workshop")).toMatchObject({
      id: "workshop",
      state: "serving",
      author: "agentflow-mcp contributors",
      prompts: ["plain", "report"],
      notServed: [{ kind: "tool", name: "bad name" }],
    });
  });

  test("gets a protocol error that names a resource which does not exist", async () => {
    const error = await failure(connection.readJson("agentflow://categories/desk/NOPE"));
    expect(error).toMatchObject({
      code: -32_602,
      data: { uri: "agentflow://categories/desk/NOPE" },
    });
  });

  test("never sees what a plugin threw; its error id leads to the line in the log", async () => {
    const result = await connection.callTool("crash");
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toMatch(/postgres|hunter2|10\.0\.0\.7/u);
    const { code, errorId } = errorOf(result);
    expect(code).toBe("tool_error");
    expect(textOf(result)).toContain(`error id ${errorId}`);
    expect(await connection.log.entry({ errorId })).toMatchObject({
      tool: "crash",
      plugin: "workshop",
      outcome: "tool_error",
      reason: expect.stringContaining("cannot reach postgres://"),
    });
  });

  test("reads the text of a ToolError, and whether to try again", async () => {
    const result = await connection.callTool("refuse");
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain("The month 13 does not exist. Use 1 to 12.");
    expect(errorOf(result)).toMatchObject({
      code: "bad_month",
      retryable: true,
      retryAfterMs: 1_500,
    });
  });

  test("reads an error that a plugin answered with", async () => {
    const result = await connection.callTool("answer_error");
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe("There is no budget.");
    expect(errorOf(result)).toEqual({ code: "no_budget", retryable: false });
  });

  test.each([
    ["bigint", "/data/amount is of type bigint"],
    ["cycle", "/data/self is part of a cycle"],
    ["undefined", "undefined: the handler returned nothing"],
    ["nan", "/data/share is NaN"],
    ["map", "/data is a Map"],
    ["nothing", "none of a result's fields"],
    ["null", "neither text, content blocks nor a result object"],
    ["number", "neither text, content blocks nor a result object"],
    ["bad_block", "/0/text is not text"],
  ])("gets an error at once for an answer that cannot be sent: %s", async (kind, reason) => {
    const result = await connection.callTool("odd", { kind });
    expect(result.isError).toBe(true);
    const { code, errorId } = errorOf(result);
    expect(code).toBe("invalid_result");
    expect((await connection.log.entry({ errorId }))["reason"]).toContain(reason);
  });

  test.each(["throws_on_read", "rejects_undefined"])(
    "gets an error at once for an answer that breaks while it is looked at: %s",
    async (kind) => {
      const result = await connection.callTool("odd", { kind });
      expect(result.isError).toBe(true);
      expect(errorOf(result).code).toBe("tool_error");
      expect(JSON.stringify(result)).not.toContain("sk-live");
    },
  );

  test("is not given data that break the plugin's own outputSchema", async () => {
    const result = await connection.callTool("wrong_output");
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toBeUndefined();
    const { code, errorId } = errorOf(result);
    expect(code).toBe("invalid_result");
    expect((await connection.log.entry({ errorId }))["reason"]).toContain("amount");
  });

  test("asks in words: handlers answer by priority, the next where one has nothing", async () => {
    const asked = await connection.callTool("refund", {
      message: "please",
      thread_id: "t1",
      context: { order: 7 },
    });
    expect(textOf(asked)).toBe('high: thread t1 {"order":7}');
    expect(asked.structuredContent).toEqual({ intentType: "REFUNDS", confidence: 1 });
    expect(textOf(await connection.callTool("refund", { message: "pass it on" }))).toBe(
      "low: took 'pass it on'",
    );
  });

  test("asks in words: the message decides the category where the tool has none", async () => {
    const refund = await connection.callTool("ask", { message: "a refund, my money back" });
    expect(refund.structuredContent).toMatchObject({ intentType: "REFUNDS" });
    expect(textOf(refund)).toMatch(/^high: /u);
    const hours = await connection.callTool("ask", { message: "when do you open" });
    expect(hours.structuredContent).toMatchObject({ intentType: "OPENING_HOURS" });
    expect(textOf(hours)).toBe("low: took 'when do you open'");
  });

  test("asks in words: a message that fits nothing is answered with what would fit", async () => {
    const result = await connection.callTool("ask", { message: "sing a song" });
    expect(result.isError).toBe(true);
    expect(errorOf(result).code).toBe("ambiguous_request");
    expect(textOf(result)).toContain("OPENING_HOURS: When we are open.");
    expect(textOf(result)).toContain("REFUNDS: Money back.");
  });

  test("asks in words: a handler that throws ends the call, and its text stays in the log", async () => {
    const result = await connection.callTool("ask", { message: "open hours break" });
    expect(result.isError).toBe(true);
    expect(errorOf(result).code).toBe("tool_error");
    expect(JSON.stringify(result)).not.toContain("hunter2");
    expect((await connection.log.entry({ errorId: errorOf(result).errorId }))["reason"]).toContain(
      "a handler broke",
    );
  });

  test("sees progress grow step by step, and then the answer", async () => {
    const notes: { progress: number; total?: number | undefined; message?: string | undefined }[] =
      [];
    const result = await connection.callTool(
      "count",
      { to: 4 },
      { onprogress: (note) => notes.push(note) },
    );
    expect(textOf(result)).toBe("counted to 4");
    expect(notes.map(({ progress, total, message }) => ({ progress, total, message }))).toEqual(
      [1, 2, 3, 4].map((progress) => ({ progress, total: 4, message: `step ${progress}` })),
    );
  });

  test("gets an answer when a tool's time is up, whatever the tool does", async () => {
    const tag = randomUUID();
    const result = await connection.callTool("stuck", { tag });
    expect(result.isError).toBe(true);
    expect(errorOf(result).code).toBe("outcome_unknown");
    expect(textOf(result)).toContain("The tool 'stuck' did not answer within 0.2 s");
    // It did not listen, and has taken its process along; the next call finds another.
    await connection.log.entry({ msg: "plugin was stopped", plugin: "workshop" });
  });

  test("does not notice that a tool failed in passing and was run again", async () => {
    const tag = randomUUID();
    expect(textOf(await connection.callTool("flaky", { tag }))).toBe("attempt 3");
    await connection.log.entry({ tag, attempt: 3 });
    expect(connection.log.all({ tag }).map((line) => line["attempt"])).toEqual([1, 2, 3]);
  });

  test("can rely on a tool that must not be repeated being run once", async () => {
    const tag = randomUUID();
    const result = await connection.callTool("flaky_write", { tag });
    expect(errorOf(result)).toMatchObject({ code: "busy", retryable: true });
    // The call's own line comes after those of its attempts.
    await connection.log.entry({ errorId: errorOf(result).errorId });
    expect(connection.log.all({ tag }).map((line) => line["attempt"])).toEqual([1]);
  });

  test("can cancel a call", async () => {
    const tag = randomUUID();
    const cancelling = new AbortController();
    const call = connection.callTool("slow", { tag, ms: 60_000 }, { signal: cancelling.signal });
    const failed = failure(call);
    await connection.log.entry({ tag, event: "started" });
    cancelling.abort();
    await failed;
    await connection.log.entry({ tag, event: "stopped" });
    expect(textOf(await connection.callTool("echo", { text: "still here" }))).toBe("still here");
  });

  test("can give up waiting", async () => {
    const tag = randomUUID();
    const call = connection.callTool("slow", { tag, ms: 60_000 }, { timeout: 1_000 });
    const error = await failure(call);
    expect(error.message).toMatch(/timed out/iu);
    await connection.log.entry({ tag, event: "stopped" });
    expect(textOf(await connection.callTool("echo", { text: "still here" }))).toBe("still here");
  });

  test("gets the answers of calls at the same time, each its own", async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `call ${index}`);
    const results = await Promise.all(texts.map((text) => connection.callTool("echo", { text })));
    expect(results.map(textOf)).toEqual(texts);
  });

  test("is not held up by a slow call", async () => {
    const tag = randomUUID();
    const cancelling = new AbortController();
    const slow = failure(
      connection.callTool("slow", { tag, ms: 20_000 }, { signal: cancelling.signal }),
    );
    await connection.log.entry({ tag, event: "started" });
    expect(textOf(await connection.callTool("echo", { text: "quick" }))).toBe("quick");
    expect(connection.log.find({ tag, event: "finished" })).toBeUndefined();
    cancelling.abort();
    await slow;
  });

  test("is refused arguments that are too deep or too long, before the plugin sees them", async () => {
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 70; level++) deep = { deep };
    const tooDeep = await connection.callTool("keys", deep);
    expect(errorOf(tooDeep).code).toBe("arguments_too_large");
    expect(textOf(tooDeep)).toContain("nested deeper than 64 levels");
    const tooLong = await connection.callTool("echo", { text: "x".repeat(1_000_001) });
    expect(errorOf(tooLong).code).toBe("arguments_too_large");
    expect(textOf(tooLong)).toContain("longer than 1000000 characters");
  });

  test("is refused arguments with __proto__ inside", async () => {
    const args = JSON.parse('{"filter":{"__proto__":{"admin":true}}}') as Record<string, unknown>;
    const result = await connection.callTool("keys", args);
    expect(errorOf(result).code).toBe("invalid_arguments");
    expect(textOf(result)).toContain("'__proto__'");
  });

  test("is told where to read an answer that is too long to send", async () => {
    const result = await connection.callTool("big", { chars: 1_000_001 });
    expect(result.isError).not.toBe(true);
    const link = result.content.find(({ type }) => type === "resource_link")?.uri ?? "";
    expect(await connection.readText(link)).toHaveLength(1_000_000);
    expect(await connection.readText(`${link}/2`)).toHaveLength(1);
    expect(textOf(await connection.callTool("big", { chars: 900_000 }))).toHaveLength(900_000);
  });

  test("is not harmed by what a plugin prints or throws outside its calls", async () => {
    expect(textOf(await connection.callTool("shout"))).toBe("shouted");
    await connection.log.line(/^noisy call stdout\.write$/u);
    expect(textOf(await connection.callTool("late_throw"))).toBe("answered");
    await connection.log.entry({ msg: "plugin crashed", plugin: "workshop" });
    expect(textOf(await connection.callTool("echo", { text: "still here" }))).toBe("still here");
  });

  test("is known as local to plugins", async () => {
    expect(textOf(await connection.callTool("whoami"))).toBe("local");
  });
});

test("every client is shown the same, over every transport and in every revision", async () => {
  const shown = await Promise.all(
    COMBINATIONS.map(async (combination) => {
      const connection = await connect(combination);
      try {
        const tools = await connection.listTools();
        return {
          instructions: connection.instructions,
          // 2025-11-25 knows only objects as structured content: the one difference there may be.
          arrays: tools.filter(({ name }) => name === "list_data"),
          tools: tools.filter(({ name }) => name !== "list_data"),
          prompts: await connection.listPrompts(),
          resources: await connection.listResources(),
          templates: await connection.listTemplates(),
        };
      } finally {
        await connection.close();
      }
    }),
  );
  const [first] = shown;
  expect(first?.tools).toHaveLength(TOOLS.length - 1);
  shown.forEach(({ arrays, ...rest }, index) => {
    const { arrays: _arrays, ...expected } = first ?? {};
    expect(rest).toEqual(expected);
    const array = { type: "array", items: { type: "integer" } };
    const wrapped = { type: "object", properties: { result: array }, required: ["result"] };
    const old = COMBINATIONS[index]?.protocol === "2025-11-25";
    expect(arrays[0]).toMatchObject({ outputSchema: old ? wrapped : array });
  });
});

function names(listed: readonly { readonly name: string }[]): readonly string[] {
  return listed.map(({ name }) => name);
}

function textOf({ content }: ToolResult): string | undefined {
  return content[0]?.text;
}

interface ErrorMeta {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly errorId?: string;
}

function errorOf(result: ToolResult): ErrorMeta {
  const meta = result._meta?.["agentflow/error"];
  if (meta === undefined) throw new Error(`No error: ${JSON.stringify(result).slice(0, 500)}`);
  return meta as ErrorMeta;
}

async function failure(call: Promise<unknown>): Promise<Error & { code?: unknown }> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error as Error;
  throw new Error(`It did not fail: ${JSON.stringify(outcome.value).slice(0, 500)}`);
}
