import type { Readable, Writable } from "node:stream";
import {
  parseJSONRPCMessage,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from "@modelcontextprotocol/server";
import { sleep } from "../base/abort.ts";
import { LineReader, type Line } from "./line-reader.ts";
import type { ProtocolWrite } from "./stdout-guard.ts";

export interface StdioTransportOptions {
  readonly stdin: Readable;
  /** For its `drain` and `error` events. */
  readonly stdout: Writable;
  readonly write: ProtocolWrite;
  /** Longest line, in bytes. */
  readonly maxMessageBytes: number;
  /** How long requests in flight may still be answered after stdin has ended. */
  readonly drainMs: number;
}

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;

/**
 * MCP over stdin and stdout, one JSON message per line. A line that is no message gets an error and harms no other;
 * when stdin ends, what is in flight is answered before the connection closes.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #options: StdioTransportOptions;
  readonly #lines: LineReader;
  readonly #unanswered = new Set<RequestId>();
  #answered: (() => void) | undefined;
  #closed = false;
  #ended = false;

  constructor(options: StdioTransportOptions) {
    this.#options = options;
    this.#lines = new LineReader(options.maxMessageBytes);
  }

  async start(): Promise<void> {
    const { stdin, stdout } = this.#options;
    stdin.on("data", this.#onData);
    stdin.on("end", this.#onEnd);
    stdin.on("close", this.#onEnd);
    stdin.on("error", this.#onEnd);
    // The reader has gone: nobody is left to answer, and EPIPE must not end the process.
    stdout.on("error", () => void this.close());
  }

  get inputEnded(): boolean {
    return this.#ended;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) return;
    const flushed = this.#options.write(`${JSON.stringify(message)}\n`);
    if (!("method" in message) && message.id !== undefined) this.#settle(message.id);
    if (flushed) return;
    await new Promise<void>((resolve) => {
      const { stdout } = this.#options;
      const done = (): void => {
        stdout.off("drain", done).off("close", done).off("error", done);
        resolve();
      };
      stdout.on("drain", done).on("close", done).on("error", done);
    });
  }

  /** Resolves when every request has been answered, or when the time is up. */
  async drained(limitMs = this.#options.drainMs): Promise<void> {
    if (this.#unanswered.size === 0) return;
    const timer = new AbortController();
    const answered = new Promise<void>((resolve) => (this.#answered = resolve));
    await Promise.race([answered, sleep(limitMs, timer.signal).catch(() => undefined)]);
    timer.abort();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { stdin } = this.#options;
    stdin.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd);
    stdin.pause();
    this.#answered?.();
    this.onclose?.();
  }

  readonly #onData = (chunk: Buffer): void => {
    for (const line of this.#lines.read(chunk)) this.#receive(line);
  };

  readonly #onEnd = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    const rest = this.#lines.end();
    if (rest !== undefined) this.#receive(rest);
    void this.drained().then(() => this.close());
  };

  #receive(line: Line): void {
    if ("tooLong" in line) {
      const { maxMessageBytes } = this.#options;
      this.#refuse(INVALID_REQUEST, `Message longer than ${maxMessageBytes} bytes`);
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(line.text);
    } catch {
      this.#refuse(PARSE_ERROR, "Parse error: not valid JSON");
      return;
    }
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(value);
    } catch {
      this.#refuse(INVALID_REQUEST, "Invalid Request: not a JSON-RPC 2.0 message");
      return;
    }
    this.#track(message);
    this.onmessage?.(message);
  }

  /** A subscription stays open by its nature: it is not waited for. */
  #track(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    if ("id" in message) {
      if (message.method !== "subscriptions/listen") this.#unanswered.add(message.id);
      return;
    }
    if (message.method !== "notifications/cancelled") return;
    const id = message.params?.["requestId"];
    if (typeof id === "string" || typeof id === "number") this.#settle(id);
  }

  #settle(id: RequestId): void {
    this.#unanswered.delete(id);
    if (this.#unanswered.size === 0) this.#answered?.();
  }

  #refuse(code: number, message: string): void {
    this.onerror?.(new Error(message));
    // The id could not be read; JSON-RPC wants null there, which the SDK's type does not know.
    this.#options.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } })}\n`,
    );
  }
}
