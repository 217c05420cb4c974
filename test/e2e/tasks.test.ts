import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import {
  createTaskSessionFromClient,
  type ApplicationElicitResult,
  type TaskEnabledSession,
} from "@modelcontextprotocol/ext-tasks/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CliProcess } from "../helpers/cli.ts";
import { startHttpServer, type HttpServer } from "../helpers/http-server.ts";
import type { Journal } from "../helpers/journal.ts";
import { messagesIn, openSession, send } from "../helpers/raw-http.ts";
import { RawStdio } from "../helpers/raw-stdio.ts";
import { ASKS_USER, headersOf, TaskClient, TAKES_TASKS } from "../helpers/task-client.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const FOUNDRY = fileURLToPath(new URL("../fixtures/tasks/", import.meta.url));
const CONFIG = join(FOUNDRY, "mcp.config.json");

/** A configuration with these settings of the server, serving the same plugin. */
function configWith(server: object): string {
  const config = {
    server,
    pluginDirectories: [join(FOUNDRY, "plugins")],
    plugins: { "aws-operations": { enabled: false } },
  };
  return join(tempFolder({ "mcp.config.json": JSON.stringify(config) }), "mcp.config.json");
}

interface Served extends AsyncDisposable {
  readonly cli: CliProcess;
  readonly log: Journal;
  client(capabilities?: Readonly<Record<string, unknown>>): TaskClient;
}

const TRANSPORTS = {
  stdio: async (config: string): Promise<Served> => {
    const cli = await RawStdio.open("2026-07-28", config);
    return {
      cli,
      log: cli.stderr,
      client: (capabilities) => TaskClient.stdio(cli, capabilities),
      [Symbol.asyncDispose]: () => cli.dispose(),
    };
  },
  HTTP: async (config: string): Promise<Served> => {
    const { cli, url } = await startHttpServer({ config });
    return {
      cli,
      log: cli.stderr,
      client: (capabilities) => TaskClient.http(url, capabilities),
      [Symbol.asyncDispose]: () => cli.dispose(),
    };
  },
};

describe.concurrent.each(Object.entries(TRANSPORTS))(
  "a client with tasks over %s",
  (_name, serve) => {
    let server: Served;
    beforeAll(async () => {
      server = await serve(CONFIG);
    });
    afterAll(() => server?.cli.dispose());

    test("gets a task at once, and its answer when there is one", async () => {
      const client = server.client();
      const tag = randomUUID();
      const { taskId } = await client.start("hold_long", { tag });
      await server.log.entry({ tag, event: "started" });
      expect(await client.get(taskId)).toMatchObject({ status: "working" });
      await client.call("release", { tag, text: "a hammer" });
      expect(await client.settled(taskId)).toMatchObject({
        status: "completed",
        result: {
          content: [{ text: "released with a hammer" }],
          structuredContent: { tag, with: "a hammer" },
        },
      });
    });

    test("gets a task when its soft deadline passes, and not for what is quick", async () => {
      const client = server.client();
      const tag = randomUUID();
      expect(await client.call("quick", { tag })).toMatchObject({
        resultType: "complete",
        content: [{ text: `quick ${tag}` }],
      });
      const { taskId } = await client.start("hold", { tag });
      await client.call("release", { tag, text: "done" });
      expect(await client.settled(taskId)).toMatchObject({
        result: { content: [{ text: "done" }] },
      });
    });

    test("stops the work of a task that it cancels", async () => {
      const client = server.client();
      const tag = randomUUID();
      const { taskId } = await client.start("hold_long", { tag });
      await server.log.entry({ tag, event: "started" });
      await client.cancel(taskId);
      await server.log.entry({ tag, event: "stopped" });
      expect(await client.settled(taskId)).toMatchObject({ status: "cancelled" });
      expect(await client.call("release", { tag, text: "late" })).toMatchObject({ isError: true });
    });

    test("answers what a task asks, as often as it asks", async () => {
      const client = server.client(ASKS_USER);
      const { taskId } = await client.start("name_it", { tag: randomUUID() });
      for (const name of ["A", "Ad", "Ada"]) {
        const { inputRequests = {} } = await client.settled(taskId);
        const [key = ""] = Object.keys(inputRequests);
        await client.update(taskId, { [key]: { action: "accept", content: { name } } });
      }
      const named = await client.until(taskId, ({ status }) => status === "completed");
      expect(named.result).toMatchObject({ content: [{ text: "Ada after 3 rounds" }] });
    });

    test("may say which of its requests takes tasks, and which does not", async () => {
      const [able, plain] = [server.client(), server.client({})];
      const tag = randomUUID();
      const { taskId } = await able.start("hold_as_task", { tag });
      const other = { name: "hold_as_task", arguments: { tag: randomUUID() } };
      for (const [method, params] of [
        ["tools/call", other],
        ["tasks/get", { taskId }],
        ["tasks/update", { taskId, inputResponses: {} }],
        ["tasks/cancel", { taskId }],
      ] as const) {
        expect((await plain.request(method, params)).error).toMatchObject({
          code: -32_021,
          data: { requiredCapabilities: TAKES_TASKS },
        });
      }
      await able.call("release", { tag, text: "done" });
      expect(await able.settled(taskId)).toMatchObject({ result: { content: [{ text: "done" }] } });
    });

    test("is told of a task that is stopped with its server, which ends in order", async () => {
      await using ending = await serve(configWith({ shutdownGrace: 0.2 }));
      const client = ending.client(ASKS_USER);
      const tag = randomUUID();
      await client.start("hold_long", { tag });
      await ending.log.entry({ tag, event: "started" });
      const asking = await client.start("name_it", { tag: randomUUID() });
      expect(await client.settled(asking.taskId)).toMatchObject({ status: "input_required" });
      ending.cli.kill("SIGTERM");
      expect(await ending.cli.exited).toEqual({ code: 0, signal: null });
      expect(ending.log.find({ tag, event: "stopped" })).toBeDefined();
      expect(ending.log.all({ msg: "call", outcome: "shutting_down" })).toHaveLength(1);
    });

    test("does not keep its server from ending where nothing but a question is open", async () => {
      await using ending = await serve(configWith({ shutdownGrace: 1_000 }));
      const client = ending.client(ASKS_USER);
      const { taskId } = await client.start("name_it", { tag: randomUUID() });
      expect(await client.settled(taskId)).toMatchObject({ status: "input_required" });
      ending.cli.kill("SIGTERM");
      expect(await ending.cli.exited).toEqual({ code: 0, signal: null });
    });
  },
);

test.concurrent("a client on stdio that leaves takes its tasks with it", async () => {
  await using server = await RawStdio.open("2026-07-28", CONFIG);
  const client = TaskClient.stdio(server);
  const tag = randomUUID();
  await client.start("hold_long", { tag });
  await server.stderr.entry({ tag, event: "started" });
  server.child.stdin.end();
  expect(await server.exited).toEqual({ code: 0, signal: null });
  expect(server.stderr.find({ tag, event: "stopped" })).toBeDefined();
});

test.concurrent("a client of 2025-11-25 has no methods for tasks, whatever it says of itself", async () => {
  const params = [{ taskId: "x" }, {}, { _meta: { "io.modelcontextprotocol/tasks": {} } }];
  const methods = ["tasks/get", "tasks/update", "tasks/cancel"];
  await using stdio = await RawStdio.open("2025-11-25", CONFIG);
  await using http = await startHttpServer({ config: CONFIG });
  const headers = await openSession(http.url, "2025-11-25");
  for (const method of methods) {
    for (const [index, given] of params.entries()) {
      const id = `${method} ${index}`;
      stdio.send({ id, method, params: given });
      expect((await stdio.reply(id)).error).toMatchObject({ code: -32_601 });
      const body = JSON.stringify({ jsonrpc: "2.0", id, method, params: given });
      expect(messagesIn(await send(http.url, headers, body))).toMatchObject([
        { error: { code: -32_601 } },
      ]);
    }
    stdio.send({ id: method, method });
    expect((await stdio.reply(method)).error).toMatchObject({ code: -32_601 });
  }
});

describe("a client over HTTP", () => {
  let server: HttpServer;
  beforeAll(async () => {
    server = await startHttpServer({ config: CONFIG });
  });
  afterAll(() => server?.cli.dispose());

  test("that hangs up before its call has left its request stops it", async () => {
    const client = TaskClient.http(server.url);
    const tag = randomUUID();
    const leaving = new AbortController();
    const { signal } = leaving;
    const call = client.call("hold_patiently", { tag }, { signal }).catch(() => "gone");
    await server.cli.stderr.entry({ tag, event: "started" });
    leaving.abort();
    await server.cli.stderr.entry({ tag, event: "stopped" });
    expect(await call).toBe("gone");
  });

  test("that has gone does not stop a call that has left its request", async () => {
    const client = TaskClient.http(server.url);
    const tag = randomUUID();
    // Each request has a connection of its own: that of this one is closed with its answer.
    const { taskId } = await client.start("hold", { tag });
    expect(await client.get(taskId)).toMatchObject({ status: "working" });
    await client.call("release", { tag, text: "done" });
    expect(await client.settled(taskId)).toMatchObject({ status: "completed" });
    expect(server.cli.stderr.find({ tag, event: "stopped" })).toBeUndefined();
  });

  test("that ends its session of 2025-11-25 does not stop its job, and another one finds it", async () => {
    const tag = randomUUID();
    const call = async (
      headers: Record<string, string>,
      name: string,
      args: object,
    ): Promise<string> => {
      const params = { name, arguments: args };
      const body = JSON.stringify({ jsonrpc: "2.0", id: name, method: "tools/call", params });
      return (await send(server.url, headers, body)).body;
    };
    const first = await openSession(server.url, "2025-11-25");
    const [, id = ""] = /as job ([\w-]+)/u.exec(await call(first, "hold", { tag })) ?? [];
    expect(id).not.toBe("");
    expect((await send(server.url, first, undefined, "DELETE")).status).toBe(200);
    const second = await openSession(server.url, "2025-11-25");
    expect(await call(second, "job_status", { job_id: id })).toContain("is working");
    await call(second, "release", { tag, text: "from elsewhere" });
    expect(await call(second, "job_result", { job_id: id })).toContain("from elsewhere");
    expect(server.cli.stderr.find({ tag, event: "stopped" })).toBeUndefined();
  });

  describe("by the requester of ext-tasks", () => {
    let client: Client;
    let session: TaskEnabledSession;
    let fillIn: (message: unknown) => ApplicationElicitResult;
    const troubles: Error[] = [];

    beforeAll(async () => {
      client = new Client(
        { name: "requester", version: "1.0.0" },
        { versionNegotiation: { mode: { pin: "2026-07-28" } } },
      );
      await client.connect(new StreamableHTTPClientTransport(server.url));
      session = createTaskSessionFromClient(client, {
        endpointId: "tests",
        rawDispatch: async (request, { signal } = {}) => {
          const { method, params } = request as { method: string; params: Record<string, never> };
          const message = { jsonrpc: "2.0" as const, id: randomUUID(), method, params };
          const body = JSON.stringify(message);
          const answer = await send(server.url, headersOf(message), body, "POST", signal);
          const { result, error } = messagesIn(answer).at(-1) as { result: never; error: never };
          return error === undefined ? { kind: "result", result } : { kind: "error", error };
        },
        v2RequestFraming: {
          protocolVersion: "2026-07-28",
          clientInfo: { name: "requester", version: "1.0.0" },
          clientCapabilities: { elicitation: { form: {} } },
        },
        onInputRequest: (async ({ params }: { params: Record<string, unknown> }) =>
          fillIn(params["message"])) as never,
        onError: (error) => troubles.push(error),
      });
    });
    afterAll(async () => {
      await session?.close();
      await client?.close();
      expect(troubles).toEqual([]);
    });

    test("takes the answer of what is quick", async () => {
      const execution = await session.callTool("quick", { tag: "a" });
      expect(execution.kind).toBe("immediate");
      const { outcome } = await execution.settle();
      expect(outcome).toMatchObject({
        status: "completed",
        result: { content: [{ text: "quick a" }] },
      });
    });

    test("waits for a task until it has settled", async () => {
      const tag = randomUUID();
      const execution = await session.callTool("hold_long", { tag });
      expect(execution.kind).toBe("task");
      const settled = execution.settle();
      await server.cli.stderr.entry({ tag, event: "started" });
      await TaskClient.http(server.url).call("release", { tag, text: "an anvil" });
      expect((await settled).outcome).toMatchObject({
        status: "completed",
        result: {
          content: [{ text: "released with an anvil" }],
          structuredContent: { tag, with: "an anvil" },
        },
      });
    });

    test("gets the error of a tool as its result", async () => {
      const execution = await session.callTool("break_down", { tag: "a" });
      expect((await execution.settle()).outcome).toMatchObject({
        status: "completed",
        result: { isError: true, content: [{ text: "[cold] The furnace is cold." }] },
      });
    });

    test("stops a task", async () => {
      const tag = randomUUID();
      const execution = await session.callTool("hold_long", { tag });
      await server.cli.stderr.entry({ tag, event: "started" });
      const settled = execution.settle();
      await execution.cancel();
      await server.cli.stderr.entry({ tag, event: "stopped" });
      expect((await settled).outcome).toMatchObject({ status: "cancelled" });
    });

    test("asks its user what a task wants to know, also when that is the same thing again", async () => {
      const names = ["A", "Ad", "Ada"];
      const asked: unknown[] = [];
      fillIn = (message) => {
        asked.push(message);
        return { action: "accept", content: { name: names[asked.length - 1] ?? "" } };
      };
      const execution = await session.callTool("name_it", { tag: randomUUID() });
      expect((await execution.settle()).outcome).toMatchObject({
        status: "completed",
        result: { content: [{ text: "Ada after 3 rounds" }] },
      });
      expect(asked).toHaveLength(3);
    });

    test("lets its user decline", async () => {
      fillIn = () => ({ action: "decline" });
      const execution = await session.callTool("name_it", { tag: randomUUID() });
      expect((await execution.settle()).outcome).toMatchObject({
        status: "completed",
        result: { content: [{ text: "no name" }] },
      });
    });

    test("comes back to a task that it has left", async () => {
      const tag = randomUUID();
      const execution = await session.callTool("hold_long", { tag });
      if (execution.kind !== "task") throw new Error("no task");
      const reference = execution.serializeReference();
      await execution.detach();
      await TaskClient.http(server.url).call("release", { tag, text: "tongs" });
      const resumed = await session.resumeTask(reference);
      expect((await resumed.settle()).outcome).toMatchObject({
        status: "completed",
        result: { structuredContent: { with: "tongs" } },
      });
    });
  });
});

test.concurrent("the notice of a demo stands on the answers of tasks and jobs, too", async () => {
  const settings = { "aws-operations": { tools: { aws_cost_analysis: { long: true } } } };
  const folder = tempFolder({ "mcp.config.json": JSON.stringify({ plugins: settings }) });
  const config = join(folder, "mcp.config.json");
  await using server = await startHttpServer({ config, args: ["--demo"] });
  const client = TaskClient.http(server.url);
  const { taskId } = await client.start("aws_cost_analysis", { analysis: "forecast" });
  const { result } = await client.settled(taskId);
  const plain = TaskClient.http(server.url, {});
  const job_id = await plain.startJob("aws_cost_analysis", { analysis: "forecast" });
  const ofJob = await plain.call("job_result", { job_id });
  for (const shown of [result, ofJob]) {
    expect(shown).toMatchObject({
      content: expect.arrayContaining([{ type: "text", text: "DEMO DATA" }]) as unknown,
      _meta: { "agentflow/notice": "DEMO DATA" },
    });
    expect(shown).not.toHaveProperty("isError");
  }
});
