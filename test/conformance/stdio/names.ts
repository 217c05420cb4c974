/** A JSON-RPC message, of which nothing else is taken for granted. */
export type Message = Readonly<Record<string, unknown>>;

/** How requests are called between the driver and the server. */
export interface Names {
  /** A message of the suite, as the server gets it. */
  toServer(message: Message, text: string): string;
  /** A message of the server, as the suite gets it, and the id under which the server knows the request it is about. */
  toSuite(message: Message, text: string): { readonly text: string; readonly about?: unknown };
}

/** For a server with one client: the client's own names. */
export class SameNames implements Names {
  toServer(_message: Message, text: string): string {
    return text;
  }

  toSuite(_message: Message, text: string): { readonly text: string } {
    return { text };
  }
}

const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

interface Named {
  readonly theirs: unknown;
  /** The request's id, as the server knows it. */
  readonly about: unknown;
}

/**
 * For a server that many clients share without knowing of each other: every request's id and progress token becomes one
 * of a kind, of the same type, and gets its own name back on whatever the server sends under it.
 */
export class OwnNames implements Names {
  readonly #ids = new Map<unknown, Named>();
  readonly #tokens = new Map<unknown, Named>();
  #last = 0;

  toServer(message: Message, text: string): string {
    const { id } = message;
    if (typeof message["method"] !== "string" || !isName(id)) return text;
    const about = this.#rename(id);
    this.#ids.set(about, { theirs: id, about });
    const params = asObject(message["params"]);
    const meta = asObject(params?.["_meta"]);
    const theirs = meta?.["progressToken"];
    if (!isName(theirs)) return JSON.stringify({ ...message, id: about });
    const progressToken = this.#rename(theirs);
    this.#tokens.set(progressToken, { theirs, about });
    const renamed = { ...params, _meta: { ...meta, progressToken } };
    return JSON.stringify({ ...message, id: about, params: renamed });
  }

  toSuite(message: Message, text: string): { readonly text: string; readonly about?: unknown } {
    if (typeof message["method"] !== "string") {
      const named = this.#ids.get(message["id"]);
      if (named === undefined) return { text };
      const result = this.#inMeta(asObject(message["result"]));
      const answer = { ...message, ...(result && { result }), id: named.theirs };
      return { text: JSON.stringify(answer), about: named.about };
    }
    const params = asObject(message["params"]);
    const subscription = asObject(params?.["_meta"])?.[SUBSCRIPTION];
    if (this.#ids.has(subscription)) {
      const note = { ...message, params: this.#inMeta(params) };
      return { text: JSON.stringify(note), about: subscription };
    }
    const token = this.#tokens.get(params?.["progressToken"]);
    if (token === undefined) return { text };
    const note = { ...message, params: { ...params, progressToken: token.theirs } };
    return { text: JSON.stringify(note), about: token.about };
  }

  #inMeta(holder: Message | undefined): Message | undefined {
    const meta = asObject(holder?.["_meta"]);
    const named = this.#ids.get(meta?.[SUBSCRIPTION]);
    if (named === undefined) return holder;
    return { ...holder, _meta: { ...meta, [SUBSCRIPTION]: named.theirs } };
  }

  #rename(theirs: string | number): string | number {
    this.#last++;
    return typeof theirs === "number" ? this.#last : `own-${this.#last}`;
  }
}

/** Whether an answer can name it. Anything else is passed on as it is: to judge it is the server's part. */
export function isName(value: unknown): value is string | number {
  return typeof value === "string" || Number.isSafeInteger(value);
}

export function asObject(value: unknown): Message | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Message)
    : undefined;
}
