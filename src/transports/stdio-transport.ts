import type { Readable, Writable } from "node:stream";
import type { JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/server";
import { sleep } from "../base/abort.ts";
import { cancelledId } from "../base/cancelled-id.ts";
import {
  claimedRevision,
  duplicateId,
  errorText,
  faultOf,
  faultOfBatch,
  faultOfRevision,
  invalid,
  isRequest,
  parseBytes,
  type Fault,
} from "./json-rpc-guard.ts";
import { LineReader, type Line } from "../base/line-reader.ts";
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

/** A client that asks on and on without reading the answers waits from here on, instead of filling the memory. */
const MAX_UNREAD_BYTES = 16_777_216;

/** A request that has no answer yet. */
interface Pending {
  /** Whether the end waits for it. */
  readonly awaited: boolean;
  readonly opening: boolean;
  readonly batch: Batch | undefined;
}

/** Requests that came together and are answered together. */
interface Batch {
  readonly open: Set<RequestId>;
  readonly answers: JSONRPCMessage[];
}

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
  readonly #pending = new Map<RequestId, Pending>();
  #awaited = 0;
  #initialized = false;
  #revision: string | undefined;
  #answered: (() => void) | undefined;
  #room: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
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
    if ("method" in message || message.id === undefined) {
      await this.#write(JSON.stringify(message));
      return;
    }
    const pending = this.#pending.get(message.id);
    // Cancelled in the meantime: nothing may follow.
    if (pending === undefined) return;
    if (pending.opening) this.#learnRevision(message);
    pending.batch?.answers.push(message);
    const written = pending.batch === undefined ? this.#write(JSON.stringify(message)) : undefined;
    this.#settle(message.id);
    await written;
  }

  /** Resolves when every request has been answered, or when the time is up. */
  drained(): Promise<void> {
    // Whoever asks twice waits once.
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    if (this.#closed || this.#awaited === 0) return;
    const limitMs = this.#options.drainMs;
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
    if (this.#options.stdout.writableLength > MAX_UNREAD_BYTES) void this.#awaitReader();
  };

  async #awaitReader(): Promise<void> {
    const { stdin } = this.#options;
    stdin.pause();
    await this.#room;
    if (!this.#closed) stdin.resume();
  }

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
      this.#refuse(invalid(`a message longer than ${maxMessageBytes} bytes`));
      return;
    }
    const parsed = parseBytes(line.bytes);
    if ("fault" in parsed) this.#refuse(parsed.fault);
    else if (Array.isArray(parsed.value)) this.#receiveBatch(parsed.value);
    else this.#receiveMessages([parsed.value], this.#faultOf(parsed.value), undefined);
  }

  #faultOf(message: unknown): Fault | undefined {
    return faultOf(message) ?? (this.#initialized ? undefined : faultOfRevision(message));
  }

  #receiveBatch(items: readonly unknown[]): void {
    const fault = faultOfBatch(items, this.#revision);
    const ids = fault === undefined ? items.filter(isRequest).map(({ id }) => id) : [];
    this.#receiveMessages(items, fault, { open: new Set(ids), answers: [] });
  }

  #receiveMessages(
    messages: readonly unknown[],
    fault: Fault | undefined,
    batch: Batch | undefined,
  ): void {
    if (fault !== undefined) {
      this.#refuse(fault);
      return;
    }
    const taken = messages.find((message) => isRequest(message) && this.#pending.has(message.id));
    if (isRequest(taken)) {
      this.#refuse(duplicateId(taken.id));
      return;
    }
    for (const message of messages) this.#track(message, batch);
    for (const message of messages) {
      this.onmessage?.(message as JSONRPCMessage);
      const id = cancelledId(message);
      if (id !== undefined) this.#settle(id);
    }
  }

  #track(message: unknown, batch: Batch | undefined): void {
    if (!isRequest(message)) return;
    // A subscription stays open by its nature.
    const awaited = message.method !== "subscriptions/listen";
    this.#pending.set(message.id, { awaited, opening: message.method === "initialize", batch });
    if (awaited) this.#awaited++;
    this.#revision ??= claimedRevision(message);
  }

  /** The request has its answer, or gets none. */
  #settle(id: RequestId): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    const { batch, awaited } = pending;
    batch?.open.delete(id);
    if (batch?.open.size === 0 && batch.answers.length > 0) {
      void this.#write(JSON.stringify(batch.answers));
    }
    if (awaited) this.#awaited--;
    if (this.#awaited === 0) this.#answered?.();
  }

  #learnRevision(answer: JSONRPCMessage): void {
    const { result } = answer as { readonly result?: { readonly protocolVersion?: unknown } };
    if (typeof result?.protocolVersion !== "string") return;
    this.#revision = result.protocolVersion;
    this.#initialized = true;
  }

  #refuse(fault: Fault): void {
    this.onerror?.(new Error(fault.message));
    void this.#write(errorText(fault, this.#revision));
  }

  /** Resolves when the client has room for more. */
  #write(text: string): Promise<void> {
    if (this.#options.write(`${text}\n`)) return Promise.resolve();
    this.#room ??= new Promise<void>((resolve) => {
      const { stdout } = this.#options;
      const done = (): void => {
        stdout.off("drain", done).off("close", done).off("error", done);
        this.#room = undefined;
        resolve();
      };
      stdout.on("drain", done).on("close", done).on("error", done);
    });
    return this.#room;
  }
}
