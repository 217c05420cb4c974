import type { Exchange } from "./exchange.ts";
import { asObject, isName, OwnNames, SameNames, type Message, type Names } from "./names.ts";
import { ServerProcess, type Command } from "./server-process.ts";

export interface ConversationOptions {
  readonly command: Command;
  /** True: the server has one client, of a revision before 2026-07-28. False: many that know nothing of each other. */
  readonly session: boolean;
  readonly onFault: (reason: string) => void;
}

const ENDED = "The server has ended.";

/**
 * One server on stdio and whoever talks to it over HTTP. It carries; it does not judge: what the suite sends reaches the
 * server as it is, and what the server writes reaches the suite as it is.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #server: ServerProcess;
  readonly #names: Names;
  /** Requests without an answer, by the server's name for them, in the order in which they came. */
  readonly #open = new Map<unknown, Exchange>();
  /** Requests whose answer will not have a name: not JSON, no proper id, a batch. */
  readonly #nameless: Exchange[] = [];
  /** What the server sent while nobody listened. */
  readonly #missed: string[] = [];
  #listener: Exchange | undefined;
  #left: Promise<void> | undefined;
  #ended = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#names = options.session ? new SameNames() : new OwnNames();
    this.#server = new ServerProcess(options.command, {
      line: (text) => this.#receive(text),
      fault: options.onFault,
      ended: () => {
        this.#ended = true;
        for (const exchange of [...this.#open.values(), ...this.#nameless]) {
          exchange.fail(ENDED);
        }
        this.#listener?.end();
      },
    });
  }

  /** Whether a request waits for its answer. */
  get busy(): boolean {
    return this.#open.size > 0 || this.#nameless.length > 0;
  }

  /** Says one thing to the server. Nothing is answered to a notification or a response. */
  say(body: string): void {
    const { text } = this.#translate(body);
    this.#server.write(text);
  }

  /** Asks the server, and leaves the answer to the exchange; returns what hanging up means. */
  ask(body: string, exchange: Exchange): () => void {
    const { text, id } = this.#translate(body);
    if (id === undefined) this.#nameless.push(exchange);
    else this.#open.set(id, exchange);
    if (this.#ended) exchange.fail(ENDED);
    this.#server.write(text);
    return () => {
      // Before 2026-07-28, a client may hang up and still want its answer.
      if (id === undefined || this.#options.session) return;
      const params = { requestId: id };
      this.#server.write(
        JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params }),
      );
    };
  }

  /** Gives what no request brings to the exchange. */
  listen(exchange: Exchange): void {
    this.#listener = exchange;
    exchange.begin();
    for (const text of this.#missed.splice(0)) exchange.send(text);
  }

  /** As a client leaves: it closes the server's stdin and waits for its end. */
  leave(): Promise<void> {
    this.#left ??= this.#server.leave();
    return this.#left;
  }

  #translate(body: string): { readonly text: string; readonly id?: unknown } {
    // A line break outside of strings means the same to JSON as a space; within them there is none.
    const line = body.replaceAll(/[\r\n]/gu, " ");
    const message = asObject(parse(body));
    if (message === undefined) return { text: line };
    const text = this.#names.toServer(message, line);
    const { id } = parse(text) as Message;
    return isName(id) ? { text, id } : { text };
  }

  #receive(line: string): void {
    const value = parse(line);
    if (value === undefined) {
      this.#options.onFault(`it wrote a line that is no JSON: ${line}`);
      return;
    }
    const message = asObject(value) ?? {};
    const { text, about } = this.#names.toSuite(message, line);
    if (typeof message["method"] === "string") this.#pass(text, about);
    else this.#answer(message["id"], text);
  }

  #answer(id: unknown, text: string): void {
    const exchange = this.#open.get(id) ?? (isNameless(id) ? this.#nameless.shift() : undefined);
    if (exchange === undefined) this.#options.onFault(`it answered what nobody asked: ${text}`);
    this.#open.delete(id);
    exchange?.end(text);
  }

  /** On stdio, only some messages say which request they are about; the others go to whoever asked last. */
  #pass(text: string, about: unknown): void {
    const open = [...this.#open.values()].filter((exchange) => exchange.open);
    const exchange = this.#open.get(about) ?? open.at(-1) ?? this.#listener;
    if (exchange !== undefined) exchange.send(text);
    else if (this.#options.session) this.#missed.push(text);
    else this.#options.onFault(`it sent what belongs to no request: ${text}`);
  }
}

function isNameless(id: unknown): boolean {
  return id === undefined || id === null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
