import { randomUUID } from "node:crypto";
import {
  classifyInboundRequest,
  createMcpHandler,
  type AuthInfo,
  type McpServer,
} from "@modelcontextprotocol/server";
import { isBag } from "../base/bag.ts";
import type { ListName } from "../base/lists.ts";
import type { Logger } from "../plugin-api/index.ts";
import { publishChanged } from "./change-notes.ts";
import { claimedRevision, faultOf, faultOfBatch, isRequest, type Fault } from "./json-rpc-guard.ts";
import { refusal, revisionNamed, VERSION_HEADER } from "./refusal.ts";
import type { Session } from "./session.ts";
import { Sessions, type SessionLimits } from "./sessions.ts";
import { streamOf, Subscriptions, type OnSubscribed } from "./subscriptions.ts";

export interface EndpointOptions {
  readonly createServer: () => McpServer;
  readonly log: Logger;
  readonly maxMessageBytes: number;
  /** Undefined answers every request by itself. */
  readonly sessions: SessionLimits | undefined;
  readonly onSubscribed?: OnSubscribed;
}

export interface FetchOptions {
  readonly authInfo?: AuthInfo;
  /** The body's JSON, if the request has such a body. */
  readonly parsedBody?: unknown;
}

const SESSION_HEADER = "mcp-session-id";
const FIRST_WITHOUT_SESSIONS = "2026-07-28";
/** What a client speaks that does not say so. */
const UNNAMED_REVISION = "2025-03-26";

const BAD_REQUEST = -32_000;
const SESSION_NOT_FOUND = -32_001;
const RETRY_AFTER_S = 5;

/** Everything behind `/mcp`, for clients of all revisions. */
export class Endpoint {
  readonly #handler: ReturnType<typeof createMcpHandler>;
  readonly #sessions: Sessions | undefined;
  readonly #subscriptions: Subscriptions | undefined;
  #stopping = false;

  constructor(options: EndpointOptions) {
    const { createServer, log, maxMessageBytes, sessions, onSubscribed } = options;
    this.#subscriptions = onSubscribed && new Subscriptions(onSubscribed);
    this.#handler = createMcpHandler(() => createServer(), {
      legacy: sessions === undefined ? "stateless" : "reject",
      maxRequestBodySize: maxMessageBytes,
      onerror: (error) => log.debug("http", { reason: error.message }),
    });
    if (sessions === undefined) return;
    const onEnd = (id: string): void => this.#subscriptions?.end(id);
    this.#sessions = new Sessions({ ...sessions, createServer, onEnd });
  }

  get sessions(): Sessions | undefined {
    return this.#sessions;
  }

  readonly fetch = async (request: Request, options: FetchOptions): Promise<Response> => {
    const { parsedBody } = options;
    if (request.method === "POST") {
      // Without one, the SDK says what is wrong with the request's headers.
      if (parsedBody === undefined) return this.#handler.fetch(request, options);
      const fault = Array.isArray(parsedBody)
        ? faultOfBatch(parsedBody, this.#revisionOf(request, options))
        : faultOf(parsedBody);
      if (fault !== undefined) return refusal(400, fault, revisionNamed(request));
    }
    return this.#sessions === undefined || !isForSessions(request, parsedBody)
      ? this.#fetchAlone(request, options)
      : this.#fetchInSession(this.#sessions, request, options);
  };

  notifyChanged(lists: ReadonlySet<ListName>): void {
    publishChanged(this.#handler, lists);
    for (const session of this.#sessions ?? []) session.notifyChanged(lists);
  }

  notifyUpdated(uri: string): void {
    this.#handler.notify.resourceUpdated(uri);
    for (const session of this.#sessions ?? []) session.notifyUpdated(uri);
  }

  /** Answers what is in flight in sessions, for so long, and ends every stream. */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    await this.#sessions?.stop(limitMs);
  }

  async close(): Promise<void> {
    await this.#handler.close();
  }

  /** What a request of its own subscribes to ends with its stream. */
  async #fetchAlone(request: Request, options: FetchOptions): Promise<Response> {
    const { parsedBody } = options;
    const listens = isRequest(parsedBody) && parsedBody.method === "subscriptions/listen";
    if (this.#subscriptions === undefined || !listens) return this.#handler.fetch(request, options);
    const subscriptions = this.#subscriptions;
    const client = randomUUID();
    const end = (): void => subscriptions.end(streamOf(client, parsedBody.id));
    subscriptions.hear(parsedBody, client);
    const response = await this.#handler.fetch(request, options);
    const isOpen = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (isOpen && !request.signal.aborted) request.signal.addEventListener("abort", end);
    else end();
    return response;
  }

  async #fetchInSession(
    sessions: Sessions,
    request: Request,
    options: FetchOptions,
  ): Promise<Response> {
    const { parsedBody, authInfo } = options;
    const id = request.headers.get(SESSION_HEADER);
    if (id !== null) {
      const session = sessions.find(id, authInfo);
      if (session !== undefined) return this.#handle(session, request, options);
      const fault = { code: SESSION_NOT_FOUND, message: "Session not found" };
      return refusal(404, answering(fault, parsedBody), revisionNamed(request));
    }
    if (!isRequest(parsedBody) || parsedBody.method !== "initialize") {
      const message =
        "Bad Request: the Mcp-Session-Id header is required. Send an initialize request first.";
      const fault = answering({ code: BAD_REQUEST, message }, parsedBody);
      return refusal(400, fault, revisionNamed(request));
    }
    const session = this.#stopping ? undefined : await sessions.open(authInfo);
    if (session === undefined) {
      const message = this.#stopping ? "The server is shutting down." : "Too many sessions.";
      const fault = answering({ code: BAD_REQUEST, message }, parsedBody);
      const headers = { "Retry-After": String(RETRY_AFTER_S) };
      return refusal(503, fault, revisionNamed(request), headers);
    }
    try {
      return await this.#handle(session, request, options);
    } finally {
      if (!session.opened) await session.close();
    }
  }

  async #handle(session: Session, request: Request, options: FetchOptions): Promise<Response> {
    this.#subscriptions?.hear(options.parsedBody, session.id);
    const answer = await session.handle(request, options);
    return answer instanceof Response ? answer : refusal(400, answer, session.revision);
  }

  /** The revision of the conversation that a request belongs to. */
  #revisionOf(request: Request, { authInfo }: FetchOptions): string {
    const id = request.headers.get(SESSION_HEADER);
    const session = id === null ? undefined : this.#sessions?.find(id, authInfo);
    return session?.revision ?? revisionNamed(request) ?? UNNAMED_REVISION;
  }
}

/** Whether a request is of a revision that knows sessions. */
function isForSessions(request: Request, parsedBody: unknown): boolean {
  const { method, headers } = request;
  // What carries no method of MCP can only say in its headers to which revision it belongs.
  if (method === "GET" || method === "DELETE" || isResponse(parsedBody)) {
    const named = revisionNamed(request);
    return named === undefined || named < FIRST_WITHOUT_SESSIONS;
  }
  if (method !== "POST" || claimsRevision(parsedBody)) return false;
  const header = (name: string): string | undefined => headers.get(name) ?? undefined;
  const protocolVersionHeader = header(VERSION_HEADER);
  const { kind } = classifyInboundRequest({
    httpMethod: method,
    body: parsedBody,
    ...(protocolVersionHeader !== undefined && { protocolVersionHeader }),
  });
  return kind === "legacy";
}

function isResponse(body: unknown): boolean {
  return isBag(body) && body["method"] === undefined;
}

/** The quick answer for most requests of 2026-07-28: each says its revision in itself. */
function claimsRevision(body: unknown): boolean {
  return isBag(body) && body["method"] !== "initialize" && claimedRevision(body) !== undefined;
}

function answering(fault: Fault, body: unknown): Fault {
  return isRequest(body) ? { ...fault, id: body.id } : fault;
}
