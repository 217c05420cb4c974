import { afterEach } from "vitest";
import { Runs } from "./runs.ts";
import { TaskClient } from "./task-client.ts";
import { definePlugin, type ToolConfig } from "../../src/plugin-api/index.ts";
import { createTestHost, type TestHost, type TestHostOptions } from "../../src/testing.ts";

export type ToolPolicy = NonNullable<NonNullable<ToolConfig["config"]>["policy"]>;

export const LONG: ToolPolicy = { long: true };
/** As short as a soft deadline can be: whoever waits for it waits for what follows from it. */
export const SOON: ToolPolicy = { softDeadline: 0.05, deadline: 30 };

export interface WorkHostOptions extends Partial<TestHostOptions> {
  /** What the tool is beside its policy and its handler. */
  readonly tool?: Partial<ToolConfig>;
  readonly onPluginLoad?: () => Promise<void>;
  /** What the client that takes tasks can do. */
  readonly capabilities?: Readonly<Record<string, unknown>>;
}

export interface WorkHost {
  readonly host: TestHost;
  readonly tasks: TaskClient;
  readonly runs: Runs;
}

const open: TestHost[] = [];

afterEach(async () => {
  for (const host of open.splice(0)) await host.close();
});

/** A host with one tool `work`, whose runs the test ends, and a client that takes tasks. */
export async function openWork(
  policy: ToolPolicy,
  { tool, onPluginLoad, capabilities, ...options }: WorkHostOptions = {},
): Promise<WorkHost> {
  const runs = new Runs();
  const work = {
    description: "Works.",
    inputSchema: { type: "object", properties: { n: { type: "integer" } } },
    handler: runs.handler,
    ...tool,
    config: { ...tool?.config, policy },
  };
  const own = onPluginLoad && { onPluginLoad };
  const plugin = definePlugin({ name: "p", version: "1.0.0", tools: { work }, ...own });
  const host = await createTestHost({ plugins: { p: plugin }, ...options });
  open.push(host);
  return { host, tasks: TaskClient.inProcess(host, capabilities), runs };
}

/** What each call ended with, in the order of the host's lines. */
export function outcomes({ logs }: TestHost): readonly string[] {
  return logs.filter(({ msg }) => msg === "call").map(({ outcome }) => String(outcome));
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
