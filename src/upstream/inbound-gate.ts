import {
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
  type RequestId,
} from "@modelcontextprotocol/client";
import { isBag, type Bag } from "../base/bag.ts";
import { isRequestId } from "../base/cancelled-id.ts";
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
 * one bad entry; here they are judged one by one. And it stops what the SDK would change in silence, choke on, or drop
 * though a request waits for it.
 */
export class InboundGate {
  readonly #lists = new Map<RequestId, string>();

  /** Shown what leaves. */
  sent(message: JSONRPCMessage): void {
    if (!isJSONRPCRequest(message)) return;
    const member = MEMBERS[message.method];
    if (member !== undefined) this.#lists.set(message.id, member);
  }

  /** What the SDK is to see of an object that the server sent; undefined if nothing. */
  received(message: Bag): JSONRPCMessage | undefined {
    const { id } = message;
    const isAnswer = !("method" in message) && isRequestId(id);
    const member = isAnswer ? this.#lists.get(id) : undefined;
    if (isAnswer) this.#lists.delete(id);
    const seen = member === undefined ? message : withEntriesApart(message, member);
    const problem = member === undefined ? examineJson(seen, DEEPEST) : undefined;
    if (!isAnswer) return problem === undefined ? (seen as unknown as JSONRPCMessage) : undefined;
    if (problem === "too_deep") return unfitAnswer(id, "is nested too deep");
    if (problem === "bad_name") return unfitAnswer(id, "holds a member '__proto__'");
    return isJSONRPCResponse(seen) ? seen : unfitAnswer(id, "is not as MCP defines one");
  }
}

/** What whoever waits for an answer gets in its place. */
export function unfitAnswer(id: RequestId, flaw: string): JSONRPCMessage {
  return {
    jsonrpc: "2.0",
    id,
    error: { code: -32_603, message: `the answer ${flaw}`, data: UNFIT },
  };
}

function withEntriesApart(message: Bag, member: string): Bag {
  const { result } = message;
  if (!isBag(result)) return message;
  return { ...message, result: { ...result, [member]: [], [APART]: result[member] } };
}

/** The entries of a list's result, as the server gave them. */
export function entriesOf(result: Bag): readonly unknown[] {
  const entries = result[APART];
  return Array.isArray(entries) ? entries : [];
}
