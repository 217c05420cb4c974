import {
  Client,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type ClientCapabilities,
} from "@modelcontextprotocol/client";
import { messageOf } from "../base/errors.ts";
import type { GroupCommand } from "../base/process-group.ts";
import { shownAddress } from "../base/shown-address.ts";
import type { ClientLogLevel, InputAnswer, InputRequest, Json } from "../plugin-api/index.ts";
import { ChildTransport } from "./child-transport.ts";
import { ConnectError, reasonOf } from "./errors.ts";
import { HttpTransport } from "./http-transport.ts";
import { InboundGate } from "./inbound-gate.ts";
import { causeCode, isUnreachable } from "./network-error.ts";
import type { Opening } from "./opening.ts";
import { refusal, toInputRequest, toWireAnswer } from "./questions.ts";

/** Where a server is, or how it is started. */
export type ServerAddress =
  | { readonly kind: "command"; readonly command: GroupCommand }
  | {
      readonly kind: "url";
      readonly url: URL;
      readonly headers: Readonly<Record<string, string>>;
    };

/** What a server says without being asked. */
export interface ConnectionEvents {
  readonly text: (stream: "stderr" | "stdout", text: string) => void;
  readonly listsChanged: () => void;
  readonly resourceUpdated: (uri: string) => void;
  readonly note: (level: ClientLogLevel, data: Json) => void;
  /** A server of a revision before 2026-07-28 asks during a call; undefined if nobody can be asked. */
  readonly question: (
    request: InputRequest,
    signal: AbortSignal,
  ) => Promise<InputAnswer | undefined>;
  /** What is odd and harms nothing. */
  readonly oddity: (message: string) => void;
}

export interface ConnectOptions {
  readonly address: ServerAddress;
  readonly hostVersion: string;
  readonly opening: Opening;
  readonly limitMs: number;
  /** Ends the attempt, and the connection. */
  readonly signal: AbortSignal;
  readonly events: ConnectionEvents;
}

/** How a connection ended. */
export interface Ending {
  /** In words that follow the server's name: "ended with code 1". */
  readonly reason: string;
  /** The server is there, and a new connection can be made at once. */
  readonly atOnce: boolean;
}

/** All that some client may be able to answer; a call says what its own client can. */
const CAPABILITIES: ClientCapabilities = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  roots: {},
};

/** The conversation with one server, from its opening to its end. */
export class Connection {
  readonly client: Client;
  readonly ended: Promise<Ending>;
  readonly #transport: ChildTransport | HttpTransport;
  #isOpen = true;

  /** Rejects with an error in the operator's words. */
  static async open(options: ConnectOptions): Promise<Connection> {
    const connection = new Connection(options);
    await connection.#open(options);
    return connection;
  }

  private constructor({ address, hostVersion, opening, events }: ConnectOptions) {
    const gate = new InboundGate();
    this.#transport =
      address.kind === "command"
        ? new ChildTransport({ command: address.command, gate, onText: events.text })
        : new HttpTransport({ url: address.url, headers: address.headers, gate });
    this.client = new Client(
      { name: "agentflow-mcp", version: hostVersion },
      {
        capabilities: CAPABILITIES,
        versionNegotiation:
          opening === "initialize"
            ? { mode: "legacy" }
            : { mode: "auto", probe: { timeoutMs: opening.askMs } },
      },
    );
    this.ended = new Promise((resolve) => {
      this.#transport.onclose = () => {
        this.#isOpen = false;
        const { reason = "was closed" } = this.#transport;
        const atOnce = "sessionGone" in this.#transport && this.#transport.sessionGone;
        resolve({ reason, atOnce });
      };
    });
    this.client.onerror = (error) => events.oddity(messageOf(error));
    this.#listen(events);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isModern(): boolean {
    return this.client.getProtocolEra() === "modern";
  }

  /** Requests in flight are answered at once; resolves when a process of the server has ended. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #open({ limitMs, signal, address }: ConnectOptions): Promise<void> {
    const stop = (): void => void this.#transport.close();
    signal.addEventListener("abort", stop, { once: true });
    void this.ended.then(() => signal.removeEventListener("abort", stop));
    try {
      signal.throwIfAborted();
      await this.client.connect(this.#transport, { timeout: limitMs });
    } catch (error) {
      const explained = this.#explain(error, address, limitMs);
      await this.#transport.close();
      throw explained;
    }
  }

  #listen({ listsChanged, resourceUpdated, note, question }: ConnectionEvents): void {
    const { client } = this;
    for (const list of ["tools", "prompts", "resources"] as const) {
      client.setNotificationHandler(`notifications/${list}/list_changed`, listsChanged);
    }
    client.setNotificationHandler("notifications/resources/updated", ({ params }) =>
      resourceUpdated(params.uri),
    );
    client.setNotificationHandler("notifications/message", ({ params }) =>
      note(params.level, (params.data ?? null) as Json),
    );
    const ask = async (
      request: { readonly method: string; readonly params?: object | undefined },
      signal: AbortSignal,
    ): Promise<Readonly<Record<string, unknown>>> => {
      const asked = toInputRequest(request);
      const answer = asked && (await question(asked, signal));
      if (asked !== undefined && answer !== undefined) return toWireAnswer(asked, answer);
      const refused = refusal(request.method);
      if (refused !== undefined) return refused;
      throw new ProtocolError(
        ProtocolErrorCode.MethodNotFound,
        `${request.method}: nobody can be asked now`,
      );
    };
    client.setRequestHandler(
      "elicitation/create",
      (request, { mcpReq }) => ask(request, mcpReq.signal) as never,
    );
    client.setRequestHandler(
      "sampling/createMessage",
      (request, { mcpReq }) => ask(request, mcpReq.signal) as never,
    );
    client.setRequestHandler(
      "roots/list",
      (request, { mcpReq }) => ask(request, mcpReq.signal) as never,
    );
  }

  /** What went wrong with the opening, for the operator. */
  #explain(error: unknown, address: ServerAddress, limitMs: number): ConnectError {
    if (error instanceof ConnectError) return error;
    const cause = error;
    if (address.kind === "url") {
      const where = shownAddress(address.url);
      const network = [error, (error as Error).cause].find(isUnreachable);
      if (network !== undefined) {
        const text = `cannot be reached at ${where} (${causeCode(network) ?? "no connection"})`;
        return new ConnectError("unreachable", text, { cause });
      }
      if (error instanceof SdkHttpError) return refusedBy(error, where);
    } else if (this.#transport.reason !== undefined) {
      const wasAsked =
        error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed;
      const hint = wasAsked ? ({ hint: "initialize" } as const) : {};
      return new ConnectError("exited", this.#transport.reason, { cause, ...hint });
    }
    if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
      const { timeout = limitMs } = (error.data ?? {}) as { readonly timeout?: number };
      const text = `did not answer within ${timeout / 1_000} s`;
      return new ConnectError("no_answer", text, { cause, hint: "ask_longer" });
    }
    const text = `could not be spoken to: ${reasonOf(error)}`;
    return new ConnectError("protocol_error", text, { cause, hint: "ask_longer" });
  }
}

function refusedBy(error: SdkHttpError, where: string): ConnectError {
  const { status } = error;
  const cause = error;
  if (status === 401 || status === 403) {
    const text = `refuses its credentials at ${where} (HTTP ${status}): see its "headers"`;
    return new ConnectError("refused", text, { cause, isHopeless: true });
  }
  return new ConnectError("unreachable", `answers HTTP ${status} at ${where}`, { cause });
}
