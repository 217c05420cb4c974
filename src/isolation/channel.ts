import type { Duplex } from "node:stream";
import { isBag } from "../base/bag.ts";
import { deferred } from "../base/deferred.ts";
import { encodeFrame, FrameError, FrameReader } from "./framing.ts";

/** Longest frame in bytes, either way: more than the longest result that is delivered. */
const MAX_FRAME_BYTES = 16_777_216;
/** What waits for a side that does not read is bounded, too. */
const MAX_UNREAD_BYTES = 33_554_432;

/** What the other side could not do, in words that may cross. */
export class RemoteError extends Error {
  readonly details: unknown;

  constructor(message: string, details: unknown) {
    super(message);
    this.name = "RemoteError";
    this.details = details;
  }
}

/** The other side reads too slowly to be asked more; this was not sent. */
export class ChannelFullError extends Error {
  constructor() {
    super("the channel is full");
    this.name = "ChannelFullError";
  }
}

/** The conversation is over before its answer came. */
export class ChannelClosedError extends Error {
  constructor() {
    super("the channel is closed");
    this.name = "ChannelClosedError";
  }
}

export interface ChannelHandlers {
  /** Answers a request; what it throws becomes the other side's {@link RemoteError}. */
  onRequest(method: string, params: unknown): Promise<unknown>;
  onNote(method: string, params: unknown): void;
  /** Nothing comes any more. With an error if the other side broke the rules. */
  onClose(error?: FrameError): void;
  /** What of an error may cross: its message, and details that JSON carries. */
  describeError(error: unknown): { readonly message: string; readonly details?: unknown };
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Requests and notes between two processes, over one pipe. Both sides speak alike. */
export class Channel {
  readonly #stream: Duplex;
  readonly #handlers: ChannelHandlers;
  readonly #frames = new FrameReader(MAX_FRAME_BYTES);
  readonly #pending = new Map<number, Pending>();
  readonly #closing = deferred<void>();
  #lastId = 0;
  #closed = false;

  constructor(stream: Duplex, handlers: ChannelHandlers) {
    this.#stream = stream;
    this.#handlers = handlers;
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("close", () => this.close());
    // The close that follows says it all.
    stream.on("error", () => undefined);
  }

  /** Resolves when nothing comes any more. */
  get closed(): Promise<void> {
    return this.#closing.promise;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Rejects with a {@link RemoteError}, a {@link ChannelClosedError}, or, where nothing was sent, with a
   * {@link ChannelFullError} or a `FrameTooLongError`.
   */
  request(method: string, params: unknown): Promise<unknown> {
    if (this.#closed) return Promise.reject(new ChannelClosedError());
    if (this.#stream.writableLength > MAX_UNREAD_BYTES)
      return Promise.reject(new ChannelFullError());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#send({ id, method, params });
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Throws a `FrameTooLongError`. */
  note(method: string, params: unknown): void {
    if (!this.#closed) this.#send({ method, params });
  }

  /** Reads no more until {@link resume}: whoever sends too much has to wait. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    if (!this.#closed) this.#stream.resume();
  }

  close(error?: FrameError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.destroy();
    for (const pending of this.#pending.values()) pending.reject(new ChannelClosedError());
    this.#pending.clear();
    this.#handlers.onClose(error);
    this.#closing.resolve();
  }

  #send(message: Message): void {
    this.#stream.write(encodeFrame(message, MAX_FRAME_BYTES));
  }

  #onData(chunk: Buffer): void {
    try {
      for (const value of this.#frames.read(chunk)) {
        if (this.#closed) return;
        this.#receive(value);
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close(error);
    }
  }

  #receive(value: unknown): void {
    if (!isMessage(value)) throw new FrameError("a frame that is no message");
    const { id, method, params } = value;
    if (method !== undefined) {
      if (id === undefined) this.#handlers.onNote(method, params);
      else void this.#answer(id, method, params);
      return;
    }
    const pending = this.#pending.get(id ?? 0);
    if (pending === undefined) throw new FrameError("an answer that nobody waits for");
    this.#pending.delete(id ?? 0);
    const { error } = value;
    if (error === undefined) pending.resolve(value.result);
    else pending.reject(new RemoteError(error.message, error.details));
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    let answer: Message;
    try {
      answer = { id, result: await this.#handlers.onRequest(method, params) };
    } catch (error) {
      answer = { id, error: this.#handlers.describeError(error) };
    }
    if (this.#closed) return;
    try {
      this.#send(answer);
    } catch (error) {
      this.#send({ id, error: this.#handlers.describeError(error) });
    }
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly details?: unknown };
}

function isMessage(value: unknown): value is Message {
  if (!isBag(value)) return false;
  const { id, method, error } = value;
  return (
    (id === undefined || Number.isSafeInteger(id)) &&
    (method === undefined ? id !== undefined : typeof method === "string") &&
    (error === undefined || (isBag(error) && typeof error.message === "string"))
  );
}
