import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLogger } from "../../dist/src/base/logger.js";
import { Redactor } from "../../dist/src/base/redact.js";
import { checkConfig } from "../../dist/src/config/load.js";
import { startDemo, type Demo } from "../../dist/src/host/demo.js";
import { discover } from "../../dist/src/host/discover.js";
import { Host } from "../../dist/src/host/host.js";
import { readPackageInfo } from "../../dist/src/host/package-info.js";
import { ManifestCache } from "../../dist/src/isolation/manifest-cache.js";
import { Processes } from "../../dist/src/isolation/processes.js";
import { InlinePort, type PluginSource } from "../../dist/src/runtime/inline-port.js";
import { tempFolder } from "../helpers/temp-folder.ts";
import { PLUGINS } from "./app.ts";
import { jsonPort } from "./json-port.ts";

const CONFORMANCE = fileURLToPath(new URL("../fixtures/conformance/", import.meta.url));
const OMUA = fileURLToPath(new URL("../fixtures/omua/plugins/", import.meta.url));
const BUILTINS = fileURLToPath(new URL("../../dist/plugins/", import.meta.url));

/** Every plugin of the repository, and every good fixture. */
const PATHS = [
  ...readdirSync(BUILTINS).map((name) => join(BUILTINS, name)),
  ...readdirSync(PLUGINS).map((name) => join(PLUGINS, name)),
  CONFORMANCE,
  OMUA,
];

/** Calls that say more of a tool than a `message` does. */
const CALLS: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  aws_cost_analysis: [
    { message: "Show me cost breakdown by service" },
    { analysis: "forecast" },
    { analysis: "nonsense" },
    {},
  ],
  original_aws_cost_analysis: [
    { message: "Why is my AWS bill so high this month?", context: { a: [1] }, thread_id: "t" },
    { message: "My AWS bill is broken and the cost is high" },
    { message: "Good morning" },
  ],
  original_aws_service_health: [{ message: "RDS connection failed with a timeout" }],
  echo: [{ text: "hello" }, { text: 7 }],
  retried: [{ message: "hi", context: { list: [] } }],
  unsayable: [
    "NaN",
    "Infinity",
    "BigInt",
    "Map",
    "Set",
    "function",
    "symbol",
    "promise",
    "error",
    "regexp",
    "date",
    "hole",
    "surrogate",
  ].map((message) => ({ message })),
  ...Object.fromEntries(
    ["zod_4", "zod_3", "arktype", "draft_2020", "draft_2019", "draft_7", "transformed"].map(
      (tool) => [tool, [{ name: "Ann" }, { name: "Ann", limit: "many" }, { name: null }]],
    ),
  ),
};

type Caller = Parameters<Host["callTool"]>[2];

interface Opened {
  readonly host: Host;
  readonly lines: Record<string, unknown>[];
}

type OpenPort = NonNullable<Parameters<typeof Host.start>[0]["openPort"]>;

/** A process of its own for each plugin. */
function processPort(...[source, { path }]: Parameters<OpenPort>): ReturnType<OpenPort> {
  processes ??= new Processes({
    program: readPackageInfo().pluginProgram,
    env: { PATH: process.env["PATH"] ?? "" },
    log: createLogger({ level: "silent", redactor: new Redactor() }),
    onPrint: () => undefined,
    cache: new ManifestCache(
      tempFolder(),
      createLogger({ level: "silent", redactor: new Redactor() }),
    ),
    eager: true,
  });
  if (!("file" in source.entry)) throw new Error("every plugin here is a file");
  const { entry } = source;
  const limits = { memoryBytes: 536_870_912, idleMs: 300_000 };
  return processes.open({ ...source, entry }, { path, ...limits });
}

let processes: Processes | undefined;

async function openHost(demo: Demo, openPort: OpenPort): Promise<Opened> {
  const lines: Record<string, unknown>[] = [];
  const redactor = new Redactor();
  const config = checkConfig({
    plugins: {
      "aws-operations": { config: demo.config },
      aws_operations_plugin: { prefix: "original" },
      services: { anything: { at: ["all", 1, null] } },
    },
  });
  const info = readPackageInfo();
  const host = await Host.start({
    candidates: discover({
      host: info,
      directories: PATHS.map((path) => ({ path, required: true })),
      packages: [],
      packagesFrom: PLUGINS,
    }),
    config,
    hostVersion: info.version,
    redactor,
    log: createLogger({
      level: "debug",
      redactor,
      write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    }),
    openPort,
  });
  await host.settled();
  return { host, lines };
}

let demo: Demo;
let inline: Opened;
let json: Opened;
let apart: Opened;

beforeAll(async () => {
  // The plugin that is carried over from Python prints.
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  demo = await startDemo("aws-operations", join(BUILTINS, "aws-operations/demo-account/main.js"));
  inline = await openHost(demo, (source: PluginSource) => new InlinePort(source));
  json = await openHost(demo, (source: PluginSource) => jsonPort(new InlinePort(source)));
  apart = await openHost(demo, processPort);
}, 120_000);

afterAll(async () => {
  await inline.host.stop();
  await json.host.stop();
  await apart.host.stop();
  await demo.stop();
});

/** What differs from one run to the next, and from one clock to the next. */
const CHANGING = new Set([
  "errorId",
  "processingTime",
  "time",
  "ms",
  "timestamp",
  "asOf",
  "cacheAgeSeconds",
  "workflowId",
  "createdAt",
  "updatedAt",
  "executionTime",
]);

function steady(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, child: unknown) =>
      CHANGING.has(key)
        ? undefined
        : typeof child === "string"
          ? // Where an error was thrown is the same; how the call came there is not.
            child
              .replace(/after \d+ attempts/u, "after some attempts")
              .replace(/\d\d:\d\d UTC/gu, "00:00 UTC")
              .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gu, "an id")
              .replace(/\n {4}at [^]*$/u, "")
          : child,
    ),
  );
}

/** What a call comes to that has left its request: its answer, or its question. */
async function later(host: Host, id: string): Promise<unknown> {
  await host.tasks.settled(id, new AbortController().signal, () => undefined);
  const { status, outcome, requests, state } = (await host.tasks.find(id, "tester")) ?? {};
  return { status, outcome, requests, state };
}

/** What a call ends with, and all that it said on the way. */
async function call(
  { host, lines }: Opened,
  name: string,
  args: object,
  caller: Partial<Caller> = {},
): Promise<unknown> {
  const tool = host.catalogue.tools.get(name);
  if (tool === undefined) throw new Error(`no tool '${name}'`);
  lines.length = 0;
  const notes: unknown[] = [];
  const outcome = await host.callTool(tool, structuredClone(args) as never, {
    principal: { id: "tester" },
    takesTasks: false,
    wantsProgress: false,
    client: { form: false, url: false, sampling: false, roots: false },
    inputs: {},
    signal: new AbortController().signal,
    progress: (note) => notes.push(note),
    logToClient: (level, data) => notes.push({ level, data }),
    ...caller,
  });
  return {
    outcome: outcome.kind === "left" ? await later(host, outcome.task.id) : outcome,
    notes,
    // Of others, some still say that they have loaded.
    lines: lines.filter(({ msg, plugin }) => msg === "call" || plugin === "services"),
  };
}

test("every plugin is served through every port, with equal manifests", () => {
  const { plugins } = inline.host.catalogue;
  expect(plugins.length).toBeGreaterThan(PATHS.length);
  expect(plugins.map(({ id, state, reason }) => ({ id, state, reason }))).toEqual(
    plugins.map(({ id }) => ({ id, state: "serving", reason: undefined })),
  );
  for (const { host } of [json, apart]) {
    expect(host.catalogue.plugins).toStrictEqual(plugins);
    expect([...host.catalogue.tools]).toStrictEqual([...inline.host.catalogue.tools]);
    expect([...host.catalogue.prompts]).toStrictEqual([...inline.host.catalogue.prompts]);
    expect([...host.catalogue.resources]).toStrictEqual([...inline.host.catalogue.resources]);
    expect(host.catalogue.categories).toStrictEqual(inline.host.catalogue.categories);
  }
});

/** These do not end by themselves, or not with their request. */
const CONVERSING = new Set(["leave", "wait", "change"]);

test("every tool answers the same through every port", async () => {
  const { tools } = inline.host.catalogue;
  const unknown = Object.keys(CALLS).filter((name) => !tools.has(name));
  expect(unknown).toEqual([]);
  for (const name of tools.keys()) {
    if (CONVERSING.has(name)) continue;
    for (const args of CALLS[name] ?? [{ message: "hi" }]) {
      const expected = await call(inline, name, args);
      for (const other of [json, apart]) {
        const found = await call(other, name, args);
        expect({ name, args, found: steady(found) }).toStrictEqual({
          name,
          args,
          found: steady(expected),
        });
      }
    }
  }
});

describe.each([
  ["directly", () => inline],
  ["through JSON", () => json],
  ["in a process", () => apart],
] as const)("%s", (_name, opened) => {
  const data = async (name: string, args: object = { message: "hi" }): Promise<unknown> => {
    const { outcome } = (await call(opened(), name, args)) as {
      outcome: { reply?: { data?: unknown }; failure?: { code: string } };
    };
    return outcome.failure?.code ?? outcome.reply?.data;
  };

  test("storage keeps copies, and knows what is missing", async () => {
    expect(await data("store")).toEqual({
      first: { list: ["hi"], day: "1970-01-01T00:00:00.000Z" },
      second: null,
      missing: true,
      keys: ["a/1", "a/2"],
      all: ["a/1", "a/2", "loaded"],
    });
    expect(await data("unstorable")).toBe("invalid_result");
  });

  test("log lines carry the plugin and plain fields", async () => {
    const { lines } = (await call(opened(), "log", { message: "hi" })) as {
      lines: Record<string, unknown>[];
    };
    expect(lines).toMatchObject([
      {
        msg: "a line",
        plugin: "services",
        error: expect.stringMatching(/^RangeError: in a field\n/u) as string,
        big: "a value that JSON cannot carry",
        nested: { list: [1, "1970-01-01T00:00:00.000Z"] },
      },
      { msg: "no fields", plugin: "services" },
      { msg: "call", tool: "log", outcome: "ok" },
    ]);
  });

  test("progress arrives in order", async () => {
    const { notes } = (await call(opened(), "progress", { message: "hi" })) as { notes: unknown };
    expect(notes).toEqual([{ done: 1, total: 3, message: "one" }, { done: 2 }]);
  });

  test("the context is whole", async () => {
    expect(await data("context")).toEqual({
      attempt: 1,
      principal: { id: "tester" },
      keyed: true,
      inTime: true,
      aborted: false,
      rendered: "{it} now",
      config: { anything: { at: ["all", 1, null] } },
      loaded: {
        id: "services",
        config: { anything: { at: ["all", 1, null] } },
        stored: "yes",
        aborted: false,
      },
    });
  });

  test("every attempt gets the arguments as they were sent", async () => {
    expect(await data("retried", { message: "hi", context: { list: [] } })).toEqual({
      message: "hi",
      context: { list: [3] },
      seen: 1,
    });
  });

  test("a handler that repeats its own requests is not repeated as a whole", async () => {
    expect(await data("own_retry")).toEqual({ requests: 2, attempt: 1 });
  });

  test("errors keep what the host needs of them", async () => {
    const { outcome } = (await call(opened(), "refuse", { message: "hi" })) as { outcome: unknown };
    expect(outcome).toMatchObject({
      kind: "failure",
      failure: { code: "closed", message: "Not today.", retryable: true, retryAfterMs: 60_000 },
    });
    const crashed = (await call(opened(), "crash", { message: "hi" })) as {
      outcome: { failure: { message: string } };
      lines: { reason?: string }[];
    };
    expect(crashed.outcome.failure.message).not.toContain("secret");
    expect(crashed.lines.at(-1)?.reason).toContain("a secret of the inside");
  });

  test("a question to the user comes back with its answer and what was kept", async () => {
    const client = { form: true, url: false, sampling: false, roots: false };
    const first = (await call(opened(), "ask", { message: "hi" }, { client })) as {
      outcome: { kind: string; requests: object; state: unknown };
    };
    expect(first.outcome).toMatchObject({
      kind: "input_required",
      requests: { color: { kind: "form", message: "Which colour?" } },
      state: { rounds: [1] },
    });
    const inputs = { color: { action: "accept", content: { color: "red" } } } as const;
    const { state } = first.outcome;
    const again = (await call(
      opened(),
      "ask",
      { message: "hi" },
      {
        client,
        inputs,
        state: state as never,
      },
    )) as { outcome: { reply: { data: unknown } } };
    expect(again.outcome.reply.data).toEqual({ inputs, state, client });
  });

  test("messages for the client arrive, each with its level", async () => {
    const { notes } = (await call(opened(), "tell", { message: "hi" })) as { notes: unknown };
    expect(notes).toEqual([
      { level: "notice", data: { a: [1, null] } },
      { level: "error", data: "text" },
    ]);
  });

  test("another tool is called, and its error is the author's to handle", async () => {
    expect(await data("relay", { message: "echo", context: { args: { text: "hello" } } })).toEqual({
      content: [{ type: "text", text: "hello" }],
    });
    expect(
      await data("relay", { message: "refuse", context: { args: { message: "hi" } } }),
    ).toEqual({
      name: "ToolError",
      text: "Not today.",
      code: "closed",
      retryable: true,
      retryAfterMs: 60_000,
    });
    expect(await data("relay", { message: "store" })).toMatchObject({ code: "not_allowed" });
  });

  test("a call leaves its request when its handler says so", async () => {
    const { outcome } = (await call(
      opened(),
      "leave",
      { message: "hi" },
      { takesTasks: true },
    )) as { outcome: unknown };
    // Whoever has left has a status.
    expect(outcome).toMatchObject({
      status: "completed",
      outcome: { kind: "reply", reply: { data: { aborted: false } } },
    });
  });

  test("a call that its caller leaves is told so", async () => {
    const leaving = new AbortController();
    const { lines } = opened();
    const { outcome } = (await call(
      opened(),
      "wait",
      { message: "hi" },
      {
        signal: leaving.signal,
        progress: () => leaving.abort(),
      },
    )) as { outcome: unknown };
    expect(outcome).toMatchObject({ failure: { code: "cancelled" } });
    await vi.waitFor(() =>
      expect(lines).toContainEqual(
        expect.objectContaining({ msg: "told to stop", plugin: "conversing" }),
      ),
    );
  });

  test("an update of a resource is told", async () => {
    const updated: string[] = [];
    const undo = opened().host.onResourceUpdated((uri) => updated.push(uri));
    await call(opened(), "update", { message: "hi" });
    await vi.waitFor(() => expect(updated).toEqual(["conversing://one"]));
    undo();
  });

  test("definitions that have changed replace the ones before", async () => {
    const { host } = opened();
    const description = (): unknown => host.catalogue.tools.get("change")?.manifest.description;
    expect(description()).toBe("Not changed yet.");
    await call(opened(), "change", { message: "Changed." });
    await vi.waitFor(() => expect(description()).toBe("Changed."));
  });

  test.each(CALLS["unsayable"] ?? [])("what JSON would lose is refused: $message", async (args) => {
    expect(await data("unsayable", args)).toBe("invalid_result");
  });
});
