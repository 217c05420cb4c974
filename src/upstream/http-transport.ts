import {
  isJSONRPCRequest,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type FetchLike,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/client";
import { sleep } from "../base/abort.ts";
import { cancelledId } from "../base/cancelled-id.ts";
import { boundedResponse } from "./bounded-response.ts";
import { ANSWER_LOST, SessionGoneError } from "./errors.ts";
import { unfitAnswer, type InboundGate } from "./inbound-gate.ts";
import { isUnreachable } from "./network-error.ts";

export interface HttpOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly gate: InboundGate;
}

/** The same options: the SDK's own two types differ in what may be undefined. */
type InnerOptions = Parameters<StreamableHTTPClientTransport["send"]>[1];

/** How long a stream may stay open after its answer, and the end of a session may take. */
const LINGER_MS = 1_000;

/**
 * The SDK's Streamable HTTP, and what it leaves to its user: a request whose stream breaks is answered, a stream that is
 * done with is closed, messages are bounded, and a server that is gone is noticed.
 */
export class HttpTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly hasPerRequestStream = true;
  readonly #inner: StreamableHTTPClientTransport;
  readonly #gate: InboundGate;
  readonly #open = new Map<RequestId, AbortController>();
  #listening = false;
  #closed = false;
  #ending = Promise.resolve();
  #sessionGone = false;
  #reason: string | undefined;

  constructor({ url, headers, gate }: HttpOptions) {
    this.#gate = gate;
    this.#inner = new StreamableHTTPClientTransport(url, {
      requestInit: { headers: { ...headers } },
      fetch: this.#fetch,
    });
    this.#inner.onmessage = (message) => this.#receive(message);
    this.#inner.onerror = (error) => this.#onError(error);
  }

  /** Why the connection ended; undefined if this side ended it. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether the server itself is there, and only wants to be spoken to anew. */
  get sessionGone(): boolean {
    return this.#sessionGone;
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion(version);
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    this.#gate.sent(message);
    if (!isJSONRPCRequest(message)) {
      await this.#inner.send(message, options as InnerOptions);
      const cancelled = cancelledId(message);
      // Before 2026-07-28 the stream of a cancelled request stays open, and nobody waits for it.
      if (cancelled !== undefined) this.#finish(cancelled);
      return;
    }
    const controller = new AbortController();
    this.#open.set(message.id, controller);
    const signals = [controller.signal, options.requestSignal].filter((one) => one !== undefined);
    try {
      await this.#inner.send(message, {
        ...options,
        requestSignal: AbortSignal.any(signals),
        onRequestStreamEnd: () => {
          options.onRequestStreamEnd?.();
          this.#onStreamEnd(message);
        },
      } as InnerOptions);
    } catch (error) {
      this.#open.delete(message.id);
      if (isUnreadable(error)) {
        this.onmessage?.(unfitAnswer(message.id, "is not as MCP defines one"));
        return;
      }
      if (!this.#isSessionGone(error)) throw error;
      this.#sessionGone = true;
      this.#endSoon("has ended the session");
      throw new SessionGoneError();
    }
  }

  /** Answers what waits for the server at once, then ends the session; the same end for everybody who asks. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#ending = this.#end();
    }
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.onclose?.();
    if (!this.#sessionGone && this.#inner.sessionId !== undefined) {
      const limit = new AbortController();
      const ending = this.#inner.terminateSession().catch(() => undefined);
      await Promise.race([ending, sleep(LINGER_MS, limit.signal).catch(() => undefined)]);
      limit.abort();
    }
    await this.#inner.close();
  }

  #receive(message: JSONRPCMessage): void {
    if (this.#closed) return;
    if (!("method" in message) && message.id !== undefined) this.#finish(message.id);
    const passed = this.#gate.received(message);
    if (passed !== undefined) this.onmessage?.(passed);
  }

  /** The request needs its stream no more. */
  #finish(id: RequestId): void {
    const controller = this.#open.get(id);
    if (controller === undefined) return;
    this.#open.delete(id);
    setTimeout(() => controller.abort(), LINGER_MS).unref();
  }

  /** The SDK would let the request wait for ever. */
  #onStreamEnd({ id, method }: JSONRPCMessage & { id: RequestId; method: string }): void {
    if (!this.#open.delete(id) || method === "subscriptions/listen") return;
    const error = { code: -32_000, message: "the stream of the answer broke", data: ANSWER_LOST };
    this.onmessage?.({ jsonrpc: "2.0", id, error });
  }

  #onError(error: Error): void {
    this.onerror?.(error);
    if (isUnreachable(error)) this.#endSoon("cannot be reached any more");
    else if (this.#listening && isRefusedStream(error)) {
      this.#sessionGone = this.#isSessionGone(error);
      this.#endSoon("refuses the stream of its notifications");
    }
  }

  #isSessionGone(error: unknown): boolean {
    if (!(error instanceof SdkHttpError) || this.sessionId === undefined) return false;
    // 404 is what the protocol says. A widespread example of a server answers 400 instead.
    const text = typeof error.data?.["text"] === "string" ? error.data["text"] : "";
    return error.status === 404 || (error.status === 400 && /session/iu.test(text));
  }

  /** After whoever is being told of an error has heard it. */
  #endSoon(reason: string): void {
    setImmediate(() => {
      if (this.#closed) return;
      this.#reason = reason;
      void this.close();
    });
  }

  readonly #fetch: FetchLike = async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method === "GET" && response.ok) this.#listening = true;
    return boundedResponse(response);
  };
}

/** An answer that came, and that the SDK could make nothing of: it throws what its parsers do. */
function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof Error && error.name === "ZodError");
}

function isRefusedStream(error: Error): boolean {
  return error instanceof SdkHttpError && error.code === SdkErrorCode.ClientHttpFailedToOpenStream;
}
