import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Conversation } from "./conversation.ts";
import { Exchange } from "./exchange.ts";
import { asObject } from "./names.ts";
import type { Command } from "./server-process.ts";

export interface BridgeOptions {
  /** Starts a server on stdio. */
  readonly command: Command;
  /** True: a server of its own for every `initialize`, as before 2026-07-28. False: one for all requests. */
  readonly sessions: boolean;
}

export interface Bridge {
  /** Where the suite connects. */
  readonly url: string;
  /** What servers did that no server on stdio may do, whatever the suite thinks of its answers. */
  readonly faults: readonly string[];
  /** Leaves the servers as clients do, and waits for their end. */
  close(): Promise<void>;
}

const SESSION = "mcp-session-id";

/** Lets a suite that speaks HTTP talk to servers on stdio. */
export async function openBridge({ command, sessions }: BridgeOptions): Promise<Bridge> {
  const faults: string[] = [];
  const conversations = new Map<string, Conversation>();
  const onFault = (reason: string): void => void faults.push(reason);
  const begin = (key: string): Conversation => {
    const conversation = new Conversation({ command, session: sessions, onFault });
    conversations.set(key, conversation);
    return conversation;
  };
  const end = async (key: string): Promise<void> => {
    const conversation = conversations.get(key);
    conversations.delete(key);
    await conversation?.leave();
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, headers } = request;
    const body = await text(request);
    if (!sessions) {
      if (method === "POST") post(conversations.get("all") ?? begin("all"), body, response);
      else response.writeHead(405).end();
      return;
    }
    const named = headers[SESSION];
    if (named === undefined && method === "POST" && methodOf(body) === "initialize") {
      const key = randomUUID();
      post(begin(key), body, response, { [SESSION]: key });
      return;
    }
    const key = String(named);
    const conversation = conversations.get(key);
    if (conversation === undefined) {
      response.writeHead(named === undefined ? 400 : 404).end();
    } else if (method === "POST") {
      post(conversation, body, response);
    } else if (method === "DELETE") {
      await end(key);
      response.writeHead(200).end();
    } else {
      // Whoever stops listening has left: the older suite never says good-bye.
      const onLeft = (): void => {
        if (!conversation.busy) void end(key);
      };
      conversation.listen(new Exchange(response, { onLeft }));
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      faults.push(`the driver itself failed: ${String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    faults,
    close: async () => {
      await Promise.all([...conversations.keys()].map(end));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function post(
  conversation: Conversation,
  body: string,
  response: ServerResponse,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!wantsAnswer(body)) {
    conversation.say(body);
    response.writeHead(202).end();
    return;
  }
  let hangUp: (() => void) | undefined;
  const exchange = new Exchange(response, { headers, onLeft: () => hangUp?.() });
  hangUp = conversation.ask(body, exchange);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function methodOf(body: string): unknown {
  return asObject(parsed(body))?.["method"];
}

/** Everything but a notification and a response; what is no message at all is answered, too. */
function wantsAnswer(body: string): boolean {
  const message = asObject(parsed(body));
  if (message === undefined) return true;
  const responds = "result" in message || "error" in message;
  return !responds && "id" in message;
}
