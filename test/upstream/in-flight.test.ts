import { describe, expect, test } from "vitest";
import { ENVELOPE, RawStdio } from "../helpers/raw-stdio.ts";
import { TaskClient } from "../helpers/task-client.ts";
import { tempFile, writeConfig } from "./files.ts";
import {
  bare,
  call,
  codeOf,
  eventually,
  readJournal,
  startHost,
  textOf,
  untilListed,
} from "./host.ts";
import { startModernHttp, startSessionsHttp } from "./http-servers.ts";
import { modernStdio, PAIRS, start } from "./kinds.ts";

test.each(PAIRS)(
  "progress of a server of $server comes in order and before the answer, for a client of $era",
  async ({ server, era }) => {
    const config = writeConfig({ server: await start(server) });
    // Line by line: the SDK's clients drop notes that stand right before an answer.
    await using host = await RawStdio.open(era, config);
    await untilListed(host, "tools/list", "count");
    const _meta = { ...(era === "2026-07-28" && ENVELOPE), progressToken: "mine" };
    const params = { name: "count", arguments: { to: 20 }, _meta };
    host.send({ id: "count", method: "tools/call", params });
    expect(await host.answer("count")).toBe("counted");
    const messages = host.messages();
    const answer = messages.findIndex(({ id }) => id === "count");
    const notes = messages
      .slice(0, answer)
      .filter(({ method }) => method === "notifications/progress");
    const told = notes.map(({ params: note }) => (note as { readonly progress: number }).progress);
    // Of those that come faster than somebody can follow, the latest stands for all.
    expect(told.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
    expect(told).toEqual([...new Set(told)].toSorted((one, other) => one - other));
    expect(told.at(-1)).toBe(20);
    expect(notes.at(-1)?.params).toMatchObject({ progressToken: "mine", total: 20 });
    expect(messages.slice(answer).some(({ method }) => method === "notifications/progress")).toBe(
      false,
    );
  },
);

describe("when a caller leaves, or its time is up", () => {
  test("a server of 2025 over stdio is told which call, and why", async () => {
    const journal = tempFile();
    // The deadline begins before the attempt: where both are the same, a busy machine would name the shorter rest.
    const tools = { hang: { timeout: 0.3, deadline: 20 } };
    const host = await startHost({ bare: bare({ journal }, { tools }) });
    const client = await host.connect();
    expect(codeOf(await call(client, "hang"))).toBe("outcome_unknown");
    const leave = new AbortController();
    const left = client
      .callTool({ name: "read_slowly", arguments: {} }, { signal: leave.signal })
      .catch((error: unknown) => error);
    await call(client, "echo", { say: "it is under way" });
    leave.abort();
    await left;
    const told = (): readonly unknown[] =>
      readJournal(journal).filter((entry) => "cancelled" in Object(entry));
    await eventually(() => expect(told()).toHaveLength(2));
    expect(JSON.stringify(told()[0])).toContain("did not answer within 0.3 s");
  });

  test("a server of 2025 over HTTP is told, and its stream is closed", async () => {
    const { wire, cancelled } = await startSessionsHttp();
    const tools = { hang: { timeout: 0.3 } };
    const host = await startHost({ server: { type: "mcp_server", url: wire.url, tools } });
    const client = await host.connect();
    expect(codeOf(await call(client, "hang"))).toBe("outcome_unknown");
    await eventually(() => expect(cancelled).toHaveLength(1));
  });

  test("a server of 2026 over stdio is told", async () => {
    const host = await startHost({ modern: { ...modernStdio, tools: { hang: { timeout: 0.3 } } } });
    const client = await host.connect();
    expect(codeOf(await call(client, "hang"))).toBe("outcome_unknown");
    await eventually(async () => expect(textOf(await call(client, "cancelled"))).toBe("1"));
  });

  test("the stream of a server of 2026 over HTTP is closed", async () => {
    const { wire, world } = await startModernHttp();
    const tools = { hang: { timeout: 0.3 } };
    const host = await startHost({ server: { type: "mcp_server", url: wire.url, tools } });
    const client = await host.connect();
    expect(codeOf(await call(client, "hang"))).toBe("outcome_unknown");
    await eventually(() => expect(world.cancelled).toHaveLength(1));
  });
});

test("a call may take longer than the patience of the SDK's client, where the operator allows it", async () => {
  // The SDK would end it after 60 s by itself; here it is the host's deadline alone, which is what shows in the answer.
  const tools = { hang: { timeout: 1.5, deadline: 1 } };
  const host = await startHost({ bare: bare({}, { tools }) });
  const client = await host.connect();
  expect(textOf(await call(client, "hang"))).toContain("did not answer within 1 s");
});

test("a call leaves its request at once where the operator says that its tool is long", async () => {
  const host = await startHost({ bare: bare({}, { tools: { hang: { long: true } } }) });
  const client = TaskClient.http(host.url);
  const { taskId, status } = await client.start("hang");
  expect(status).toBe("working");
  await client.cancel(taskId);
  expect(await client.get(taskId)).toMatchObject({ status: "cancelled" });
  const job = await call(await host.connect("2025-11-25"), "hang");
  expect(codeOf(job)).toBe("still_running");
});

test("a call that cannot reach its server is answered and leaves no task behind, long or not", async () => {
  const host = await startHost({ bare: bare({}, { tools: { hang: { long: true } } }) });
  const client = TaskClient.http(host.url);
  await client.call("exit");
  await eventually(() => expect(host.plugin("bare").state).toBe("unavailable"));
  const { resultType, _meta } = await client.call("hang");
  expect(resultType).not.toBe("task");
  expect(_meta).toMatchObject({ "agentflow/error": { code: "plugin_unavailable" } });
});

describe("log messages of a server", () => {
  test("reach the caller while the call is open, and nobody afterwards", async () => {
    const host = await startHost({ bare: bare({ capabilities: { tools: {}, logging: {} } }) });
    const heard: unknown[] = [];
    const client = await host.connect("2025-11-25", (one) =>
      one.setNotificationHandler(
        "notifications/message",
        ({ params }) => void heard.push(params.data),
      ),
    );
    expect(textOf(await call(client, "log", { words: ["one", "two"] }))).toBe("logged");
    await eventually(() => expect(heard).toEqual(["one", "two"]));
    await call(client, "late_notes");
    await eventually(() =>
      expect(host.log).toContainEqual(expect.objectContaining({ plugin: "bare", msg: "too late" })),
    );
    expect(heard).toEqual(["one", "two"]);
  });
});
