import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

export interface ExchangeOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** Told when the client goes away before the end. */
  readonly onLeft?: () => void;
}

/** The answer to one HTTP request: JSON where the response is all that there is, else a stream of events. */
export class Exchange {
  readonly #response: ServerResponse;
  readonly #headers: OutgoingHttpHeaders;
  #open = true;

  constructor(response: ServerResponse, { headers = {}, onLeft }: ExchangeOptions = {}) {
    this.#response = response;
    this.#headers = headers;
    response.on("close", () => {
      if (!this.#open) return;
      this.#open = false;
      onLeft?.();
    });
  }

  get open(): boolean {
    return this.#open;
  }

  /** Begins the stream before there is anything to send. */
  begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { ...this.#headers, "content-type": "text/event-stream" });
    this.#response.flushHeaders();
  }

  /** Sends a message that is not the last. */
  send(message: string): void {
    if (!this.#open) return;
    this.begin();
    this.#response.write(event(message));
  }

  /** Sends the last message, if there is one. */
  end(message?: string): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#response.headersSent || message === undefined) {
      this.#response.end(message === undefined ? "" : event(message));
      return;
    }
    this.#response.writeHead(200, { ...this.#headers, "content-type": "application/json" });
    this.#response.end(message);
  }

  /** There will be no answer. */
  fail(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    if (!this.#response.headersSent) this.#response.writeHead(502);
    this.#response.end(reason);
  }
}

function event(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}
