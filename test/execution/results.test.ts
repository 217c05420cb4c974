import { afterEach, describe, expect, test } from "vitest";
import { definePlugin, ToolError, type ToolContext } from "../../src/plugin-api/index.ts";
import { createTestHost, type TestHost } from "../../src/testing.ts";

const SECRET = "correct-horse-battery";

let running: TestHost | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** A host with one tool `work` that may be told a secret. */
async function hostWith(
  handler: (args: Record<string, unknown>, context: ToolContext) => unknown,
  retryCount = 0,
): Promise<TestHost> {
  const work = {
    description: "Works.",
    inputSchema: { type: "object" },
    config: { retryCount },
    handler: handler as () => string,
  };
  running = await createTestHost({
    plugins: { p: definePlugin({ name: "p", version: "1.0.0", tools: { work } }) },
    config: { plugins: { p: { apiKey: SECRET } } },
  });
  return running;
}

type Result = Awaited<ReturnType<TestHost["client"]["callTool"]>>;

function call({ client }: TestHost, args: Record<string, unknown> = {}): Promise<Result> {
  return client.callTool({ name: "work", arguments: args });
}

function codeOf({ isError, _meta }: Result): unknown {
  const { code } = ((_meta ?? {})["agentflow/error"] ?? {}) as { code?: string };
  return isError ? code : undefined;
}

const block = (annotations: unknown): unknown => [{ type: "text", text: "fine", annotations }];

describe("an answer of a wrong shape", () => {
  test.each<[string, unknown]>([
    ["suggestedActions: text", { content: "fine", suggestedActions: "look again" }],
    ["suggestedActions: null", { content: "fine", suggestedActions: null }],
    ["suggestedActions: an object", { content: "fine", suggestedActions: { title: "Look" } }],
    ["suggestedActions: a number in it", { content: "fine", suggestedActions: ["ok", 5] }],
    ["suggestedActions: null in it", { content: "fine", suggestedActions: [null] }],
    ["suggestedActions: without a title", { content: "fine", suggestedActions: [{ tool: "x" }] }],
    ["suggested_actions: a wrong title", { content: "fine", suggested_actions: [{ title: 5 }] }],
    ["annotations: text", block("user")],
    ["annotations: null", block(null)],
    ["annotations: a list", block(["user"])],
    ["audience: text", block({ audience: "user" })],
    ["audience: nobody known", block({ audience: ["everyone"] })],
    ["priority: over 1", block({ priority: 2 })],
    ["priority: text", block({ priority: "high" })],
    ["lastModified: a number", block({ lastModified: 20_261_120 })],
    ["nothing at all", undefined],
    ["no block", [{ text: "no type" }]],
  ])(
    "is withheld with a code, and its author finds the reason in the log: %s",
    async (_, given) => {
      const host = await hostWith(() => given);
      const result = await call(host);
      expect(codeOf(result)).toBe("invalid_result");
      expect(result.content).toMatchObject([
        {
          text: expect.stringMatching(/^\[invalid_result\] [\w ]+\. \(error id \w+\)$/u) as string,
        },
      ]);
      const reason = host.logs.find(({ msg }) => msg === "call")?.["reason"];
      // A place and a sentence, not what some library threw.
      expect(reason).toMatch(/^(?:the result|\/[\w/]+) is /u);
      expect(reason).not.toMatch(/Error|\n\s+at /u);
    },
  );

  test("that is nothing says so", async () => {
    const host = await hostWith(() => undefined);
    await call(host);
    expect(host.logs).toContainEqual(
      expect.objectContaining({ reason: expect.stringContaining("the handler returned nothing") }),
    );
  });

  test.each<[string, unknown]>([
    [
      "suggestedActions",
      { content: "fine", suggestedActions: ["Look", { title: "Say it", reason: "it helps" }] },
    ],
    [
      "annotations",
      block({ audience: ["user"], priority: 0.5, lastModified: "2026-11-20T10:00:00Z" }),
    ],
  ])("is not what good %s make", async (_what, given) => {
    expect((await call(await hostWith(() => given))).isError).not.toBe(true);
  });
});

describe("what leaves the host", () => {
  test("progress is redacted, and grows over all attempts", async () => {
    const heard: (readonly [number, string | undefined])[] = [];
    const host = await hostWith((_args, context) => {
      const { attempt, progress } = context;
      progress(attempt, 3, `attempt ${attempt} with ${SECRET}`);
      progress(1, 3, "back to the start");
      if (attempt < 3) throw new ToolError("Busy.", { retryable: true, retryAfterMs: 1 });
      return "done";
    }, 2);
    await host.client.callTool(
      { name: "work", arguments: {} },
      { onprogress: ({ progress, message }) => heard.push([progress, message]) },
    );
    await expect
      .poll(() => heard)
      .toEqual([1, 2, 3].map((attempt) => [attempt, `attempt ${attempt} with [redacted]`]));
  });

  test("a secret is redacted where a handler makes it a key", async () => {
    const result = await call(await hostWith(() => ({ data: { [SECRET]: "kept" } })));
    expect(JSON.stringify(result)).toContain("kept");
    expect(JSON.stringify(result)).not.toContain(SECRET);
  });
});

describe("limits count characters of JSON", () => {
  const controls = "\u0001".repeat(900_000);
  const ones = Array.from({ length: 90_000 }, () => 1);

  test("of structured content: 40,000 ones are not too many", async () => {
    const data = ones.slice(0, 40_000);
    const result = await call(await hostWith(() => ({ content: "ones", data })));
    expect(result.structuredContent).toEqual({ data });
  });

  test("of arguments: 300,000 control characters are too many", async () => {
    const host = await hostWith(() => "fine");
    expect(codeOf(await call(host, { controls: controls.slice(600_000) }))).toBe(
      "arguments_too_large",
    );
  });

  test("of arguments: 90,000 ones are not", async () => {
    const host = await hostWith(({ ones: given }) => String((given as number[]).length));
    expect((await call(host, { ones })).content).toMatchObject([{ text: "90000" }]);
  });

  test("of a tool's own error: 5 MB of text are refused", async () => {
    const host = await hostWith(() => {
      throw new ToolError("x".repeat(5_000_000), { code: "long" });
    });
    const result = await call(host);
    expect(codeOf(result)).toBe("result_too_large");
    expect(JSON.stringify(result).length).toBeLessThan(1_000);
  });
});
