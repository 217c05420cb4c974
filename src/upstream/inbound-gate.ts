import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCResultResponse,
  type RequestId,
} from "@modelcontextprotocol/client";
import { examineJson } from "../base/examine-json.ts";

/** Where the entries of each list stand in its result. */
const MEMBERS: Readonly<Record<string, string>> = {
  "tools/list": "tools",
  "prompts/list": "prompts",
  "resources/list": "resources",
  "resources/templates/list": "resourceTemplates",
};
const APART = "agentflow/entries";
/** As deep as answers of plugins may be, and the message around them. */
const DEEPEST = 102;

/** Marks an error that stands for an answer which cannot be passed on. No server can send a symbol. */
export const UNFIT = Symbol("unfit");

/**
 * Stands between a transport and the SDK. It carries the entries of lists past the SDK, which refuses a whole list for
 * one bad entry; here they are judged one by one. And it stops what the SDK would change in silence or choke on.
 */
export class InboundGate {
  readonly #lists = new Map<RequestId, string>();

  /** Shown what leaves. */
  sent(message: JSONRPCMessage): void {
    if (!isJSONRPCRequest(message)) return;
    const member = MEMBERS[message.method];
    if (member !== undefined) this.#lists.set(message.id, member);
  }

  /** What the SDK is to see; undefined if nothing. */
  received(message: JSONRPCMessage): JSONRPCMessage | undefined {
    if (!("method" in message) && message.id !== undefined) {
      const member = this.#lists.get(message.id);
      this.#lists.delete(message.id);
      if (member !== undefined && "result" in message) return withEntriesApart(message, member);
    }
    const problem = examineJson(message, DEEPEST);
    if (problem === undefined) return message;
    if ("method" in message || message.id === undefined) return undefined;
    const words = problem === "too_deep" ? "is nested too deep" : "holds a member '__proto__'";
    const error = { code: -32_603, message: `the answer ${words}`, data: UNFIT };
    return { jsonrpc: "2.0", id: message.id, error };
  }
}

function withEntriesApart(message: JSONRPCResultResponse, member: string): JSONRPCMessage {
  const { result } = message;
  return { ...message, result: { ...result, [member]: [], [APART]: result[member] } };
}

/** The entries of a list's result, as the server gave them. */
export function entriesOf(result: Readonly<Record<string, unknown>>): readonly unknown[] {
  const entries = result[APART];
  return Array.isArray(entries) ? entries : [];
}
