import { HostError, messageOf } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import { NO_ABILITIES, type Outcome, type ProgressNote, type TaskHandle } from "../../base/port.ts";
import type { CatalogueTool } from "../../host/catalogue.ts";
import type { Host } from "../../host/host.ts";
import type { JsonObject } from "../../plugin-api/index.ts";
import { toCallToolResult } from "../../surface/tool-result.ts";
import { openApp, type CommonOptions } from "../open-app.ts";
import { EXIT, note, print } from "../output.ts";

export interface CallOptions extends CommonOptions {
  /** Arguments as one JSON object. */
  readonly json?: string;
  /** Print the whole MCP result instead of its text. */
  readonly raw?: boolean;
}

/** The principal of whoever sits at the machine. */
const LOCAL = "local";

/** Calls one tool under its policy and prints the answer; exits 1 if the answer is an error. */
export async function call(
  name: string,
  pairs: readonly string[],
  options: CallOptions,
): Promise<number> {
  const app = await openApp(options, {
    logLevel: "warn",
    writeLog: explain,
    wholeAnswers: true,
  });
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
  try {
    // A server may still be starting, and only it knows its tools.
    if (!app.host.catalogue.tools.has(name)) await app.host.settled();
    const { tools, plugins } = app.host.catalogue;
    const tool = tools.get(name);
    if (tool === undefined) {
      const meant = nearest(name, [...tools.keys()], 4);
      const missing = plugins.flatMap(({ id, state, reason = "" }) =>
        state === "failed" || state === "unavailable"
          ? [` Plugin '${id}' ${state === "failed" ? "failed" : "is unavailable"}: ${reason}.`]
          : [],
      );
      const hint =
        meant === undefined
          ? `See: agentflow list.${missing.join("")}`
          : `Did you mean '${meant}'?`;
      throw new HostError("USAGE", `There is no tool '${name}'. ${hint}`);
    }
    const first = await app.host.callTool(tool, readArguments(tool, pairs, options.json), {
      principal: { id: LOCAL },
      client: NO_ABILITIES,
      takesTasks: true,
      wantsProgress: true,
      inputs: {},
      signal: interrupted.signal,
      progress: tell,
      logToClient: (level, data) =>
        note(`${level}: ${typeof data === "string" ? data : JSON.stringify(data)}`),
    });
    const outcome =
      first.kind === "left" ? await followed(app.host, first.task, interrupted.signal) : first;
    if (outcome.kind !== "reply" && outcome.kind !== "failure") {
      note("The tool asks its user something, which needs a client that can: connect one instead.");
      return EXIT.failed;
    }
    const result = toCallToolResult(outcome, tool);
    if (options.raw) print(JSON.stringify(result, undefined, 2));
    else {
      for (const block of result.content) {
        print(block.type === "text" ? block.text : `[${block.type}]`);
      }
    }
    return result.isError ? EXIT.failed : EXIT.ok;
  } finally {
    await app.stop();
  }
}

/** Waits for a call that goes on in the background, and tells how far it is. */
async function followed(host: Host, { id }: TaskHandle, signal: AbortSignal): Promise<Outcome> {
  const stop = (): void => void host.tasks.cancel(id, LOCAL);
  signal.addEventListener("abort", stop, { once: true });
  await host.tasks.settled(id, new AbortController().signal, tell);
  const record = await host.tasks.find(id, LOCAL);
  return record?.outcome ?? { kind: "input_required", requests: record?.requests ?? {} };
}

function tell({ done, total, message }: ProgressNote): void {
  note(`… ${done}${total === undefined ? "" : `/${total}`}${message ? ` ${message}` : ""}`);
}

/** Whoever calls from a terminal is the one who wants to know why: the log's reason, in words. */
function explain(line: string): void {
  const { msg, reason, plugin } = JSON.parse(line) as Record<string, string | undefined>;
  if (msg === "call") note(`why: ${reason ?? "not said"}`);
  else
    note(`${plugin === undefined ? "" : `${plugin}: `}${msg ?? ""}${reason ? `: ${reason}` : ""}`);
}

/** `--json '{…}'` and `key=value` together; a value is JSON where the schema does not want text. */
function readArguments(
  tool: CatalogueTool,
  pairs: readonly string[],
  json: string | undefined,
): JsonObject {
  const properties = tool.manifest.inputSchema["properties"] as
    | Readonly<Record<string, { readonly type?: unknown }>>
    | undefined;
  const given = pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new HostError("USAGE", `Arguments are key=value, found '${pair}'.`);
    const key = pair.slice(0, at);
    const text = pair.slice(at + 1);
    return [key, properties?.[key]?.type === "string" ? text : jsonOr(text)] as const;
  });
  return { ...parseObject(json), ...Object.fromEntries(given) } as JsonObject;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseObject(json: string | undefined): object {
  if (json === undefined) return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    throw new Error("it is no object");
  } catch (cause) {
    throw new HostError("USAGE", `--json must be a JSON object: ${messageOf(cause)}`, { cause });
  }
}
