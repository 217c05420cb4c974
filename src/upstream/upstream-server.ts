import { UrlElicitationRequiredError } from "@modelcontextprotocol/client";
import { hostFailure } from "../base/failure.ts";
import type { Manifest, ToolManifest, Unavailable } from "../base/manifest.ts";
import {
  failed,
  type CallServices,
  type Invocation,
  type Outcome,
  type PluginRequest,
  type Services,
} from "../base/port.ts";
import type { ClientLogLevel, InputRequest, Json } from "../plugin-api/index.ts";
import { toFailure, unreached } from "./call-failure.ts";
import type { Connection } from "./connection.ts";
import { manifestOf } from "./definitions.ts";
import { SessionGoneError } from "./errors.ts";
import { OpenCalls } from "./open-calls.ts";
import { perform, type PerformOptions } from "./perform.ts";
import { ServerLink } from "./server-link.ts";
import { TextLog } from "./text-log.ts";
import type { UpstreamOptions } from "./upstream-port.ts";

const URGENT: ReadonlySet<ClientLogLevel> = new Set([
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
]);

/** A server at work: the connection to it, what it offers, and the calls that it carries out. */
export class UpstreamServer {
  readonly #options: UpstreamOptions;
  readonly #link: ServerLink;
  readonly #calls = new OpenCalls();
  readonly #texts: Readonly<Record<"stderr" | "stdout", TextLog>>;

  constructor(options: UpstreamOptions, services: Services) {
    this.#options = options;
    const textLog = (stream: string): TextLog =>
      new TextLog((text) => services.log("info", text, { stream }));
    this.#texts = { stderr: textLog("stderr"), stdout: textLog("stdout") };
    this.#link = new ServerLink({
      address: options.address,
      hostVersion: options.hostVersion,
      onChange: () => services.definitionsChanged(),
      log: (level, message) => services.log(level, message),
      events: {
        text: (stream, text) => this.#texts[stream].add(text),
        resourceUpdated: (uri) => services.resourceUpdated(uri),
        note: (level, data) => this.#note(level, data),
        question: (request, signal) => this.#calls.ask(request, signal),
      },
    });
  }

  /** Connects, and goes on doing so. Resolves when the first connection is there or has had its time. */
  async start(): Promise<void> {
    this.#link.start();
    await this.#link.settled(this.#options.startTimeoutMs);
  }

  async close(): Promise<void> {
    this.#calls.close();
    await this.#link.close();
  }

  abandon(state: Json): void {
    this.#calls.abandon(state);
  }

  watch(uri: string): void {
    this.#link.watch(uri);
  }

  unwatch(uri: string): void {
    this.#link.unwatch(uri);
  }

  manifest(): Manifest {
    const { id } = this.#options;
    const { unavailable, identity, definitions } = this.#link;
    const { version = "0.0.0", description } = identity ?? {};
    return {
      info: {
        name: id,
        version,
        ...(description !== undefined && { description }),
        dynamic: true,
      },
      ...manifestOf(definitions),
      ...(unavailable !== undefined && { unavailable: this.#explained(unavailable) }),
    };
  }

  invoke(invocation: Invocation, signal: AbortSignal, services: CallServices): Promise<Outcome> {
    const next = this.#calls.resume(invocation, signal, services);
    if (next !== undefined) return next;
    const { connection, retryAfterMs } = this.#link;
    if (connection === undefined) {
      return Promise.resolve(failed(unreached(this.#options.id, retryAfterMs)));
    }
    const { request } = invocation;
    return this.#calls.start(invocation, signal, services, (cancelled, onProgress) =>
      this.#carryOut(connection, invocation, {
        signal: cancelled,
        onProgress,
        inputSchema: this.#tool(request)?.inputSchema ?? {},
      }),
    );
  }

  async #carryOut(
    connection: Connection,
    invocation: Invocation,
    options: PerformOptions,
    isSecond = false,
  ): Promise<Outcome> {
    try {
      return await perform(connection, invocation, options);
    } catch (error) {
      if (options.signal.aborted) {
        return failed(hostFailure("cancelled", "The call was cancelled."));
      }
      // The request was turned away with the session, so that another one may have it.
      if (error instanceof SessionGoneError && !isSecond) {
        const fresh = await this.#link.nextAfter(connection);
        if (fresh !== undefined) return this.#carryOut(fresh, invocation, options, true);
      }
      const visits = visitsOf(error, invocation);
      if (visits !== undefined) return visits;
      const repeatable = isRepeatable(this.#tool(invocation.request), invocation.request);
      return failed(toFailure(error, this.#options.id, repeatable));
    }
  }

  #tool(request: PluginRequest): ToolManifest | undefined {
    return request.kind === "tool" ? this.#link.tool(request.name) : undefined;
  }

  /** A log message for whoever called, while they wait; what is urgent is otherwise the operator's. */
  #note(level: ClientLogLevel, data: Json): void {
    const call = this.#calls.theOne();
    if (call !== undefined) call.logToClient(level, data);
    else if (URGENT.has(level)) {
      this.#texts.stderr.add(typeof data === "string" ? data : JSON.stringify(data));
    }
  }

  #explained({ code, message }: Unavailable): Unavailable {
    const { last } = this.#texts.stderr;
    const hint = last === "" ? "" : `; it wrote last: ${last}`;
    return { code, message: this.#options.redact(`its server ${message}${hint}`) };
  }
}

function isRepeatable(tool: ToolManifest | undefined, { kind }: PluginRequest): boolean {
  if (kind !== "tool") return true;
  return tool?.annotations.readOnlyHint === true || tool?.annotations.idempotentHint === true;
}

/**
 * A server before 2026-07-28 may answer that a page has to be visited first, and that the call is then to be made again.
 * The user is asked to once.
 */
function visitsOf(error: unknown, { client, inputs }: Invocation): Outcome | undefined {
  if (!(error instanceof UrlElicitationRequiredError) || !client.url) return undefined;
  if (Object.keys(inputs).length > 0) return undefined;
  const requests = error.elicitations.map(({ url, message }, index): [string, InputRequest] => [
    `visit_${index + 1}`,
    { kind: "url", url, message },
  ]);
  return { kind: "input_required", requests: Object.fromEntries(requests), state: null };
}
