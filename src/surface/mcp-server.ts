import {
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type CallToolResult,
  type GetPromptResult,
  type InputRequiredResult,
  type ReadResourceResult,
  type ServerContext,
  type Transport,
} from "@modelcontextprotocol/server";
import type { Failure } from "../base/failure.ts";
import type { Caller, Outcome } from "../base/port.ts";
import type { Host } from "../host/host.ts";
import { stillRunning } from "../host/job-tools.ts";
import type { JsonObject } from "../plugin-api/index.ts";
import { callerOf, principalOf } from "./caller.ts";
import { refuseWrongParams } from "./check-params.ts";
import { complete } from "./completion.ts";
import { readHostResource } from "./host-resources.ts";
import { toInputRequired } from "./input-requests.ts";
import { isResultUri, readKeptResult, type ResultPages } from "./read-kept-result.ts";
import { pageOf } from "./page.ts";
import { findPluginResource, staticContents, toReadResult } from "./plugin-resources.ts";
import { findPrompt, promptArguments, renderTemplate } from "./prompts.ts";
import { toCallToolResult } from "./tool-result.ts";
import type { StateSealer } from "./sealed-state.ts";
import { surfaceOf, type Surface } from "./surface.ts";
import { sendTasksWithoutContent, serveTasks, toCreatedTask } from "./task-methods.ts";
import { TASKS_EXTENSION, tasksNeeded } from "./tasks-extension.ts";

export interface SurfaceOptions {
  readonly name: string;
  readonly version: string;
  /** Definitions on one page of a list. */
  readonly pageSize: number;
  /** Of answers that were too long to send. */
  readonly resultPages: ResultPages;
  /** One for all servers of a process. */
  readonly sealer: StateSealer;
}

/** Of one connection: a template stands for as many resources as its client likes. */
const MOST_SUBSCRIPTIONS = 1_000;

/**
 * One MCP server over a running host: made per HTTP request or per connection, so it registers nothing and copies
 * nothing. Lists come ready from the catalogue, calls go to the host.
 */
export class PluginServer extends McpServer {
  readonly #host: Host;
  readonly #options: SurfaceOptions;
  readonly #subscriptions = new Set<string>();

  constructor(host: Host, options: SurfaceOptions) {
    const { name, version } = options;
    const { instructions } = surfaceOf(host.catalogue);
    super({ name, version }, instructions === "" ? {} : { instructions });
    this.#host = host;
    this.#options = options;
    this.server.registerCapabilities({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
      extensions: { [TASKS_EXTENSION]: {} },
    });
    this.#serveLists();
    this.#serveRequests();
    this.#serveSubscriptions();
    serveTasks(this, host);
  }

  override async connect(transport: Transport): Promise<void> {
    await super.connect(transport);
    refuseWrongParams(transport, () => this.#isModern());
    sendTasksWithoutContent(transport);
  }

  /** Whether this connection wants to hear of a resource. In 2026-07-28 the SDK's own subscriptions decide. */
  isSubscribed(uri: string): boolean {
    return this.#isModern() || this.#subscriptions.has(uri);
  }

  /**
   * The SDK's HTTP entry asks for it before dispatch, to check `Mcp-Param-*` headers against the tool's schema. The
   * method is internal there: the conformance scenario for those headers guards it.
   */
  override toolInputSchemaJson(name: string): Record<string, unknown> | undefined {
    return this.#host.catalogue.tools.get(name)?.manifest.inputSchema;
  }

  get #surface(): Surface {
    return surfaceOf(this.#host.catalogue);
  }

  #serveLists(): void {
    const { server } = this;
    const { pageSize } = this.#options;
    server.setRequestHandler("tools/list", ({ params }) => {
      const { items, ...rest } = pageOf(
        this.#surface.tools,
        ({ name }) => name,
        pageSize,
        params?.cursor,
      );
      return { tools: [...items], ...rest };
    });
    server.setRequestHandler("prompts/list", ({ params }) => {
      const { items, ...rest } = pageOf(
        this.#surface.prompts,
        ({ name }) => name,
        pageSize,
        params?.cursor,
      );
      return { prompts: [...items], ...rest };
    });
    server.setRequestHandler("resources/list", ({ params }) => {
      const { items, ...rest } = pageOf(
        this.#surface.resources,
        ({ uri }) => uri,
        pageSize,
        params?.cursor,
      );
      return { resources: [...items], ...rest };
    });
    server.setRequestHandler("resources/templates/list", ({ params }) => {
      const { items, ...rest } = pageOf(
        this.#surface.templates,
        ({ uriTemplate }) => uriTemplate,
        pageSize,
        params?.cursor,
      );
      return { resourceTemplates: [...items], ...rest };
    });
  }

  #serveRequests(): void {
    const { server } = this;
    server.setRequestHandler("tools/call", ({ params }, context) =>
      this.#callTool(params.name, params.arguments ?? {}, context),
    );
    server.setRequestHandler("prompts/get", ({ params }, context) =>
      this.#getPrompt(params.name, params.arguments, context),
    );
    server.setRequestHandler("resources/read", ({ params }, context) =>
      this.#readResource(params.uri, context),
    );
    server.setRequestHandler("completion/complete", ({ params }, context) =>
      complete(this.#host, params, () => this.#caller(context, "", "completion")),
    );
  }

  #serveSubscriptions(): void {
    this.server.setRequestHandler("resources/subscribe", ({ params: { uri } }) => {
      if (!this.#exists(uri)) throw new ResourceNotFoundError(uri);
      if (!this.#subscriptions.has(uri) && this.#subscriptions.size >= MOST_SUBSCRIPTIONS) {
        throw tooManySubscriptions();
      }
      this.#subscriptions.add(uri);
      return {};
    });
    this.server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
      this.#subscriptions.delete(uri);
      return {};
    });
  }

  #exists(uri: string): boolean {
    const { catalogue } = this.#host;
    return (
      findPluginResource(catalogue, uri) !== undefined ||
      readHostResource(catalogue, uri) !== undefined
    );
  }

  async #callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: ServerContext,
  ): Promise<CallToolResult | InputRequiredResult> {
    const tool = this.#host.catalogue.tools.get(name);
    if (tool === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name}`);
    }
    const target = `tools/call ${name}`;
    const caller = this.#caller(context, tool.plugin, target);
    if (tool.policy.long === "required" && !caller.takesTasks) throw tasksNeeded();
    const outcome = await this.#host.callTool(tool, args as JsonObject, caller);
    if (outcome.kind === "input_required") return this.#ask(outcome, context, target);
    if (outcome.kind === "left" && caller.takesTasks) return toCreatedTask(outcome.task);
    const shown = outcome.kind === "left" ? stillRunning(name, outcome.task) : outcome;
    if (shown.kind !== "reply" && shown.kind !== "failure") throw unexpected(shown);
    const answering = shown.of === undefined ? tool : this.#host.catalogue.tools.get(shown.of);
    const result = toCallToolResult(shown, answering);
    return this.server.projectCallToolResult(result, answering?.manifest.outputSchema);
  }

  async #getPrompt(
    name: string,
    given: Readonly<Record<string, string>> | undefined,
    context: ServerContext,
  ): Promise<GetPromptResult | InputRequiredResult> {
    const prompt = findPrompt(this.#host.catalogue, name);
    const values = promptArguments(prompt, given);
    const rendered = renderTemplate(prompt, values);
    if (rendered !== undefined) return rendered;
    const target = `prompts/get ${name}`;
    const caller = this.#caller(context, prompt.plugin, target);
    const outcome = await this.#host.writePrompt(prompt, values, caller);
    if (outcome.kind === "input_required") return this.#ask(outcome, context, target);
    if (outcome.kind !== "messages") throw unexpected(outcome);
    const description = outcome.description ?? prompt.manifest.description;
    return {
      ...(description !== undefined && { description }),
      messages: outcome.messages as unknown as GetPromptResult["messages"],
    };
  }

  async #readResource(
    uri: string,
    context: ServerContext,
  ): Promise<ReadResourceResult | InputRequiredResult> {
    const { catalogue } = this.#host;
    if (isResultUri(uri)) {
      return readKeptResult(this.#host, uri, principalOf(context), this.#options.resultPages);
    }
    const own = readHostResource(catalogue, uri);
    if (own !== undefined) return own;
    const found = findPluginResource(catalogue, uri);
    if (found === undefined) throw new ResourceNotFoundError(uri);
    const { resource, variables } = found;
    let contents = staticContents(resource);
    if (contents === undefined) {
      const target = `resources/read ${uri}`;
      const caller = this.#caller(context, resource.plugin, target);
      const outcome = await this.#host.readResource(resource, uri, variables, caller);
      if (outcome.kind === "input_required") return this.#ask(outcome, context, target);
      if (outcome.kind !== "contents") throw unexpected(outcome);
      ({ contents } = outcome);
    }
    return toReadResult(resource, contents, this.#isModern());
  }

  #caller(context: ServerContext, logger: string, target: string): Caller {
    const declared = this.server.getClientCapabilities();
    return callerOf(context, { declared, logger, target, sealer: this.#options.sealer });
  }

  #ask(
    { requests, state }: Extract<Outcome, { kind: "input_required" }>,
    context: ServerContext,
    target: string,
  ): InputRequiredResult {
    const owner = { principal: principalOf(context), target };
    const sealed = state === undefined ? undefined : this.#options.sealer.seal(state, owner);
    return toInputRequired(requests, sealed);
  }

  /** Whether it is 2026-07-28 or later that is spoken, which brought hints for caches. */
  #isModern(): boolean {
    const revision = this.server.getNegotiatedProtocolVersion();
    return revision !== undefined && revision >= "2026";
  }
}

function tooManySubscriptions(): ProtocolError {
  const text =
    `A connection may subscribe to ${MOST_SUBSCRIPTIONS} resources at a time; ` +
    "unsubscribe from one that is not needed any more (resources/unsubscribe).";
  return new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}

/** The error of a request that has no result to carry it: `resources/read`, `prompts/get`. */
function unexpected(outcome: Outcome): ProtocolError {
  const failure: Failure | undefined = outcome.kind === "failure" ? outcome.failure : undefined;
  const { code, message, retryable, retryAfterMs, errorId } = failure ?? {
    code: "tool_error",
    message: "The plugin gave an answer of the wrong kind.",
    retryable: false,
    retryAfterMs: undefined,
    errorId: undefined,
  };
  return new ProtocolError(ProtocolErrorCode.InternalError, message, {
    code,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(errorId !== undefined && { errorId }),
  });
}
