import { STATUS_CODES, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, FaultKind } from "./faults.ts";
import { html, type Answer } from "./protocol/answer.ts";

const DEFAULT_DELAY_MS = 1_000;
const DEFAULT_STATUS = 503;

type Send = (response: ServerResponse, answer: Answer, fault: Fault) => void | Promise<void>;

/** What the faults of the connection make of an answer. */
const FAULTY: Partial<Record<FaultKind, Send>> = {
  http: (response, _answer, { status = DEFAULT_STATUS }) =>
    send(response, html(status, STATUS_CODES[status] ?? "Error")),
  "wrong-content-type": (response) => send(response, html(200, "Sign in to the network")),
  empty: (response, answer) => send(response, { ...answer, status: 200, body: "" }),
  truncated: (response, answer) => send(response, { ...answer, body: firstHalf(answer.body) }),
  reset: (response, answer) => resetMidBody(response, answer),
  hang: () => undefined,
  slow: async (response, answer, { ms = DEFAULT_DELAY_MS }) => {
    await delay(response, ms);
    send(response, answer);
  },
};

export async function transmit(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
): Promise<void> {
  const faulty = fault === undefined ? undefined : FAULTY[fault.kind];
  if (fault === undefined || faulty === undefined) send(response, answer);
  else await faulty(response, answer, fault);
}

export function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(answer.status, headersOf(answer));
  response.end(answer.body);
}

function resetMidBody(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, headersOf(answer));
  // Only after the half body is on its way; a reset could overtake it.
  response.write(firstHalf(answer.body), () => response.socket?.resetAndDestroy());
}

/** Waits, but no longer than the caller does. */
async function delay(response: ServerResponse, ms: number): Promise<void> {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  response.once("close", abort);
  await sleep(ms, undefined, { signal: gone.signal }).catch(() => undefined);
  response.off("close", abort);
}

const headersOf = (answer: Answer): Record<string, string | number> => ({
  "content-type": answer.contentType,
  "content-length": Buffer.byteLength(answer.body),
  "x-amzn-requestid": answer.requestId,
  ...answer.headers,
});

const firstHalf = (body: Answer["body"]): Answer["body"] =>
  body.slice(0, Math.ceil(body.length / 2));
