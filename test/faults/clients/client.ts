import type { Message } from "../../helpers/era.ts";
import { within } from "../waiting.ts";

export type Bag = Readonly<Record<string, unknown>>;

/** A request on its way. */
export interface Sent {
  readonly id: number;
  /** Everything that came for it, its answer last. */
  readonly answer: Promise<Answer>;
  /** Tells the server that nobody waits any more. */
  cancel(): Promise<void>;
  /** Breaks the connection that the request came on; on stdio, there is none of its own. */
  hangUp(): void;
}

/** An answer, as a test looks at it. */
export interface Answer {
  readonly message: Message;
  /** Of a tool's answer: its texts. */
  readonly text: string;
  /** Of a failed call: the code the host gave it, or that of JSON-RPC. */
  readonly code: string | number | undefined;
  readonly retryAfterMs: number | undefined;
  /** How many notifications came on its way, by method. */
  readonly notes: number;
}

export interface CallMeta {
  readonly progress?: boolean;
  readonly [key: string]: unknown;
}

/** A client that sends what it is told, and counts what comes back. */
export abstract class Client {
  readonly #replies = new Map<number, number>();
  /** Answers to nothing that was asked. */
  readonly strays: Message[] = [];
  #lastId = 0;

  protected nextId(): number {
    this.#lastId += 1;
    this.#replies.set(this.#lastId, 0);
    return this.#lastId;
  }

  protected replied(message: Message): void {
    const { id } = message;
    const before = typeof id === "number" ? this.#replies.get(id) : undefined;
    if (typeof id !== "number" || before === undefined) this.strays.push(message);
    else this.#replies.set(id, before + 1);
  }

  replies(id: number): number {
    return this.#replies.get(id) ?? 0;
  }

  /** Requests that were answered more than once. */
  get answeredTwice(): readonly number[] {
    return [...this.#replies].filter(([, count]) => count > 1).map(([id]) => id);
  }

  abstract request(method: string, params?: Bag): Sent;
  abstract close(): Promise<void>;

  start(tool: string, args: Bag = {}, { progress = false, ...meta }: CallMeta = {}): Sent {
    const _meta = progress ? { ...meta, progressToken: `of-${tool}` } : meta;
    return this.request("tools/call", { name: tool, arguments: args, _meta });
  }

  call(tool: string, args?: Bag, meta?: CallMeta): Promise<Answer> {
    return within(this.start(tool, args, meta).answer, `an answer of ${tool}`);
  }
}

export function toAnswer(message: Message, notes: number): Answer {
  const result = message.result ?? {};
  const content = (result["content"] ?? []) as readonly { readonly text?: string }[];
  const meta = (result["_meta"] ?? {}) as Readonly<Record<string, Bag | undefined>>;
  const failure = meta["agentflow/error"];
  return {
    message,
    text: message.error?.message ?? content.map(({ text }) => text ?? "").join("\n"),
    code: message.error?.code ?? (failure?.["code"] as string | undefined),
    retryAfterMs: failure?.["retryAfterMs"] as number | undefined,
    notes,
  };
}
