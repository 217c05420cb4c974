import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

/** The SDK's name for the stream of a session that belongs to no request. */
const STANDALONE = "_GET_stream";

export interface EventStoreOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Whether a message is the last of its stream. */
  readonly isLast: (message: JSONRPCMessage) => boolean;
  /** Whether a message is to be kept at all. */
  readonly isKept: (message: JSONRPCMessage) => boolean;
}

interface Kept {
  readonly number: number;
  readonly stream: string;
  readonly message: JSONRPCMessage;
  readonly bytes: number;
}

/**
 * The latest events of one session, for clients that come back after their stream broke. The oldest go first; what alone
 * is larger than all may be is not kept.
 */
export class BoundedEventStore implements EventStore {
  readonly #options: EventStoreOptions;
  readonly #open = new Set([STANDALONE]);
  #events: Kept[] = [];
  #bytes = 0;
  #last = 0;

  constructor(options: EventStoreOptions) {
    this.#options = options;
  }

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const number = ++this.#last;
    if (stream !== STANDALONE) {
      if (this.#options.isLast(message)) this.#open.delete(stream);
      else this.#open.add(stream);
    }
    if (this.#options.isKept(message)) this.#keep(number, stream, message);
    return `${number}_${stream}`;
  }

  async getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    return this.#read(eventId)?.stream;
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const { number: after = 0, stream = "" } = this.#read(lastEventId) ?? {};
    const missed = this.#events.filter((event) => event.stream === stream && event.number > after);
    for (const { number, message } of missed) await send(`${number}_${stream}`, message);
    return stream;
  }

  /** What a client that names this event as its last may expect. */
  after(eventId: string): "standalone" | "events" | "nothing" | "unknown" {
    const event = this.#read(eventId);
    if (event === undefined) return "unknown";
    if (event.stream === STANDALONE) return "standalone";
    const more =
      this.#open.has(event.stream) ||
      this.#events.some(({ stream, number }) => stream === event.stream && number > event.number);
    return more ? "events" : "nothing";
  }

  get size(): { readonly events: number; readonly bytes: number; readonly streams: number } {
    return { events: this.#events.length, bytes: this.#bytes, streams: this.#open.size };
  }

  #keep(number: number, stream: string, message: JSONRPCMessage): void {
    const { maxEvents, maxBytes } = this.#options;
    const bytes = Buffer.byteLength(JSON.stringify(message));
    if (bytes > maxBytes) return;
    this.#events.push({ number, stream, message, bytes });
    this.#bytes += bytes;
    while (this.#events.length > maxEvents || this.#bytes > maxBytes) {
      this.#bytes -= this.#events.shift()?.bytes ?? 0;
    }
  }

  #read(eventId: string): { readonly number: number; readonly stream: string } | undefined {
    const { number, stream } = /^(?<number>\d{1,15})_(?<stream>.+)$/u.exec(eventId)?.groups ?? {};
    if (number === undefined || stream === undefined || Number(number) > this.#last) {
      return undefined;
    }
    return { number: Number(number), stream };
  }
}
