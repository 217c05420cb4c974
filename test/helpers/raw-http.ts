import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Era } from "./era.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

export const JSON_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** A request as nobody's client sends it: every header is the test's own. The signal hangs up. */
export function send(
  url: URL,
  headers: Headers = {},
  body?: string | Buffer,
  method = body === undefined ? "GET" : "POST",
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, ...(signal && { signal }) };
    const outgoing = request(url, options, (incoming) => {
      const { statusCode = 0 } = incoming;
      text(incoming)
        .then((read) => resolve({ status: statusCode, headers: incoming.headers, body: read }))
        .catch(reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Goes through the opening of a revision, and says which headers requests carry from there on. */
export async function openSession(
  url: URL,
  revision: string,
  headers: Headers = {},
): Promise<Record<string, string>> {
  const clientInfo = { name: "raw", version: "1.0.0" };
  const params = { protocolVersion: revision, capabilities: {}, clientInfo };
  const initialize = { jsonrpc: "2.0", id: "opening", method: "initialize", params };
  const sent = { ...JSON_HEADERS, ...headers };
  const opened = await send(url, sent, JSON.stringify(initialize));
  const id = opened.headers["mcp-session-id"];
  if (opened.status !== 200 || typeof id !== "string") {
    throw new Error(`No session: ${opened.status} ${opened.body}`);
  }
  const all = { ...sent, "mcp-session-id": id, "mcp-protocol-version": revision };
  const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
  await send(url, all, JSON.stringify(initialized));
  return all;
}

/** What requests of an era carry besides their own headers. */
export async function opening(url: URL, era: Era, headers: Headers = {}): Promise<Headers> {
  return era === "2026-07-28" ? headers : openSession(url, era, headers);
}

/** The JSON of an answer, whether it came as such or as events. */
export function messagesIn({
  headers,
  body,
}: Pick<Answer, "headers" | "body">): readonly Record<string, unknown>[] {
  if (!headers["content-type"]?.startsWith("text/event-stream")) return [JSON.parse(body)].flat();
  return [...body.matchAll(/^data: (.+)$/gmu)].map(([, data = ""]) => JSON.parse(data));
}
