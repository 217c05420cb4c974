import type { Client, ClientCapabilities } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { bare, call, codeOf, ERAS, eventually, readJournal, startHost, textOf } from "./host.ts";
import { ASKS_USER, TaskClient } from "../helpers/task-client.ts";
import { tempFile } from "./files.ts";
import { modernStdio, PAIRS, start } from "./kinds.ts";

const FORMS: ClientCapabilities = { elicitation: { form: {} } };
const ALL: ClientCapabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

/** A user who answers each form with the question's own text, and what they have been asked. */
function user(asked: string[] = []): (client: Client) => void {
  return (client) => {
    client.setRequestHandler("elicitation/create", ({ params }) => {
      asked.push(params.message);
      return { action: "accept", content: { value: `to ${params.message}` } };
    });
  };
}

function refuseAll(client: Client): void {
  client.setRequestHandler("elicitation/create", () => ({ action: "decline" }));
}

function everything(client: Client): void {
  client.setRequestHandler("elicitation/create", ({ params }) => ({
    action: "accept",
    ...(params.mode !== "url" && { content: { value: "form" } }),
  }));
  client.setRequestHandler("sampling/createMessage", () => ({
    role: "assistant",
    model: "test-model",
    content: { type: "text", text: "four" },
  }));
  client.setRequestHandler("roots/list", () => ({
    roots: [{ uri: "file:///work", name: "work" }],
  }));
}

describe.each(PAIRS)("a server of $server asks the user of a client of $era", ({ server, era }) => {
  test("and gets the answer", async () => {
    const host = await startHost({ server: await start(server) });
    const asked: string[] = [];
    const client = await host.connect(era, user(asked), FORMS);
    const answer = textOf(await call(client, "ask", { value: "How many?" }));
    expect(asked).toHaveLength(1);
    expect(answer).toContain(`to ${asked[0]}`);
  });

  test("who cannot be asked, and goes on without", async () => {
    const host = await startHost({ server: await start(server) });
    const client = await host.connect(era);
    const result = await call(client, "ask", { value: "How many?" }).catch(
      (error: unknown) => error,
    );
    // Before 2026-07-28 the server gets a refusal, and its own result is passed on.
    if (server.startsWith("2025")) expect(JSON.stringify(result)).toContain("decline");
    else expect(JSON.stringify([result, String(result)])).toMatch(/capabilit/u);
  });
});

describe.each(ERAS)("a client of %s", (era) => {
  test.each([
    ["2025 over stdio", bare()],
    ["2026 over stdio", modernStdio],
  ])("answers several rounds of a server of %s", async (_kind, server) => {
    const host = await startHost({ server });
    const asked: string[] = [];
    const client = await host.connect(era, user(asked), FORMS);
    const answers = JSON.parse(textOf(await call(client, "ask", { rounds: 4 }))) as unknown;
    expect(asked).toEqual(["Question 1?", "Question 2?", "Question 3?", "Question 4?"]);
    expect(answers).toEqual(
      asked.map((question) => ({ action: "accept", content: { value: `to ${question}` } })),
    );
  });

  test("answers two questions that a server asks at once", async () => {
    const host = await startHost({ bare: bare() });
    const asked: string[] = [];
    const client = await host.connect(era, user(asked), FORMS);
    const answers = JSON.parse(textOf(await call(client, "ask_twice_at_once"))) as unknown;
    expect(asked.toSorted()).toEqual(["A?", "B?"]);
    expect(answers).toMatchObject([
      { content: { value: "to A?" } },
      { content: { value: "to B?" } },
    ]);
  });

  test("visits pages, asks its model and shows its folders for a server of 2025", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect(era, everything, ALL);
    expect(JSON.parse(textOf(await call(client, "ask_url")))).toMatchObject({ action: "accept" });
    expect(JSON.parse(textOf(await call(client, "ask_model")))).toMatchObject({
      model: "test-model",
      content: { text: "four" },
    });
    expect(JSON.parse(textOf(await call(client, "ask_roots")))).toMatchObject({
      roots: [{ uri: "file:///work" }],
    });
  });

  test("visits pages, asks its model and shows its folders for a server of 2026", async () => {
    const host = await startHost({ modern: modernStdio });
    const client = await host.connect(era, everything, ALL);
    expect(JSON.parse(textOf(await call(client, "ask_all")))).toMatchObject({
      page: { action: "accept" },
      model: { model: "test-model" },
      folders: { roots: [{ uri: "file:///work" }] },
    });
  });

  test("that cannot do these is not asked, and a server of 2025 hears why", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect(era, user(), FORMS);
    expect(textOf(await call(client, "ask_url"))).toBe('{"action":"decline"}');
    expect(JSON.parse(textOf(await call(client, "ask_model")))).toMatchObject({ code: -32_601 });
    expect(JSON.parse(textOf(await call(client, "ask_roots")))).toMatchObject({ code: -32_601 });
  });

  test("is declared to a server of 2026 as what it can answer, request by request", async () => {
    const host = await startHost({ modern: modernStdio });
    const plain = await host.connect(era);
    const able = await host.connect(era, everything, ALL);
    expect(JSON.parse(textOf(await call(plain, "capabilities")))).toEqual({});
    expect(JSON.parse(textOf(await call(able, "capabilities")))).toEqual(ALL);
  });

  test("that refuses is heard by the server as refusing", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect(era, refuseAll, FORMS);
    expect(textOf(await call(client, "ask"))).toBe('[{"action":"decline"}]');
  });
});

describe("a question on a channel that all calls share", () => {
  test("reaches nobody while calls of different callers are open", async () => {
    const host = await startHost({ bare: bare() });
    const asked: string[] = [];
    // Sessions tell two clients with the same token apart.
    const one = await host.connect("2025-11-25", user(asked), FORMS);
    const other = await host.connect("2025-11-25", user(asked), FORMS);
    const leave = new AbortController();
    const open = other
      .callTool({ name: "hang", arguments: {} }, { signal: leave.signal })
      .catch((error: unknown) => error);
    await call(one, "echo", { say: "after it" });
    expect(textOf(await call(one, "ask"))).toBe('[{"action":"decline"}]');
    expect(asked).toEqual([]);
    leave.abort();
    await open;
    await eventually(async () => expect(textOf(await call(one, "ask"))).toContain("accept"));
  });

  test("reaches the one caller of several calls", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect("2025-11-25", user(), FORMS);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call(client, "ask", { rounds: 2 })),
    );
    for (const answer of answers) {
      expect(JSON.parse(textOf(answer))).toMatchObject([
        { action: "accept" },
        { action: "accept" },
      ]);
    }
  });
});

const cancelled = (journal: string): readonly unknown[] =>
  readJournal(journal).filter((entry) => "cancelled" in Object(entry));

describe("a call that waits for its caller", () => {
  test("ends with the host, and the server is told", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ journal }) });
    const client = await host.connect("2026-07-28", user(), FORMS);
    const round = await client.callTool(
      { name: "ask", arguments: {} },
      { allowInputRequired: true },
    );
    expect(round).toMatchObject({ resultType: "input_required" });
    await host.stop();
    expect(readJournal(journal)).toContainEqual({
      cancelled: expect.objectContaining({ requestId: expect.any(Number) as number }) as unknown,
    });
  });

  test("ends when its task is cancelled, and the server is told", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ journal }, { tools: { ask: { long: true } } }) });
    const client = TaskClient.http(host.url, ASKS_USER);
    const { taskId } = await client.start("ask");
    expect(await client.settled(taskId)).toMatchObject({ status: "input_required" });
    expect(cancelled(journal)).toEqual([]);
    await client.cancel(taskId);
    await eventually(() => expect(cancelled(journal)).toHaveLength(1));
  });

  test("goes on when the answer comes to its task", async () => {
    const host = await startHost({ bare: bare({}, { tools: { ask: { long: true } } }) });
    const client = TaskClient.http(host.url, ASKS_USER);
    const { taskId } = await client.start("ask");
    const { inputRequests = {} } = await client.settled(taskId);
    const answer = { action: "accept", content: { value: "yes" } };
    await client.update(
      taskId,
      Object.fromEntries(Object.keys(inputRequests).map((key) => [key, answer])),
    );
    const { status, result } = await client.settled(taskId);
    expect(status).toBe("completed");
    expect(result).toMatchObject({ content: [{ text: JSON.stringify([answer]) }] });
  });

  test("ends when a client of 2025-11-25 leaves in the question, and others are asked again", async () => {
    const journal = tempFile();
    const host = await startHost({ bare: bare({ journal }) });
    const leave = new AbortController();
    const leaving = await host.connect(
      "2025-11-25",
      (client) =>
        client.setRequestHandler("elicitation/create", () => {
          leave.abort();
          return new Promise(() => undefined);
        }),
      FORMS,
    );
    const left = leaving.callTool({ name: "ask", arguments: {} }, { signal: leave.signal });
    await expect(left).rejects.toThrow();
    await eventually(() => expect(cancelled(journal)).toHaveLength(1));
    const asked: string[] = [];
    const other = await host.connect("2025-11-25", user(asked), FORMS);
    expect(textOf(await call(other, "ask"))).toContain("to Question 1?");
  });

  test("takes an answer once", async () => {
    const host = await startHost({ bare: bare() });
    const client = await host.connect("2026-07-28", user(), FORMS);
    const params = { name: "ask", arguments: {} };
    const round = (await client.callTool(params, { allowInputRequired: true })) as unknown as {
      readonly requestState: string;
      readonly inputRequests: Readonly<Record<string, unknown>>;
    };
    const [key = ""] = Object.keys(round.inputRequests);
    const answer = { action: "accept", content: { value: "once" } };
    const more = {
      inputResponses: { [key]: answer },
      requestState: round.requestState,
    };
    const next = { ...params, ...more };
    expect(textOf(await client.callTool(next))).toBe(JSON.stringify([answer]));
    const again = await client.callTool(next);
    expect(codeOf(again)).toBe("cancelled");
    expect(textOf(again)).toContain("came too late");
  });
});
