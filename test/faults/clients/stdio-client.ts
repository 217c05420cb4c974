import { ENVELOPE, type Era, type Message } from "../../helpers/era.ts";
import type { ServerProcess } from "../server-process.ts";
import { within } from "../waiting.ts";
import { Client, toAnswer, type Answer, type Bag, type Sent } from "./client.ts";

interface Open {
  notes: number;
  resolve(answer: Answer): void;
}

/** One client on the server's stdin and stdout. */
export class StdioClient extends Client {
  readonly #server: ServerProcess;
  readonly #era: Era;
  readonly #open = new Map<number, Open>();
  /** Lines of stdout that are not the protocol's. */
  readonly foreign: string[] = [];
  /** Errors for what had no id. */
  readonly refusals: Message[] = [];

  static async open(server: ServerProcess, era: Era): Promise<StdioClient> {
    const client = new StdioClient(server, era);
    const modern = era === "2026-07-28";
    const opening = modern
      ? client.request("server/discover")
      : client.request("initialize", {
          protocolVersion: era,
          capabilities: {},
          clientInfo: { name: "faults", version: "1.0.0" },
        });
    await within(opening.answer, "the opening");
    if (!modern) client.send({ method: "notifications/initialized" });
    return client;
  }

  private constructor(server: ServerProcess, era: Era) {
    super();
    this.#server = server;
    this.#era = era;
    server.stdout.onLine((line) => this.#receive(line));
  }

  /** Any bytes. */
  write(bytes: string | Buffer): boolean {
    return this.#server.child.stdin.write(bytes);
  }

  send(message: object): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  request(method: string, params: Bag = {}): Sent {
    const id = this.nextId();
    const answer = new Promise<Answer>((resolve) => this.#open.set(id, { notes: 0, resolve }));
    const own = params["_meta"] as Bag | undefined;
    const _meta = this.#era === "2026-07-28" ? { ...ENVELOPE, ...own } : own;
    this.send({ id, method, params: { ...params, ...(_meta && { _meta }) } });
    return {
      id,
      answer,
      cancel: async () => this.#cancel(id),
      hangUp: () => this.#cancel(id),
    };
  }

  async close(): Promise<void> {
    this.#server.child.stdin.end();
  }

  #cancel(requestId: number): void {
    this.send({ method: "notifications/cancelled", params: { requestId } });
  }

  #receive(line: string): void {
    let message: Message & { readonly jsonrpc?: string };
    try {
      message = JSON.parse(line) as typeof message;
    } catch {
      this.foreign.push(line);
      return;
    }
    if (message.jsonrpc !== "2.0") this.foreign.push(line);
    else if (message.method !== undefined) this.#noted();
    else if (typeof message.id !== "number") this.refusals.push(message);
    else {
      this.replied(message);
      const open = this.#open.get(message.id);
      this.#open.delete(message.id);
      open?.resolve(toAnswer(message, open.notes));
    }
  }

  /** Only rows with one such call look at it. */
  #noted(): void {
    for (const open of this.#open.values()) open.notes += 1;
  }
}
