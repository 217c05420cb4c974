import { randomBytes } from "node:crypto";
import type { AuthInfo, JSONRPCMessage, McpServer, RequestId } from "@modelcontextprotocol/server";
import type { ListName } from "../base/lists.ts";
import { isSubscribed, tellChanged, tellUpdated } from "./change-notes.ts";
import { BoundedEventStore } from "./event-store.ts";
import { cancelledId } from "../base/cancelled-id.ts";
import { duplicateId, isRequest, type Fault } from "./json-rpc-guard.ts";
import { SessionTransport } from "./session-transport.ts";

export interface SessionOptions {
  readonly principal: string;
  readonly server: McpServer;
  /** Longest replay, in events and in bytes. */
  readonly maxEvents: number;
  readonly maxEventBytes: number;
  readonly onclose: () => void;
}

export interface HandleOptions {
  readonly authInfo?: AuthInfo;
  readonly parsedBody?: unknown;
}

/** How long a client waits before it comes back for a stream that broke. */
const RETRY_MS = 1_000;

/** The requests of one POST: its stream ends when none of them is open. */
interface Exchange {
  readonly open: Set<RequestId>;
  readonly cancelled: RequestId[];
}

/** One client of a revision before 2026-07-28, from its `initialize` on. */
export class Session {
  readonly id = randomBytes(24).toString("base64url");
  readonly principal: string;
  readonly #server: McpServer;
  readonly #transport: SessionTransport;
  readonly #events: BoundedEventStore;
  readonly #inFlight = new Map<RequestId, Exchange>();
  readonly #missedLists = new Set<ListName>();
  readonly #missedUris = new Set<string>();
  #initialized = false;
  #streams = 0;
  #revision: string | undefined;
  #usedAt = performance.now();
  #drained: (() => void) | undefined;

  constructor(options: SessionOptions) {
    this.principal = options.principal;
    this.#server = options.server;
    this.#events = new BoundedEventStore({
      maxEvents: options.maxEvents,
      maxBytes: options.maxEventBytes,
      isLast: (message) => this.#isLast(message),
      // The SDK stores an empty message to have an id for the beginning of a stream.
      isKept: (message) => "jsonrpc" in message && !this.#transport.isTombstone(message),
    });
    this.#transport = new SessionTransport({
      sessionIdGenerator: () => this.id,
      eventStore: this.#events,
      retryInterval: RETRY_MS,
      willSend: (message) => this.#willSend(message),
      hasSent: (message) => this.#hasSent(message),
    });
    this.#transport.onclose = () => {
      this.#inFlight.clear();
      this.#drained?.();
      options.onclose();
    };
  }

  /** Makes it ready for its `initialize`. */
  async connect(): Promise<void> {
    const { server } = this.#server;
    const { oninitialized } = server;
    server.oninitialized = () => {
      this.#initialized = true;
      oninitialized?.();
    };
    await this.#server.connect(this.#transport);
  }

  /** Whether the client's `initialize` was taken. */
  get opened(): boolean {
    return this.#transport.sessionId !== undefined;
  }

  /** The revision that both sides have agreed on. */
  get revision(): string | undefined {
    return this.#revision;
  }

  get callsInFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether the client listens for what no request of its own brings. */
  get listening(): boolean {
    return this.#streams > 0;
  }

  /** When it was last used, on the clock of `performance.now()`. */
  get usedAt(): number {
    return this.#usedAt;
  }

  get kept(): BoundedEventStore["size"] {
    return this.#events.size;
  }

  /** Answers one HTTP request, or says what is wrong with its messages, which have passed the guard. */
  async handle(request: Request, options: HandleOptions): Promise<Response | Fault> {
    this.#usedAt = performance.now();
    if (request.method === "GET") return this.#listen(request);
    const { parsedBody } = options;
    const messages: readonly unknown[] = Array.isArray(parsedBody) ? parsedBody : [parsedBody];
    const ids = messages.filter(isRequest).map(({ id }) => id);
    const known = ids.find((id) => this.#inFlight.has(id));
    if (known !== undefined) return duplicateId(known);
    const exchange: Exchange = { open: new Set(ids), cancelled: [] };
    for (const id of ids) this.#inFlight.set(id, exchange);
    let taken = false;
    let response: Response;
    try {
      response = await this.#transport.handleRequest(request, options);
      taken = response.status === 200;
    } finally {
      // A refused request was never carried out and gets no other answer.
      if (!taken) for (const id of ids) this.#settle(id);
    }
    for (const message of messages) this.#cancel(cancelledId(message));
    return response;
  }

  notifyChanged(lists: ReadonlySet<ListName>): void {
    if (!this.#initialized) return;
    if (this.#streams > 0) tellChanged(this.#server, lists);
    else for (const list of lists) this.#missedLists.add(list);
  }

  notifyUpdated(uri: string): void {
    if (!this.#initialized || !isSubscribed(this.#server, uri)) return;
    if (this.#streams > 0) tellUpdated(this.#server, uri);
    else this.#missedUris.add(uri);
  }

  /** Ends the stream that only listens, and resolves when every request has been answered. */
  async drained(): Promise<void> {
    this.#transport.closeStandaloneSSEStream();
    if (this.#inFlight.size === 0) return;
    await new Promise<void>((resolve) => (this.#drained = resolve));
  }

  async close(): Promise<void> {
    await this.#server.close().catch(() => undefined);
  }

  #willSend(message: JSONRPCMessage): boolean {
    const id = answeredId(message);
    if (id === undefined) return true;
    if (!this.#inFlight.has(id)) return false;
    const { result } = message as { readonly result?: { readonly protocolVersion?: unknown } };
    if (this.#revision === undefined && typeof result?.protocolVersion === "string") {
      this.#revision = result.protocolVersion;
    }
    return true;
  }

  #hasSent(message: JSONRPCMessage): void {
    const id = answeredId(message);
    if (id === undefined) return;
    this.#usedAt = performance.now();
    this.#settle(id);
  }

  async #listen(request: Request): Promise<Response> {
    const lastEventId = request.headers.get("last-event-id");
    const expects = lastEventId === null ? "standalone" : this.#events.after(lastEventId);
    if (expects === "nothing") return streamIsOver();
    const response = await this.#transport.handleRequest(request);
    if (response.status !== 200 || response.body === null) return response;
    this.#streams++;
    const watched = whenOver(response.body, () => {
      this.#streams--;
      this.#usedAt = performance.now();
    });
    if (expects === "standalone") this.#tellMissed();
    return new Response(watched, { status: 200, headers: response.headers });
  }

  #tellMissed(): void {
    tellChanged(this.#server, this.#missedLists);
    for (const uri of this.#missedUris) tellUpdated(this.#server, uri);
    this.#missedLists.clear();
    this.#missedUris.clear();
  }

  #isLast(message: JSONRPCMessage): boolean {
    if (this.#transport.isTombstone(message)) return true;
    const id = answeredId(message);
    const exchange = id === undefined ? undefined : this.#inFlight.get(id);
    return exchange?.open.size === 1 && exchange.cancelled.length === 0;
  }

  #cancel(id: RequestId | undefined): void {
    const exchange = id === undefined ? undefined : this.#inFlight.get(id);
    if (id === undefined || exchange === undefined) return;
    exchange.cancelled.push(id);
    this.#settle(id);
  }

  #settle(id: RequestId): void {
    const exchange = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    exchange?.open.delete(id);
    if (exchange?.open.size === 0) this.#transport.forget(exchange.cancelled);
    if (this.#inFlight.size === 0) this.#drained?.();
  }
}

function answeredId(message: JSONRPCMessage): RequestId | undefined {
  return "method" in message ? undefined : message.id;
}

/**
 * What the specification offers for a stream that cannot be had. Clients accept it and do not come back, unlike an empty
 * stream: some would ask for that again and again.
 */
function streamIsOver(): Response {
  return new Response(null, { status: 405, headers: { Allow: "POST, DELETE" } });
}

/** The same stream, and a word when it has ended, from whichever side. */
function whenOver(body: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let cancelled = false;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    let value: Uint8Array | undefined;
    try {
      ({ value } = await reader.read());
    } catch (error) {
      if (!cancelled) over();
      throw error;
    }
    // Cancelling ends the read that is under way, too.
    if (cancelled) return;
    if (value !== undefined) {
      controller.enqueue(value);
      return;
    }
    over();
    controller.close();
  };
  const cancel = async (reason: unknown): Promise<void> => {
    cancelled = true;
    over();
    await reader.cancel(reason);
  };
  return new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
}
