import {
  WebStandardStreamableHTTPServerTransport,
  type JSONRPCMessage,
  type RequestId,
  type WebStandardStreamableHTTPServerTransportOptions,
} from "@modelcontextprotocol/server";

export interface SessionTransportOptions extends WebStandardStreamableHTTPServerTransportOptions {
  /** False drops the message: nobody is left to hear it. */
  readonly willSend: (message: JSONRPCMessage) => boolean;
  readonly hasSent: (message: JSONRPCMessage) => void;
}

/** The SDK's transport of one session, with a look at what goes out. */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  readonly #options: SessionTransportOptions;
  readonly #tombstones = new WeakSet<JSONRPCMessage>();

  constructor(options: SessionTransportOptions) {
    super(options);
    this.#options = options;
  }

  override async send(
    message: JSONRPCMessage,
    options?: { relatedRequestId?: RequestId },
  ): Promise<void> {
    if (!this.#options.willSend(message)) return;
    await super.send(message, options);
    this.#options.hasSent(message);
  }

  /**
   * Ends the stream of requests that are never answered. The SDK would keep the stream open, and its entries of them for
   * as long as the session lasts, until a response has passed: one passes that reaches nobody.
   */
  forget(ids: readonly RequestId[]): void {
    for (const id of ids) {
      this.closeSSEStream(id);
      const tombstone: JSONRPCMessage = { jsonrpc: "2.0", id, error: { code: 0, message: "" } };
      this.#tombstones.add(tombstone);
      super.send(tombstone).catch(() => undefined);
    }
  }

  isTombstone(message: JSONRPCMessage): boolean {
    return this.#tombstones.has(message);
  }
}
