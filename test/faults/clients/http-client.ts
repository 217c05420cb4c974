import { Agent, request as httpRequest, type ClientRequest } from "node:http";
import { text } from "node:stream/consumers";
import { ENVELOPE, type Era, type Message } from "../../helpers/era.ts";
import { JSON_HEADERS, messagesIn, opening } from "../../helpers/raw-http.ts";
import { Client, toAnswer, type Answer, type Bag, type Sent } from "./client.ts";

type Headers = Readonly<Record<string, string>>;

/** One client over HTTP: with a session where the revision has them. */
export class HttpClient extends Client {
  readonly url: URL;
  readonly headers: Headers;
  readonly #era: Era;
  readonly #agent = new Agent({ keepAlive: true });
  #isOpen = true;

  static async open(url: URL, era: Era): Promise<HttpClient> {
    return new HttpClient(url, era, { ...JSON_HEADERS, ...(await opening(url, era)) });
  }

  private constructor(url: URL, era: Era, headers: Headers) {
    super();
    this.url = url;
    this.#era = era;
    this.headers = headers;
  }

  request(method: string, params: Bag = {}): Sent {
    const id = this.nextId();
    const modern = this.#era === "2026-07-28";
    const own = params["_meta"] as Bag | undefined;
    const _meta = modern ? { ...ENVELOPE, ...own } : own;
    const body = { jsonrpc: "2.0", id, method, params: { ...params, ...(_meta && { _meta }) } };
    const { outgoing, answer } = this.post(body);
    return {
      id,
      answer,
      cancel: async () => {
        if (modern) outgoing.destroy();
        else await this.tell("notifications/cancelled", { requestId: id });
      },
      hangUp: () => outgoing.destroy(),
    };
  }

  /** A notification. */
  async tell(method: string, params: Bag): Promise<void> {
    const { answer } = this.post({ jsonrpc: "2.0", method, params });
    await answer;
  }

  /** A body as it is. The answer rejects if the connection breaks. */
  post(body: object, more: Headers = {}): { outgoing: ClientRequest; answer: Promise<Answer> } {
    const headers = { ...this.headers, ...this.#headersOf(body), ...more };
    const outgoing = httpRequest(this.url, { method: "POST", headers, agent: this.#agent });
    const answer = new Promise<Answer>((resolve, reject) => {
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        // The server has closed the idle connection just when it was taken again: not a fault of either.
        const isStale = outgoing.reusedSocket && error.code === "ECONNRESET" && this.#isOpen;
        if (isStale) resolve(this.post(body, more).answer);
        else reject(error);
      });
      outgoing.on("response", (incoming) => {
        text(incoming)
          .then((read) => {
            const { headers: got, statusCode = 0 } = incoming;
            if (statusCode === 202) return toAnswer({}, 0);
            if (read === "")
              return toAnswer({ error: { code: statusCode, message: "nothing" } }, 0);
            const messages = messagesIn({ headers: got, body: read }) as readonly Message[];
            const replies = messages.filter(({ method }) => method === undefined);
            for (const reply of replies) this.replied(reply);
            const last = replies.at(-1) ?? { error: { code: statusCode, message: read } };
            return toAnswer(last, messages.length - replies.length);
          })
          .then(resolve, reject);
      });
    });
    // Whoever hangs up does not wait for it.
    answer.catch(() => undefined);
    outgoing.end(JSON.stringify(body));
    return { outgoing, answer };
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#agent.destroy();
  }

  #headersOf(body: object): Headers {
    if (this.#era !== "2026-07-28") return {};
    const { method, params } = body as { readonly method: string; readonly params?: Bag };
    const name = params?.["name"] ?? params?.["uri"];
    return {
      "mcp-protocol-version": this.#era,
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": name }),
    };
  }
}
