import type { Caller, Outcome } from "../../src/base/port.ts";
import {
  definePlugin,
  type PluginContext,
  type PluginInfo,
  type ToolConfig,
} from "../../src/plugin-api/index.ts";
import { createTestHost, type TestHost, type TestHostOptions } from "../../src/testing.ts";

type Tools = Readonly<Record<string, Partial<ToolConfig>>>;

export interface OnePluginOptions extends Partial<Omit<TestHostOptions, "plugins">> {
  /** Of the plugin, besides its name and version. */
  readonly info?: Partial<PluginInfo>;
  readonly onPluginLoad?: (context: PluginContext) => void;
}

/** A host with one plugin `p` that has these tools; each takes any arguments and answers `done`, unless it says otherwise. */
export function hostWith(
  tools: Tools,
  { info, onPluginLoad, ...options }: OnePluginOptions = {},
): Promise<TestHost> {
  const complete = Object.entries(tools).map(([name, tool]) => [
    name,
    {
      description: "Works.",
      inputSchema: { type: "object" },
      handler: () => "done",
      ...tool,
    },
  ]);
  const plugin = definePlugin({
    name: "p",
    version: "1.0.0",
    ...info,
    ...(onPluginLoad && { onPluginLoad }),
    tools: Object.fromEntries(complete) as Record<string, ToolConfig>,
  });
  return createTestHost({ plugins: { p: plugin }, ...options });
}

/** Calls a tool of a host as somebody, without a client: who somebody is, is the transports' to say. */
export function callAs(
  { host }: TestHost,
  principal: string,
  name: string,
  {
    args = {},
    ...caller
  }: Partial<Caller> & { readonly args?: Record<string, never> | object } = {},
): Promise<Outcome> {
  const tool = host.catalogue.tools.get(name);
  if (tool === undefined) throw new Error(`There is no tool '${name}'`);
  return host.callTool(tool, args as Record<string, never>, {
    principal: { id: principal },
    client: { form: false, url: false, sampling: false, roots: false },
    inputs: {},
    takesTasks: false,
    wantsProgress: false,
    signal: new AbortController().signal,
    progress: () => undefined,
    logToClient: () => undefined,
    ...caller,
  });
}

/** `ok`, the kind, or the code of a failure. */
export function wordFor(outcome: Outcome): string {
  if (outcome.kind === "failure") return outcome.failure.code;
  return outcome.kind === "reply" ? "ok" : outcome.kind;
}

type Result = Awaited<ReturnType<TestHost["client"]["callTool"]>>;

interface ToolFailure {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/** The coded error of a result; undefined for one that is none. */
export function errorOf({ _meta }: Result): ToolFailure | undefined {
  return _meta?.["agentflow/error"] as ToolFailure | undefined;
}

/** The texts of a result. */
export function textsOf({ content }: Result): readonly string[] {
  return (content as readonly { readonly text?: string }[]).map(({ text }) => text ?? "");
}

/** What holds a handler until it is let go. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #isOpen = false;
  /** Handlers that have come to it. */
  entered = 0;

  /** To be awaited by a handler. */
  pass(): Promise<void> {
    this.entered += 1;
    if (this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the first of those go that wait. */
  next(): void {
    this.#waiting.shift()?.();
  }

  open(): void {
    this.#isOpen = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
